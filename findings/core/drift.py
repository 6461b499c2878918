"""How the tree changed between two commits, read from what `git diff` prints, and where a line went.

The parsers take bytes, because a path of a git tree is bytes; they answer with escaped text (see `core.paths`).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from findings.core.paths import escape
from findings.core.types import LineMap

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_WORD = re.compile(rb"[\w.-]{1,120}")
WORDY = 2000  # lines of a hunk whose words are read
_QUOTED_BYTE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}

Hunk = tuple[int, int, int, int]


def parse_renames(raw: bytes) -> dict[str, str]:
    """Old path -> new path, from the output of `git diff -M --name-status -z`. Copies are not renames."""
    fields = iter(raw.split(b"\0"))
    renames: dict[str, str] = {}
    for status in fields:
        if not status:
            continue
        old = next(fields, b"")
        if status[:1] not in b"RC":
            continue
        new = next(fields, b"")
        if status[:1] == b"R" and new:
            renames[escape(old)] = escape(new)
    return renames


def parse_lines(raw: bytes) -> dict[str, LineMap]:
    """New path -> map of its lines, from the output of `git diff -U0` (renames included, binary files left out).

    Both `a/` and `b/` prefixes are expected, as git prints by default (`diff.noprefix` off).
    """
    maps: dict[str, list[Hunk]] = {}
    words: dict[str, tuple[set[bytes], set[bytes]]] = {}
    for path, hunk, content in _hunks(raw):
        maps.setdefault(path, []).append(hunk)
        lost, gained = words.setdefault(path, (set(), set()))
        for line in content[:WORDY]:
            (lost if line.startswith(b"-") else gained).update(_WORD.findall(line, 1))
    return {path: LineMap(tuple(hunks), *_only(*words[path])) for path, hunks in maps.items()}


def _only(lost: set[bytes], gained: set[bytes]) -> tuple[frozenset[str], frozenset[str]]:
    """The words of either side that the other lacks."""
    return frozenset(map(_text, lost - gained)), frozenset(map(_text, gained - lost))


def _text(word: bytes) -> str:
    return word.decode("utf-8", "replace")


def _hunks(raw: bytes) -> Iterator[tuple[str, Hunk, list[bytes]]]:
    """Each hunk with its new path and its lines. The hunk's own counts say how many lines of content there are, so
    that a line of content which looks like a header is never read as one.
    """
    lines = iter(raw.split(b"\n"))
    path = ""
    for line in lines:
        if line.startswith(b"+++ "):
            path = _new_path(line[4:])
        elif path and (found := _HUNK.match(line)):
            hunk = _numbers(found)
            content: list[bytes] = []
            while len(content) < hunk[1] + hunk[3] and (one := next(lines, None)) is not None:
                if not one.startswith(b"\\"):  # "\\ No newline at end of file" is not counted
                    content.append(one)
            yield path, hunk, content
        elif line.startswith(b"diff --git "):
            path = ""


def _numbers(found: re.Match[bytes]) -> Hunk:
    old, old_count, new, new_count = found.groups()
    return int(old), int(old_count or 1), int(new), int(new_count or 1)


def _new_path(name: bytes) -> str:
    """The path of a `+++` line: git quotes odd names in the C way and marks the end of others with a tab."""
    name = name.rstrip(b"\t\r")
    if name.startswith(b'"'):
        name = _QUOTED_BYTE.sub(_unquote, name[1:-1])
    return escape(name.removeprefix(b"b/")) if name != b"/dev/null" else ""


def _unquote(found: re.Match[bytes]) -> bytes:
    code = found.group(1)
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPES.get(code, code)


def map_line(lines: LineMap, line: int) -> int | None:
    """The new number of an old line that survived unchanged; None where the line was deleted or rewritten."""
    mapped, survived = _place(lines, line)
    return mapped if survived else None


def nearest_line(lines: LineMap, line: int) -> int:
    """The new number of an old line, or of what stands nearest to where it was."""
    return _place(lines, line)[0]


def is_gained(lines: LineMap, line: int) -> bool:
    """Whether the change brought a line of the new file."""
    return any(new <= line < new + count for _, _, new, count in lines.hunks)


def _place(lines: LineMap, line: int) -> tuple[int, bool]:
    """New number, and whether the line itself survived. Hunks are in the order of their lines, as git prints them.

    With a count of 0 git names the line *before* the change, so both ends are taken as the first line after it.
    """
    at = bisect_right(lines.hunks, line, key=lambda hunk: hunk[0] if hunk[1] else hunk[0] + 1) - 1
    if at < 0:
        return line, True
    old, old_count, new, new_count = lines.hunks[at]
    if old_count and line < old + old_count:
        return max(new + min(line - old, max(new_count - 1, 0)), 1), False
    old_end = old + old_count if old_count else old + 1
    new_end = new + new_count if new_count else new + 1
    return line - old_end + new_end, True
