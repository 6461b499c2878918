"""Of plain YAML only what is around telling lines is read by structure, and nothing is missed for that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.core import yamls
from findings.core.detect import engine, expressions, structured
from findings.core.detect.page import structured_lines
from findings.core.errors import Unreadable
from findings.core.yamlnodes import Node

LINES = (
    "a:", "-", "- a", "a: b", "---", "k: |", "- >-", "# c", "- - x", "k: {a: b}", "name: DB_PASSWORD",
    'value: "tR4vel-hush9"', "- name: API_TOKEN", "  value: plum-Kettle7", "- value: plum-Kettle7", "  key: x", "op: add",
    "path: /data/db_password", "password: tR4vel-hush9", "PASSWORD=tR4vel-hush9", "- PASSWORD=tR4vel-hush9",
    "- --requirepass", "- tR4vel-hush9", "- --requirepass tR4vel-hush9", '- "redis: --requirepass tR4vel-hush9"',
    "args: [--requirepass, tR4vel-hush9]", "args: ['a b', 'user identified by tR4vel']", "k: host=db password=tR4vel9x",
    "- user app identified by 'tR4vel-hush9'", "- 'CREATE USER app IDENTIFIED BY hush'", "uri: x://h/?password=tR4vel9x",
    "data:", "stringData:", "kind: Secret", "apiVersion: v1", "kind: SealedSecret", "spec:", "encryptedData:", "items:",
    "apiVersion: external-secrets.io/v1", "secretKey: tR4vel-hush9", "jwt: dFI0dmVsLWh1c2g5", "key: dFI0dmVsLWh1c2g5",
    "{name: DB_PASSWORD, value: tR4vel-hush9}", "- {name: DB_PASSWORD, value: tR4vel-hush9}", "to\u212aen: tR4vel-hush9",
    "密码: tR4vel-hush9", "k: 密码", "erlang.cookie: TRAVELHUSH", "pepper_salt: tR4vel-hush9", "pw: tR4vel-hush9",
)  # fmt: skip
deep = st.sampled_from((0, 0, 2, 2, 4, 6))
rows = st.lists(
    st.builds(lambda depth, text: " " * depth + text, deep, st.sampled_from(LINES)), min_size=1, max_size=12
)


def both(data: bytes) -> tuple[list[object], list[object]] | None:
    """The candidates by lines and by the parser's nodes, of which all are looked at; None where it is not plain."""
    try:
        yamls.check(data)
        plain, built = yamls._plain(data), tuple(yamls._built(data))
    except Unreadable:
        return None
    return (list(structured._of_documents(plain, data)), list(structured._of_documents(built, data))) if plain else None


@given(rows)
def test_whatever_the_lines_are_no_candidate_is_missed(lines: list[str]):
    found = both("\n".join(lines).encode())
    assert found is None or found[0] == found[1]


@pytest.mark.parametrize("line", [line for line in LINES if line[0] not in " -#{" and ":" in line])
def test_every_writing_is_found_wherever_it_stands(line: str):
    data = f"a:\n  - b: c\n  - d:\n      {line}\n    e: f\ng: h\n".encode()
    found = both(data)
    assert found is None or found[0] == found[1]


def test_what_tells_nothing_is_passed_over():
    quiet = b"spec:\n  replicas: 2\n  env:\n  - name: COLOUR\n    value: dark red\n"
    assert structured_lines(quiet) == []
    assert structured_lines(quiet + b"  - name: DB_PASSWORD\n    value: x\n  args:\n  - two words\n") == [6, 9]


def test_more_marks_than_are_counted_make_every_line_telling():
    assert structured_lines(b"a: b\n" + b"=" * engine.MARKS) == [1, 2]


def test_both_engines_see_the_same_lines():
    text = "\n".join(LINES).encode()
    seen = [
        {text.count(b"\n", 0, end) for _, end in made(expressions.STRUCTURE)(text)}
        for made in (lambda some: engine.hyperscan_engine(some, engine.Nowhere()), engine.re2_engine)
    ]
    assert seen[0] == seen[1]


def deployed(number: int, word: str) -> bytes:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-{number}\nspec:\n  containers:\n  - name: box\n    env:\n"
        f"    - name: MAIL_PASSWORD\n      value: {word}\n"
    ).encode()


def test_a_version_of_a_file_costs_the_documents_that_differ(monkeypatch):
    asked: list[bytes] = []
    read = structured.documents
    monkeypatch.setattr(structured, "documents", lambda part: (asked.append(part), read(part))[1])
    structured._again.cache_clear()
    pods = [deployed(number, f"hUsh{number}-tr4vel") for number in range(6)]
    first = structured.hits(b"---\n".join(pods))
    pods[2] = deployed(2, "qu1et-N1ght")
    second = structured.hits(b"---\n".join(pods))
    assert len(asked) == 7
    assert [hit.value for hit in first if hit not in second] == ["hUsh2-tr4vel"]
    assert [hit.line for hit in first] == [hit.line for hit in second] == [10 + 11 * number for number in range(6)]


def test_one_document_that_does_not_parse_spoils_the_file():
    sound = deployed(1, "hUsh-tr4vel")
    assert structured.hits(sound)
    assert structured.is_manifest(sound)
    for spoilt in (sound + b"---\na: [\n---\n" + sound, sound + b"---\n" + sound + b"---\nb: 'c\n"):
        assert not structured.is_manifest(spoilt)
        with pytest.raises(Unreadable):
            structured.hits(spoilt)


MARKS = (
    "---",
    "--- # of another",
    "...",
    "%YAML 1.1",
    "a: |",
    "  ---",
    "b: 'c",
    "  d'",
    "e: [f,",
    "  g]",
    "h: &i j",
    "k: *i",
)


@given(st.lists(st.sampled_from((*MARKS, *LINES, "")), min_size=1, max_size=14))
def test_the_parts_of_a_file_say_what_it_says(lines: list[str]):
    data = "\n".join(lines).encode()
    said, told = outcome(yamls.documents, data), list[object]()
    before = 0
    for part in yamls.parts(data):
        found = outcome(yamls.documents, part)
        told += [shown(root, before) for root in found] if isinstance(found, tuple) else [None]
        before += part.count(b"\n")
    whole = [shown(root, 0) for root in said] if isinstance(said, tuple) else [None]
    assert b"".join(yamls.parts(data)) == data
    assert (None in told) == (None in whole)
    assert None in told or told == whole


def outcome(read, data: bytes) -> object:
    try:
        return read(data)
    except Unreadable:
        return None


def shown(node: Node, before: int) -> object:
    """A node with all that is in it, on lines so many further down."""
    inside = [shown(item, before) for item in node.items]
    pairs = [(shown(key, before), shown(value, before)) for key, value in node.pairs]
    return (node.kind, node.line + before, node.text, node.style, inside, pairs)
