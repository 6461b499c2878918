"""How many findings there are of each kind, without a look at any of them: sums of the tally (see `models.Tally`)."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet, Sum

from remediation.models import Tally

BACK, FLAPPING, HISTORY = 1, 2, 4  # bits of `marks`: came back (and may be over again), flapping, only in history


def counted(parts: Collection[int], *columns: str, **only: Any) -> QuerySet[Any]:
    """(a value of each column, how many findings of these components have them). `only` narrows, as a filter does."""
    rows = Tally.objects.filter(component_id__in=parts, **only).order_by().values_list(*columns)
    return rows.annotate(findings=Sum("n")).filter(findings__gt=0)
