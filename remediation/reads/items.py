"""Items as lists show them: what stands behind each, how far it is, and that in a few words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db.models import Case, Count, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.models import Component, Finding, Repository, Team, User
from findings.words import translated
from remediation.actions.reviews import REPORT
from remediation.core.planning import overdue
from remediation.core.progress import FindingState, ItemFacts, Linked, Progress, State, progress
from remediation.models import Item
from remediation.querysets import SCANNED, ItemQuerySet

OPEN = SCANNED & Q(placements__finding__state="open")
SETTLED = {"proven": State.PROVEN, "attested": State.ATTESTED, "accepted": State.SETTLED}


def detailed(items: ItemQuerySet) -> ItemQuerySet:
    """Adds to `for_list` how many open findings came back, are gone at HEAD, and are for scans alone to prove."""
    distinct = {"distinct": True}
    return items.for_list().annotate(
        n_back=Count("placements__finding", filter=OPEN & Q(placements__finding__reopened__gt=0), **distinct),
        n_gone=Count("placements__finding", filter=OPEN & Q(placements__finding__at_head=False), **distinct),
        n_tree=Count("placements__finding", filter=OPEN & ~Q(placements__finding__rule__proof="history"), **distinct),
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """The scanned findings behind an item: all, open, settled by a verdict, open ones that came back, that are gone at
    HEAD, that only a scan can settle; and how many rules are linked.
    """

    total: int
    open: int
    accepted: int
    back: int
    gone: int
    tree: int
    links: int

    @classmethod
    def of(cls, item: Item) -> Self:
        """As `detailed` counted them."""
        return cls(**{name: getattr(item, f"n_{name}") for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Row:
    """An item with its progress. `hours` = the middle of its estimate, None where there is none."""

    item: Item
    counts: Counts
    progress: Progress
    overdue: bool
    done: bool
    hours: Decimal | None

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.progress.state

    @property
    def back(self) -> bool:
        """Whether it was settled, or some of its findings were, and came back."""
        return not self.done and (bool(self.counts.back) or self.item.successor_of_id is not None)

    @property
    def attestable(self) -> bool:
        """Whether a person's word may settle it: no scan sees what is left."""
        return not self.done and not self.counts.tree


def row_of(item: Item, today: date) -> Row:
    """An item that was fetched through `detailed`, as of the team's `today`."""
    counts = Counts.of(item)
    found = progress(facts_of(item, counts))
    # What a report closed that names no commit is not settled before a scan has seen it.
    done = found.done and item.settled_at is not None
    if found.done and not done:
        found = _unproven(found)
    return Row(item, counts, found, overdue(item.due, today) and not done, done, effort(item))


def facts_of(item: Item, n: Counts) -> ItemFacts:
    """What `remediation.core.progress` asks of an item. What settled it holds while nothing on it is open again."""
    kept = not n.open or item.settled_by == "attested"
    fixed = n.total - n.open - n.accepted
    counted = ((FindingState.OPEN, n.open), (FindingState.FIXED, fixed), (FindingState.ACCEPTED, n.accepted))
    return ItemFacts(
        findings=tuple(Linked("", state, n=many) for state, many in counted if many),
        rules=frozenset(map(str, range(n.links))),
        claimed=item.claimed_at is not None,
        looked=bool(item.claimed_at and item.refuted_at and item.refuted_at >= item.claimed_at),
        done=SETTLED.get(item.settled_by) if kept else None,
    )


def _unproven(found: Progress) -> Progress:
    fields = {name: getattr(found, name) for name in Progress.__dataclass_fields__}
    return Progress(**fields | {"state": State.CLAIMED if found.claimed else State.PARTIAL})


def effort(item: Item) -> Decimal | None:
    """The middle of an item's estimate, in hours."""
    return item.hours


def bar(row: Row) -> dict[str, int]:
    """The counts of a progress bar: what is left of a claimed item counts as claimed, what was accepted not at all."""
    found = row.progress
    claimed = found.open if row.state is State.CLAIMED else 0
    return {"proven": found.proven, "claimed": claimed, "total": found.proven + found.open}


def note(row: Row, names: Mapping[str, str]) -> str:
    """What a list says of an item beside its bar; "" where the bar says it all."""
    item, n = row.item, row.counts
    by = item.claimed_by
    who = translated(by) if by == REPORT else names.get(by, by.partition("@")[0])
    if row.state is State.CLAIMED:
        return _claimed(n) % who
    if row.state is State.REFUTED:
        return ngettext(
            "claimed by %(who)s, the scan found %(n)d open",
            "claimed by %(who)s, the scan found %(n)d open",
            n.open,
        ) % {"who": who, "n": n.open}
    if n.gone and n.gone == n.open:
        return _("gone at HEAD, in history")
    if row.state is State.NOT_SEEN:
        return _("not seen by any scan")
    return _("no scan sees it") if row.state is State.OPEN and not n.total else ""


def _claimed(n: Counts) -> str:
    """What becomes of a claim: rules that are linked and never saw anything have nothing that they could prove."""
    if n.total:
        return _("claimed by %s, next scan decides")
    return _("claimed by %s, no scan has seen it") if n.links else _("claimed by %s, no scan can tell")


def names_of(emails: Iterable[str]) -> dict[str, str]:
    """The names behind addresses as the log keeps them."""
    known = User.objects.filter(email__in=set(emails))
    return {user.email: user.get_short_name() for user in known}


def places_of(user: User) -> list[int]:
    """The components of a person's teams: of a shared finding they see the places in these alone."""
    return list(Component.objects.filter(team__memberships__user=user).values_list("pk", flat=True).distinct())


def findings_of(item: Item, user: User, components: list[int], most: int | None = None) -> list[Finding]:
    """The findings behind an item that this person may see, open ones first, each with its places in `components`; the
    first ones only with `most`, and one more where there are more.
    """
    rows = behind(item, user).annotate(over=Case(When(state="open", then=0), default=1)).for_list(components)
    return list(rows.order_by("over", "priority", "title", "pk")[: most and most + 1])


def proven_of(item: Item, user: User, components: list[int], most: int) -> list[Finding]:
    """Those of the findings behind an item that were closed last."""
    rows = behind(item, user).exclude(evidence=None).for_list(components)
    return list(rows.order_by("-fixed_at", "-pk")[:most])


def behind(item: Item, user: User) -> Any:
    """The findings behind an item that this person may see."""
    return Finding.objects.visible_to(user).filter(placements__item=item)


def proven_at(team: Team) -> dict[str, object] | None:
    """The commit that the team's pages speak of: that of its repository scanned last. None before the first scan."""
    mine = Repository.objects.filter(components__team=team, proven_at__isnull=False)
    row = mine.order_by("-proven_at").first()
    if row is None:
        return None
    return {"at": row.proven_at, "commit": row.proven_commit, "url": row.get_absolute_url()}
