"""Code in colours: a few kinds of words of it, each by a class of the style sheet."""

from collections.abc import Iterator
from functools import lru_cache

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, String, _TokenType

# By the end of a file's name. Only these: what a repository holds is read by no grammar that nobody looked at.
LANGUAGES = {
    "bash": ("sh", "bash", "env"),
    "docker": ("dockerfile",),
    "go": ("go",),
    "ini": ("ini", "cfg", "conf", "properties"),
    "java": ("java",),
    "javascript": ("js", "mjs", "cjs", "jsx"),
    "json": ("json",),
    "protobuf": ("proto",),
    "python": ("py",),
    "rust": ("rs",),
    "sql": ("sql",),
    "terraform": ("tf", "hcl"),
    "toml": ("toml",),
    "typescript": ("ts", "tsx"),
    "xml": ("xml",),
    "yaml": ("yaml", "yml"),
}
LEXERS = {end: name for name, ends in LANGUAGES.items() for end in ends}
KINDS = ((Comment, "c"), (Keyword, "k"), (Name.Tag, "k"), (String, "s"), (Number, "s"))
MOST = 8_000  # characters; an excerpt is a few lines, and what is longer (one line of a packed program) stays plain


@lru_cache(maxsize=512)
def highlighted(text: str, path: str) -> tuple[SafeString, ...]:
    """The lines of a text, escaped, with the kinds of its words as `<span class="k">`: c(omment), k(eyword), s(tring).

    A language that is not known by the path's ending leaves the lines plain.
    """
    lines = text.splitlines()
    lexer = _lexer(path) if len(text) <= MOST else None
    if lexer is None:
        return tuple(escape(line) for line in lines)
    rows: list[list[SafeString]] = [[]]
    for kind, piece in _pieces(lexer, "\n".join(lines)):
        first, *rest = piece.split("\n")
        rows[-1].append(_span(kind, first))
        rows += [[_span(kind, more)] for more in rest]
    told = tuple(SafeString("".join(row)) for row in rows)  # of pieces that are each escaped
    return told if len(told) == len(lines) else tuple(escape(line) for line in lines)


def _lexer(path: str) -> Lexer | None:
    name = LEXERS.get(path.rpartition("/")[2].rpartition(".")[2].lower())
    return get_lexer_by_name(name, stripnl=False, ensurenl=False) if name else None


def _pieces(lexer: Lexer, code: str) -> Iterator[tuple[str, str]]:
    for token, piece in lexer.get_tokens(code):
        yield _kind(token), piece


def _kind(token: _TokenType) -> str:
    return next((kind for group, kind in KINDS if token in group), "")


def _span(kind: str, text: str) -> SafeString:
    return format_html('<span class="{}">{}</span>', kind, text) if kind and text else escape(text)
