"""YAML as nodes with lines, from files that nobody vouches for."""

import gc

import pytest

from findings.core import yamls
from findings.core.errors import Unreadable
from findings.core.facts import Blob
from findings.core.rules import FAMILIES
from findings.core.yamlnodes import Node
from findings.core.yamls import check, documents, inside

KEY = b"a key for tests"
MANIFEST = (
    b"apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 1\n  template: {spec: {volumes: [{emptyDir: {}}]}}\n"
)


def parsed(data: bytes) -> str:
    try:
        documents(data)
    except Unreadable as error:
        return str(error)
    return ""


def checked(data: bytes) -> str:
    try:
        check(data)
    except Unreadable as error:
        return str(error)
    return ""


@pytest.fixture
def parses(monkeypatch) -> list[bytes]:
    """What is parsed, each time that it is."""
    asked: list[bytes] = []
    parse = yamls._parsed
    monkeypatch.setattr(yamls, "_parsed", lambda data: (asked.append(data), parse(data))[1])
    return asked


def extract_all(path: str, data: bytes) -> None:
    for family in FAMILIES.values():
        if path_class := family.classify(path):
            family.extract(Blob(data, path_class, KEY))


def test_the_families_of_one_file_share_one_parse(parses):
    extract_all("k8s/app.yaml", MANIFEST + b"# shared\n")
    assert len(parses) == 1


def test_what_does_not_parse_is_parsed_once(parses):
    for _ in range(3):
        with pytest.raises(Unreadable):
            documents(MANIFEST + b"broken: [\n")
    assert len(parses) == 1


def test_files_that_do_not_parse_are_not_kept_by_why_they_did_not():
    before = sum(isinstance(one, Unreadable) for one in gc.get_objects())
    for number in range(100):
        assert parsed(b"key: [%d" % number)
        assert checked(b"key: {%d" % number)
    assert sum(isinstance(one, Unreadable) for one in gc.get_objects()) - before < 20


def test_a_file_that_holds_no_manifest_is_checked_and_not_built(parses):
    extract_all("conf/a.yaml", b"some: [settings, here]\n")
    assert not parses
    for broken in (b"some: [settings\n", b"{{- if x }}\na: b\n{{- end }}\n", b"a:\n\tb: 1\n"):
        with pytest.raises(Unreadable):
            extract_all("conf/a.yaml", broken)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a: b\n---\nc: d\n",
        b"a: [b, {c: d}]\n",
        b"a: b\n c\n",
        b"a: [b\n",
        b"a:\n\tb: c\n",
        b"a: 'b\n",
        b"a: \xff\n",
        b"%TAG\n",
        b"- a\nb: c\n",
        b"a: &x b\nc: *x\n",
        b"\xef\xbb\xbfa: b\r\nc: d\r\n",
    ],
)
def test_a_check_says_what_a_parse_says(data):
    assert checked(data) == parsed(data)


@pytest.mark.parametrize(
    "data", [b"a: " + b"[" * 100_000, b"[{" * 50_000, b"a: [" + b"[]," * 300_000 + b"]", b"- " * 90_000]
)
def test_bombs_end_soon(data):
    assert parsed(data)
    assert len(data) > 150_000 or checked(data)


def test_lines_of_nodes_and_of_what_stands_inside_of_blocks():
    (root,) = documents(b"a: 1\nb: |\n  c: 2\n\n  d: 3\ne: >-\n  f: 4\ng: 5\n")
    block = root.get("b")
    assert (block.line, block.end) == (2, 5)
    (inner,) = inside(block)
    assert [node.line for pair in inner.pairs for node in pair] == [3, 3, 5, 5]
    assert inside(root.get("a")) == inside(root.get("e")) == ()
    assert root.end == 8


def test_a_quoted_text_has_one_line():
    (root,) = documents(b'a:\n  b: "c: 1\\nd: 2\\n"\n')
    (inner,) = inside(root.get("a", "b"))
    assert {node.line for pair in inner.pairs for node in pair} == {2}


def test_the_later_of_two_equal_keys_counts_and_own_keys_before_merged_ones():
    (root,) = documents(b"x: &x {a: 1, b: 1}\ny: {a: 2, <<: *x, a: 3}\nz: {<<: [{b: 7}, *x]}\n")
    assert [root.get("y", name).text for name in "ab"] == ["3", "1"]
    assert root.get("z", "b").text == "7"


def test_an_anchor_that_is_set_again_and_an_alias_that_leads_nowhere():
    (root,) = documents(b"a: &x 1\nb: &x 2\nc: *x\n")
    assert root.get("c").text == "2"
    assert "alias" in parsed(b"a: *nobody\n")
    assert "alias" in parsed(b"a: &a [*a]\n")


def test_what_json_cannot_hold_is_replaced():
    (root,) = (
        documents(b'a: "\\0\\ud800 \\u00e9"\n')
        if not parsed(b'a: "\\0\\ud800 \\u00e9"\n')
        else documents(b'a: "\\0"\n')
    )
    assert "\0" not in root.get("a").text
    assert isinstance(root, Node)
