"""Passwords that SQL puts into a table as they are: `INSERT INTO users (name, password) VALUES ('ada', '…')`."""

import re
from collections.abc import Iterator

from findings.core.detect import names

ROLE = "inserted"
SEEN = (
    r"(?i)\binsert\s+(?:ignore\s+|or\s+\w+\s+)?into\s+[\w.\"`\[\]]+\s*\([^()]*"
    r"(?:passw|pwd|passphrase|secret|token|api_?key)[^()]*\)\s*values\b"
)
_INSERT = re.compile(
    r"(?i)\binsert\s+(?:ignore\s+|or\s+\w+\s+)?into\s+[\w.\"`\[\]]{1,200}\s*\(([^()]{1,2000})\)\s*values\b"
)
_PIECE = re.compile(r"[EN]?'((?:[^'\\]|''|\\.)*)'|\"((?:[^\"\\]|\"\"|\\.)*)\"|([(),;])|([^'\"(),;\s]+)")
_HASH = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{56,128}")
STATEMENT = 100_000  # characters of one that are read
MOST = 2000  # values of one text

Found = tuple[str, str, int]  # column, value, offset


def read(text: str) -> Iterator[Found]:
    """Plain texts in columns whose names promise a credential, in order."""
    left, insert = MOST, _INSERT.search(text)
    while insert and left > 0:
        columns = [column.strip(' \t\r\n"`[]') for column in insert[1].split(",")]
        found, end = _rows(text, insert.end(), {n: name for n, name in enumerate(columns) if names.promises(name)})
        yield from found[:left]
        left -= len(found)
        insert = _INSERT.search(text, end)


def _rows(text: str, start: int, wanted: dict[int, str]) -> tuple[list[Found], int]:
    """The texts that stand alone in the wanted columns behind VALUES, and where the rows end."""
    found: list[Found] = []
    held: Found | None = None  # what stands alone in its column so far
    depth = column = 0
    empty, end = True, start
    for piece in _PIECE.finditer(text, start, start + STATEMENT) if wanted else ():
        mark, end = piece[3], piece.end()
        if mark == ";" or (depth <= 0 and mark not in ("(", ",")):
            break
        if held and depth == 1 and mark in (",", ")"):
            found.append(held)
        if depth == (0 if mark == "(" else 1) and mark in ("(", ","):
            column, empty, held = (column + 1 if mark == "," else 0), True, None
        elif mark != ",":
            value = next((said for said in piece.group(1, 2) if said), "")
            taken = value and empty and depth == 1 and column in wanted and not _is_hash(wanted[column], value)
            held, empty = (wanted[column], value, piece.start()) if taken else None, False
        depth += 1 if mark == "(" else -1 if mark == ")" else 0
    return found, end


def _is_hash(column: str, value: str) -> bool:
    return names.is_password(column) and bool(_HASH.fullmatch(value))
