"""Builds the demo's git repository: a bare `platform.git` that is pushed to, and a working clone `platform`.

The same day gives the same commits, to the byte: all dates, people and texts are data, and git writes them through
one `fast-import` stream.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from nova_dashboard.demo import catalogue, costs, people, reviews
from nova_dashboard.demo.changes import DemoError, Edit
from nova_dashboard.demo.history import STEPS
from nova_dashboard.demo.plan import Planned, plan
from nova_dashboard.demo.steps import MAYA, Author

BRANCH = "main"
FIX_SUBJECT = "notify: clone the connection, drop the lock"
FIX_FILE = "services/notify/src/cache.rs"
FIX = (
    Edit(FIX_FILE, "use std::sync::Arc;\n\n", ""),
    Edit(FIX_FILE, "use tokio::sync::Mutex;\n", ""),
    Edit(FIX_FILE, "type Shared = Arc<Mutex<MultiplexedConnection>>;\n\n", ""),
    Edit(FIX_FILE, "connection: Shared,", "connection: MultiplexedConnection,"),
    Edit(FIX_FILE, "Self { connection: Arc::new(Mutex::new(connection)) }", "Self { connection }"),
    Edit(FIX_FILE, "self.connection.lock().await;", "self.connection.clone();"),
)


@dataclass(frozen=True, slots=True)
class BuiltCommit:
    """One commit of the demo as git has it; `key` names those that others refer to ("" for most)."""

    sha: str
    when: datetime
    author: Author
    subject: str
    key: str


@dataclass(frozen=True, slots=True)
class BuiltDemo:
    """Everything the demo is loaded from. `named` maps a step's key to its commit; `costs` a team's slug to a CSV."""

    origin: Path
    clone: Path
    today: date
    commits: tuple[BuiltCommit, ...]
    named: Mapping[str, str]
    teams: tuple[people.Team, ...]
    accounts: tuple[people.Account, ...]
    reviews: tuple[reviews.ReviewText, ...]
    costs: Mapping[str, str]

    @property
    def head(self) -> str:
        """The newest commit of the history as it was built."""
        return self.commits[-1].sha

    def next_fix(self, when: datetime | None = None) -> str:
        """See `next_fix`, in this demo's clone."""
        return next_fix(self.clone, when)

    def undo_fix(self, when: datetime | None = None) -> str:
        """See `undo_fix`, in this demo's clone."""
        return undo_fix(self.clone, when)


def build(path: Path, today: date) -> BuiltDemo:
    """Writes `platform.git` (bare) and `platform` (a clone of it) under `path`, history ending just before `today`.

    Raises `DemoError` where one of them is there already, or git is missing or fails.
    """
    origin, clone = path / "platform.git", path / "platform"
    for target in (origin, clone):
        if target.exists():
            raise DemoError(f"{target} exists already; remove it to build the demo again")
    planned = plan(STEPS, catalogue.load(), today)
    write(origin, planned)
    git(path, "clone", "--quiet", str(origin), str(clone))
    git(clone, "config", "user.name", MAYA.name)
    git(clone, "config", "user.email", MAYA.email)
    return describe(origin, clone, today, planned)


def describe(origin: Path, clone: Path, today: date, planned: Sequence[Planned]) -> BuiltDemo:
    """What was built, with the SHAs git gave."""
    shas = git(origin, "rev-list", "--reverse", BRANCH).split()
    commits = tuple(
        BuiltCommit(sha, p.when, p.step.author, p.step.subject, p.step.key)
        for sha, p in zip(shas, planned, strict=True)
    )
    return BuiltDemo(
        origin=origin,
        clone=clone,
        today=today,
        commits=commits,
        named={c.key: c.sha for c in commits if c.key},
        teams=people.TEAMS,
        accounts=people.ACCOUNTS,
        reviews=reviews.written(planned, today),
        costs={team.slug: costs.csv_text(team.slug, today) for team in people.TEAMS},
    )


def write(origin: Path, planned: Sequence[Planned]) -> None:
    """A new bare repository with the planned commits on its only branch."""
    origin.mkdir(parents=True)
    git(origin, "init", "--quiet", "--bare")
    git(origin, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    git(origin, "fast-import", "--quiet", stdin=b"".join(stream(planned)))


def stream(planned: Sequence[Planned]) -> Iterator[bytes]:
    """The commits in git's fast-import format."""
    before: Mapping[str, str] = {}
    for commit in planned:
        author = f"{commit.step.author.name} <{commit.step.author.email}> {int(commit.when.timestamp())} +0000"
        message = commit.step.subject + (f"\n\n{commit.step.body}" if commit.step.body else "") + "\n"
        yield f"commit refs/heads/{BRANCH}\nauthor {author}\ncommitter {author}\n".encode() + data(message)
        for path in sorted(before.keys() - commit.tree.keys()):
            yield f"D {path}\n".encode()
        for path, text in sorted(commit.tree.items()):
            if before.get(path) != text:
                yield f"M 100644 inline {path}\n".encode() + data(text)
        before = commit.tree


def data(text: str) -> bytes:
    """A text as a counted block of the stream."""
    raw = text.encode()
    return b"data %d\n%s\n" % (len(raw), raw)


def next_fix(clone: Path, when: datetime | None = None) -> str:
    """Commits and pushes a repair of one open problem (the last lock around a Redis connection); answers its SHA.

    `when` dates the commit (default: now). Raises `DemoError` where the repair is already there.
    """
    git(clone, "pull", "--quiet", "--ff-only")
    file = clone / FIX_FILE
    text = file.read_text()
    for edit in FIX:
        text = edit.edited(text)
    file.write_text(text)
    git(clone, "commit", "--quiet", "-m", FIX_SUBJECT, "--", FIX_FILE, when=when)
    return push(clone)


def undo_fix(clone: Path, when: datetime | None = None) -> str:
    """Reverts the newest repair and pushes; answers the SHA. Raises `DemoError` where there is none to revert."""
    git(clone, "pull", "--quiet", "--ff-only")
    sha, _, subject = git(clone, "log", "-1", "--format=%H %s", "--", FIX_FILE).strip().partition(" ")
    if subject != FIX_SUBJECT:
        raise DemoError("there is no repair to undo; call next_fix first")
    git(clone, "revert", "--no-edit", sha, when=when)
    return push(clone)


def push(clone: Path) -> str:
    """Pushes the clone's branch; answers its newest SHA."""
    git(clone, "push", "--quiet", "origin", BRANCH)
    return git(clone, "rev-parse", "HEAD").strip()


def git(folder: Path, *arguments: str, stdin: bytes = b"", when: datetime | None = None) -> str:
    """Runs git in a folder, untouched by the user's own configuration; answers what it printed.

    `when` dates a commit. Raises `DemoError` with git's words where it fails.
    """
    command = ["git", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, env=environment(when), check=True)
    except FileNotFoundError as error:
        raise DemoError("git is not installed, or not on PATH") from error
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode(errors="replace").strip()
        raise DemoError(f"git {arguments[0]} failed in {folder}: {words}") from error
    return done.stdout.decode()


def environment(when: datetime | None) -> dict[str, str]:
    """The process environment without what could steer git, and with the date of a commit."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    isolated = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    dates = {"GIT_AUTHOR_DATE": when.isoformat(), "GIT_COMMITTER_DATE": when.isoformat()} if when else {}
    return kept | isolated | dates
