"""Plain YAML read by its lines is what the parser makes of it, to the last line number; what is not plain is declined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.core import yamllines, yamls
from findings.core.errors import Unreadable
from findings.core.yamlnodes import Node

LINES = (
    "a: b", "- a", "- a: b", "a:", "-", "- - x", 'k: "v"', "k: 'v'", "k: {a: b}", 'k: [a, "b"]', "k: |", "k: >-", "- |",
    "# c", "---", "--- # x", "k: v # c", "k: v #c", "text", "  ", "", "k: http://x:80/y", "k: a: b", "- a: - b", "k: {}",
    "k: {a: [b, c]}", "- []", "- {x: y}", '- "q"', "- -x", "k: -1", "k: - a", "k: ~", "1: 2", 'k: "a # b"', "k:  v  ",
    "k: 'it''s'", r'k: "a\n"', "k: *x", "k: &x v", "<<: *x", "k: !t v", "...", "k: |2", "- ", "-  b: c", "k: @x", "k: %x",
    "- k: |", "k: [a", "  b]", 'k: "a', 'b"', "k: [don't, x'y]", "k: {{ x }}", "k: a#b", "k: é", "é: v", "a b: c", "? k",
    ": v", "k: a\tb", "k: x:", "k: ?x", "k: > # c", """k: ["a]", b]""", "k: [a]b", "- [a]: b", '- "a": b', "k:v", "--- a",
    "---x", "- ---", "k: ['a', b: c]", "k: | x", "k: x ", "-\tx", "k: (a)", "k: a, b", "k: a ]",
)  # fmt: skip
MANIFEST = """\
# a workload
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: "shop"}}
spec:
  replicas: 2   # two
  selector:
  template:
    spec:
      containers:
      - name: shop
        image: 'registry.test/shop:1.2'
        args: ["--port", "80"]
        env:
        - name: A
          value: "x # y"

        - name: B
          valueFrom:
            secretKeyRef: {name: s, key: k}
      - name: side
        command:
          - sh
          - -c
          - |
            set -e
              echo "a: b"   # - no item

            exit 0
---
kind: ConfigMap
data:
  conf: >-
    one
    two
"""
deep = st.sampled_from((0, 0, 1, 2, 2, 3, 4, 6))
rows = st.lists(st.builds(lambda depth, text: " " * depth + text, deep, st.sampled_from(LINES)), min_size=1, max_size=9)
texts = st.builds(lambda lines, end: "\n".join(lines) + end, rows, st.sampled_from(("", "\n", "\n\n", "\n  \n")))


def by_lines(data: bytes) -> tuple[Node, ...] | None:
    try:
        yamls.check(data)
    except Unreadable:
        return None
    return yamls._plain(data)


def by_parser(data: bytes) -> tuple[Node, ...] | str:
    try:
        with yamls._reasons():
            return tuple(yamls._built(data))
    except Unreadable as error:
        return str(error)


def shape(node: Node) -> object:
    """All there is to a node."""
    pairs = [(shape(key), shape(value)) for key, value in node.pairs]
    return (node.kind, node.line, node.text, node.style, node.last, node.end, [shape(one) for one in node.items], pairs)


def same(data: bytes) -> bool:
    """Whether the text is plain; then both ways say the same. What the lines are sure of the parser takes as well."""
    _, sure = yamls._outlined(data)
    plain = by_lines(data)
    assert plain is not None or not sure
    if plain is None:
        return False
    parsed = by_parser(data)
    assert not isinstance(parsed, str), "only the lines take it for YAML"
    assert list(map(shape, plain)) == list(map(shape, parsed))
    return True


def test_a_manifest_is_plain():
    assert same(MANIFEST.encode())


@given(texts)
def test_whatever_the_lines_are_both_ways_say_the_same(text: str):
    same(text.encode())


@given(st.integers(0, len(MANIFEST)), st.sampled_from(" -:#'\"[]{}\n|>,&*!?a\t\r\\%@`~"), st.integers(0, 3))
def test_a_manifest_with_a_slip_of_the_pen_is_read_by_both_alike(at: int, mark: str, lost: int):
    same((MANIFEST[:at] + mark + MANIFEST[at + lost :]).encode())


@pytest.mark.parametrize(
    "text",
    ["a: &x b\n", "a: *x\n", "a: !t b\n", "a:\tb\n", 'a: "\\n"\n', "? a\n: b\n", "a: |2\n   b\n", "a: b\r\n", "a\n", "a: b\n c\n"]
)  # fmt: skip
def test_what_is_not_plain_is_declined(text: str):
    assert yamllines.outline(text.encode(), lambda _: True) is None


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        (MANIFEST, True),
        ("a: {b: c, d: {e: 'f'}}\ng: [h, \"i\"]\nj: {}\n", True),
        ("a: [b c]\n", False),
        ("a: {b: c: d}\n", False),
        ("a: |\n\n  b\n", False),
        ("a: \N{BELL}\n", False),
        ("a: \x7f\n", False),
    ],
)
def test_the_parser_is_not_asked_about_what_the_lines_are_sure_of(text: str, sure: bool):
    outlined = yamls._outlined(text.encode())
    assert outlined[0] is not None
    assert bool(outlined[1]) is sure


def test_what_has_too_many_lines_or_is_too_deep_is_left_to_the_parser():
    assert by_lines(b"a: b\n" * (yamllines.LONGEST // 5 + 1)) is None
    assert by_lines(b"".join(b" " * depth + b"a:\n" for depth in range(yamllines.DEEPEST + 5))) is None


def test_nothing_is_made_that_nobody_asks_for():
    (root, _) = by_lines(MANIFEST.encode()) or ()
    assert root.get("spec", "replicas").text == "2"
    spec = root.get("spec", "template", "spec")
    with pytest.raises(AttributeError):
        object.__getattribute__(spec, "pairs")


def test_what_was_asked_for_by_name_is_the_same_node_afterwards():
    (root, _) = by_lines(MANIFEST.encode()) or ()
    spec = root.get("spec")
    assert spec is next(value for key, value in root.pairs if key.text == "spec")
    assert spec.get("nothing").empty
    (twice,) = by_lines(b"a: 1\na: 2\n") or ()
    assert twice.get("a").text == "2"
