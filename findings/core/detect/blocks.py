"""Which block of Terraform, or section of settings, a line stands in.

In a block a name has no quotes: what has them under a password is one. A section says what the secret in it is of.
"""

import re
from collections.abc import Sequence

_BLOCK = re.compile(
    r"(?P<kind>resource|data|module|provider|variable|locals)\b(?:[ \t]+\"[\w.-]+\"){0,2}[ \t]*\{[ \t]*\r?$"
)
_OUTSIDE = re.compile(r"[^\s#/})\]]")
_KEY = re.compile(r"(?P<indent> *)(?:- +)?[\"']?(?P<name>[\w.-]+)[\"']?:(?:[ \t]*#.*|[ \t]*)\r?$")
_SECTION = re.compile(r"\s*\[{1,2}[ \t]*\"?(?P<name>[\w.-]+)\"?[ \t]*\]{1,2}")
_HEADING = re.compile(r"#{2,6}[ \t]+(?P<name>\S[^\r\n]*)")  # one alone is mostly a comment of a shell
_TRIED = re.compile(r"(?i)(?<![a-z])(?:local(?:ly|host)?|development)(?![a-z])|本地|开发|開發")
_SETTING = re.compile(r"[ \t]*(?:- +)?[\"']?[\w.-]+[\"']?:[ \t]+\S+[ \t]*\r?$")
_OPENED = re.compile(r"\s*(?:export\s+)?(?:(?:const|let|var)\s+)?[\"']?(?P<name>[\w.-]+)[\"']?\s*[:=]?\s*\{\s*$")
_HEREDOC = re.compile(r"<<[-~]?[ \t]*[\"']?(?P<tag>[A-Za-z_]\w*)[\"']?")
NEAR = 6
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


def is_written(lines: Sequence[str], at: int) -> bool:
    """Whether line `at` from 0 is a setting of YAML within a heredoc: what a script writes into a file."""
    if not _SETTING.match(lines[at]):
        return False
    for number in range(at - 1, max(-1, at - HIGHEST), -1):
        if found := _HEREDOC.search(lines[number]):
            return all(line.strip() != found["tag"] for line in lines[number + 1 : at])
    return False


def section(lines: Sequence[str], at: int) -> str:
    """The name of the section of TOML or INI that line `at` from 0 stands in, or an empty text."""
    if ":" in lines[at].partition("=")[0]:
        return ""
    above = (_SECTION.match(lines[number]) for number in range(at - 1, max(-1, at - HIGHEST), -1))
    return next((found["name"] for found in above if found), "")


def is_tried(lines: Sequence[str], at: int) -> bool:
    """Whether the heading of Markdown that line `at` from 0 stands below is about a developer's own machine."""
    above = (_HEADING.match(lines[number]) for number in range(at - 1, max(-1, at - HIGHEST), -1))
    return next((bool(_TRIED.search(found["name"])) for found in above if found), False)


def opened(lines: Sequence[str], at: int) -> str:
    """The name that the brace around line `at` from 0 was opened for, right above: `jwt: {`, `"jwt": {`."""
    for number in range(at - 1, max(-1, at - NEAR), -1):
        if "{" in lines[number] or "}" in lines[number]:
            found = _OPENED.match(lines[number])
            return found["name"] if found else ""
    return ""


def parent(lines: Sequence[str], at: int) -> str:
    """The key of YAML that line `at` from 0 stands below, or an empty text."""
    indent = len(lines[at]) - len(lines[at].lstrip(" "))
    above = (_KEY.match(lines[number]) for number in range(at - 1, max(-1, at - HIGHEST), -1))
    return next((found["name"] for found in above if found and len(found["indent"]) < indent), "")
