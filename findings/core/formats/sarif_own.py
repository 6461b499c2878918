"""What only our own export of a finding says, so that nothing that is stored is lost on the way out and in again."""

from collections.abc import Mapping
from typing import Any

from findings.core.formats.document import clean
from findings.core.formats.fields import number, text, within
from findings.core.formats.hiding import Redact
from findings.core.types import Identity, Observation

OWN = "nova"  # the member of a result's properties
_TEXTS = ("tool_id", "line_hash", "block_hash", "shape", "commit")
MAX_TEXT, MAX_HASH, MAX_NESTING, MAX_PARTS = 4_000, 300, 6, 200


def own_members(seen: Observation) -> dict[str, Any]:
    """What has no place of its own in SARIF. Nothing that names a secret leaves: no key, no hash of its line."""
    if seen.identity is Identity.SECRET:
        return {"properties": dict(seen.properties)} if seen.properties else {}
    members: dict[str, Any] = {name: value for name in _TEXTS if (value := getattr(seen, name))}
    members["shape"] = seen.shape
    if seen.end_line < seen.line:
        members["endLine"] = seen.end_line
    if seen.identity is Identity.LOGICAL:
        members["key"] = seen.key
    if seen.partial:
        members["partial"] = dict(seen.partial)
    if seen.excerpt and not (seen.line and seen.path):
        members["excerpt"], members["excerptLine"] = seen.excerpt, seen.excerpt_line
    return members | ({"properties": dict(seen.properties)} if seen.properties else {})


def own_fields(members: Mapping[str, Any], hide: Redact) -> dict[str, Any]:
    """The same as fields of an observation; every text is redacted as that of any report is."""
    given: dict[str, Any] = {name: hide(text(members, name))[:MAX_HASH] for name in _TEXTS if name in members}
    if "endLine" in members:
        given["end_line"] = max(number(members, "endLine"), 0)
    if key := text(members, "key"):
        given["identity"], given["key"] = Identity.LOGICAL, hide(key)[:MAX_HASH]
    if "partial" in members:
        table = within(members, "partial")
        given["partial"] = {clean(name): hide(text(table, name))[:MAX_HASH] for name in list(table)[:MAX_PARTS]}
    if "excerpt" in members:
        given["excerpt"] = hide(text(members, "excerpt"))[:MAX_TEXT]
        given["excerpt_line"] = max(number(members, "excerptLine"), 0)
    if "properties" in members:
        given["properties"] = _kept(within(members, "properties"), hide, MAX_NESTING)
    return given


def _kept(value: Any, hide: Redact, depth: int) -> Any:
    if isinstance(value, str):
        return hide(clean(value))[:MAX_TEXT]
    if isinstance(value, dict):
        some = list(value.items())[:MAX_PARTS] if depth else []
        return {clean(name)[:MAX_HASH]: _kept(inner, hide, depth - 1) for name, inner in some}
    if isinstance(value, list):
        return [_kept(inner, hide, depth - 1) for inner in value[:MAX_PARTS]] if depth else []
    if isinstance(value, float) and value - value != 0:  # neither infinite nor not a number
        return None
    return value
