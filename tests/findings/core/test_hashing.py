"""Fingerprints of text: what changes them and what does not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.core.hashing import block_hash, line_hash, message_shape


def test_a_line_is_its_text_without_white_space():
    assert line_hash("  let x = 1;\r") == line_hash("let x=1;")
    assert line_hash("let x = 1;") != line_hash("let x = 2;")
    assert re.fullmatch("[0-9a-f]{16}", line_hash("x"))


@pytest.mark.parametrize("blank", ["", "  \t\n"])
def test_nothing_has_no_fingerprint(blank):
    assert (line_hash(blank), message_shape(blank), block_hash([blank], 0)) == ("", "", "")


def test_a_block_is_five_lines_either_side():
    lines = [f"line {n}" for n in range(30)]

    def changed(at: int) -> bool:
        return block_hash([*lines[:at], "other", *lines[at + 1 :]], 15) != block_hash(lines, 15)

    assert [at for at in range(30) if changed(at)] == list(range(10, 21))


def test_a_block_at_the_edges_and_outside():
    assert block_hash(["a", "b"], 0)
    assert block_hash(["a"], 1) == block_hash([], 0) == block_hash(["a"], -1) == ""


WIDE = st.text(alphabet=st.characters(max_codepoint=0x2100, exclude_categories=["Cs"]))
WHITE = st.text(alphabet="a \t\r\v\f\x1c\x1f\n")


@given(st.lists(WIDE | WHITE, max_size=14), st.integers(0, 13))
def test_a_block_is_its_lines_without_white_space_of_any_kind(lines: list[str], at: int):
    bare = ["".join(line.split()) for line in lines]
    assert block_hash(lines, at) == block_hash(bare, at)
    assert block_hash(bare, at) == block_hash([f" {line}\u2003" for line in bare], at)


def test_a_shape_is_a_message_without_numbers_and_quoted_text():
    assert message_shape("Line 12 uses 'x', 3.5 times") == message_shape("line 9 uses  'other', 1 times")
    assert message_shape("don't use it, isn't safe") != message_shape("don't do that, isn't safe")
    assert message_shape('"a" is bad') != message_shape('"a" is good')


def test_text_that_is_not_quite_unicode_is_hashed_too():
    assert line_hash("\udcff") != line_hash("\udcfe")
