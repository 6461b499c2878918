"""Which block of Terraform a line stands in. There a name has no quotes: what has them under a password is one."""

import re
from collections.abc import Sequence

_BLOCK = re.compile(
    r"(?P<kind>resource|data|module|provider|variable|locals)\b(?:[ \t]+\"[\w.-]+\"){0,2}[ \t]*\{[ \t]*\r?$"
)
_OUTSIDE = re.compile(r"[^\s#/})\]]")
HIGHEST = 200  # lines that a block may begin above


def block(lines: Sequence[str], at: int) -> str:
    """The kind of the block around line `at` from 0; an empty text outside of Terraform."""
    for number in range(at - 1, max(-1, at - HIGHEST), -1):
        if _OUTSIDE.match(lines[number]):
            found = _BLOCK.match(lines[number])
            return found["kind"] if found else ""
    return ""


def is_applied(lines: Sequence[str], at: int) -> bool:
    """Whether what stands there is made as it says, and is not what somebody may set."""
    return block(lines, at) in ("resource", "module", "provider")
