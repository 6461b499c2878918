"""Markdown from tools and reports as HTML that cannot do anything: no raw HTML, no pictures, no odd links."""

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore


def _demote(state: StateCore) -> None:
    """Headings of a help text stand below those of the page."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h4"


PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
PARSER.core.ruler.push("demote", _demote)


def render(text: str) -> SafeString:
    """The HTML of a text. It is safe: the parser escapes all of it, makes only its own tags, and lets no script link
    pass its validator.
    """
    return SafeString(PARSER.render(text))
