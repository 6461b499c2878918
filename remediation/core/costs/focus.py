"""FOCUS 1.0 to 1.3: the FinOps Open Cost and Usage Specification, as CSV (https://focus.finops.org).

The amount is EffectiveCost, which spreads prepayments over what they pay for; BilledCost is read only in a file that
has no EffectiveCost. The two are never added. The month is the billing period's; a correction belongs to the month it
corrects, which is its charge period's. Columns may be missing where nothing here depends on them.
"""

from collections.abc import Iterator
from datetime import date

from findings.core.types import FormatError, gettext_noop, notice
from remediation.core.costs.table import SLASHED, Row, header, rows
from remediation.core.costs.types import CostBatch, CostEntry, CostKind, batch

AS_INVOICED = gettext_noop("no EffectiveCost: amounts are as invoiced, prepayments are not spread")
AMERICAN = gettext_noop("dates are not ISO 8601, read as month/day/year")
MARKS = frozenset(
    {"billedcost", "effectivecost", "billingperiodstart", "chargeperiodstart", "chargecategory", "billingcurrency"}
)

# Columns that came with a version, newest first; the file name says nothing.
SINCE = {
    "1.3": frozenset({"serviceprovidername", "hostprovidername", "allocatedmethodid", "contractapplied"}),
    "1.2": frozenset({"invoiceid", "billingaccounttype", "subaccounttype", "pricingcurrency"}),
    "1.1": frozenset({"servicesubcategory", "skumeter", "skupricedetails", "capacityreservationid"}),
}
CATEGORIES = frozenset({"usage", "purchase", "tax", "credit", "adjustment"})


def matches(text: str) -> bool:
    """Whether at least three of the columns are there that only FOCUS names so."""
    return len(MARKS & _names(text)) >= 3


def parse(text: str, month: date | None = None) -> CostBatch:
    """Read a FOCUS file; `month` is not used, each row has its own."""
    names = _names(text)
    cost = _first(names, "EffectiveCost", "BilledCost")
    start = _first(names, "BillingPeriodStart", "ChargePeriodStart")
    _first(names, "BillingCurrency")
    notices = []
    if cost == "BilledCost":
        notices.append(notice(AS_INVOICED, line=1))
    found = list(rows(text))
    if any(SLASHED.fullmatch(row.get(start)) for row in found):
        notices.append(notice(AMERICAN, line=found[0].line))
    return batch("focus", CostKind.BILLED, _entries(found, cost, start), notices, version=version(names))


def version(names: frozenset[str]) -> str:
    """The version whose columns (lower case) are there, 1.0 where none of the later ones is."""
    return next((number for number, columns in SINCE.items() if columns & names), "1.0")


def _names(text: str) -> frozenset[str]:
    return frozenset(name.lower() for name in header(text)[0])


def _first(names: frozenset[str], *columns: str) -> str:
    """The first of these columns that is there."""
    for column in columns:
        if column.lower() in names:
            return column
    raise FormatError(f"the FOCUS column {' or '.join(columns)} is missing", "line 1", columns[0])


def _entries(found: list[Row], cost: str, start: str) -> Iterator[CostEntry]:
    for row in found:
        period = row.month(start)
        correction = row.get("ChargeClass").lower() == "correction"
        category = row.get("ChargeCategory").lower()
        yield CostEntry(
            month=_corrected(row, period) if correction else period,
            service=row.get("ServiceName") or row.get("ServiceCategory"),
            account=row.get("BillingAccountId"),
            amount=row.amount(cost),
            currency=row.currency("BillingCurrency"),
            period=period,
            sub_account=row.get("SubAccountName") or row.get("SubAccountId"),
            category=category if category in CATEGORIES else "usage",
            correction=correction,
            line=row.line,
        )


def _corrected(row: Row, period: date) -> date:
    """The month a correction is about: never a later one than the bill's own."""
    return min(row.month("ChargePeriodStart"), period) if row.get("ChargePeriodStart") else period
