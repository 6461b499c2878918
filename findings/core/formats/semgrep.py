"""Semgrep JSON: results, the errors of its run, and what it skipped."""

from collections.abc import Iterator
from typing import Any

from findings.core.formats.cursor import Cursor
from findings.core.formats.document import Node
from findings.core.formats.fields import flag, number, some, text, within
from findings.core.formats.hiding import Redact
from findings.core.formats.report import Entry, How, Report, Seen, each, guarded, rule_key
from findings.core.formats.sarif_flows import tag
from findings.core.formats.source import Source
from findings.core.severity import named
from findings.core.types import Batch, FormatError

MEMBERS = ("extra",)
WITHHELD = "requires login"  # what the free edition says in place of code and fingerprints
FINGERPRINT = "matchBasedId/v1"  # as its SARIF names it


def matches(name: str, head: bytes) -> bool:
    """An object with results of `check_id`s, or with the members that only Semgrep has."""
    if head.lstrip()[:1] != b"{" or b'"check_type"' in head or (b'"generated_at"' in head and b'"metrics"' in head):
        return False  # the latter is Bandit's, which has results and errors too
    empty = b'"results"' in head and b'"errors"' in head
    return empty or (b'"check_id"' in head and b'"extra"' in head) or b'"engine_requested"' in head


def read(source: Source, how: How) -> list[Batch]:
    """One batch. Raises `FormatError` with the JSON path of what is wrong."""
    cursor, report, found = Cursor(source), Report("semgrep"), False
    for name in cursor.members("$"):
        if name == "results":
            found = True
            for where, entry, hide in each(_results(cursor), how, lambda one: text(one, "check_id"), MEMBERS):
                guarded(_take, entry, where, where, report, how, hide)
        elif name == "version":
            report.tool_version = Node(cursor.value(), "$.version").text()
        elif name == "errors":
            for place in Node(cursor.value(), "$.errors").items():
                _error(report, place, how)
        elif name == "paths":
            for place in Node(cursor.value(), "$.paths")["skipped"].items():
                why = place["reason"].text() or "no reason given"
                report.miss(place["path"].text(), f"skipped: {why}", place.where)
        else:
            cursor.value()
    cursor.end()
    if not found:
        raise FormatError("missing", "$.results", "an array of results")
    return [report.batch()]


def _results(cursor: Cursor) -> Iterator[Entry]:
    for index in cursor.elements("$.results"):
        yield f"$.results[{index}]", cursor.value()


def _error(report: Report, place: Node, how: How) -> None:
    """A file that could not be parsed is not covered; an error that is about no file spoils the whole run."""
    level, path = place["level"].text("error"), place["path"].text()
    said = how.redact(place["message"].text() or place["long_msg"].text() or place["short_msg"].text() or level)
    if path:
        report.miss(path, said, place.where)
        return
    report.note(said)
    if level == "error":
        report.complete = False


def _take(entry: dict[str, Any], where: str, report: Report, how: How, hide: Redact) -> None:
    extra = within(entry, "extra")
    meta = within(extra, "metadata")
    rule = rule_key(text(entry, "check_id"), f"{where}.check_id")
    priority = how.scale[named(text(extra, "severity"))]
    references = some(meta, "references") + some(meta, "source") + some(meta, "shortlink")
    advice = "\n\n".join([text(extra, "message"), *dict.fromkeys(references)])
    report.rule(rule, _title(rule), priority, how.redact(advice))
    fingerprint = text(extra, "fingerprint").strip()
    known = fingerprint if fingerprint and not fingerprint.split()[1:] and hide(fingerprint) == fingerprint else ""
    lines = text(extra, "lines")
    line = number(within(entry, "start"), "line")
    report.add(
        Seen(
            rule=rule,
            path=text(entry, "path"),
            message=text(extra, "message"),
            priority=priority,
            line=line,
            end_line=number(within(entry, "end"), "line"),
            code=lines.split("\n") if lines.strip() and lines.strip() != WITHHELD else (),
            code_line=line,
            tool_id=f"{FINGERPRINT}={known}" if known else "",
            partial={FINGERPRINT: known} if known else {},
            tags=[tag(one) for name in ("cwe", "owasp") for one in some(meta, name)],
            properties={"confidence": hide(text(meta, "confidence"))},
            suppressed=flag(extra, "is_ignored"),
        ),
        where,
        hide,
    )


def _title(rule: str) -> str:
    """The last part of a rule's name, in words."""
    return rule.rpartition(".")[2].replace("-", " ").replace("_", " ").strip().capitalize() or rule
