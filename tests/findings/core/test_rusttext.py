"""Rust told apart into code, comments and strings mark by mark: what one expression over the whole text says as well."""

import re

from hypothesis import given
from hypothesis import strategies as st

from findings.core.rusttext import blank, declarations, source

TOKEN = re.compile(
    r"//[^\n]*|/\*|(?<![\w])(?P<raw>[bc]?r(?P<hashes>#*)\")|\"(?:[^\"\\]|\\.)*\"?|'(?:\\(?:u\{[0-9a-fA-F_]{1,8}\}|x..|.)|[^\\'\n])'",
    re.S,
)
PIECES = (
    "let a = 1;", '"text"', '"a \\" b"', '"', "'", "'a'", "'a", r"'\n'", r"'\u{1F}'", "'\"'", "//", "// c", "/*", "*/", "/",
    "\n", " ", "{", "}", 'r"raw"', 'r#"a"b"#', 'br"x"', 'b"x"', 'for"x"', 'br#"', '"#', "\\", "\\\\", "é", "#", "fn f() {",
    "&'static str", "x'", '"""', "/**/", "//\n", '"\\',
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def expected(text: str) -> str:
    """The code of a text, by one expression; block comments, which nest, and raw strings are followed by hand."""
    done, parts = 0, []
    while match := TOKEN.search(text, done):
        start, end = match.span()
        if match["raw"]:
            closing = '"' + match["hashes"]
            found = text.find(closing, end)
            end = len(text) if found < 0 else found + len(closing)
        elif match.group() == "/*":
            depth, end = 1, start + 2
            while depth and (mark := re.compile(r"/\*|\*/").search(text, end)):
                depth += 1 if mark.group() == "/*" else -1
                end = mark.end()
            end = len(text) if depth else end
        elif text[start] == '"' and start > done and text[start - 1] in "bc" and not text[: start - 1][-1:].isalnum():
            start -= 1
        parts += [text[done:start], blank(text[start:end])]
        done = end
    return "".join([*parts, text[done:]])


@given(texts)
def test_code_is_what_is_left_without_comments_and_strings(text: str):
    assert source(text).code == expected(text)


@given(texts)
def test_everything_stays_where_it_was(text: str):
    found = source(text)
    assert len(found.code) == len(text)
    assert [at for at, char in enumerate(found.code) if char == "\n"] == [
        at for at, char in enumerate(text) if char == "\n"
    ]
    assert not any(found.code[start:end].strip() for start, end in found.literals)


@given(st.lists(st.sampled_from("{} a"), max_size=30).map("".join))
def test_each_brace_has_the_partner_that_is_open_when_it_comes(code: str):
    stack, pairs = [], {}
    for at, mark in enumerate(code):
        if mark == "{":
            stack.append(at)
        elif mark == "}" and stack:
            pairs[stack.pop()] = at
    assert source(code).braces == pairs


def test_a_word_that_ends_in_a_keyword_declares_nothing():
    found = declarations("struct A; mystruct B; struct  C; struct struct D", "struct")
    assert [name for name, _, _ in found] == ["A", "struct", "D"]
