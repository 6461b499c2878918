"""Checkov JSON: one report or a list of them, each of one framework. Skipped checks are findings that are muted."""

from collections.abc import Iterator
from typing import Any

from findings.core.formats.cursor import Cursor
from findings.core.formats.document import Node, clean
from findings.core.formats.fields import Misplaced, listed, number, objects, some, strings, text, within
from findings.core.formats.hiding import Redact
from findings.core.formats.report import Entry, How, Report, Seen, each, guarded, rule_key
from findings.core.formats.sarif_flows import tag
from findings.core.formats.source import Source
from findings.core.hashing import line_hash
from findings.core.severity import SECRET, UNKNOWN, named
from findings.core.types import Batch, FormatError

MEMBERS = ("check_name", "resource", "code_block", "short_description", "description", "vulnerability_details")
WHOLE = "the whole report, with results.failed_checks"
SUMMARY = frozenset({"passed", "failed", "skipped", "parsing_errors", "resource_count", "checkov_version"})


def matches(name: str, head: bytes) -> bool:
    """A report with the framework it is of, or the bare summary of a run that found nothing to check."""
    return head.lstrip()[:1] in (b"{", b"[") and (b'"check_type"' in head or b'"checkov_version"' in head)


def read(source: Source, how: How) -> list[Batch]:
    """A batch for each framework. Raises `FormatError` with the JSON path of what is wrong."""
    cursor = Cursor(source)
    many = cursor.kind() == "["
    places = ((f"$[{i}]", cursor.value()) for i in cursor.elements("$")) if many else iter([("$", cursor.value())])
    reports: dict[str, Report] = {}
    for where, one in places:
        if one is not None:
            node = Node(one, where)
            if not node["check_type"] and not SUMMARY & set(node.names()):
                raise FormatError("missing", f"{where}.check_type", "the framework that was checked")
            guarded(_report, one, where, where, reports, how)
    cursor.end()
    return [report.batch() for report in reports.values()]


def _report(one: dict[str, Any], where: str, reports: dict[str, Report], how: How) -> None:
    kind = text(one, "check_type")
    report = reports.setdefault(kind, Report("checkov", category=kind))
    report.tool_version = text(within(one, "summary"), "checkov_version") or text(one, "checkov_version")
    if "check_type" not in one:
        if any(number(one, name) for name in ("failed", "skipped")):
            raise FormatError("a summary without its checks", where, WHOLE)
        return
    if not isinstance(one.get("results"), dict):
        raise Misplaced(one, "results", one.get("results"), "an object with failed checks")
    results = within(one, "results")
    if number(within(one, "summary"), "failed") > 0 and not listed(results, "failed_checks"):
        raise FormatError("a summary of failed checks without them", f"{where}.results.failed_checks", WHOLE)
    for name in strings(results, "parsing_errors"):
        report.miss(name, "Checkov could not parse the file.", f"{where}.results.parsing_errors")
    for name in ("failed_checks", "skipped_checks"):
        entries = _entries(results, f"{where}.results", name)
        for place, entry, hide in each(entries, how, lambda check: f"{kind} {text(check, 'check_id')}", MEMBERS):
            guarded(_take, entry, place, place, report, how, hide, name == "skipped_checks")


def _entries(results: dict[str, Any], where: str, name: str) -> Iterator[Entry]:
    for index, entry in enumerate(objects(results, name)):
        yield f"{where}.{name}[{index}]", entry


def _take(entry: dict[str, Any], where: str, report: Report, how: How, hide: Redact, muted: bool) -> None:
    rule = rule_key(text(entry, "check_id"), f"{where}.check_id")
    severity = text(entry, "severity") or text(within(entry, "vulnerability_details"), "severity")
    step = named(severity) if severity else SECRET if report.category == "secrets" else UNKNOWN
    title = text(entry, "check_name") or text(entry, "short_description") or rule
    advice = "\n\n".join(part for part in (text(entry, "description"), text(entry, "guideline")) if part)
    report.rule(rule, how.redact(title), how.scale[step], how.redact(advice))
    first, last = _range(entry)
    subject = text(entry, "resource_address") or text(entry, "resource")
    code = _code(entry)
    report.add(
        Seen(
            rule=rule,
            path=_path(entry),
            message=f"{title}: {subject}" if subject else title,
            priority=how.scale[step],
            line=first,
            end_line=last,
            code=[said for _, said in code],
            code_line=code[0][0] if code else 0,
            partial={"resource/v1": line_hash(f"{rule}\0{hide(subject)}")} if subject else {},
            tags=[tag(one) for one in some(within(entry, "vulnerability_details"), "cwe")],
            suppressed=muted,
        ),
        where,
        hide,
    )


def _path(entry: dict[str, Any]) -> str:
    """From the root of the repository where that is known; else from the folder that was checked."""
    whole = text(entry, "repo_file_path")
    return whole if whole and ".." not in whole.split("/") else text(entry, "file_path")


def _range(entry: dict[str, Any]) -> tuple[int, int]:
    numbers = listed(entry, "file_line_range")
    named_numbers = {str(index): value for index, value in enumerate(numbers[:2])}
    first = number(named_numbers, "0")
    return first, number(named_numbers, "1", first)


def _code(entry: dict[str, Any]) -> list[tuple[int, str]]:
    """Lines of code with their numbers; other shapes of it are left out."""
    pairs = (row for row in (entry.get("code_block") or ()) if isinstance(row, list) and len(row) == 2)
    return [(at, clean(said)) for at, said in pairs if isinstance(said, str) and type(at) is int and 0 < at < 2**31]
