"""What an operation is, and the one way in which all of them are answered."""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, RawPostDataException, UnreadablePostError
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from findings.actions.tokens import left, use
from findings.full import disk_is_full
from remediation.api.call import Answer, Call, Problem, limits, version_in
from remediation.api.schema import Schema, read_query, wrong_in

log = logging.getLogger(__name__)
PARAMETER = re.compile(r"<(\w+):(\w+)>")
BODY_LIMIT = 256 * 1024  # bytes of a JSON body
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="nova"'}


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of an address. `scopes`: a token needs one of them. `status` is how it answers when all goes well, with
    `answer`; `also` are other ways. `files`: the body is a report and not JSON; `versioned`: `If-Match` is heeded.
    """

    method: str
    path: str
    scopes: tuple[str, ...]
    do: Callable[..., Answer]
    answer: Schema
    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    files: bool = False
    versioned: bool = False
    status: int = 200
    also: Mapping[int, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name in the description, and of its address here."""
        return f"{self.tag}_{self.do.__name__}"

    @property
    def about(self) -> str:
        """What it does, in words."""
        return (self.do.__doc__ or "").strip()

    @property
    def tag(self) -> str:
        """The resource it belongs to."""
        return self.path.partition("/")[0]

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET"


def name_of(path: str) -> str:
    """The name of an address: its path with the bare names of its parameters."""
    return PARAMETER.sub(r"\2", path)


def view_of(operations: Sequence[Operation]) -> Callable[..., HttpResponseBase]:
    """The view of an address with these methods."""
    by_method = {operation.method: operation for operation in operations}

    @csrf_exempt
    @login_not_required
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        with translation.override("en"):
            return respond(request, by_method, kwargs)

    return view


@csrf_exempt
@login_not_required
def nowhere(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """No such address."""
    return Problem(404, "there is no such address").response()


def respond(request: HttpRequest, by_method: Mapping[str, Operation], kwargs: dict[str, Any]) -> HttpResponseBase:
    """The answer, a problem where there is one; whatever happens, the caller never sees how we are built."""
    held: list[Call] = []
    try:
        response = _answer(request, by_method, kwargs, held)
    except Problem as problem:
        response = problem.response()
    except Http404:
        response = Problem(404, "there is no such thing, or it is not your team's").response()
    except PermissionDenied:
        response = Problem(403, "the token's team may not do this here").response()
    except RequestDataTooBig:
        response = Problem(413, "the body is too large").response()
    except (UnreadablePostError, RawPostDataException):
        response = Problem(400, "the body did not arrive whole").response()
    except Exception as error:
        log.exception("%s %s", request.method, request.path)
        response = _failed(error).response()
    for call in held:
        for name, value in limits(call.token).items():
            response[name] = value
    patch_vary_headers(response, ("Authorization",))
    return response


def _failed(error: Exception) -> Problem:
    """What a caller is told of a failure of ours; the log says more."""
    if disk_is_full(error):
        return Problem(507, "the server has no room left, so nothing was kept")
    if isinstance(error, OperationalError):
        return Problem(503, "the database is busy or away", headers={"Retry-After": "5"})
    return Problem(500, "something went wrong inside Nova; its log says more")


def _answer(
    request: HttpRequest, by_method: Mapping[str, Operation], kwargs: dict[str, Any], held: list[Call]
) -> HttpResponseBase:
    operation = by_method.get("GET" if request.method == "HEAD" else request.method or "")
    if operation is None:
        allowed = ", ".join(sorted({*by_method, *({"HEAD"} if "GET" in by_method else ())}))
        raise Problem(405, f"this address takes {allowed}", headers={"Allow": allowed})
    call = Call(request, _token(request))
    held.append(call)
    if left(call.token) < 0:
        raise Problem(429, "too many requests in this minute")
    if not set(operation.scopes) & set(call.token.scopes):
        raise Problem(403, f"this takes a token with the scope {' or '.join(operation.scopes)}")
    call.query, wrong = read_query(request.GET, operation.query)
    if wrong:
        raise Problem(422, "some parameters are not as described", errors=wrong)
    if operation.writes:
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            raise Problem(411, "say how long the body is: Content-Length")  # Django would read it as empty
        if operation.body is not None:
            call.body = _body(request, operation.body)
        if operation.versioned:
            call.version = version_in(request.headers.get("If-Match", ""))
    response = operation.do(call, **kwargs).response()
    if operation.writes:
        return response
    conditional: HttpResponseBase | None = get_conditional_response(request, etag=response["ETag"], response=response)
    return conditional or response


def _token(request: HttpRequest) -> Any:
    scheme, _blank, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Problem(401, "send a token: Authorization: Bearer nova_…", headers=CHALLENGE)
    token = use(key.strip(), timezone.now())
    if token is None:
        wrong = {"WWW-Authenticate": f'{CHALLENGE["WWW-Authenticate"]}, error="invalid_token"'}
        raise Problem(401, "this token is not known, has expired or was revoked", headers=wrong)
    return token


def _body(request: HttpRequest, schema: Schema) -> Any:
    """The JSON body, when it is as described."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "the body is JSON: Content-Type: application/json", headers={"Accept": "application/json"})
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(415, "JSON is taken as it is, not packed")
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
        raise Problem(413, f"the body is larger than {BODY_LIMIT} bytes")
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Problem(400, "the body is no JSON") from None
    if wrong := list(wrong_in(said, schema)):
        raise Problem(422, "the body is not as described", errors=wrong[:50])
    return said
