"""Lists by key: a page costs the same however far down it is, and rows that come or go do not shift it."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet

from findings.pages import Order
from remediation.api.call import Answer, Call, Problem
from remediation.api.schema import Schema, nullable, record

SIZE = 50
PAGING: Mapping[str, Schema] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 200, "default": SIZE},
    "cursor": {"type": "string", "maxLength": 400, "description": "`next` of the page before; it says nothing to you."},
}
NEWEST = Order("pk", down=True)


def listed(item: Schema) -> Schema:
    """The shape of a page."""
    return record({"items": {"type": "array", "items": item}, "next": nullable({"type": "string"})})


def answer(
    call: Call, rows: QuerySet[Any], order: Order, shown: Callable[[Sequence[Any]], Sequence[Mapping[str, Any]]]
) -> Answer:
    """The page that `cursor` asks for, with a link to the next one."""
    size = call.query.get("limit", SIZE)
    if cursor := call.query.get("cursor", ""):
        beyond = order.beyond(_opened(cursor), before=False)
        if beyond is None:
            raise Problem(404, "there is no such page: take a cursor from `next` of the page before")
        rows = rows.filter(beyond)
    found = list(order.sorted(rows)[: size + 1])
    following = _closed(order.cursor(found[size - 1])) if len(found) > size else None
    link = {"Link": f'<{_address(call, following)}>; rel="next"'} if following else {}
    return Answer({"items": list(shown(found[:size])), "next": following}, headers=link)


def _closed(cursor: str) -> str:
    return base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def _opened(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _address(call: Call, cursor: str) -> str:
    query = [(k, v) for k, values in call.request.GET.lists() if k != "cursor" for v in values]
    return f"{settings.BASE_URL}{call.request.path}?{urlencode([*query, ('cursor', cursor)])}"
