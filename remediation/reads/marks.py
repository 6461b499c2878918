"""How grades and their figures are written; and grades of before, as they are read."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from remediation.core.grading import CapName


class Past(NamedTuple):
    """A grade of before; `whole`: all that explains it, as JSON, where that was asked for."""

    at: datetime
    letter: str
    score: Decimal
    formula: int
    open_p0: int
    open_p1: int
    open_p2: int
    whole: str | None


CAPS = {
    CapName.OPEN_P0: lambda: _("An open P0 holds the grade at D"),
    CapName.OVERDUE_P0: lambda: _("An overdue P0 holds the grade at F"),
    CapName.OVERDUE_P1: lambda: _("An overdue P1 holds the grade at C"),
}


def figure(value: Decimal) -> str:
    """A score or a number of points without needless zeros."""
    return number_format(abs(value), 0 if value == value.to_integral_value() else 1)


def points(value: Decimal) -> Decimal:
    """Points as the templates sign them: whole numbers without a tenth."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value
