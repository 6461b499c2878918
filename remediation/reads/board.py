"""The plan as columns: what stands in which phase, how far it is, and when it is due."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.core.same import Same
from findings.models import Team, User
from findings.steady import steady
from findings.words import full_stop, listed, translated
from remediation.models import Checklist, Phase
from remediation.reads.addresses import address
from remediation.reads.items import Row, bar, note
from remediation.reads.people import accounts
from remediation.reads.stock import give_owners
from remediation.reads.team import Standing

SHOWN, ALONE = 15, 60  # cards of a column beside the others, and by itself
PHASE = ("id", "checklist_id", "key", "title", "starts", "due")
PHASES = """
SELECT p.id, p.checklist_id, p.key, p.title, p.starts, p.due FROM remediation_phase p
JOIN remediation_checklist l ON l.id = p.checklist_id WHERE l.team_id = %s ORDER BY p.position, p.id
"""
CHECKLISTS = """
SELECT l.id, l.title FROM remediation_checklist l LEFT JOIN remediation_review r ON r.id = l.review_id
WHERE l.team_id = %s ORDER BY r.reviewed, l.id
"""


def columns(
    standing: Standing, checklist: Checklist | None, *, may_edit: bool, alone: str = ""
) -> list[dict[str, Any]]:
    """A column for each phase, equal phases of several checklists together, in the order of the plan; or the one whose
    key is `alone`, with more of its cards.
    """
    phases, people = _phases(standing.team), _people(standing)
    wanted = checklist.pk if checklist else None

    def make() -> list[dict[str, Any]]:
        found = [phase for phase in phases if wanted is None or phase.checklist_id == wanted]
        return _columns(standing, found, {user.email: user.get_short_name() for user in people}, may_edit, alone)

    shown = [(phase.pk, phase.key, phase.title, phase.starts, phase.due) for phase in phases]
    known = sorted((user.pk, user.email, user.name) for user in people)
    return standing.once("columns", make, wanted, alone, may_edit, shown, known)


def _columns(
    standing: Standing, found: Sequence[Phase], names: Mapping[str, str], may_edit: bool, alone: str
) -> list[dict[str, Any]]:
    by_key: dict[str, list[Phase]] = {}
    for phase in found:
        by_key.setdefault(phase.key, []).append(phase)
    keys = {phase.pk: phase.key for phase in found}
    rows: dict[str, list[Row]] = {key: [] for key in by_key}
    for row in standing.rows.values():
        if row.item.phase_id in keys:
            rows[keys[row.item.phase_id]].append(row)
    return [
        _column(same, rows[key], names, may_edit, key == alone)
        for key, same in by_key.items()
        if not alone or key == alone
    ]


def _phases(team: Team) -> list[Phase]:
    with steady() as cursor:
        cursor.execute(PHASES, [team.pk])
        return [Phase.from_db(DEFAULT_DB_ALIAS, PHASE, row) for row in cursor.fetchall()]


def _people(standing: Standing) -> list[User]:
    """Tell each item its owner; answers these, and those behind the addresses of who claimed one. One query."""
    items = standing.stock.items.values()
    owners = {item.owner_id for item in items if item.owner_id is not None}
    users = accounts(owners, {item.claimed_by for item in items if item.claimed_by})
    give_owners(items, users)
    return users


def _column(
    phases: Sequence[Phase], rows: list[Row], names: Mapping[str, str], may_edit: bool, whole: bool
) -> dict[str, Any]:
    starts = [p.starts for p in phases if p.starts]
    ends = [p.due for p in phases if p.due]
    left = [row.hours for row in rows if row.hours is not None and not row.done]
    done = sum(row.done for row in rows)
    ordered = sorted(rows, key=_order)
    shown = ordered[: ALONE if whole else SHOWN]
    return {
        "key": phases[0].key,
        "title": str(phases[0]),
        "starts": min(starts, default=None),
        "ends": max(ends, default=None),
        "done": done,
        "total": len(rows),
        "hours": sum(left, Decimal(0)),
        "cards": [_card(row, names, may_edit) for row in shown],
        "more": len(ordered) - len(shown),
        "rows": rows,
    }


def _order(row: Row) -> tuple[bool, str, date, int, int]:
    """What is to do before what is done, then as urgent as it is."""
    item = row.item
    return row.done, item.priority, item.due or date.max, item.position, item.pk


def _card(row: Row, names: Mapping[str, str], may_edit: bool) -> Mapping[str, Any]:
    item = row.item
    return Same(
        pk=item.pk,
        version=item.version,
        priority=item.priority,
        title=translated(item.title),
        url=address("remediation:item", item.pk),
        owner=item.owner.get_short_name() if item.owner else "",
        due=item.due,
        overdue=row.overdue,
        effort=row.hours,
        state=row.state,
        done=row.done,
        note="" if row.done else note(row, names),
        move=address("remediation:item_move", item.pk) if may_edit and not row.done else "",
        **bar(row),
    )


def sentence(columns: Iterable[dict[str, Any]]) -> str:
    """Where the plan is, in words: "9 of 21 items are done, 3 are overdue, about 12 h are left."."""
    rows: list[Row] = [row for column in columns for row in column["rows"]]
    if not rows:
        return _("Nothing is planned yet. A review brings its own plan; findings that no plan names get one here.")
    done, late = sum(row.done for row in rows), sum(row.overdue for row in rows)
    hours = sum((row.hours for row in rows if row.hours is not None and not row.done), Decimal(0))
    parts = [_("%(done)d of %(total)d items are done") % {"done": done, "total": len(rows)}]
    if late:
        parts.append(ngettext("%d is overdue", "%d are overdue", late) % late)
    if hours:
        parts.append(_("about %s h are left") % f"{hours.normalize():f}")
    return full_stop(listed(parts))


def tabs(standing: Standing, current: Checklist | None) -> list[dict[str, Any]]:
    """All checklists together, and each alone, with how many items it has."""
    sizes = Counter(item.checklist_id for item in standing.stock.items.values())
    here, wanted = reverse("remediation:board", args=[standing.team.slug]), current.pk if current else None
    with steady() as cursor:
        cursor.execute(CHECKLISTS, [standing.team.pk])
        found = [(pk, translated(title)) for pk, title in cursor.fetchall() if sizes[pk]]
    listed: list[dict[str, Any]] = [
        {"label": title, "url": f"{here}?list={pk}", "current": pk == wanted, "count": sizes[pk]} for pk, title in found
    ]
    every = {"label": _("All"), "url": here, "current": current is None, "count": sum(t["count"] for t in listed)}
    return [every, *listed]
