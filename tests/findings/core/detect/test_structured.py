"""Of plain YAML only what is around telling lines is read by structure, and nothing is missed for that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.core import yamls
from findings.core.detect import engine, expressions, structured
from findings.core.detect.page import structured_lines
from findings.core.errors import Unreadable

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
    return (list(structured.hits(plain, data)), list(structured.hits(built, data))) if plain else None


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
