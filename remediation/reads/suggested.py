"""Who is suggested as the owner of what nobody owns yet. Only people of the team who may act are ever named."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import ngettext

from findings.models import Membership, Team, User
from findings.querysets import at_least
from remediation.core.owners import Source, Suggestion, suggest
from remediation.core.owners import Trace as Told
from remediation.models import Item, Trace


@dataclass(frozen=True, slots=True)
class Suggested:
    """A person, and why in a few words."""

    person: User
    why: str


def _people(team: Team) -> dict[str, User]:
    rows = Membership.objects.people().filter(team=team, role__in=at_least("member"), user__is_active=True)
    return {m.user.email.lower(): m.user for m in rows.select_related("user")}


def for_items(items: Collection[Item], team: Team) -> dict[int, Suggested]:
    """Item -> who is suggested, for those that nobody owns. Two queries, whatever their number."""
    loose = [item.pk for item in items if item.owner_id is None and item.settled_at is None]
    rows = Trace.objects.filter(finding__placements__item__in=loose, finding__state="open")
    return _resolve(rows.values_list("finding__placements__item", "owners", "author") if loose else (), team)


def for_traces(traces: Collection[tuple[tuple[str, ...], str]], team: Team) -> Suggested | None:
    """Who is suggested by what the code says of one finding: (CODEOWNERS, last author). At most one query."""
    return _resolve([(0, list(owners), author) for owners, author in traces], team).get(0)


def _resolve(rows: Collection[tuple[int, list[str], str]], team: Team) -> dict[int, Suggested]:
    told: dict[int, list[Told]] = defaultdict(list)
    for key, owners, author in rows:
        told[key].append(Told(tuple(owners), author))
    people = _people(team) if told else {}
    by_key = {user.pk: user for user in people.values()}
    accounts = {email: user.pk for email, user in people.items()}
    found = {key: suggest(traces, accounts) for key, traces in told.items()}
    return {key: Suggested(by_key[s.account], _why(s)) for key, s in found.items() if s is not None}


def _why(s: Suggestion) -> str:
    said = {"n": s.n, "of": s.of}
    if s.source is Source.CODEOWNERS:
        return (
            ngettext(
                "owner of %(n)d of %(of)d place by CODEOWNERS", "owner of %(n)d of %(of)d places by CODEOWNERS", s.of
            )
            % said
        )
    return ngettext("last author of %(n)d of %(of)d place", "last author of %(n)d of %(of)d places", s.of) % said
