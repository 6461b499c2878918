"""The book of a scope kept open over many runs: read once, then brought up to date by what each run wrote."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter

from django.db import models

from findings.actions.known import PASSING, Book, Ground
from findings.core.lineage import PLACES
from findings.core.types import Identity, Known, Proof
from findings.models import Component, Finding, Occurrence, Repository, Rule, State, Verdict

_pk = attrgetter("pk")


def state_of(finding: Finding) -> str:
    """What the database makes of its facts and its verdict."""
    return (finding.verdict or State.OPEN) if finding.present else State.FIXED


@dataclass(slots=True)
class LivingBook(Book):
    """A book with all of its objects opened. `ended`: the last place that a finding had in a file and has no more."""

    ground: Ground = field(kw_only=True)
    ended: dict[int, dict[str, Occurrence]] = field(default_factory=lambda: defaultdict(dict))
    _rows: dict[int, list[Known]] = field(default_factory=dict)
    _whole: bool = False
    _rules: dict[int, Rule] = field(init=False)
    _parts: dict[int, Component] = field(init=False)

    def __post_init__(self) -> None:
        self._rules = {rule.pk: rule for rule in self.ground.rules.values()}
        self._parts = {part.pk: part for part in self.ground.parts}

    def known(self) -> list[Known]:
        """One row for each place."""
        if not self._whole:
            self.rows, self._whole = list(chain.from_iterable(self._rows.values())), True
        return self.rows

    def open(self, keys: Collection[int], rules: Collection[Rule], parts: Collection[Component]) -> None:
        """They are open."""

    def take(self, rows: Iterable[models.Model]) -> set[int]:
        """Findings and places that are new or have changed. Answers which findings that makes new or changed."""
        turned: set[int] = set()
        for row in rows:
            if isinstance(row, Finding):
                self._meet(row)
                turned.add(row.pk)
            elif isinstance(row, Occurrence):
                self._put(row)
                turned.add(row.finding_id)
        for pk in turned:
            self._renew(pk)
        self._whole = self._whole and not turned
        return turned

    def _meet(self, finding: Finding) -> None:
        if self.findings.setdefault(finding.pk, finding) is finding:
            finding.rule = self._rules[finding.rule_id]
            finding.component = self._parts[finding.component_id]

    def _put(self, place: Occurrence) -> None:
        here = self._places_of[place.finding_id]
        if place.to_run_id is None:
            if place.pk not in self.places:
                self.places[place.pk] = place
                here.append(place)
            return
        if self.places.pop(place.pk, None):
            self._places_of[place.finding_id] = [one for one in here if one.pk != place.pk]
            self.placed.pop(place.pk, None)
        before = self.ended[place.finding_id].get(place.path)
        if before is None or before.pk < place.pk:
            self.ended[place.finding_id][place.path] = place

    def _renew(self, pk: int) -> None:
        """What tracking looks at, and what tells a change, of one finding."""
        finding, places = self.findings[pk], sorted(self._places_of[pk], key=_pk)
        rows = [_known(finding, place, finding.present) for place in places]
        for place in places:
            place.finding = finding
            self.placed[place.pk] = place.said, place.component_id
        self.told.pop(pk, None)
        if places:
            self.told[pk] = finding.said, finding.at_head, finding.component_id
        if finding.key == "" or not finding.present:
            last = sorted(self.ended[pk].values(), key=_pk, reverse=True)
            most = 1 if finding.key else PLACES
            rows += [
                _known(finding, place, False, ago) for ago, place in enumerate(last, 1 if places else 0) if ago < most
            ]
        self._rows[pk] = rows
        if finding.rotated and finding.key:
            self.settled.add(finding.key)


def _known(finding: Finding, place: Occurrence, present: bool, ago: int = 0) -> Known:
    return Known(
        finding=finding.pk,
        occurrence=place.pk if place.to_run_id is None else 0,
        rule=finding.rule.key,
        path=place.path,
        line=place.line,
        present=present,
        identity=Identity(finding.identity),
        key=finding.key,
        tool_id=place.tool_id,
        partial=place.partial,
        line_hash=place.line_hash,
        block_hash=place.block_hash,
        shape=place.shape,
        excerpt=place.excerpt,
        excerpt_line=place.excerpt_line,
        at_head=place.at_head,
        rotated=finding.rotated or finding.rule.proof != Proof.HISTORY or finding.properties.get("class") in PASSING,
        ago=ago,
    )


def load_living(repository: Repository, tool: str, category: str, ground: Ground) -> LivingBook:
    """The book of a scope with all of its objects, in four statements whatever its size."""
    book = LivingBook(ground=ground)
    found = Finding.objects.filter(repository=repository, rule__tool=tool, category=category)
    places = Occurrence.objects.filter(finding__in=found.order_by())
    last = places.exclude(to_run=None).order_by("finding_id", "path", "-id").distinct("finding_id", "path")
    rows: Sequence[models.Model] = [*found.order_by("pk"), *places.filter(to_run=None).order_by("pk"), *last]
    book.take(rows)
    said = Verdict.objects.filter(
        finding__in=[pk for pk, one in book.findings.items() if one.verdict], ended_at=None, asked=False
    )
    book.verdicts = {verdict.finding_id: verdict for verdict in said}
    return book
