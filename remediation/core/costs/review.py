"""Cost tables of a review: a baseline is an estimate, a target is a plan, and neither is ever a bill."""

from datetime import date

from findings.core.types import gettext_noop, notice
from remediation.core.costs.types import CostBatch, CostEntry, CostKind, batch
from remediation.core.types import CostTable

UNKNOWN = gettext_noop("%(service)s: not known")
UP_TO = gettext_noop("%(service)s: up to %(high)s")
KINDS = {"baseline": CostKind.ESTIMATE, "target": CostKind.PLAN}


def from_table(table: CostTable, month: date) -> CostBatch:
    """A review's table as lines of the month it was written in. The low end of a range counts, which is then said."""
    first = month.replace(day=1)
    entries = [
        CostEntry(first, row.service, table.role, row.low, table.currency, first, line=row.line)
        for row in table.rows
        if row.low is not None
    ]
    open_rows = [row for row in table.rows if row.low is None or row.high != row.low]
    notices = [
        notice(UNKNOWN if row.low is None else UP_TO, line=row.line, service=row.service, high=row.high)
        for row in open_rows
    ]
    return batch("review", KINDS[table.role], entries, notices, lower_bound=bool(open_rows))
