"""Where an item can be moved with one key or one drag: the phases of the board, and some days ahead."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from findings.core.types import Priority
from findings.models import Team
from findings.words import listed, translated
from remediation.actions.follow import STANDING_PHASES
from remediation.clock import calendar_of
from remediation.core.planning import sla_date
from remediation.models import Item, Phase

DIGITS = "123456789"
LATER = {
    "t": (1, lambda: _("The next working day")),
    "w": (7, lambda: _("A week later")),
    "m": (28, lambda: _("Four weeks later")),
}
USUAL = {key: Priority(priority) for priority, (key, _title, _position) in STANDING_PHASES.items()}


@dataclass(frozen=True, slots=True)
class Move:
    """One way to move an item. `code` is what a form sends, `key` its letter or digit; `phase` the key of a phase, ""
    for the one it is in.
    """

    code: str
    key: str
    label: str
    phase: str
    due: date | None


def moves_of(item: Item, team: Team, today: date) -> list[Move]:
    """All of them: a digit for each column of the team's board in its order, a letter for each stretch of time."""
    columns: dict[str, list[Phase]] = {}
    for phase in Phase.objects.filter(checklist__team=team).order_by("position", "id"):
        columns.setdefault(phase.key, []).append(phase)
    found = [_to(item, key, phases, team, today, n) for n, (key, phases) in enumerate(columns.items())]
    return [move for move in found if move.phase != item.phase.key] + [_later(item, team, today, key) for key in LATER]


def _to(item: Item, key: str, phases: list[Phase], team: Team, today: date, n: int) -> Move:
    """Into a phase: due when that is, in its own plan if it says so; a standing phase has the time of its priority.
    What is over gives no date: nobody means to be late by moving something.
    """
    own = next((p for p in phases if p.checklist_id == item.checklist_id), phases[0])
    due = own.due or max((p.due for p in phases if p.due), default=None)
    if (due is None or due < today) and key in USUAL:
        sla = {Priority(p): days for p, days in team.sla.items()}
        due = sla_date(USUAL[key], today, sla, calendar_of(team))
    due = due if due is not None and due >= today else item.due
    return Move(f"phase:{key}", DIGITS[n : n + 1], _label(translated(phases[0].title), due), key, due)


def _later(item: Item, team: Team, today: date, key: str) -> Move:
    days, words = LATER[key]
    due = calendar_of(team).on_or_after(max(item.due or today, today) + timedelta(days=days))
    return Move(f"later:{key}", key, _label(words(), due), "", due)


def _label(text: str, due: date | None) -> str:
    return listed([text, _("due %s") % date_format(due, "SHORT_DATE_FORMAT")]) if due else text
