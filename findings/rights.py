"""A row and the right to it, in one step."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from findings.models import User


def obtain(visible: Callable[[User, str], QuerySet[Any]], user: User, role: str = "viewer", **lookup: Any) -> Any:
    """The one row that `visible` (a queryset's `visible_to`) shows this person.

    404 for what is not theirs to see, 403 for what they may see but not change in that role.
    """
    found = get_object_or_404(visible(user, "viewer"), **lookup)
    if role != "viewer" and not visible(user, role).filter(pk=found.pk).exists():
        raise PermissionDenied
    return found
