"""What is said of a repository: its things, its names, and what went wrong."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
NO_TREE = ("unable to read tree", "not a tree object")  # as git says it
_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")


class GitError(Exception):
    """What git could not do, in one line, without logins that an address may hold."""


class TreeMissing(GitError):
    """The folders of a commit are not here: a clone made with `--filter=tree:0` leaves out those of earlier ones."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a tree. `size` in bytes; -1 where the object is missing (a partial clone)."""

    path: str
    sha: str
    mode: str
    size: int


@dataclass(frozen=True, slots=True)
class Tree:
    """The regular files of a commit, and what is no file: (path, why)."""

    entries: list[Entry] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


class Past(NamedTuple):
    """A blob of history: a path it had, and the first commit (in the order of history) that has it there."""

    sha: str
    path: str
    commit: str


@dataclass(frozen=True, slots=True)
class Commit:
    """Who made a commit, when (ISO 8601 with zone, committer's date) and its subject line."""

    sha: str
    author: str
    email: str
    date: str
    subject: str


def sha(name: str) -> str:
    """The name again, if it is a full object name; anything else could be an option or an expression."""
    if not _SHA.fullmatch(name):
        raise GitError(f"{name!r} is not a full object name")
    return name


def address(url: str) -> str:
    """The address again, if git can take it for nothing else. Raises `GitError`."""
    if not url or url.startswith("-") or any(ord(char) < 32 for char in url):
        raise GitError("A repository's address must not be empty, begin with '-' or hold control characters")
    return url


def last_words(stderr: str, command: str) -> str:
    """What git said in the end, without logins."""
    text = _LOGIN.sub("", stderr.strip().removeprefix("stderr:").strip().strip("'")).strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "no message")
    return f"git {command}: {said}"


def complaint(stderr: str, command: str) -> GitError:
    """What a command that failed said."""
    if any(said in stderr for said in NO_TREE):
        return TreeMissing("The clone lacks the folders of a commit (--filter=tree:0). Clone the repository whole")
    return GitError(last_words(stderr, command) if stderr.strip() else f"git {command} ended early")
