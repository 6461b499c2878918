"""What the API says of itself: OpenAPI 3.1, and a page to read it by, both made of the tables of operations."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from findings.models.tokens import SCOPES
from remediation.api.call import PROBLEM
from remediation.api.imports import FORM, RAW
from remediation.api.operation import PARAMETER, Operation
from remediation.api.schema import COUNT, WORD, Schema, many, record

NAMED = r"{\2}"
KINDS: Mapping[str, Schema] = {
    "int": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    "slug": {"type": "string", "maxLength": 50, "pattern": "^[-a-zA-Z0-9_]+$"},
}
PROBLEM_SHAPE = record(
    {"type": WORD, "title": WORD, "status": COUNT},
    {"detail": WORD, "errors": many(record({"where": WORD, "detail": WORD}))},
)
ABOUT = (
    "A token belongs to a team: it sees what the team sees, and the log names it. Every error is problem+json. "
    "422 and 400 mean that a request is not as described here, 409 that it cannot be done as things are."
)


def openapi(operations: Iterable[Operation]) -> dict[str, Any]:
    """The description of these operations."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(_address(operation), {})[operation.method.lower()] = _said(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Nova Dashboard", "version": settings.VERSION, "description": ABOUT},
        "servers": [{"url": f"{settings.BASE_URL}/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": PROBLEM_SHAPE},
        },
    }


def _address(operation: Operation) -> str:
    """Its path as OpenAPI writes it."""
    return f"/{PARAMETER.sub(NAMED, operation.path)}"


def _said(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.about.partition("\n")[0],
        "description": f"{operation.about}\n\nScope: {' or '.join(operation.scopes)}.",
        "parameters": list(_parameters(operation)),
        "responses": _responses(operation),
    }
    if operation.body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    if operation.files:
        form = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
        raw: dict[str, Any] = {kind: {"schema": {}} for kind in RAW}
        found["requestBody"] = {"required": True, "content": {**raw, FORM: {"schema": form}}}
    return found


def _parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for kind, name in PARAMETER.findall(operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": KINDS[kind]}
    for name, schema in operation.query.items():
        plain = {key: value for key, value in schema.items() if key not in ("description", "required")}
        said = {"description": schema["description"]} if "description" in schema else {}
        yield {"name": name, "in": "query", "required": bool(schema.get("required")), "schema": plain, **said}
    if operation.files:
        yield _header("Idempotency-Key", "A name for this request, so that it is taken once.")
    elif operation.versioned:
        yield _header("If-Match", "The entity tag that was read: 412 where it has changed since.")
    elif not operation.writes:
        yield _header("If-None-Match", "The entity tag that was read: 304 where it is the same.")


def _header(name: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": WORD, "description": about}


def _responses(operation: Operation) -> dict[str, Any]:
    good = {"content": {"application/json": {"schema": operation.answer}}}
    found = {str(operation.status): {"description": HTTPStatus(operation.status).phrase, **good}}
    found |= {str(status): {"description": about, **good} for status, about in operation.also.items()}
    if not operation.writes:
        found["304"] = {"description": "Not Modified"}
    problem = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    found |= {str(n): {"description": HTTPStatus(n).phrase, **problem} for n in problems_of(operation)}
    return found | {"default": {"description": "A problem", **problem}}


def problems_of(operation: Operation) -> list[int]:
    """The problems that an operation may answer."""
    found = {401, 403, 404, 422, 429}
    if operation.writes:
        found |= {409, 412} if operation.versioned else {409}
    if operation.body is not None or operation.files:
        found |= {400, 413, 415}
    return sorted(found)


def views_for(operations: Sequence[Operation]) -> tuple[Any, Any]:
    """The views that give the description, as JSON and as a page."""

    @login_not_required
    @require_safe
    def document(request: HttpRequest) -> HttpResponse:
        with translation.override("en"):
            return JsonResponse(openapi(operations))

    @login_not_required
    @require_safe
    def page(request: HttpRequest) -> HttpResponse:
        context = {"title": _("API"), "groups": _groups(operations), "scopes": _scopes(), "base": settings.BASE_URL}
        return render(request, "api.html", context)

    return document, page


def _scopes() -> list[tuple[str, Any]]:
    return [(scope, word) for scope, (_role, word) in SCOPES.items()]


def _groups(operations: Sequence[Operation]) -> list[dict[str, Any]]:
    tags = dict.fromkeys(operation.tag for operation in operations)
    return [{"name": tag, "rows": [_row(o) for o in operations if o.tag == tag]} for tag in tags]


def _row(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.name,
        "method": operation.method,
        "path": f"/api/v1{_address(operation)}",
        "about": operation.about,
        "scopes": " / ".join(operation.scopes),
        "query": [{"name": n, "kind": _kind(s), "about": s.get("description", "")} for n, s in operation.query.items()],
        "body": _fields(operation.body),
        "answer": _fields(_inner(operation.answer)),
        "statuses": [operation.status, *operation.also, *problems_of(operation)],
        "files": (*RAW, FORM) if operation.files else (),
    }


def _inner(schema: Schema) -> Schema:
    """What a page of a list is a list of."""
    items: Schema = schema.get("properties", {}).get("items", {}).get("items")
    return items or schema


def _fields(schema: Schema | None) -> list[dict[str, Any]]:
    known = schema.get("properties", {}) if schema else {}
    needed = schema.get("required", ()) if schema else ()
    return [{"name": name, "kind": _kind(part), "needed": name in needed} for name, part in known.items()]


def _kind(schema: Schema) -> str:
    """A schema in a few words: "string or null", "open | fixed"."""
    if "enum" in schema:
        said = " | ".join(schema["enum"])
    elif schema.get("type") == "array":
        return f"[{_kind(schema['items'])}]"
    else:
        kinds = schema.get("type", "any")
        said = kinds if isinstance(kinds, str) else kinds[0]
    said = schema.get("format", said)
    return f"{said} | null" if "null" in schema.get("type", ()) else str(said)
