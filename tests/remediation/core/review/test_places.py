"""Paths and lines as people write them."""

import pytest

from remediation.core.review.places import find, gather, in_comments
from remediation.core.types import Place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("`a/b.yaml` (第 50-51 行)", Place("a/b.yaml", 50, 51)),
        ("`a/b.yaml`（第8–9行）", Place("a/b.yaml", 8, 9)),
        ("`a/b.yaml` 第 12 行", Place("a/b.yaml", 12)),
        ("`a/b.rs:12-40`", Place("a/b.rs", 12, 40)),
        ("`a/b.rs`:12", Place("a/b.rs", 12)),
        ("a/b.rs:L7-L9", Place("a/b.rs", 7, 9)),
        ("`a/b.rs#L10-L20`", Place("a/b.rs", 10, 20)),
        ("a/b.rs (lines 8-9)", Place("a/b.rs", 8, 9)),
        ("a/b.rs, line 107", Place("a/b.rs", 107)),
        ("a/b.rs at line 4", Place("a/b.rs", 4)),
        ("b.rs, 87-89 行", Place("b.rs", 87, 89)),
        ("`/srv/a/b.rs`", Place("srv/a/b.rs")),
        ("`./a/b.rs`.", Place("a/b.rs")),
        ("文件在a/b.rs:3里", Place("a/b.rs", 3)),
        ("`a/*/proto/*.proto`", Place("a/*/proto/*.proto")),
        ("`deploy/base/`", Place("deploy/base/")),
        ("deploy/base/", Place("deploy/base/")),
        ("`deploy/base`", Place("deploy/base")),
        ("migrations/001.sql:2", Place("migrations/001.sql", 2)),
        ("`Dockerfile`", Place("Dockerfile")),
        ("a/b.rs:9-3", Place("a/b.rs", 9)),
    ],
)
def test_a_place_is_read_with_its_lines(text, place):
    assert find(text, folders=True) == [place]


@pytest.mark.parametrize("text", ["`a/main.rs` (710 行)", "a/main.rs (84 lines of shell)", "a/main.rs, 300 行代码"])
def test_a_length_is_no_line(text):
    assert find(text) == [Place("a/main.rs")]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/a/b.yaml",
        "and/or",
        "application/json",
        "Node.js",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "v1.2.3",
        "N/A",
        "GET /api/v1",
    ],
)
def test_what_only_looks_like_a_path_is_none(text):
    assert find(text, folders=True) == []


def test_comments_name_places_only_at_their_start():
    code = "# one.yaml (line 3)\nKEY: x\n// 文件: a/two.rs, 5-6 行\n-- three.sql\n# see what is in four.yaml\nfive.yaml"
    assert in_comments(code) == [Place("one.yaml", 3), Place("a/two.rs", 5, 6), Place("three.sql")]


def test_a_path_in_a_comment_keeps_a_first_word_that_begins_like_a_label():
    code = "# infra/k8s/web.yaml:4\n// internal/api/in.go\n# filesystem/a.py\n# in: infra/b.yaml\n// File internal/c.go"
    assert in_comments(code) == [
        Place("infra/k8s/web.yaml", 4),
        Place("internal/api/in.go"),
        Place("filesystem/a.py"),
        Place("infra/b.yaml"),
        Place("internal/c.go"),
    ]


def test_bare_names_are_looked_for_beside_the_first_place():
    named = [Place("deploy/prod/")]
    assert gather(named, [Place("db.yaml", 3)]) == (Place("deploy/prod/"), Place("deploy/prod/db.yaml", 3))


def test_a_shortened_path_is_completed_and_brings_its_line():
    named = [Place("svc/feed/src/cache.rs")]
    assert gather(named, [Place("src/cache.rs", 9), Place("cache.rs", 9)]) == (Place("svc/feed/src/cache.rs", 9),)


def test_a_bare_name_without_a_folder_to_look_in_is_kept_only_under_a_location_label():
    assert gather([], [Place("db.yaml")]) == ()
    assert gather([Place("db.yaml", 4)], []) == (Place("db.yaml", 4),)


@pytest.mark.parametrize("name", ["open_gate", "Gate::open2()", "`open`", "Gate.open"])
def test_a_name_before_the_lines_in_a_bracket_keeps_them(name: str):
    text = f"`gate.rs` ({name}, lines 69-122), `lock.rs`（{name}, line 11）"
    assert find(text) == [Place("gate.rs", 69, 122), Place("lock.rs", 11)]


def test_a_bare_number_in_brackets_is_a_line_only_where_nothing_follows():
    assert find("`gate.rs` (14)") == [Place("gate.rs", 14)]
    assert find("most queries: `gate.rs` (35), `lock.rs` (26), and `wall.rs` (L7), `moat.rs` (3-9).") == [
        Place("gate.rs"),
        Place("lock.rs"),
        Place("wall.rs", 7),
        Place("moat.rs", 3, 9),
    ]
