"""Whom a report names as the owner of a finding or an entry of its plan, as it writes the name."""

import re
from collections.abc import Iterable

from remediation.core.review.words import clean, fold, simplify, vocabulary

LABEL = re.compile(
    r"(?:(?:task|action|fix|code) )?owners?|assignees?|assigned(?: to)?|responsible(?: person)?|dri"
    r"|(?:主要)?(?:负责|责任|处理|执行|跟进|认领)人|指派给?|经办人"
)
"""A folded label or header of a column that names an owner."""
INLINE = re.compile(
    r"(?<!\w)(?:owner|assignee|assigned to|responsible|dri|(?:负责|责任|处理|执行|跟进)人)\**\s*[:：]\s*\**\s*"
    r"(?P<name>[^;；)）\]】|\n]{1,80})",
    re.I,
)
HANDLE = re.compile(r"(?:[(（\[]|[—–-]\s+)(?P<name>@[a-z0-9][\w.-]*)[)）\]]?\s*$")
"""A handle in brackets or behind a dash at an entry's end; elsewhere "@types" and "@Transactional" look like one."""
LINKED = re.compile(r"\[([^\]]+)\]\([^)]*\)")
NOBODY = vocabulary("- — – ? tbd tba n/a na none nobody unassigned todo open 待定 无 未定 暂无 未分配 待分配 未指派")
LONGEST = 80


def name_in(text: str) -> str:
    """The name that stands behind a label or in a cell; "" for what says that nobody does it yet."""
    name = clean(LINKED.sub(r"\1", text.partition("\n")[0])).strip(" `*_.。:：")[:LONGEST]
    return "" if fold(name) in NOBODY else name


def named(lines: Iterable[str]) -> str:
    """The first owner that the lines of an entry name: behind a label, or as a handle at the end of its title."""
    for i, line in enumerate(lines):
        found = INLINE.search(simplify(line)) or (HANDLE.search(line) if not i else None)
        if found and (name := name_in(line[slice(*found.span("name"))])):
            return name
    return ""
