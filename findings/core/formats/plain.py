"""Our own formats, for tools that speak no other: JSON and CSV of findings. `docs/formats.md` describes both."""

import csv
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from findings.core.formats.cursor import Cursor
from findings.core.formats.document import Node, clean
from findings.core.formats.fields import flag, number, some, text
from findings.core.formats.hiding import Redact
from findings.core.formats.report import Entry, How, Report, Seen, each, guarded, rule_key
from findings.core.formats.source import Source, texts
from findings.core.severity import named
from findings.core.types import Batch, FormatError, Priority
from findings.core.vocabulary import words

NAME = "nova-findings"
VERSION = 1
MEMBERS = ("message", "snippet", "id", "fingerprint", "path")
COLUMNS = words(
    "tool category rule title help path line end_line message priority severity id fingerprint snippet tags suppressed "
    "state"
)
NEEDED = words("rule path")
DIVIDED = ",;\t"  # by what the cells of a table may be divided: spreadsheets of half of Europe write semicolons
LONGEST_CELL = 1_000_000
_SCOPE = ("tool", "category")
_TRUE, _FALSE = frozenset({"yes", "true", "1"}), frozenset({"", "no", "false", "0"})


def matches_json(name: str, head: bytes) -> bool:
    """An object that names our format."""
    return head.lstrip()[:1] == b"{" and f'"{NAME}"'.encode() in head


def matches_csv(name: str, head: bytes) -> bool:
    """A table whose first line has the two columns that must be there."""
    return set(columns(head)) >= NEEDED


def columns(head: bytes) -> list[str]:
    """The names in the first line of a table."""
    first = head.decode("utf-8", "replace").removeprefix("\ufeff").split("\n", 1)[0].strip()
    return [cell.strip().strip('"') for cell in first.lower().split(_divided(first))]


def _divided(first: str) -> str:
    """The mark that divides most cells of the first line."""
    return max(DIVIDED, key=first.count)


def read_json(source: Source, how: How) -> list[Batch]:
    """One batch. Raises `FormatError` with the JSON path of what is wrong."""
    cursor, report, found = Cursor(source), Report(""), False
    about: dict[str, Node] = {}
    for name in cursor.members("$"):
        if name == "findings":
            found = True
            for where, entry, hide in each(_findings(cursor), how, lambda one: text(one, "rule"), MEMBERS):
                guarded(_take, entry, where, where, report, how, hide)
        else:
            about[name] = Node(cursor.value(), f"$.{name}")
    cursor.end()
    absent = Node(None)
    form = about.get("format", Node(None, "$.format")).required(f'"{NAME}"')
    if form.text() != NAME or about.get("version", absent).integer(VERSION) != VERSION:
        raise FormatError("another format", form.where, f'"{NAME}", version {VERSION}')
    if not found:
        raise FormatError("missing", "$.findings", "an array of findings")
    report.tool = _tool(about.get("tool", Node(None, "$.tool")).required("the name of the tool").text(), "$.tool")
    report.category = about.get("category", absent).text()
    report.tool_version = about.get("tool_version", absent).text()
    report.commit, report.branch = about.get("commit", absent).text()[:64], about.get("branch", absent).text()
    report.complete = about.get("complete", absent).flag(default=True)
    for place in about.get("not_read", absent).items():
        report.miss(place.text(), "The tool could not read the file.", place.where)
    return [report.batch()]


def _findings(cursor: Cursor) -> Iterator[Entry]:
    for index in cursor.elements("$.findings"):
        yield f"$.findings[{index}]", cursor.value()


def read_csv(source: Source, how: How) -> list[Batch]:
    """A batch for each tool and category. Raises `FormatError` with the line of what is wrong."""
    reports: dict[tuple[str, str], Report] = {}
    for where, row, hide in each(_rows(source), how, lambda one: text(one, "rule"), MEMBERS):
        tool, category = (row.get(name) or "" for name in _SCOPE)
        scope = _tool(tool or "csv", where), category
        report = reports.setdefault(scope, Report(scope[0], category=category))
        if row.get("state", "open") != "fixed":
            guarded(_take, row, where, where, report, how, hide)
    return [report.batch() for report in (reports or {("csv", ""): Report("csv")}).values()]


def _rows(source: Source) -> Iterator[Entry]:
    """(line, cells by column). Numbers and flags are made of their texts; unknown columns are left out."""
    lines = _lines(source)
    first = next(lines, "")
    reader = csv.reader(chain([first], lines), strict=True, delimiter=_divided(first))
    try:
        head = [cell.strip().lower() for cell in next(reader, [])]
        if not set(head) >= NEEDED or len(set(head) & COLUMNS) != sum(name in COLUMNS for name in head):
            raise FormatError("no usable row of names", "line 1", "the columns rule and path, each column once")
        for cells in reader:
            where = f"line {reader.line_num}"
            if any(cells):
                if len(cells) != len(head):
                    raise FormatError(f"{len(cells)} cells", where, f"{len(head)}, as the first line has")
                yield where, _typed(dict(zip(head, cells, strict=True)), where)
    except csv.Error as error:
        raise FormatError(f"not CSV: {error}", f"line {max(reader.line_num, 1)}", "comma-separated values") from None


def _lines(source: Source) -> Iterator[str]:
    """The lines of the file, with their ends: a cell in quotes may hold some."""
    rest = ""
    for piece in texts(source):
        *whole, rest = (rest + piece).split("\n")
        yield from (f"{line}\n".replace("\0", "\ufffd") for line in whole)
        if len(rest) > LONGEST_CELL:
            raise FormatError("a line that is too long", "the file", f"at most {LONGEST_CELL:,} characters")
    if rest:
        yield rest.replace("\0", "\ufffd")


def _typed(cells: Mapping[str, str], where: str) -> dict[str, Any]:
    row: dict[str, Any] = {name: _bare(cell) for name, cell in cells.items() if name in COLUMNS and cell.strip()}
    for name in ("line", "end_line"):
        if name in row:
            row[name] = _number(row[name], f"{where}, column {name}")
    if "suppressed" in row:
        said = row["suppressed"].strip().lower()
        if said not in _TRUE | _FALSE:
            raise FormatError("another word than yes or no", f"{where}, column suppressed", "yes or no")
        row["suppressed"] = said in _TRUE
    if "tags" in row:
        row["tags"] = [part.strip() for part in row["tags"].split(";") if part.strip()]
    return row


def _bare(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running it, as our own export writes it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@\t\r\n" else cell


def _number(cell: str, where: str) -> int:
    bare = cell.strip()
    if not (bare.isascii() and bare.isdecimal() and len(bare) < 10):
        raise FormatError("no whole number", where, "a number of a line, from 1")
    return int(bare)


def _tool(name: str, where: str) -> str:
    name = clean(name).strip()
    if not name or len(name) > 100:
        raise FormatError("no usable name of a tool", where, "1 to 100 characters")
    return name


def _take(entry: dict[str, Any], where: str, report: Report, how: How, hide: Redact) -> None:
    rule = rule_key(text(entry, "rule"), f"{where}.rule" if where.startswith("$") else f"{where}, column rule")
    priority = _priority(text(entry, "priority"), text(entry, "severity"), where, how)
    title = text(entry, "title")
    report.rule(rule, hide(title) or rule, priority, how.redact(text(entry, "help")))
    line, given = number(entry, "line"), _safe(text(entry, "fingerprint"), hide)
    snippet = text(entry, "snippet")
    report.add(
        Seen(
            rule=rule,
            path=text(entry, "path"),
            message=text(entry, "message") or title,
            priority=priority,
            line=line,
            end_line=number(entry, "end_line", line),
            code=snippet.split("\n") if snippet.strip() else (),
            code_line=line,
            tool_id=_safe(text(entry, "id"), hide),
            partial={"fingerprint": given} if given else {},
            tags=[hide(tag)[:60] for tag in some(entry, "tags")],
            suppressed=flag(entry, "suppressed"),
        ),
        where,
        hide,
    )


def _priority(priority: str, severity: str, where: str, how: How) -> Priority:
    """Ours where it is given, else the tool's word on the team's scale."""
    if not priority.strip():
        return how.scale[named(severity)]
    if priority.strip().upper() not in Priority.__members__:
        raise FormatError("a priority that is none", f"{where}, priority", "P0, P1 or P2")
    return Priority(priority.strip().upper())


def _safe(name: str, hide: Redact) -> str:
    """An identity that is no credential and no remark."""
    name = name.strip()[:300]
    return name if name and not name.split()[1:] and hide(name) == name else ""
