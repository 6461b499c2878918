"""Plays a history push by push through the real pipeline, and holds what the database says against the truth."""

from collections.abc import Mapping
from pathlib import Path

from findings import actions
from findings.models import Finding, Occurrence, Scan, Team
from tests.nova_dashboard.forge import Forge
from tests.replay.world import SECRET, Files, World, truth

Spot = tuple[str, str, int]


class Player:
    """A world, its repository, and which finding each problem turned out to be.

    `commit` adds to the next push, `push` scans. `made` remembers the truth at every first-parent commit, so that the
    commit that ended a problem, or brought it back, is known without git.
    """

    def __init__(self, folder: Path, team: Team) -> None:
        self.forge, self.world = Forge(folder, team), World()
        self.on_disk: dict[str, str] = {}
        self.made: list[tuple[str, dict[str, set[Spot]]]] = []
        self.trees: dict[str, Files] = {}
        self.fashions: dict[str, tuple[str, str]] = {}
        self.jumps: set[int] = set()
        self.pushed = 0
        self.indent, self.end = "", "\n"
        self.finding: dict[str, int] = {}
        self.was_closed: dict[str, str] = {}  # and the commit that ended it
        self.unknown: frozenset[str] = frozenset()

    def commit(self, subject: str = "change") -> str:
        texts = self.texts()
        files: dict[str, str | bytes | None] = dict.fromkeys(self.on_disk.keys() - texts.keys())
        files |= {path: text for path, text in texts.items() if self.on_disk.get(path) != text}
        made = self.forge.work.commit(subject, files)
        self.on_disk = texts
        self.note(made)
        return made

    def texts(self) -> dict[str, str]:
        """The files, code with the white space and all with the line ends that are the fashion now."""
        texts = self.world.texts()
        code = [path for path in texts if self.indent and path.endswith(".rs")]
        texts |= {path: "".join(f"{self.indent}{line}\n" for line in texts[path].splitlines()) for path in code}
        return texts if self.end == "\n" else {path: text.replace("\n", self.end) for path, text in texts.items()}

    def note(self, commit: str) -> None:
        """Take a commit that something else made as the next of the branch."""
        self.made.append((commit, truth(self.world.files)))
        self.trees[commit] = self.world.tree
        self.fashions[commit] = self.indent, self.end

    # Branches. A side branch is committed to between `branch` and `switch`, which takes its commits off the record.

    def branch(self, name: str) -> None:
        self.forge.work.git("checkout", "-q", "-b", name)

    def switch(self, name: str, made: int) -> None:
        """Go (back) to a branch, whose commits are the first `made` of the record."""
        self.forge.work.git("checkout", "-q", name)
        del self.made[made:]
        self._take(self.forge.work.git("rev-parse", "HEAD"))

    def merge(self, subject: str, *sides: str) -> str:
        """Merge with what the world's files are by now as the result."""
        self.forge.work.git("merge", "-q", "--no-ff", "--no-commit", "-s", "ours", *sides)
        return self.commit(subject)

    def rewind(self, commit: str) -> None:
        """Take commits off the branch, as before a forced push: the way goes back and on from there."""
        self.forge.work.git("reset", "-q", "--hard", commit)
        self._take(commit)
        self.jumps.add(len(self.made))
        self.note(commit)

    def unrelated(self) -> None:
        """Go on with a history that shares nothing with this one (but the files, until they are changed)."""
        self.forge.work.git("checkout", "-q", "--orphan", f"other{len(self.made)}")
        self.jumps.add(len(self.made))

    def _take(self, commit: str) -> None:
        self.world.files = dict(self.trees[commit])
        self.indent, self.end = self.fashions[commit]
        self.on_disk = self.texts()

    def push(self, subject: str = "", *, without: frozenset[str] = frozenset()) -> Scan:
        """Push what was committed, scan, and check everything. `without`: problems whose file cannot be read now."""
        if subject:
            self.commit(subject)
        self.forge.work.git("push", "-q", "--force", str(self.forge.bare), "HEAD:refs/heads/main")
        scan = self.forge.scan()
        assert scan.state == "done", scan.error
        self.unknown = without
        self.check()
        self.pushed = len(self.made)
        return scan

    @property
    def told(self) -> bool:
        """Whether one commit did what a push did: not where it went back and on from there."""
        return not any(self.pushed <= jump < len(self.made) - 1 for jump in self.jumps)

    def check(self) -> None:
        """Every problem is one open finding at its places and the same as before; every other one is closed, by the
        commit that ended it.
        """
        now = {name: spots for name, spots in self.made[-1][1].items() if name not in self.unknown}
        seen = self._places()
        for name, spots in now.items():
            found = {seen.get(spot) for spot in spots}
            assert len(found) == 1 and None not in found, f"{name} at {sorted(spots)}: {found}, of {seen}"
            (pk,) = found
            known = self.finding.setdefault(name, pk)
            assert known == pk, f"{name} was finding {known} and is now {pk}"
        extra = set(seen.values()) - set(self.finding.values())
        assert not extra, f"findings of nothing: {[str(f) for f in Finding.objects.filter(pk__in=extra)]}"
        assert len({*self.finding.values()}) == len(self.finding), "two problems are one finding"
        self._check_closed(now)
        self._check_back(now)

    def _places(self) -> dict[Spot, int]:
        rows = Occurrence.objects.filter(to_run=None, at_head=True, finding__present=True)
        return {
            (rule, path, line): pk
            for rule, path, line, pk in rows.values_list("finding__rule__key", "path", "line", "finding_id")
        }

    def _check_closed(self, now: Mapping[str, set[Spot]]) -> None:
        for name, pk in self.finding.items():
            found = Finding.objects.select_related("evidence", "rule").get(pk=pk)
            if name in now or name in self.unknown:
                assert found.present, f"{name} was closed and is still there"
            elif found.rule.key == SECRET:
                assert (found.present, found.at_head) == (True, False), f"{name}: a secret of history stays open"
            elif found.flapping:
                assert (found.present, found.reopened > 1) == (True, True), f"{name}: nothing closes it by itself"
                actions.look_at(found, actor="somebody")  # so that the next scan closes it
            else:
                assert not found.present, f"{name} is gone and its finding is open"
                ended = self.was_closed.setdefault(name, self._turned(name, here=False) if self.told else "")
                assert found.evidence is not None
                assert not ended or found.evidence.commit == ended, self._wrong(name, ended, found.evidence.commit)
                assert found.evidence.kind == "deleted" or found.evidence.hunk

    def _check_back(self, now: Mapping[str, set[Spot]]) -> None:
        for name in sorted(self.was_closed.keys() & now.keys()):
            found = Finding.objects.get(pk=self.finding[name])
            assert found.reopened > 0
            if self.told:  # else no one commit brought it back
                proof, back = found.proofs.filter(closes=False).latest("pk"), self._turned(name, here=True)
                assert proof.commit == back, self._wrong(name, back, proof.commit)
            del self.was_closed[name]

    def _turned(self, name: str, *, here: bool) -> str:
        """The newest commit after which the problem is (not) there, and before which it was not (was). Empty where an
        earlier push jumped there: which commit did it depends on from where, and a flapping finding is closed later.
        """
        for n in range(len(self.made) - 1, 0, -1):
            (commit, after), before = self.made[n], self.made[n - 1][1]
            if (name in after) is here and (name in before) is not here:
                if n in self.jumps:
                    return self.made[-1][0] if n >= self.pushed else ""
                return commit
        raise AssertionError(f"{name} never turned")

    def _wrong(self, name: str, right: str, said: str) -> str:
        told = [self.forge.work.git("log", "-1", "--format=%h %s", commit) for commit in (right, said)]
        return f"{name} turned with {told[0]}, not with {told[1]}"
