"""Gitleaks JSON, versions 7 and 8. One secret is one finding, by the keyed hash of its value, wherever it stands."""

import re
from collections.abc import Iterator
from typing import Any

from findings.core import redaction
from findings.core.formats.cursor import Cursor
from findings.core.formats.fields import number, some, text
from findings.core.formats.hiding import Redact
from findings.core.formats.report import Entry, How, Report, Seen, each, guarded, rule_key
from findings.core.formats.source import Source
from findings.core.hashing import keyed, normalise
from findings.core.severity import SECRET
from findings.core.types import Batch, Identity

MEMBERS = ("Match", "Secret", "line", "offender", "Description")
_VALUE = re.compile(r"""["'`]([^"'`]{4,})["'`]|[=:]\s*([^\s"'`]{4,})\s*$""")
_GONE = frozenset({"", "REDACTED"})


def matches(name: str, head: bytes) -> bool:
    """An array of leaks. `null` and an empty array are how it says that there are none; the latter may be anybody's."""
    start = head.strip()
    if start == b"null" or (start == b"[]" and "leak" in name.lower()):
        return True
    new = b'"RuleID"' in head and (b'"Secret"' in head or b'"Match"' in head)
    return start[:1] == b"[" and (new or (b'"offender"' in head and b'"rule"' in head))


def read(source: Source, how: How) -> list[Batch]:
    """One batch. Raises `FormatError` with the JSON path of what is wrong."""
    cursor, report = Cursor(source), Report("gitleaks")
    for where, leak, hide in each(_leaks(cursor), how, lambda _: "secret", MEMBERS):
        seen, around = guarded(_seen, leak, where, where, how)
        report.rule(seen.rule, text(leak, "Description") or seen.rule, seen.priority)
        report.add(seen, where, around(hide))
    cursor.end()
    return [report.batch()]


def _leaks(cursor: Cursor) -> Iterator[Entry]:
    for index in cursor.elements("$"):
        yield f"$[{index}]", cursor.value()


def _seen(leak: dict[str, Any], where: str, how: How) -> tuple[Seen, Any]:
    """The leak, and what makes a redaction hide its value as well."""
    old = "offender" in leak or "lineNumber" in leak
    rule = rule_key(text(leak, "rule") if old else text(leak, "RuleID"), where)
    match = text(leak, "line") if old else text(leak, "Match")
    value = text(leak, "offender") if old else text(leak, "Secret")
    value = "" if value.strip() in _GONE or set(value) <= {"*", "."} else value
    values = _values(value or ("" if old else match))
    kind = "" if old else text(leak, "Description")
    names = dict.fromkeys((*values[-1:], *values))
    line = number(leak, "lineNumber") if old else number(leak, "StartLine")
    secret = values[-1] if value and values else ""
    seen = Seen(
        rule=rule,
        path=text(leak, "file") if old else text(leak, "File"),
        message=f"{kind or rule}: {redaction.mask(secret)}" if secret else kind or rule,
        priority=how.scale[SECRET],
        line=line,
        end_line=0 if old else number(leak, "EndLine"),
        code=match.split("\n")[:20] if match else (),
        code_line=line,
        commit=text(leak, "commit" if old else "Commit"),
        tags=_tags(leak, old=old),
        **_identity(how.key, rule, secret),
    )

    def around(hide: Redact) -> Redact:
        return lambda said: hide(redaction.redact(said, names))

    return seen, around


def _values(text_of: str) -> list[str]:
    """The text itself and the value in it: older versions report the whole assignment."""
    if not text_of.strip():
        return []
    inner = _VALUE.search(text_of)
    found = (inner.group(1) or inner.group(2)) if inner else ""
    return [text_of, found] if found else [text_of]


def _identity(key: bytes, rule: str, value: str) -> dict[str, Any]:
    """Without a key, or where the report hides its values, only the place tells one leak from another."""
    if not key or not value:
        return {}
    return {"identity": Identity.SECRET, "key": keyed(key, normalise(value))}


def _tags(leak: dict[str, Any], *, old: bool) -> list[str]:
    given = text(leak, "tags").split(",") if old and isinstance(leak.get("tags"), str) else some(leak, "Tags")
    return [tag.strip()[:60] for tag in given if tag.strip()]
