"""A call: who makes it, what it says; and what it is answered, problems included (RFC 9457)."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from findings.actions.tokens import WINDOW, left
from findings.models import Token, User
from remediation.forms.filters import Reader, reader

PROBLEM = "application/problem+json"
MATCH = re.compile(r'\s*(?:\*|"v(\d{1,10})(?:-[0-9a-f]*)?")\s*')


class Problem(Exception):
    """Why a call cannot be answered as it was meant."""

    def __init__(
        self, status: int, detail: str = "", *, errors: Sequence[tuple[str, str]] = (), headers: Any = None
    ) -> None:
        self.status, self.detail, self.errors, self.headers = status, detail, errors, headers or {}
        super().__init__(detail)

    def response(self) -> HttpResponse:
        """As problem+json."""
        said: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(self.status).phrase, "status": self.status}
        if self.detail:
            said["detail"] = self.detail
        if self.errors:
            said["errors"] = [{"where": where, "detail": detail} for where, detail in self.errors]
        return HttpResponse(dumped(said), status=self.status, content_type=PROBLEM, headers=self.headers)


@dataclass(slots=True)
class Call:
    """One request of a token, checked: `query` and `body` are as the operation describes them. `version` is what
    `If-Match` names, None where it names nothing.
    """

    request: HttpRequest
    token: Token
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    version: int | None = None

    @property
    def user(self) -> User:
        """The account that the token reads as."""
        return self.token.user

    @property
    def actor(self) -> str:
        """How the log names it."""
        return str(self.token)

    def reader(self, role: str = "viewer") -> Reader:
        """What the token's team sees."""
        return reader(self.user, timezone.now(), role=role)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered. `version` makes the entity tag one that `If-Match` understands."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None

    def response(self) -> HttpResponse:
        """As JSON with an entity tag."""
        text = dumped(self.body)
        response = HttpResponse(text, status=self.status, content_type="application/json", headers=self.headers)
        mark = hashlib.sha256(text.encode()).hexdigest()[:20]
        response["ETag"] = f'"{mark}"' if self.version is None else f'"v{self.version}-{mark}"'
        response["Cache-Control"] = "private, no-cache"
        return response


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        if isinstance(o, datetime | date):
            return o.isoformat()
        return f"{o:f}" if isinstance(o, Decimal) else super().default(o)


def dumped(value: Any) -> str:
    """As JSON. Amounts are strings, so that no reader rounds them."""
    return json.dumps(value, cls=_Encoder, ensure_ascii=False)


def version_in(header: str) -> int | None:
    """The version that an `If-Match` names; None for "*" and where there is none. 412 for a tag nobody gave out."""
    if not header:
        return None
    told = MATCH.fullmatch(header)
    if told is None:
        raise Problem(412, "If-Match names no entity tag of this resource")
    return int(told[1]) if told[1] else None


def limits(token: Token) -> dict[str, str]:
    """The headers that say how many requests are left, and for how long."""
    allowed, remaining = token.used + left(token), max(left(token), 0)
    wait = max(1, round((token.window + WINDOW - timezone.now()).total_seconds())) if token.window else 1
    headers = {
        "RateLimit-Policy": f'"token";q={allowed};w={WINDOW.seconds}',
        "RateLimit": f'"token";r={remaining};t={wait}',
    }
    return headers if left(token) >= 0 else headers | {"Retry-After": str(wait)}
