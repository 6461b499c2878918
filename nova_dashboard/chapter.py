"""A stretch of commits that is told from memory: what is known is read once, and what they say is written together."""

from dataclasses import replace
from datetime import datetime

from findings import actions
from findings.actions import batches
from findings.actions.gathering import Gathering, GatheringLedger
from findings.actions.known import Ground, ground_of
from findings.actions.living import LivingBook, load_living
from findings.core.rules import TOOL
from findings.core.types import Batch
from findings.events import MACHINE
from findings.models import Repository, Run, Scan
from nova_dashboard.story import Looker, planned
from remediation.actions import board as boards
from remediation.actions.board import Board
from remediation.actions.follow import follow
from remediation.actions.grades import Scope
from remediation.actions.living import living


class Chapter:
    """Call it in one transaction that holds the repository's lock, from the beginning until it is written. `quiet`: the
    log does not hear of it.
    """

    def __init__(self, scan: Scan, repository: Repository, looker: Looker, *, quiet: bool = False) -> None:
        self.scan, self.repository, self.looker, self.quiet = scan, repository, looker, quiet
        self.gathering = Gathering()
        self.last: Run | None = None
        self._open()

    def _open(self) -> None:
        """Read what is known. `fits`: not where reviews speak of the repository, or another tool left findings without
        an item, for those are settled by the database.
        """
        repository = self.repository
        self.ground: Ground = ground_of(repository.pk, TOOL)
        self.book: LivingBook = load_living(repository, TOOL, "", self.ground)
        self.board: Board = boards.load(repository)
        self.fits = not self.board.spoken()
        if self.fits:
            figures = living(self.board, Scope(repository.pk, TOOL, ""), self.book, self.gathering)
            self.fits = not figures.others_homeless

    def tell(self, batch: Batch, old: str, *, at: datetime) -> bool:
        """Take what a commit's batch says, as `story.take` does. Answers whether that can be done here."""
        if self.fits and not self._knows(batch) and self.last is None:
            batches.upsert_rules(batch)
            self._open()
        if not self.fits or not self._knows(batch):
            return False
        run = batches.new_run(self.scan, replace(batch, branch=self.repository.default_branch), actor=MACHINE, at=at)
        plan = planned(self.looker, run, self.book, batch, old)
        if plan.held:
            return False
        [run.pk] = self.gathering.keys(Run, 1)
        ledger, known = GatheringLedger(run, self.gathering), len(self.gathering.log)
        batches.carry(run, plan, ledger, self.ground, actor=MACHINE, at=at)
        ledger.save()
        self.book.take(self.gathering.log[known:])
        self.repository.proven_commit, self.repository.proven_at = run.commit, run.observed_at
        follow(run, ledger, at=at, board=self.board)
        self.gathering.add(run)
        self.last = run
        return True

    def write(self) -> None:
        """Send what was told. Raises `Crossed` where somebody changed one of its rows meanwhile."""
        if self.quiet:
            self.gathering.events = []
        self.gathering.write()
        if self.last:
            actions.prove_by(self.repository, self.last)

    def _knows(self, batch: Batch) -> bool:
        """Whether the rules of a batch are in the database as it names them."""
        known = self.ground.rules
        return all(one.rule in known for one in batch.observations) and all(
            (rule := known.get(one.key))
            and (one.title, one.priority, one.proof, one.help, one.version)
            == (rule.title, rule.priority, rule.proof, rule.help, rule.version)
            for one in batch.rules
        )
