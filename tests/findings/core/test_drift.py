"""What git prints about a change, and where lines went."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.drift import map_line, nearest_line, parse_lines, parse_renames
from findings.core.types import LineMap
from tests.findings.core.tracking_world import drift


def git(folder: Path, *arguments: str) -> bytes:
    names = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.quotePath=true"]
    return subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True).stdout


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A repository whose last commit renames, edits, adds and deletes files with odd names."""
    git(tmp_path, "init", "-q")
    body = "".join(f"line {n}\n" for n in range(1, 31))
    for name in ("plain.txt", "with space.txt", 'quo"te\t.txt', "moved.txt", "gone.txt", "café.txt"):
        (tmp_path / name).write_text(body)
    (tmp_path / "gone.txt").write_text("short and different\n")
    (tmp_path / "tail.txt").write_text("one\n-- a/fake\ntwo")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "one")
    for name in ("plain.txt", "with space.txt", 'quo"te\t.txt', "café.txt"):
        (tmp_path / name).write_text("added\n" * 2 + body.replace("line 10\n", ""))
    (tmp_path / "moved.txt").rename(tmp_path / "moved here.txt")
    (tmp_path / "gone.txt").unlink()
    (tmp_path / "tail.txt").write_text("zero\none\n++ b/fake\nthree")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "two")
    return tmp_path


def test_renames_are_read_and_other_changes_are_not(changed):
    raw = git(changed, "diff", "-M", "--name-status", "-z", "HEAD~1", "HEAD")
    assert parse_renames(raw) == {"moved.txt": "moved here.txt"}


def test_renames_survive_any_bytes_and_copies_are_passed_over():
    raw = b"M\0a\0C075\0from\0to\0R100\0caf\xe9\0new\\name\0D\0x\0R09"
    assert parse_renames(raw) == {"caf\\xe9": "new\\x5cname"}
    assert parse_renames(b"") == {}


def test_hunks_of_odd_names_are_read(changed):
    maps = parse_lines(git(changed, "diff", "-U0", "-M", "HEAD~1", "HEAD"))
    edited = LineMap(((0, 0, 1, 2), (10, 1, 11, 0)))
    for name in ("plain.txt", "with space.txt", 'quo"te\t.txt', "café.txt"):
        assert maps[name] == edited
    assert set(maps) == {"plain.txt", "with space.txt", 'quo"te\t.txt', "café.txt", "tail.txt"}


def test_content_that_looks_like_a_header_is_content(changed):
    maps = parse_lines(git(changed, "diff", "-U0", "HEAD~1", "HEAD", "--", "tail.txt"))
    assert maps == {"tail.txt": LineMap(((0, 0, 1, 1), (2, 2, 3, 2)))}


def test_lines_are_carried_over_insertions_and_deletions():
    lines = LineMap(((0, 0, 1, 2), (10, 1, 11, 0), (20, 2, 21, 3)))
    assert [map_line(lines, line) for line in (1, 9, 10, 11, 19, 20, 21, 22)] == [3, 11, None, 12, 20, None, None, 24]
    assert [nearest_line(lines, line) for line in (10, 20, 21)] == [11, 21, 22]


def test_without_hunks_nothing_moves():
    assert map_line(LineMap(), 7) == 7


def test_a_line_of_a_file_that_was_emptied_is_nearest_to_its_start():
    assert nearest_line(LineMap(((1, 5, 0, 0),)), 3) == 1


@settings(max_examples=200)
@given(st.lists(st.sampled_from("abcdef"), max_size=12), st.lists(st.sampled_from("abcdef"), max_size=12))
def test_a_line_that_survives_is_the_same_line(old, new):
    lines = drift({"f": old}, {"f": new}).lines.get("f", LineMap())
    mapped = [map_line(lines, number) for number in range(1, len(old) + 1)]
    kept = [number for number in mapped if number is not None]
    assert kept == sorted(set(kept))
    assert [old[at] for at, number in enumerate(mapped) if number] == [new[number - 1] for number in kept]
    assert all(1 <= nearest_line(lines, at + 1) <= max(len(new), 1) for at in range(len(old)))
