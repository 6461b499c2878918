"""Costs: the lines of bills and plans, and what came of the savings. Currencies are never added."""

from collections.abc import Sequence
from typing import Any

from remediation.api.call import Answer, Call
from remediation.api.lists import NEWEST, PAGING, answer, listed
from remediation.api.operation import Operation
from remediation.api.schema import DAY, KEY, WORD, many, nullable, one_of, record, text
from remediation.clock import zone_of
from remediation.core.savings import SavingState
from remediation.models import CostLine, CostUnit
from remediation.reads.costs import money
from remediation.reads.team import today_of

AMOUNT = {"type": "string", "description": "A decimal number."}
KINDS = ("billed", "estimate", "plan")
LINE = record(
    {
        "id": KEY,
        "month": DAY,
        "service": WORD,
        "category": WORD,
        "amount": nullable(AMOUNT),
        "high": nullable(AMOUNT),
        "currency": WORD,
        "kind": one_of(*KINDS),
        "source": WORD,
        "account": WORD,
        "role": WORD,
        "note": WORD,
    }
)
SAVING = record(
    {
        "item": KEY,
        "title": WORD,
        "state": one_of(*SavingState),
        "currency": WORD,
        "planned": AMOUNT,
        "committed": AMOUNT,
        "realised": AMOUNT,
        "missed": AMOUNT,
        "services": many(WORD),
    }
)
VIEW = record(
    {
        "currency": WORD,
        "month": nullable(DAY),
        "current": nullable(AMOUNT),
        "baseline": nullable(AMOUNT),
        "target": nullable(AMOUNT),
        "planned": AMOUNT,
        "committed": AMOUNT,
        "realised": AMOUNT,
        "missed": AMOUNT,
    }
)


def list_costs(call: Call) -> Answer:
    """Lines of bills, estimates and plans, those that were read last first."""
    units = CostUnit.objects.visible_to(call.user)
    rows = CostLine.objects.filter(unit__in=units).select_related("unit")
    names = {"kind": "unit__kind", "source": "unit__source", "currency": "currency", "service": "service"}
    rows = rows.filter(**{names[name]: call.query[name] for name in names.keys() & call.query.keys()})
    return answer(call, rows, NEWEST, _rows)


def _rows(lines: Sequence[CostLine]) -> list[dict[str, Any]]:
    of_unit = ("kind", "source", "account", "role")
    return [{name: getattr(row.unit if name in of_unit else row, name) for name in LINE["properties"]} for row in lines]


def savings(call: Call) -> Answer:
    """What each item was to save and saved, and the sums by currency; each sum is that of its rows."""
    team = call.token.team
    found = money(team, today_of(team), zone_of(team))
    rows = []
    for saving in found.savings:
        row = {name: getattr(saving.row, name) for name in SAVING["properties"] if hasattr(saving.row, name)}
        rows.append(row | {"item": saving.item.pk, "title": saving.item.title, "services": list(saving.services)})
    views = [{name: getattr(view, name) for name in VIEW["properties"]} for view in found.overviews]
    return Answer({"savings": rows, "currencies": views})


FILTERS = {"kind": one_of(*KINDS), "source": text(100), "currency": text(3), "service": text(300)}
OPERATIONS = (
    Operation("GET", "costs", ("read",), list_costs, listed(LINE), {**FILTERS, **PAGING}),
    Operation("GET", "costs/savings", ("read",), savings, record({"savings": many(SAVING), "currencies": many(VIEW)})),
)
