"""Paths on the machine of the person who reviewed: they begin where the working copy does."""

import re
from collections import Counter
from posixpath import commonprefix

from remediation.core.review.words import vocabulary

WINDOWS = re.compile(r"\b[A-Za-z]:(?:\\[\w.@-]+){3,}")
ABSOLUTE = re.compile(
    r"(?<![\w.:/-])(?:file://)?(?P<folder>/?(?:home|Users|[A-Za-z]:/(?:Users/)?)/?[\w.@-]+(?:/[\w.@-]+)*)/[\w.@-]+"
)
"""A path on somebody's machine: "/Users/ann/shop/src/a.py", "C:/Users/ann/shop/src/a.py"."""
CONTAINER = re.compile(
    r"file:///(?:github/workspace|usr/src/app|workspaces/[\w.-]+|workspace|repo|app|code|project|src)/(?=[\w.])"
)
"""Where a working copy lies in a container, in front of a path in it."""
ROOTED = re.compile(
    r"\[`?(?P<told>[\w.@-]+(?:/[\w.@-]+)+)`?\]\((?P<root>(?:file://)?/?(?:[A-Za-z]:)?/[^()\s#:]{1,200}/)(?P=told)[#):]"
)
"""A link whose text is its target behind the folder of the working copy."""
DESKS = vocabulary("""
    documents desktop downloads projects project code codes coding dev devel development src source sources repo repos
    git github gitlab workspace workspaces work www personal go onedrive
""")
"""Folders in which people keep their working copies."""


def relative(text: str) -> str:
    """The text with the paths of the reviewer's own machine made relative to the working copy that they share."""
    roots = Counter(m["root"] for m in ROOTED.finditer(text))
    for root, _ in roots.most_common(1):
        text = text.replace(root, "")
    text = CONTAINER.sub("", WINDOWS.sub(lambda m: m.group().replace("\\", "/"), text))
    folders = [m["folder"].strip("/").split("/") for m in ABSOLUTE.finditer(text)]
    shared = commonprefix(folders)
    person = next((i + 1 for i, name in enumerate(shared[:2]) if name in ("home", "Users")), 0)
    keep = next((i for i, name in enumerate(shared) if i > person and name.lower() not in DESKS), 0)
    root = re.escape("/".join(shared[: keep + 1]))
    return re.sub(rf"(?:file://)?(?<![\w.])/?{root}/(?=\w|\.\w)", "", text) if keep else text
