"""Reads, named for what they guarantee. `visible_to(user)` is the only way a view may fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import BooleanField, Exists, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.expressions import CombinedExpression, RawSQL
from django.db.models.functions import Coalesce, Left, Lower, StrIndex
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import timedelta

    from findings.models import User

ROLES = ("viewer", "member", "lead")


def at_least(role: str) -> tuple[str, ...]:
    """The roles that include `role`."""
    return ROLES[ROLES.index(role) :]


class Words(models.Func):
    """The words of a path and a message as text search knows them (a function of the database, see migration 0011)."""

    function = "findings_words"
    arity = 2
    output_field = SearchVectorField()


class Kinds(models.Func):
    """Of which rule a place is, in the index of words: both are looked for at once. 0 where nobody noted it."""

    template = "ARRAY[%(expressions)s]"
    output_field = ArrayField(models.BigIntegerField())

    def __init__(self, rule: str) -> None:
        super().__init__(Coalesce(rule, Value(0), output_field=models.BigIntegerField()))


class Spelt(models.Func):
    """Whether a path and a message have these letters one after another, small or large. All with a word do; for the
    others this is told at a fiftieth of the price of splitting a text into words.
    """

    template = "least(%(expressions)s) > 0"
    output_field = models.BooleanField()
    conditional = True

    def __init__(self, path: str, message: str, words: Sequence[str]) -> None:
        blank = Value(" ", output_field=models.TextField())
        joined: Any = models.F(path)
        for part in (blank, models.F(message)):
            joined = CombinedExpression(joined, "||", part, output_field=models.TextField())
        said = Lower(Left(joined, 2000))  # as far as the words are known
        super().__init__(*(StrIndex(said, Value(word)) for word in words))


class TeamQuerySet(models.QuerySet[Any]):
    """Teams."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """Teams this person belongs to with at least that role, each once."""
        return self.filter(memberships__user=user, memberships__role__in=at_least(role)).distinct()


class MembershipQuerySet(models.QuerySet[Any]):
    """Seats in teams."""

    def people(self) -> Self:
        """Those of persons: a team's tokens sit in it too."""
        return self.filter(user__token=None)


class RepositoryQuerySet(models.QuerySet[Any]):
    """Repositories."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """Repositories in which a team of this person owns a component."""
        mine = self.model.components.rel.related_model.objects.filter(
            repository=OuterRef("pk"),
            team__memberships__user=user,
            team__memberships__role__in=at_least(role),
        )
        return self.filter(Exists(mine))

    def led_by(self, user: User) -> Self:
        """Repositories this person may configure: lead of the team that owns the default component."""
        return self.filter(
            components__is_default=True,
            components__team__memberships__user=user,
            components__team__memberships__role="lead",
        )

    def followed(self) -> Self:
        """Those that are scanned: no past that is told aside, and none that somebody stopped following."""
        home = self.model.components.rel.related_model.objects.filter(repository=OuterRef("pk"), is_default=True)
        return self.filter(~Exists(home.filter(team__aside_of__isnull=False)), aside_of=None)

    def left_by(self, user: User) -> Self:
        """Repositories that are not followed any more and that this person led: theirs to follow again."""
        return self.filter(
            aside_of=None,
            components__is_default=True,
            components__team__aside_of__memberships__user=user,
            components__team__aside_of__memberships__role="lead",
        )


class ScanQuerySet(models.QuerySet[Any]):
    """Scans as jobs."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """Scans of repositories this person may see."""
        repositories = self.model._meta.get_field("repository").related_model.objects
        return self.filter(repository__in=repositories.visible_to(user, role))

    def claimable(self) -> Self:
        """What a worker may take: waiting, or running under a lease that ran out (its worker is dead)."""
        return self.filter(Q(state="queued") | Q(state="running", lease__lt=timezone.now()))

    def claim(self, pk: int, ticket: str, lease: timedelta) -> bool:
        """Take one scan for this worker. One conditional UPDATE: two workers cannot both win.

        A queued scan waits while another one of the repository runs (the unique constraint would refuse it).
        """
        busy = self.model.objects.filter(
            repository=OuterRef("repository"), state="running", kind__in=["push", "manual", "schedule", "backfill"]
        ).exclude(pk=OuterRef("pk"))
        now = timezone.now()
        taken = self.filter(~Exists(busy), pk=pk).claimable()
        changed = taken.update(
            state="running", ticket=ticket, lease=now + lease, started_at=now, attempts=models.F("attempts") + 1
        )
        return changed == 1


class RunQuerySet(models.QuerySet[Any]):
    """Batches."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """Runs of repositories this person may see."""
        repositories = self.model._meta.get_field("repository").related_model.objects
        return self.filter(repository__in=repositories.visible_to(user, role))


class FindingQuerySet(models.QuerySet[Any]):
    """Findings."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """Findings of this person's teams: those they own, and shared ones with a present place in their code."""
        return self._seen_from(Q(team__memberships__user=user, team__memberships__role__in=at_least(role)))

    def components(self) -> models.QuerySet[Any]:
        """All components (reached through the model, which imports this module)."""
        components: models.QuerySet[Any] = self.model._meta.get_field("component").related_model.objects.all()
        return components

    def of_team(self, team_id: int) -> Self:
        """Findings one team sees."""
        return self._seen_from(Q(team=team_id))

    def _seen_from(self, own: Q) -> Self:
        """What the components of a condition see. One query, for the components of their repositories."""
        parts = self.components()
        inside = parts.filter(own)
        rows = parts.filter(repository__in=inside.values("repository"))
        found = list(rows.annotate(own=Exists(inside.filter(pk=OuterRef("pk")))).values_list("pk", "own"))
        return self.seen_from([pk for pk, mine in found if mine], [pk for pk, mine in found if not mine])

    def seen_from(self, own: Collection[int], others: Collection[int]) -> Self:
        """Findings that belong to components of one's own, or to `others` of the same repositories and are present in
        one's own. Only what has a key can be in several places; most repositories have no others, and ask for nothing.
        """
        if not others:
            return self.filter(component__in=own)
        places = self.model.occurrences.rel.related_model.objects.filter(
            finding=OuterRef("pk"), component__in=own, to_run=None
        )
        # Not EXISTS: PostgreSQL would rather read all places of one's own at once than look up those of each.
        here = Subquery(places.values(there=Value(True))[:1], output_field=models.BooleanField())
        return self.filter(Q(component__in=own) | Q(component__in=others) & ~Q(key="") & Q(here))

    def open(self) -> Self:
        """What still holds and nobody accepted."""
        return self.filter(state="open")

    def for_list(self, components: list[int] | None = None) -> Self:
        """Joins what a row shows: rule, owner, component, and present places (only those in `components`)."""
        places = self.model.occurrences.rel.related_model.objects.filter(to_run=None).order_by("path", "line", "id")
        if components is not None:
            places = places.filter(component__in=components)
        return self.select_related("rule", "owner", "component__team", "repository").prefetch_related(
            Prefetch("occurrences", queryset=places, to_attr="places")
        )


class ChangeQuerySet(models.QuerySet[Any]):
    """What runs did to rows."""

    def made(self, model: type[models.Model]) -> Q:
        """A condition on `model`: rows that one of these changes made."""
        ranges = self.filter(table=model._meta.label, before__isnull=True).values_list("row", "last")
        return Q(*(Q(pk__range=keys) for keys in ranges), _connector=Q.OR) if ranges else Q(pk__in=[])


class EventQuerySet(models.QuerySet[Any]):
    """The log."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """Events of this person's teams."""
        mine = user.memberships.filter(role__in=at_least(role)).values_list("team_id", flat=True)
        return self.filter(team_ref__in=list(mine))

    def about(self, subject: str) -> Self:
        """The history of one subject ("finding:42"), newest first."""
        return self.filter(subject=subject).order_by("-id")

    def of_finding(self, key: int) -> Self:
        """The history of a finding, newest first, with the event of its first run where that tells of many together.

        By the index of subjects: that of the finding, and those of the runs that began its places.
        """
        subject = f"finding:{key}"
        told = RawSQL(
            """
            subject = ANY (ARRAY(
                SELECT 'run:' || from_run_id FROM findings_occurrence WHERE finding_id = %s UNION SELECT %s
            )) AND (subject = %s OR verb = 'found together' AND jsonb_path_exists(
                after, 'strict $.keys[*] ? (@[0] <= $key && @[1] >= $key)', jsonb_build_object('key', %s)
            ))
            """,
            [key, subject, subject, key],
            BooleanField(),
        )
        return self.filter(told).order_by("-id")
