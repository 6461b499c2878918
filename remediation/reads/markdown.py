"""Markdown from tools and reports as HTML that cannot do anything: no raw HTML, no pictures, no odd links."""

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore


def _demote(state: StateCore) -> None:
    """Headings of a help text stand below those of the page."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h4"


def _reach(state: StateCore) -> None:
    """Code may be wider than the page: whoever has only keys scrolls what has the focus."""
    for token in state.tokens:
        if token.type in ("fence", "code_block"):
            token.type = "code_block"  # a fence would put the attribute on the inner element, which does not scroll
            token.attrSet("tabindex", "0")


PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
PARSER.core.ruler.push("demote", _demote)
PARSER.core.ruler.push("reach", _reach)


def render(text: str) -> SafeString:
    """The HTML of a text. It is safe: the parser escapes all of it, makes only its own tags, and lets no script link
    pass its validator.
    """
    return SafeString(PARSER.render(text))
