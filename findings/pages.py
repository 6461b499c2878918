"""What views of both apps share: fragments, pages of rows by key, and numbers as they come in addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, make_aware
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from findings.models import User

LARGEST = 2**63 - 1  # PostgreSQL's bigint
TEXT_LIMIT = 200


def fragment(request: HttpRequest, name: str) -> str:
    """What to put behind a template's name: "#name" for a request that swaps a part of the page, else nothing.

    The only place that decides. A boosted link and a restored history entry want the whole page.
    """
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return f"#{name}" if htmx and not htmx.boosted and not htmx.history_restore_request else ""


def person(request: HttpRequest) -> User:
    """Who is signed in; views are only reached by people who are."""
    return cast(User, request.user)


def key_of(text: str) -> int | None:
    """A row's key as an address or a form names it; None for what cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST else None


def clean(text: str) -> str:
    """A text from an address: no NUL (PostgreSQL takes none), no blanks around it, not endless."""
    return text.replace("\0", "").strip()[:TEXT_LIMIT]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; `next` and `previous` are the cursors of its neighbours, "" where there is none."""

    rows: list[Any]
    next: str = ""
    previous: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """By one field and then by key, which makes it total. `down` = largest first, in both."""

    field: str
    down: bool = False

    def cursor(self, row: Any) -> str:
        """Where a row stands in this order, as an address can carry it."""
        value = getattr(row, self.field)
        return f"{value.isoformat() if hasattr(value, 'isoformat') else value}~{row.pk}"

    def place(self, cursor: str) -> tuple[Any, int] | None:
        """Where a cursor stands in this order; None for one nobody gave out."""
        text, _tilde, key = clean(cursor).rpartition("~")
        value, pk = self._value(text), key_of(key)
        return None if value is None or pk is None else (value, pk)

    def listed(self, rows: Sequence[Any], cursor: str, *, backwards: bool = False) -> list[Any]:
        """Rows that are known, in this order or its reverse: those behind (or before) a cursor, or all."""

        def at(row: Any) -> tuple[Any, int]:
            return getattr(row, self.field), row.pk

        place, falls = self.place(cursor), self.down is not backwards
        kept = [row for row in rows if place is None or (at(row) < place if falls else at(row) > place)]
        return sorted(kept, key=at, reverse=falls)

    def beyond(self, cursor: str, *, before: bool) -> Q | None:
        """The rows behind (or before) a cursor; None for a cursor nobody gave out."""
        place = self.place(cursor)
        return None if place is None else self.past(place, before=before)

    def past(self, place: tuple[Any, int], *, before: bool) -> Q:
        """The rows behind (or before) such a place."""
        value, pk = place
        way = "lt" if self.down is not before else "gt"
        return Q(**{f"{self.field}__{way}": value}) | Q(**{self.field: value, f"pk__{way}": pk})

    def _value(self, text: str) -> Any:
        if self.field == "pk":
            return key_of(text)
        if not self.field.endswith("_at"):
            return text or None
        try:
            at = parse_datetime(text.replace(" ", "+"))  # a "+" of a zone may have become a blank on the way
            return at if at is None or is_aware(at) else make_aware(at)
        except ValueError:
            return None

    def sorted(self, rows: QuerySet[Any], *, backwards: bool = False) -> QuerySet[Any]:
        """The rows in this order, or in its reverse."""
        sign = "-" if self.down is not backwards else ""
        return rows.order_by(f"{sign}{self.field}", f"{sign}pk")


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of one page, and one more: behind a place in an order, or before it (`backwards`); without a place the
    first ones.
    """

    order: Order
    size: int
    place: tuple[Any, int] | None = None
    backwards: bool = False

    @classmethod
    def asked(cls, request: HttpRequest, order: Order, size: int) -> Self:
        """What `after` or `before` of an address asks for; a bad cursor is the first page."""
        before = request.GET.get("before", "")
        place = order.place(before or request.GET.get("after", ""))
        return cls(order, size, place, bool(before) and place is not None)

    def rows(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """Those of a query, in the order or its reverse."""
        if self.place:
            found = found.filter(self.order.past(self.place, before=self.backwards))
        return self.order.sorted(found, backwards=self.backwards)[: self.size + 1]

    def sql(self) -> tuple[str, list[Any]]:
        """As the end of a statement about rows with `id` and the field of the order, and its values."""
        way, than = ("DESC", "<") if self.order.down is not self.backwards else ("ASC", ">")
        field = self.order.field
        beyond = f"WHERE ({field}, id) {than} (%s, %s) " if self.place else ""
        return f"{beyond}ORDER BY {field} {way}, id {way} LIMIT %s", [*(self.place or ()), self.size + 1]


def paginate(request: HttpRequest, rows: QuerySet[Any] | list[Any], order: Order, size: int) -> Page:
    """The page that `after` or `before` of the address asks for, of a query or of rows that are known; a bad cursor is
    the first page.

    Keyset, not offset: a page costs the same however far down, and rows that come or go do not shift it.
    """
    before = request.GET.get("before", "")
    cursor = before or request.GET.get("after", "")
    beyond = order.beyond(cursor, before=bool(before)) if cursor else None
    backwards = bool(before) and beyond is not None
    if isinstance(rows, list):
        found = order.listed(rows, cursor, backwards=backwards)[: size + 1]
    else:
        found = list(order.sorted(rows if beyond is None else rows.filter(beyond), backwards=backwards)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    ahead, behind = (True, more) if backwards else (more, beyond is not None)
    return _page(found, order, ahead=ahead, behind=behind)


def _page(rows: Sequence[Any], order: Order, *, ahead: bool, behind: bool) -> Page:
    if not rows:
        return Page([])
    shown = _("%d shown") % len(rows) if ahead or behind else ""
    return Page(
        list(rows),
        next=order.cursor(rows[-1]) if ahead else "",
        previous=order.cursor(rows[0]) if behind else "",
        shown=shown,
    )
