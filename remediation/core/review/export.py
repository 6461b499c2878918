"""A report as it was written, with what became of its rows: ticks, and a line of ours beneath each. Reading it again
takes our lines out, so that a report that went out and came back is the same report. Pure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

OURS = "**Nova**:"
LINE = re.compile(r"^\s*(?:>|-)\s+\*\*Nova\*\*:.*$")
CLOSING = re.compile(r"^## \*\*Nova\*\*:.*$")
BOX = re.compile(r"^(?P<mark>\s*(?:[-*+]|\d+[.)])\s+)\[[ xX]\](?P<rest>\s.*)$")
ENTRY = re.compile(r"^(?P<mark>\s*(?:[-*+]|\d+[.)])\s+)\S")
STARTS = re.compile(r"^\s*(?:[-*+]\s|\d+[.)]\s|#|\||>|```|~~~|$)")
UNDERLINE = re.compile(r"^(?:=+|-+)\s*$")


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of a row today. `ticked` is None for what has no box to tick."""

    note: str
    ticked: bool | None = None


def without_marks(text: str) -> str:
    """A report without the lines that `with_marks` put in; what stands behind them keeps its number less theirs."""
    kept: list[str] = []
    for line in text.split("\n"):
        if CLOSING.match(line):
            while kept and not kept[-1]:
                kept.pop()
            return "\n".join([*kept, ""])
        if LINE.match(line):
            if line.startswith(">") and len(kept) > 1 and not kept[-1]:
                kept.pop()  # the blank line that set ours apart
            continue
        kept.append(line)
    return "\n".join(kept)


def with_marks(text: str, marks: Mapping[int, Mark], closing: str) -> str:
    """The report with a mark at each of these lines (from 1). Rows of tables have no place for one: what is said of
    them stands under `closing` at the end.
    """
    lines = text.rstrip("\n").split("\n")
    below: dict[int, list[str]] = {}
    rest: list[str] = []
    for number, mark in sorted(marks.items()):
        if not 0 < number <= len(lines):
            continue
        line = lines[number - 1]
        if (box := BOX.match(line)) and mark.ticked is not None:
            line = f"{box['mark']}[{'x' if mark.ticked else ' '}]{box['rest']}"
            lines[number - 1] = line
        if line.lstrip().startswith("|"):
            rest.append(f"- {_first_cells(line)}: {mark.note}")
            continue
        end = _end(lines, number)
        entry = ENTRY.match(line)
        ours = [f"{' ' * len(entry['mark'])}- {OURS} {mark.note}"] if entry else ["", f"> {OURS} {mark.note}"]
        if not entry and end < len(lines) and lines[end].strip():
            ours.append("")
        below.setdefault(end, []).extend(ours)
    return "\n".join([*_woven(lines, below), *(["", f"## {OURS} {closing}", "", *rest] if rest else []), ""])


def _woven(lines: Sequence[str], below: Mapping[int, Sequence[str]]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        yield line
        yield from below.get(number, ())


def _end(lines: Sequence[str], number: int) -> int:
    """The last line of the paragraph or heading that begins at a line."""
    if lines[number - 1].startswith("#"):
        return number
    while number < len(lines) and not STARTS.match(lines[number]) and not UNDERLINE.match(lines[number]):
        number += 1
    return number + 1 if number < len(lines) and UNDERLINE.match(lines[number]) else number


def _first_cells(line: str) -> str:
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return " · ".join(cell for cell in cells if cell)[:120]
