"""What the headings of a Markdown table say of a cell: whether it only shows how a value is written."""

import re
from collections.abc import Sequence

_RULED = re.compile(r"[\s|:]*-{2,}[\s|:-]*")
_SHOWS = re.compile(r"(?i)\b(?:examples?|samples?|e\.g)\b|示例|例子|样例|範例|举例")
HIGHEST = 200  # rows that a heading may stand above


def shows(value: str, lines: Sequence[str], at: int) -> bool:
    """Whether a value stands below the heading of an example, on line `at` from 0."""
    cells = lines[at].split("|")
    column = next((number for number, cell in enumerate(cells) if value in cell), 0) if len(cells) > 2 else 0
    for number in range(at - 1, max(0, at - HIGHEST), -1) if column else ():
        if "|" not in lines[number]:
            break
        if _RULED.fullmatch(lines[number]):
            heads = lines[number - 1].split("|")
            return column < len(heads) and bool(_SHOWS.search(heads[column]))
    return False
