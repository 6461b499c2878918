"""A repository's figures kept in memory over many runs: asked once, then brought up to date by what each run wrote."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from heapq import nsmallest
from typing import NamedTuple

from findings.actions.gathering import Gathering
from findings.actions.ledger import Ledger
from findings.actions.living import LivingBook, state_of
from findings.core.types import Priority
from findings.models import Evidence, Finding, Repository, Rule, State
from remediation.actions.board import Board
from remediation.actions.figures import Figures, Homeless, Proofs
from remediation.actions.grades import Alike, Scope, Subject, parts_beside, subjects
from remediation.core.grading import FELT
from remediation.models import Item, Placement

COUNTED = (State.OPEN, State.ACCEPTED)


class Kind(NamedTuple):
    """What problems that are alike have in common (see `Alike`)."""

    component: int
    rule: str
    priority: str
    due: date | None
    seen: datetime
    state: str
    item_due: date | None
    item_first_due: date | None


class LivingFigures(Figures):
    """The figures of a repository: those of one scope are counted from its book and from what a gathering holds, all
    others as they were in the beginning.
    """

    def __init__(self, repository: Repository, scope: Scope, book: LivingBook, gathering: Gathering) -> None:
        super().__init__(repository)
        self.scope, self.book, self.gathering = scope, book, gathering
        self._read = len(gathering.log)
        self._items: dict[int, Item] = {}
        self._on: dict[int, set[int]] = defaultdict(set)
        self._holds: dict[int, set[int]] = defaultdict(set)
        self._open: Counter[int] = Counter()
        self._state: dict[int, str] = {}
        self._loose: set[int] = set()
        self._kind: dict[int, Kind] = {}
        self._kinds: dict[Kind, set[int]] = defaultdict(set)
        self._told: dict[Kind, Alike] = {}

    def begin(self, board: Board) -> None:
        """Read it all, in a constant number of statements."""
        found = Finding.objects.filter(repository=self.repository, rule__tool=self.scope.tool)
        placed = Placement.objects.filter(finding__in=found.filter(category=self.scope.category).order_by())
        pairs = list(placed.values_list("item_id", "finding_id"))
        abroad = {item for item, _ in pairs} - board.items.keys()
        self._items = {**board.items, **(Item.objects.in_bulk(abroad) if abroad else {})}
        self._home = set(board.items)
        self._vows = set(Evidence.objects.filter(finding__in=found, kind="attested").values_list("pk", flat=True))
        for item, finding in pairs:
            self._place(item, finding)
        self._turn(self.book.findings)
        others = Figures(self.repository, beside=self.scope)
        self.others_homeless = list(others.homeless(self._home))
        self._others_still, self._others_proofs = others.still(self._home), others.proofs(self._home)
        self._elsewhere = super().elsewhere(self._home)
        self._parts = parts_beside(self.repository)
        for part in self._parts:
            if part.repository_id == self.repository.pk:
                part.repository = self.repository  # which is proven as soon as its first commit was taken
        self._others = others.kinds([part.pk for part in self._parts])

    def rules(self, keys: Collection[int]) -> dict[int, Rule]:
        """These rules."""
        known = {rule.pk: rule for rule in self.book.ground.rules.values()}
        return {key: known[key] for key in keys}

    def homeless(self, items: Collection[int]) -> Collection[Homeless]:
        """The kinds of open findings that are on no item of the repository's teams, as they were found."""
        return dict.fromkeys(kind for kind, _ in self._homeless())

    def house(
        self, items: Collection[int], homes: Mapping[Homeless, int], ledger: Ledger
    ) -> Collection[tuple[int, int]]:
        """Put them on the items for their kinds."""
        pairs = [(homes[kind], finding) for kind, finding in self._homeless()]
        [keys] = ledger.reserve((Placement, len(pairs)))
        rows = ((key, *pair) for key, pair in zip(keys, pairs, strict=True))
        ledger.copy(Placement, ("id", "item_id", "finding_id"), keys, rows)
        return pairs

    def _homeless(self) -> list[tuple[Homeless, int]]:
        self._catch_up()
        rows = [self.book.findings[pk] for pk in sorted(self._loose)]
        return [((one.component.team_id, one.rule_id, one.priority), one.pk) for one in rows]

    def still(self, items: Collection[int]) -> dict[int, int]:
        """Of those of the items that have findings: how many are open."""
        self._catch_up()
        mine = {item: self._open[item] for item, held in self._holds.items() if held and item in self._home}
        both = mine.keys() | self._others_still.keys()
        return {item: mine.get(item, 0) + self._others_still.get(item, 0) for item in both}

    def proofs(self, items: Collection[int]) -> dict[int, Proofs]:
        """What closed the findings of these items, of those that have any closed ones."""
        self._catch_up()
        found = {}
        for item in items:
            held = (self.book.findings[pk] for pk in self._holds[item] if self._state[pk] == State.FIXED)
            last = [one.evidence_id for one in held if one.evidence_id]
            n, vows, newest = self._others_proofs.get(item, (0, 0, 0))
            if last or n:
                vowed = sum(proof in self._vows for proof in last)
                found[item] = Proofs(n + len(last), vows + vowed, max([newest, *last]))
        return found

    def elsewhere(self, items: Collection[int]) -> set[int]:
        """Those of the items that still have open findings of another repository."""
        return self._elsewhere.intersection(items)

    def subjects(self) -> list[Subject]:
        """What a batch is graded for."""
        return subjects(self.repository, self._parts)

    def kinds(self, parts: Collection[int]) -> list[Alike]:
        """The problems of these components."""
        self._catch_up()
        for kind, keys in self._kinds.items():
            if kind not in self._told:
                first = nsmallest(FELT[Priority(kind.priority)], keys)
                self._told[kind] = Alike(*kind, n=len(keys), keys=first)
        return [one for one in (*self._others, *self._told.values()) if one.component in parts]

    # What runs did

    def _catch_up(self) -> None:
        turned: set[int] = set()
        for row in self.gathering.log[self._read :]:
            if isinstance(row, Item):
                self._items[row.pk] = row
                self._home.add(row.pk)
                turned |= self._holds[row.pk]
            elif isinstance(row, Placement):
                self._place(row.item_id, row.finding_id)
                turned.add(row.finding_id)
            elif isinstance(row, Finding):
                turned.add(row.pk)
        self._read = len(self.gathering.log)
        self._turn(turned)

    def _place(self, item: int, finding: int) -> None:
        if item not in self._on[finding]:
            self._on[finding].add(item)
            self._holds[item].add(finding)
            self._open[item] += self._state.get(finding) == State.OPEN

    def _turn(self, findings: Iterable[int]) -> None:
        for pk in findings:
            finding = self.book.findings[pk]
            state, before = state_of(finding), self._state.get(pk)
            self._state[pk] = state
            for item in self._on[pk]:
                self._open[item] += (state == State.OPEN) - (before == State.OPEN)
            if state == State.OPEN and self._home.isdisjoint(self._on[pk]):
                self._loose.add(pk)
            else:
                self._loose.discard(pk)
            self._sort(finding, state)

    def _sort(self, finding: Finding, state: str) -> None:
        """Put a finding with those it is alike."""
        kind = self._kind_of(finding, state) if state in COUNTED else None
        before = self._kind.pop(finding.pk, None)
        if kind:
            self._kind[finding.pk] = kind
        if kind == before:
            return
        if before:
            self._kinds[before].discard(finding.pk)
            self._told.pop(before, None)
            if not self._kinds[before]:
                del self._kinds[before]
        if kind:
            self._kinds[kind].add(finding.pk)
            self._told.pop(kind, None)

    def _kind_of(self, finding: Finding, state: str) -> Kind:
        items = [one for pk in self._on[finding.pk] if (one := self._items[pk]).settled_at is None]
        return Kind(
            finding.component_id,
            finding.rule.key,
            finding.priority,
            finding.due,
            finding.first_seen_at,
            str(state),
            min((one.due for one in items if one.due), default=None),
            min((one.first_due for one in items if one.first_due), default=None),
        )


def living(board: Board, scope: Scope, book: LivingBook, gathering: Gathering) -> LivingFigures:
    """Figures for a board, which asks them from now on."""
    figures = LivingFigures(board.repository, scope, book, gathering)
    figures.begin(board)
    board.figures = figures
    return figures
