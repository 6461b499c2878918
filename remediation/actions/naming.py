"""Owners that a report names, matched to accounts; and what a lead chose instead in the preview."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from findings.actions.ledger import Ledger
from findings.events import event
from findings.models import Event, Finding, Membership, Run, User
from findings.querysets import at_least
from remediation.core import types as words
from remediation.core.owners import person_of
from remediation.core.review.choices import Choice
from remediation.models import Item

Row = words.ReviewFinding | words.ReviewItem


@dataclass(frozen=True, slots=True)
class Named:
    """Whose a row is to be. `said` is how the report names them, `chosen` that a lead decided it."""

    said: str
    person: User | None
    chosen: bool = False


class Owners:
    """Who of the team of a waiting review may own what it asks for."""

    def __init__(self, run: Run) -> None:
        team, self.choices = run.payload["team"], run.payload.get("choices", {})
        rows = Membership.objects.people().filter(team=team, role__in=at_least("member"), user__is_active=True)
        users = User.objects.filter(pk__in=rows.values("user")).order_by("name", "email")
        self.people = {user.pk: user for user in users}
        self.known = {pk: (user.email, user.name) for pk, user in self.people.items()}

    def proposed(self, row: Row) -> User | None:
        """The account that the report names, if there is one."""
        return self.people.get(person_of(row.owner, self.known) or 0) if row.owner else None

    def of(self, kind: str, row: Row) -> Named:
        """Whose a finding or an item (`kind`: "findings", "items") is to be."""
        choice = Choice.load(self.choices.get(kind, {}).get(row.anchor, {}))
        if choice.owner is not None:
            return Named(row.owner, self.people.get(choice.owner), True)
        return Named(row.owner, self.proposed(row))


def hand_out(
    run: Run,
    owners: Owners,
    said: words.Review,
    findings: Mapping[str, Finding],
    items: Mapping[str, Item],
    ledger: Ledger,
    *,
    actor: User | str,
) -> None:
    """Give the rows of an accepted review to whom it names. What a person gave to somebody before stays theirs."""
    wanted = list(_wanted(owners, said, findings, items))
    subjects = [subject for subject, _row, _named in wanted]
    given = Event.objects.filter(subject__in=subjects, verb="assigned").values_list("subject", flat=True)
    touched = set(given) if subjects else set()
    for subject, row, named in wanted:
        pk = named.person.pk if named.person else None
        free = row.owner_id is None and subject not in touched
        if (named.chosen or (pk and free)) and ledger.update(row, owner_id=pk):
            team = row.checklist.team_id if isinstance(row, Item) else row.component.team_id
            after = {"owner": named.person.email if named.person else None}
            ledger.events.append(
                event("assigned", subject, actor=actor, label=row.title, team=team, run=run, after=after)
            )


def _wanted(
    owners: Owners, said: words.Review, findings: Mapping[str, Finding], items: Mapping[str, Item]
) -> Iterable[tuple[str, Finding | Item, Named]]:
    for told in said.findings:
        if told.anchor in findings:
            row = findings[told.anchor]
            yield f"finding:{row.pk}", row, owners.of("findings", told)
    for entry in said.items:
        if entry.anchor in items:
            item = items[entry.anchor]
            yield f"item:{item.pk}", item, owners.of("items", entry)
