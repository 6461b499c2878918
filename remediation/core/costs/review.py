"""Cost tables of a review: a baseline is an estimate, a target is a plan, and neither is ever a bill."""

from datetime import date

from findings.core.types import Notice
from remediation.core.costs.types import CostBatch, CostEntry, CostKind, batch
from remediation.core.types import CostTable

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
        Notice(f"{row.service}: " + ("not known" if row.low is None else f"up to {row.high}"), line=row.line)
        for row in open_rows
    ]
    return batch("review", KINDS[table.role], entries, notices, lower_bound=bool(open_rows))
