"""SQL is looked through for words first, and for what they begin afterwards: with the same answers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.core import sqltext
from findings.core.rules import migrations
from findings.core.sqltext import closing, columns_of, has_clickhouse, split, statements, tokens, without_comments

PIECES = (
    "CREATE TABLE t (", "create  table if not exists a.b (id int, x text)", "recreate table x (", "DROP TABLE a, b", "drop",
    "ENGINE = MergeTree", "engine Log", "Engineering", ") ENGINE=InnoDB", "AUTO_INCREMENT", "autoincrement", "`", "TABLE `a`",
    "--", "\n", "/*", "*/", "'", "e'", "E'\\''", "name'", "$$", "$a$", '"', ";", " ", "İ", "K", "(", ")", ",", "PRIMARY KEY (a)",
    "primary text", "unique (a)", '"check" int', "CHECK(a)", "key text",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
OLD_TOKEN = re.compile(r"--[^\n]*|/\*|[eE]'|'[^']*'?|\"[^\"]*\"?|\$(?:[A-Za-z_]\w{0,60})?\$|;")


@given(texts)
@pytest.mark.parametrize("pattern, word", [(sqltext._CREATE, "create"), (sqltext._DROP, "drop")])
def test_looking_for_a_word_first_finds_what_the_pattern_finds(pattern: re.Pattern[str], word: str, text: str):
    found = [match.span() for match in sqltext._begun(pattern, word, text)]
    assert found == [match.span() for match in pattern.finditer(text)]


@given(texts)
def test_what_names_no_word_of_another_database_is_not_asked_further(text: str):
    assert has_clickhouse(text) == bool(sqltext._ENGINE.search(text))
    assert migrations._is_others(text) == bool(migrations._OTHERS.search(text))


@given(texts)
def test_constraints_are_no_columns(text: str):
    parts = [part for part in split(text) if not sqltext._NO_COLUMN.match(part)]
    assert [name for name, _ in columns_of(text)] == [
        column["name"].lower() for part in parts if (column := sqltext._COLUMN.match(part))
    ]


@given(texts)
def test_a_token_begins_where_it_is_first_seen(text: str):
    at = 0
    for _, start, end in tokens(text):
        match = OLD_TOKEN.search(text, at)
        assert match and match.start() == start
        at = end
    assert OLD_TOKEN.search(text, at) is None


def test_comments_go_and_lines_stay():
    assert without_comments("a -- b\nc /* d\n */ e") == "a     \nc     \n    e"


plain = st.text("(),;a \n", max_size=20)


@given(plain)
def test_a_text_without_strings_is_split_as_one_with_a_string_is(text: str):
    *others, last = split(text)
    assert split(f"{text}''") == (*others, f"{last}''")
    pieces = [*statements(text)]
    assert [*statements(f"{text}''")] == [*pieces[:-1], (pieces[-1][0], f"{pieces[-1][1]}''")]


@given(plain)
def test_a_bracket_without_strings_in_it_is_closed_as_one_with_a_string_is(text: str):
    end = closing(f"({text}", 0)
    assert closing(f"(''{text}", 0) == (end + 2 if end > 0 else -1)
