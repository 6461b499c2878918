"""What the database knows about the things a batch speaks of, in the shape tracking takes."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform

from findings.core.hashing import stamp
from findings.core.lineage import PLACES
from findings.core.ownership import owner_of
from findings.core.types import Absence, Identity, Known, Match, Observation, Proof
from findings.models import Component, Finding, Occurrence, Rule, Run, Verdict

_encode = json.JSONEncoder(sort_keys=True, default=str).encode
Owner = Callable[[str], Component]
CHUNK = 10_000

# What is read of every place, in the order `_read` takes it; all else is read of those only that change.
_PLACE = ("pk", "path", "line", "tool_id", "partial", "line_hash", "block_hash", "shape", "excerpt", "excerpt_line")
_STATE = ("at_head", "component_id", "to_run_id", "said", "finding_id", "finding__rule__key", "finding__present")
_FINDING = ("finding__identity", "finding__key", "finding__rotated", "finding__at_head", "finding__component_id")
_LAST = ("finding__said", "finding__rule__proof", "kind")
PASSING = ("dev", "test")  # classes of secrets that are nothing to rotate


@dataclass(slots=True)
class Book:
    """The findings of one scope (repository, tool, category) with their places: present ones, and the last ones that a
    finding had before, as hints for regressions.

    `rows` is what tracking looks at. `placed` and `told` hold what tells a change: (stamp, component) of each present
    place, and (stamp, at HEAD, component) of each present finding. `same` are findings that are told as they were, of
    which nothing else is here. `owner` is given where it is known. Objects are there for what was `open`ed only.
    """

    rows: list[Known] = field(default_factory=list)
    placed: dict[int, tuple[int, int]] = field(default_factory=dict)
    told: dict[int, tuple[int, bool, int]] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    same: Collection[int] = ()
    owner: Owner | None = None
    findings: dict[int, Finding] = field(default_factory=dict)
    places: dict[int, Occurrence] = field(default_factory=dict)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    _places_of: dict[int, list[Occurrence]] = field(default_factory=lambda: defaultdict(list))

    def known(self) -> list[Known]:
        """One row for each place."""
        return self.rows

    def places_of(self, finding: int) -> list[Occurrence]:
        """The places that an opened finding has now."""
        return [place for place in self._places_of[finding] if place.to_run_id is None]

    def open(self, keys: Collection[int], rules: Collection[Rule], parts: Collection[Component]) -> None:
        """Read these findings whole, with their present places and verdicts, and hold them until the transaction ends;
        in the order of their keys, so that two who hold many cannot wait for each other.
        """
        if not keys:
            return
        by_key, components = {rule.pk: rule for rule in rules}, {part.pk: part for part in parts}
        rows = Finding.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
        for finding in rows:
            finding.rule = by_key[finding.rule_id]
            finding.component = components[finding.component_id]
            self.findings[finding.pk] = finding
        for place in Occurrence.objects.filter(finding__in=keys, to_run=None).order_by("pk"):
            place.finding = self.findings[place.finding_id]
            self.places[place.pk] = place
            self._places_of[place.finding_id].append(place)
        if any(finding.verdict for finding in self.findings.values()):
            self.verdicts = {
                v.finding_id: v for v in Verdict.objects.filter(finding__in=keys, ended_at=None, asked=False)
            }

    def differing(self, matches: Iterable[Match], seen: Sequence[Observation], owner: Owner) -> set[int]:
        """The findings that these matches change in any way."""
        groups: dict[int, list[Match]] = defaultdict(list)
        for match in matches:
            if match.finding not in self.same:
                groups[match.finding].append(match)
        return {finding for finding, group in groups.items() if self._differs(finding, group, seen, owner)}

    def _differs(self, finding: int, group: Sequence[Match], seen: Sequence[Observation], owner: Owner) -> bool:
        if any(match.regression or match.renamed or not match.occurrence for match in group):
            return True
        places = [seen[match.seen] for match in group]
        for match, one in zip(group, places, strict=True):
            if self.placed.get(match.occurrence) != (place_stamp(one), owner(one.path).pk):
                return True
        now = finding_stamp(places), any(one.at_head for one in places), owner(first_of(places).path).pk
        return self.told.get(finding) != now

    def carried(self, kept: Iterable[Absence]) -> set[int]:
        """The findings of places that were not looked at, and that the diff moved all the same."""
        told = [absence for absence in kept if absence.path]
        places = {row.occurrence: (row.path, row.line) for row in self.rows} if told else {}
        return {a.finding for a in told if places.get(a.occurrence) != (a.path, a.line)}


def first_of(places: Sequence[Observation]) -> Observation:
    """The place that speaks for a finding."""
    return min(places, key=lambda o: (not o.at_head, o.path, o.line)) if len(places) > 1 else places[0]


def gravest_of(places: Sequence[Observation]) -> Observation:
    """The place that tells how bad a finding is: a credential of local development may stand in a manifest as well."""
    return min(places, key=lambda o: (o.priority, not o.at_head, o.path, o.line)) if len(places) > 1 else places[0]


def finding_stamp(places: Sequence[Observation]) -> int:
    """Equal where a batch says the same of a finding as another."""
    gravest = gravest_of(places)
    return stamp(gravest.priority, gravest.message, _said(gravest.properties))


def place_stamp(one: Observation) -> int:
    """Equal where a batch says the same of a place as another."""
    return stamp(
        one.rule, one.key, one.priority, one.path, one.message, one.line_hash, one.block_hash, one.shape, one.tool_id,
        one.commit, one.excerpt, _said(one.partial), _said(one.properties),
        f"{one.line},{one.end_line},{one.excerpt_line},{one.at_head}",
    )  # fmt: skip


def _said(values: Any) -> str:
    if not values:
        return ""
    if len(values) == 1:
        [(name, value)] = values.items()
        if value.__class__ is str:
            return f"{name}\x1e{value}"
    return _encode(values)


def owners(repository: int) -> tuple[Owner, list[Component]]:
    """Whose a path is, and the components of the repository."""
    parts = list(Component.objects.filter(repository=repository).select_related("team"))
    default = next(part for part in parts if part.is_default)
    return owner_of([(part, part.paths) for part in parts if not part.is_default], default), parts


@dataclass(frozen=True, slots=True)
class Ground:
    """What a run stands on: the rules of its tool by key, whose a path is, and the components of the repository."""

    rules: Mapping[str, Rule]
    owner: Owner
    parts: Sequence[Component]


def ground_of(repository: int, tool: str) -> Ground:
    """The ground as it is now, in two statements."""
    return Ground({rule.key: rule for rule in Rule.objects.filter(tool=tool)}, *owners(repository))


def load(run: Run, places: Collection[int] | None = None) -> Book:
    """The book of a run's scope, in one statement; with `places` only these and what is closed."""
    book = Book()
    # Joined by their tool, the rules are taken for one, and what is true of one is looked up for each of forty.
    ours = RawSQL(
        "findings_finding.rule_id = ANY(ARRAY(SELECT id FROM findings_rule WHERE tool = %s))",
        [run.tool],
        BooleanField(),
    )
    scope = Occurrence.objects.filter(ours, finding__repository=run.repository_id, finding__category=run.category)
    # A finding with a key is known by that; of one without, the last place in each file says what it was.
    over, present = scope.exclude(to_run=None), scope.filter(to_run=None)
    if places is None:
        over = over.filter(Q(finding__present=False) | Q(finding__key=""))
    else:
        over = over.filter(finding__present=False)
        # One list, of which the planner knows how long it is: else it reads all places to find a few.
        these = RawSQL("findings_occurrence.id = ANY(%s::bigint[])", [list(places)], BooleanField())
        present = Occurrence.objects.filter(these, to_run=None)
    last = over.order_by("finding_id", "path", "-id").distinct("finding_id", "path")
    _read(book, present, last)
    return book


def _read(book: Book, current: QuerySet[Occurrence], last: QuerySet[Occurrence]) -> None:
    texts: dict[str, str] = {}  # the same paths and rules come thousands of times
    words = {str(identity): identity for identity in Identity}
    past: list[tuple[int, Known]] = []
    for row in _raw(current, last):
        pk, path, line, tool_id, partial, line_hash, block_hash, shape, excerpt, excerpt_line, *rest = row
        at_head, component, over, said, finding, rule, present, identity, key, rotated, head, owner, *more = rest
        told, proof, kind = more
        if rotated and key:
            book.settled.add(key)
        if over is None:
            book.placed[pk] = said, component
            book.told[finding] = told, head, owner
        known = Known(
            finding,
            pk if over is None else 0,
            texts.setdefault(rule, rule),
            texts.setdefault(path, path),
            line,
            present and over is None,
            words[identity],
            key,
            tool_id,
            json.loads(partial),
            line_hash,
            block_hash,
            shape,
            excerpt,
            excerpt_line,
            at_head,
            rotated or proof != Proof.HISTORY or kind in PASSING,
            said=said,
        )
        if over is None:
            book.rows.append(known)
        else:
            past.append((pk, known))
    book.rows += _numbered(past, book.told)


def _numbered(past: Iterable[tuple[int, Known]], placed: Container[int]) -> Iterator[Known]:
    """The newest few of the places that each finding had; of one with a key the newest, where it has none now."""
    counts: Counter[int] = Counter()
    for _, row in sorted(past, key=itemgetter(0), reverse=True):
        ago = counts[row.finding] + (row.finding in placed)
        counts[row.finding] += 1
        if ago < (1 if row.key else PLACES):
            yield replace(row, ago=ago) if ago else row


def _raw(*places: QuerySet[Occurrence]) -> Iterator[Sequence[Any]]:
    """Rows of places as the database sends them, JSON as text: hundreds of thousands, none of which is kept."""
    kind = KeyTextTransform("class", "finding__properties")
    parts = [
        p.annotate(kind=kind).values_list(*_PLACE, *_STATE, *_FINDING, *_LAST).query.sql_with_params() for p in places
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"({text})" for text, _ in parts), [v for _, values in parts for v in values])
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def lasting(rule: Rule, properties: Mapping[str, Any]) -> bool:
    """Whether a finding outlives its code: a real secret, until it is rotated. One of a test or of local development
    is nothing to rotate, so it closes when it is gone.
    """
    return rule.proof == Proof.HISTORY and properties.get("class") not in PASSING


def speakable(observations: Sequence[Observation], book: Book) -> tuple[Observation, ...]:
    """The observations that may say something: what only history holds of a rotated secret is settled."""
    if not book.settled:
        return tuple(observations)
    return tuple(o for o in observations if o.at_head or o.key not in book.settled)
