"""What is typed into a search field, in the terms of the index."""

import pytest

from findings.core.searching import query, terms, within


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("redis", ["redis"]),
        ("loadCreator_4242", ["load", "creator", "4242"]),
        ("k8s/base/postgres-db.yaml", ["k8s", "base", "postgres", "db", "yaml"]),
        ("持久化", ["持久", "久化"]),
        ("久", ["久"]),
        ("redis持久", ["redis", "持久"]),
        ("Redis redis", ["redis"]),
        ("100%", ["100"]),
        ("'); -- \\", []),
    ],
)
def test_a_text_is_split_as_the_database_splits(typed, expected):
    assert terms(typed) == expected


def test_a_word_is_the_beginning_of_one_and_a_letter_is_itself():
    assert query("redis a 久") == "'redis':* & 'a' & '久':*"
    assert query("  ,;  ") == ""
    assert query(" ".join(f"w{n}" for n in range(100))).count("&") == 11


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("services/cart/module7/", "'services' & 'cart' & 'module7'"),
        ("k8s/base", "'k8s' & 'base':*"),
        ("a/b", "'a' & 'b':*"),
        ("src/loadCreator.rs", "'src' & 'load':* & 'creator' & 'rs':*"),
        ("文档/持久化.md", "'文档':* & '持久':* & '久化':* & 'md':*"),
        ("a@b/c", "'a':* & 'b' & 'c':*"),
        ("k8s/k8s", "'k8s'"),
        ("//", ""),
    ],
)
def test_in_a_part_of_a_path_words_are_whole_behind_which_it_goes_on(part, expected):
    assert within(part) == expected


def test_a_long_part_of_a_path_asks_for_its_first_words():
    assert within("/".join(f"w{n}" for n in range(100))).count("&") == 11
