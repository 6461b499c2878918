"""Markdown -> a tree of sections whose blocks know their lines. The only module that knows the Markdown parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.tasklists import tasklists_plugin

from findings.core.types import FormatError
from remediation.core.review.places import linked
from remediation.core.review.words import COMMENT, TAG

PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(tasklists_plugin)
SUMMARY = re.compile(
    r"^[ \t]*<summary>[ \t]*((?:[^<>\n]|</?(?:b|i|em|strong|code)>){3,300}?)[ \t]*</summary>", re.M | re.I
)
"""What a fold shows of itself, alone in its line: a heading of what it holds."""
DETAILS = re.compile(r"^[ \t]*</?details[^<>\n]*>[ \t]*$", re.M)
CIRCLED = re.compile("^([ \t]*)([①-⑳])[ \t]*", re.M)
ROW, RULE, BLANK = r"[ \t]*\|.+\|[ \t]*", r"[ \t]*\|(?: *:?-{2,}:? *\|)+[ \t]*", r"(?:[ \t]*\n)"
HEADER = re.compile(rf"^(?P<header>{ROW})\n(?P<gap>{BLANK}+)(?={RULE}$)", re.M)
"""The header of a table that blank lines part from its rule, which makes it none."""
ROWS = re.compile(rf"^({RULE}\n)({BLANK}(?:{BLANK}*{ROW}(?:\n|\Z)(?!{BLANK}*{RULE}$))+)", re.M)
"""A rule, and rows below it that a blank line parts from it."""
MARK = " \n🔴🚨⛔🟠🟡🔵🟢⚪\ufe0f"
"""What may stand in front of an entry's emphasised words: a mark of how bad it is."""
BREAK = re.compile(r"<br\s*/?>", re.I)


@dataclass(frozen=True, slots=True)
class Row:
    """A table row: its cells as plain text, their code kept in back-ticks; `leads` are the emphasised words that they
    begin with.
    """

    line: int
    cells: tuple[str, ...]
    leads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A list entry. `text` is its first paragraph; `lead` the emphasised words it begins with, `then` those right
    behind them; `ticked` None where there is no box; `number` 0 in a bullet list; `end` its last line.
    """

    line: int
    end: int
    text: str
    lead: str = ""
    number: int = 0
    ticked: bool | None = None
    then: str = ""
    blocks: "tuple[Block, ...]" = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph ("text"), "list", "table", "code" (`info` is what stands behind its fence) or "quote". Lines count
    from 1, `end` included.
    """

    kind: str
    line: int
    end: int
    text: str = ""
    lead: str = ""
    entries: tuple[Entry, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    info: str = ""


@dataclass(slots=True)
class Section:
    """A heading and what stands under it. The root has level 0, no title, and holds what precedes any heading. A
    heading that is `run_in` begins the line on which its text begins too.
    """

    level: int
    title: str
    line: int
    end: int
    blocks: list[Block] = field(default_factory=list)
    children: "list[Section]" = field(default_factory=list)
    run_in: bool = False

    def walk(self) -> "Iterator[Section]":
        """This section and all under it, in the order of the report."""
        yield self
        for child in self.children:
            yield from child.walk()

    def copied(self) -> "Section":
        """The same section, whose blocks a reader may take away."""
        children = [child.copied() for child in self.children]
        return Section(self.level, self.title, self.line, self.end, [*self.blocks], children, self.run_in)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed report: its lines as written and its sections."""

    lines: tuple[str, ...]
    root: Section

    @property
    def heading(self) -> Section | None:
        """The top heading that names the whole report; what it says holds for no section."""
        first = self.root.children[0] if self.root.children else None
        alone = first and first.children and len(self.root.children) == 1
        return first if first and (first.level == 1 or alone) else None


def read(text: str) -> Document:
    """The sections of a Markdown text, split at line feeds. FormatError for one that is nested beyond reason."""
    try:
        return _read(text)
    except RecursionError as error:
        raise FormatError("The text is nested too deeply", expected="what a person could write") from error


def _read(text: str) -> Document:
    lines = tuple(text.split("\n"))
    root = Section(0, "", 0, len(lines))
    open_sections = [root]
    for node in SyntaxTreeNode(PARSER.parse(_plain(text))).children:
        if node.type == "heading" and not _accident(node):
            _open(node, open_sections)
        elif block := _block(node):
            open_sections[-1].blocks.append(block)
        elif node.type == "heading":
            open_sections[-1].blocks.append(Block("text", *_span(node), text=_inline(node), lead=_lead(node)))
    _close(root, len(lines))
    return Document(lines, root)


def _plain(text: str) -> str:
    """The text with folds and circled numbers as headings and lists, and tables that blank lines tear as whole ones;
    each line stays where it is, but that a torn header goes down to its rule.
    """
    text = SUMMARY.sub(_summed, DETAILS.sub("", CIRCLED.sub(_count, text)))
    return ROWS.sub(_joined, HEADER.sub(r"\g<gap>\g<header>\n", text))


def _joined(match: re.Match[str]) -> str:
    """Rows with an empty row for each blank line between them."""
    return match[1] + re.sub(r"^[ \t]*$(?=\n)", "|", match[2], flags=re.M)


def _summed(match: re.Match[str]) -> str:
    """What a fold is called, as a line in bold."""
    inside = re.sub(r"</?code>", "`", match[1], flags=re.I)
    return f"**{re.sub(r'</?[a-z]+>', '', inside, flags=re.I).strip()}**"


def _count(match: re.Match[str]) -> str:
    """A circled number at the start of a line as one of a list."""
    return f"{match[1]}{ord(match[2]) - ord('①') + 1}. "


def entries(blocks: "list[Block] | tuple[Block, ...]") -> Iterator[Entry]:
    """All list entries in the blocks, nested ones after the entry that holds them."""
    for block in blocks:
        for entry in block.entries:
            yield entry
            yield from entries(entry.blocks)


def _accident(node: SyntaxTreeNode) -> bool:
    """A rule of dashes straight under a paragraph makes it a heading, which nobody means when it has a label."""
    return node.markup == "-" and ("\n" in node.children[0].content or node.children[0].content.startswith(("**", "|")))


def _open(node: SyntaxTreeNode, open_sections: list[Section]) -> None:
    level = int(node.tag[1:])
    line, _ = _span(node)
    section = Section(level, _inline(node), line, line)
    while open_sections[-1].level >= level:
        open_sections.pop()
    open_sections[-1].children.append(section)
    open_sections.append(section)


def _close(section: Section, end: int) -> None:
    """Sets the last line of each section: the line before the next section that is not inside it."""
    section.end = end
    for child in reversed(section.children):
        _close(child, end)
        end = child.line - 1


def _span(node: SyntaxTreeNode) -> tuple[int, int]:
    start, end = node.map or (0, 1)
    return start + 1, max(start + 1, end)


def _block(node: SyntaxTreeNode) -> Block | None:
    line, end = _span(node)
    if node.type in ("fence", "code_block"):
        return Block("code", line, end, text=node.content, info=node.info.strip())
    if node.type == "paragraph":
        return Block("text", line, end, text=_inline(node), lead=_lead(node))
    if node.type == "blockquote":
        return Block("quote", line, end, text="\n".join(_inline(n) for n in node.walk() if n.type == "paragraph"))
    if node.type in ("bullet_list", "ordered_list"):
        first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
        step = 1 if node.type == "ordered_list" else 0
        listed = tuple(_entry(child, first + i * step) for i, child in enumerate(node.children))
        return Block("list", line, end, entries=listed)
    return _table(node) if node.type == "table" else None


def _entry(node: SyntaxTreeNode, number: int) -> Entry:
    line, end = _span(node)
    first = next((c for c in node.children if c.type == "paragraph"), None)
    rest = tuple(b for c in node.children if c is not first and (b := _block(c)))
    if first is None:
        return Entry(line, end, "", number=number, blocks=rest)
    box = next((c for c in first.children[0].children if c.type == "html_inline"), None)
    ticked = None if box is None else "checked=" in box.content
    lead, then = _leads(first, MARK)
    return Entry(line, end, _inline(first), lead, number, ticked, then, rest)


def _table(node: SyntaxTreeNode) -> Block:
    rows = [
        Row(_span(row)[0], tuple(map(_inline, row.children)), tuple(map(_lead, row.children)))
        for part in node.children
        for row in part.children
    ]
    line, end = _span(node)
    told = tuple(row for row in rows[1:] if any(row.cells))
    return Block("table", line, end, header=rows[0].cells if rows else (), rows=told)


def _inline(node: SyntaxTreeNode) -> str:
    """The words of a paragraph, heading or cell: no emphasis, code in back-ticks, links followed by their target."""
    text = "".join(_words(child) for inline in node.children if inline.type == "inline" for child in inline.children)
    return TAG.sub("", COMMENT.sub("", BREAK.sub("\n", text))).strip()


def _words(node: SyntaxTreeNode) -> str:
    if node.type == "code_inline":
        return f"`{node.content}`"
    if node.type in ("softbreak", "hardbreak"):
        return "\n"
    if node.type == "text":
        return node.content
    inner = "".join(_words(child) for child in node.children)
    if node.type == "s":
        return f"~~{inner}~~"
    target = str(node.attrs.get("href", "")) if node.type == "link" else ""
    return linked(inner, target) if target else inner


def _lead(node: SyntaxTreeNode) -> str:
    """The emphasised words a paragraph begins with, if it begins so (a tick box before them does not count)."""
    return _leads(node)[0]


def _leads(node: SyntaxTreeNode, before: str = " \n") -> tuple[str, str]:
    """The emphasised words a paragraph begins with, and others between which nothing but marks stand; only `before`
    may stand in front of them.
    """
    inline = node.children[0] if node.children else None
    found: list[str] = []
    for child in inline.children if inline else ():
        if child.type == "strong":
            found.append("".join(_words(c) for c in child.children).strip())
        elif child.type != "html_inline" and child.content.strip(" :：—–|·-" if found else before):
            break
    return (found[0] if found else ""), (found[1] if len(found) > 1 else "")
