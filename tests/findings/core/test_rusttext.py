"""Rust told apart into code, comments and strings mark by mark: what one expression over the whole text says as well."""

import re
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from findings.core.rusttext import Source, blank, declarations, source

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
    found = declarations("struct A; mystruct B; struct  C; struct struct D", "A|B|C|D|struct", "struct")
    assert [name for name, _, _ in found] == ["A", "struct", "D"]


def test_what_is_declared_without_a_telling_name_is_passed_over_unless_it_is_set_to_something():
    code = "type Plain = a::Other; struct Order { } enum ShopError { } type Wide<T> = T; struct MyErr;"
    found = declarations(code, "Err|Failure", "struct", "enum", "type")
    assert [name for name, _, _ in found] == ["MyErr", "ShopError", "Plain"]


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 9))
def test_the_line_of_an_offset_is_counted_from_the_stretch_that_it_lies_in(breaks: list[int], stretch: int):
    text = "".join("ab" + "\n" * some for some in breaks)
    with patch("findings.core.rusttext.STRETCH", stretch):
        found = Source(text, text, ())
        told = [found.line(at) for at in range(len(text) + 1)]
    assert told == [text.count("\n", 0, at) + 1 for at in range(len(text) + 1)]
