"""Infracost JSON ("version": "0.2"): what infrastructure code would cost a month, by list price.

Always an estimate. A cost of null is not known, which is not zero: the resource is named in a notice and the batch
says that its total is a lower bound. So do errors of a project, resources without a price, and usage nobody gave.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from findings.core.types import FormatError, Notice, gettext_noop, notice
from remediation.core.costs import table
from remediation.core.costs.types import CostBatch, CostEntry, CostKind, batch

# "module.a["x"].aws_instance.web[0]": the type is what stands before the last dot outside of brackets.
NOT_KNOWN = gettext_noop("monthly cost is not known")
NOT_IN_FULL = gettext_noop("monthly cost is not known in full")
ADDRESS = re.compile(r"(?:^|\.)(?:data\.)?(\w+)\.[\w-]+(?:\[[^\]]*\])?$")


def matches(text: str) -> bool:
    """Whether this is a JSON object with the two keys that tell Infracost's apart."""
    return text.lstrip().startswith("{") and '"projects"' in text and '"currency"' in text


def parse(text: str, month: date | None = None) -> CostBatch:
    """Read the output of `infracost breakdown` or `diff`; `month` is for a file that does not say when it was made."""
    root = _object(_loaded(text), "$")
    currency = root.get("currency")
    if not (isinstance(currency, str) and table.CURRENCY.fullmatch(currency)):
        raise FormatError("no currency", "$.currency", "an ISO 4217 code such as USD")
    when = _month(root, month)
    entries: list[CostEntry] = []
    notices: list[Notice] = []
    for n, project in enumerate(_list(root, "projects", "$")):
        where = f"$.projects[{n}]"
        known, said = _project(_object(project, where), where, currency, when)
        entries += known
        notices += said
    return batch(
        "infracost",
        CostKind.ESTIMATE,
        entries,
        notices,
        lower_bound=bool(notices),
        version=str(root.get("version", "")),
    )


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError("not JSON", f"line {error.lineno}", error.msg) from None
    except RecursionError:
        raise FormatError("the JSON is nested too deeply", "$", "Infracost JSON") from None


def _month(root: Mapping[str, Any], month: date | None) -> date:
    made = root.get("timeGenerated")
    if isinstance(made, str) and made:
        return table.month(made, "$.timeGenerated")
    if month is None:
        raise FormatError(
            "the file does not say when it was made", "$.timeGenerated", "a date, or a month given with it"
        )
    return month.replace(day=1)


def _project(
    project: Mapping[str, Any], where: str, currency: str, month: date
) -> tuple[list[CostEntry], list[Notice]]:
    name = str(project.get("name", ""))
    breakdown = _object(project.get("breakdown") or {}, f"{where}.breakdown")
    notices = list(_incomplete(project, name, where))
    entries: list[CostEntry] = []
    for n, resource in enumerate(_list(breakdown, "resources", f"{where}.breakdown")):
        place = f"{where}.breakdown.resources[{n}]"
        row = _object(resource, place)
        cost = row.get("monthlyCost")
        if cost is None or _unknown_inside(row):
            notices.append(notice(NOT_KNOWN if cost is None else NOT_IN_FULL, _label(row)))
        if cost is not None:
            amount = table.amount(str(cost), f"{place}.monthlyCost")
            entries.append(CostEntry(month, _service(row), name, amount, currency, month))
    return entries, notices


def _incomplete(project: Mapping[str, Any], name: str, where: str) -> Iterator[Notice]:
    """Why the total of a project is less than the whole. Its errors may quote code, so they are only counted."""
    errors = _list(_object(project.get("metadata") or {}, f"{where}.metadata"), "errors", where)
    if errors:
        yield notice(gettext_noop("Infracost reports %(n)s error(s) in this project"), name, n=len(errors))
    summary = _object(project.get("summary") or {}, f"{where}.summary")
    unsupported = summary.get("totalUnsupportedResources")
    if isinstance(unsupported, int) and unsupported > 0:
        words = gettext_noop("%(n)s resource(s) are of a type Infracost does not price")
        yield notice(words, name, n=unsupported)


def _unknown_inside(resource: Mapping[str, Any]) -> bool:
    """Whether a part of a resource has no known cost: usage that was not given, or a price that was not found."""
    parts = [c for c in resource.get("costComponents") or [] if isinstance(c, dict)]
    below = [r for r in resource.get("subresources") or [] if isinstance(r, dict)]
    return any(p.get("monthlyCost") is None or p.get("priceNotFound") for p in parts) or any(
        map(_unknown_inside, below)
    )


def _label(resource: Mapping[str, Any]) -> str:
    return str(resource.get("name", ""))


def _service(resource: Mapping[str, Any]) -> str:
    """The type of a resource, from its address where an older file does not say it."""
    address = ADDRESS.search(_label(resource))
    return str(resource.get("resourceType") or (address[1] if address else _label(resource)))


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FormatError("not an object", where, "a JSON object")
    return value


def _list(parent: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = parent.get(key) or []
    if not isinstance(value, list):
        raise FormatError("not a list", f"{where}.{key}", "a JSON list")
    return value
