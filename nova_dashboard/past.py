"""The past of a repository, lived through: its commits are scanned in order, and what they say carries their dates."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from findings import actions
from findings.actions import batches, bulk
from findings.actions.gathering import Crossed
from findings.core.rules.secrets import SEVERE
from findings.core.types import Batch, Identity, Observation
from findings.events import MACHINE
from findings.facts import GatheringStore
from findings.git import GitError, Mirror
from findings.models import Repository, Run, RunState, Scan, ScanKind, ScanState
from findings.scanner import ScanResult
from nova_dashboard.chapter import Chapter
from nova_dashboard.lease import Progress, leased
from nova_dashboard.mirrors import refresh
from nova_dashboard.story import Looker, counted, notices, story, take
from remediation.actions.asides import clear, take_over

log = logging.getLogger(__name__)
CHUNK = 2.0  # seconds of work that one transaction takes; a killed worker loses no more
LONG = 4  # times as long as it takes to read what is known, where that takes longer
AHEAD = 100  # commits whose blobs are asked for together
STAGE = "past"


def live_through(scan: Scan, progress: Progress) -> None:
    """Do a scan of the past, from where it was interrupted. Raises GitError, Lost.

    A repository that has a story of its own already gets its past told aside, up to the commit it is proven at, and
    takes it over in one transaction. Pushes wait until then.
    """
    progress("fetch")
    repository = scan.repository
    if "since" not in scan.counts:
        raise GitError("This scan of one old commit was interrupted")
    mirror, head = refresh(repository)
    told_before = repository.proven_commit and not scan.counts.get("at")
    with mirror.session() as session:
        if told_before or scan.counts.get("aside"):
            _aside(scan, repository, session, progress)
        else:
            Telling(scan, repository, session, progress).all(_asked(scan, mirror, head))


def _asked(scan: Scan, mirror: Mirror, head: str) -> list[tuple[str, datetime]]:
    since = date.fromisoformat(scan.counts["since"])
    commits = chosen(mirror, head, datetime(since.year, since.month, since.day, tzinfo=UTC), scan.counts["every"])
    if not commits:
        raise GitError(f"The branch has no commit since {since}")
    return commits


def _aside(scan: Scan, repository: Repository, mirror: Mirror, progress: Progress) -> None:
    """Tell the past aside until it has come to what the repository is proven at, and take it over."""
    record = actions.scan_aside(repository) if scan.counts.get("at") else None
    if record is None:
        with transaction.atomic():
            actions.hold(scan)
            if before := Repository.objects.filter(aside_of=repository).first():
                clear(before)
            record = actions.set_aside(repository)
            actions.note(scan, aside=True, at="")
    telling = Telling(scan, record.repository, mirror, progress, record)
    while True:
        proven = Repository.objects.get(pk=repository.pk).proven_commit
        telling.all(_asked(scan, mirror, proven))
        with transaction.atomic():
            actions.hold(scan)
            batches.lock(repository)
            repository.refresh_from_db()
            if repository.proven_commit in ("", proven):
                taken = actions.take_over(repository, scan)
                take_over(repository, record.repository, taken, at=timezone.now())
                kept = {name: scan.counts[name] for name in ("since", "every", "aside")}
                counts = {"findings": len(taken.others), "known": len(taken.twins)} | kept
                actions.finish(scan, commit=telling.at, counts=counts, notices=telling.said)
                return


def chosen(mirror: Mirror, head: str, since: datetime, every: int = 1) -> list[tuple[str, datetime]]:
    """The commits of the branch since a day, oldest first: every Nth and the newest, with dates that never go back."""
    now = timezone.now()
    dated: list[tuple[str, datetime]] = []
    for commit, text in mirror.dates(head):
        when = parse_datetime(text)
        if when is None:
            raise GitError(f"{commit[:7]} has no readable date")
        when = min(when.astimezone(UTC), now)  # as it will be read back
        if dated or when >= since:
            dated.append((commit, max(when, dated[-1][1]) if dated else when))
    return [pair for n, pair in enumerate(dated) if (len(dated) - 1 - n) % every == 0]


@dataclass(slots=True)
class Remembered:
    """Credentials that stood in the tree of a commit before: what the history of the next one holds of them."""

    seen: dict[tuple[str, str], Observation] = field(default_factory=dict)

    def add(self, commit: str, observations: Iterable[Observation]) -> None:
        """Note what a commit shows."""
        for one in observations:
            if one.identity == Identity.SECRET and one.properties.get("class") in SEVERE:
                self.seen.setdefault((one.key, one.path), replace(one, at_head=False, commit=one.commit or commit))

    def gone(self, observations: Iterable[Observation]) -> list[Observation]:
        """Those that these observations of a tree no longer hold."""
        live = {one.key for one in observations if one.identity == Identity.SECRET}
        return [one for (key, _), one in self.seen.items() if key not in live]


@dataclass(slots=True)
class Telling:
    """Goes through commits, a transaction for each few seconds of them. Commits that change nothing leave no run."""

    scan: Scan
    repository: Repository
    mirror: Mirror
    progress: Progress
    record: Scan | None = None  # whose runs these are, where the past is told aside
    looker: Looker = field(init=False)
    store: GatheringStore = field(init=False)
    secrets: Remembered = field(default_factory=Remembered)
    at: str = ""
    last: Batch | None = None
    chapter: Chapter | None = None
    crossed: int = 0
    said: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._look_anew()

    def _look_anew(self) -> None:
        self.store = GatheringStore(self.repository.pk)
        self.looker = Looker(self.mirror, self.store, self.progress)

    def all(self, commits: list[tuple[str, datetime]]) -> None:
        """From where the scan stands to the newest commit."""
        done = self._resume([commit for commit, _ in commits])
        while done < len(commits):
            before = self.at, self.last, Remembered(dict(self.secrets.seen))
            try:
                done = self._chapter(commits, done)
                self.crossed = 0
            except Crossed as crossed:  # somebody was at a row of it: again, and shorter, so that it passes
                log.info("a stretch of the past of %s is told again: %s", self.repository, crossed)
                self.crossed += 1
                self.at, self.last, self.secrets = before
                self._look_anew()

    def _chapter(self, commits: list[tuple[str, datetime]], done: int) -> int:
        """Tell as many commits as fit into one transaction. Answers how many are told by then."""
        began, result = time.monotonic(), None
        with transaction.atomic(), bulk.steady_memory():
            actions.hold(self.scan)  # also the guard: a worker that lost its lease stops here
            batches.lock(self.repository)
            self.repository.refresh_from_db()
            self.chapter = self._begin()
            opened = time.monotonic()
            over = opened + max(CHUNK, LONG * (opened - began)) / 4**self.crossed
            for n, (commit, when) in enumerate(commits[done:]):
                if n % AHEAD == 0:
                    ahead = [name for name, _ in commits[done : done + AHEAD]]
                    self.store.expect(self.mirror.look_ahead([self.at, *ahead] if self.at else ahead))
                result = self._take(commit, when, newest=done == len(commits) - 1)
                done += 1
                self.progress(STAGE, done, len(commits))
                if time.monotonic() >= over:
                    break
            self.chapter.write()
            self.store.flush()
            self.said = notices(result.batch) if result else []
            if result and not self.record:
                kept = {name: self.scan.counts[name] for name in ("since", "every")}
                actions.finish(self.scan, commit=self.at, counts=counted(result) | kept, notices=self.said)
            else:
                actions.note(self.scan, at=self.at)
        return done

    def _resume(self, commits: list[str]) -> int:
        """How many commits were taken before, by a worker that is gone."""
        self.at = self.scan.counts.get("at", "")
        if not self.at:
            return 0
        self._remember(self.looker.whole(self.at, since="", all_refs=False).batch)
        return next(
            (n for n, commit in enumerate(commits) if not self.mirror.is_ancestor(commit, self.at)), len(commits)
        )

    def _remember(self, batch: Batch) -> None:
        self.secrets.add(batch.commit, batch.observations)
        self.last = batch

    def _take(self, commit: str, when: datetime, *, newest: bool) -> ScanResult | None:
        """Look at a commit and tell what it says. Answers the whole look at the newest one."""
        result = None
        if newest or self.last is None:
            result = self.looker.whole(commit, since="", all_refs=newest)
            batch = result.batch
        else:
            batch = self.looker.tree(commit, self.at)
            batch = replace(batch, observations=(*batch.observations, *self.secrets.gone(batch.observations)))
        if newest or self.last is None or not same(batch, self.last):
            self._tell(batch, when)
        self._remember(batch)
        self.at = commit
        return result if newest else None

    def _tell(self, batch: Batch, when: datetime) -> None:
        """From memory, or else what was told so far is written, and this commit goes the road of a push."""
        if self.chapter and self.chapter.tell(batch, self.at, at=when):
            return
        fits = self.chapter is None or self.chapter.fits
        if self.chapter:
            self.chapter.write()
        run = take(self.record or self.scan, self.repository, self.looker, batch, self.at, at=when)
        if self.record and run.state == RunState.HELD:
            actions.drop(run, actor=MACHINE)  # nobody sees it, so nobody can say that it may close
        self.chapter = self._begin() if fits else self.chapter

    def _begin(self) -> Chapter:
        return Chapter(self.record or self.scan, self.repository, self.looker, quiet=self.record is not None)


def same(one: Batch, other: Batch) -> bool:
    """Whether two batches say the same, whatever commit they say it of."""
    return (
        one.observations == other.observations
        and one.coverage.unreadable == other.coverage.unreadable
        and one.coverage.rules == other.coverage.rules
    )


def replay(repository: Repository, mirror: Mirror, commit: str, when: datetime) -> Run:
    """Scan one old commit as if it were that day."""
    scan = Scan.objects.create(repository=repository, kind=ScanKind.BACKFILL, commit=commit, actor=MACHINE)
    claimed = actions.claim(scan.pk)
    if claimed is None:
        Scan.objects.filter(pk=scan.pk, state=ScanState.QUEUED).update(state=ScanState.FAILED)
        raise GitError("another scan of this repository runs now")
    try:
        with leased(claimed) as progress:
            return story(claimed, mirror, commit, at=when, progress=progress)
    except GitError as error:
        actions.fail(claimed, str(error))
        raise
