"""Values that stand side by side are decoded together: the same values, whatever they hold and wherever a window ends."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.formats import cursor, source
from findings.core.formats.cursor import Cursor
from findings.core.types import FormatError

TEXTS = st.sampled_from(["", "plain", '},{"id":', '}, {"id": 1}', "\\", '"', "\n", "é", "\ud83d\ude00"])
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats(allow_nan=True) | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "b"]), inner, max_size=2)
)
ROWS = st.lists(st.fixed_dictionaries({"id": VALUES}, optional={"more": VALUES}) | VALUES, max_size=12)


def taken(data: bytes, most: int):
    blocks = list(Cursor(data).blocks("$", most))
    assert all(len(values) <= most for values, _ in blocks)
    assert repr([json.loads(f"[{text}]") for _, text in blocks]) == repr([values for values, _ in blocks])
    return [value for values, _ in blocks for value in values]


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, most=st.integers(1, 5), window=st.integers(8, 200), indent=st.none() | st.integers(0, 1))
def test_they_are_the_same_as_one_by_one(rows, most, window, indent):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cursor, "WINDOW", window)
        patch.setattr(source, "PIECE", window)
        data = json.dumps(rows, indent=indent).encode()
        assert repr(taken(data, most)) == repr(json.loads(data))


def test_many_are_taken_at_once():
    data = json.dumps([{"id": n, "places": [{"id": 1}, {"id": 2}]} for n in range(1_000)]).encode()
    assert taken(data, 200) == json.loads(data)
    one = Cursor(data)
    assert [len(values) for values, _ in one.blocks("$", 200)] == [200] * 5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('{"id": 2', "Expecting property name"),
        ('{"id": tru}', "Expecting value"),
        ('{"id": "\x01"}', "control character"),
    ],
)
def test_what_is_wrong_among_them_is_told_with_its_place(wrong, said):
    data = '[{"id": 1},\n{"id": 1},\n' + wrong + ',\n{"id": 3},\n{"id": 4}]'
    with pytest.raises(FormatError, match=said) as error:
        list(Cursor(data.encode()).blocks("$", 50))
    assert error.value.where.startswith(("line 3", "line 4"))
