"""Turns a tracked batch into rows: the only place that changes what the machine says of a finding.

What the batch only confirms is not read and not written; what is new goes in by COPY, without objects.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from findings.actions import bulk
from findings.actions.known import (
    Book,
    Ground,
    finding_stamp,
    first_of,
    gravest_of,
    lasting,
    place_stamp,
)
from findings.actions.ledger import Ledger
from findings.core.types import Absence, Batch, Grounds, Match, Observation, Reason, Tracked
from findings.events import FOUND_TOGETHER, about, event
from findings.models import Component, Evidence, Finding, Occurrence, Rule, Run

FLAPPING = timedelta(days=14)
MANY = 1_000  # findings that are new or say something else
PLACE_FIELDS = ("path", "line", "end_line", "message", "at_head", "commit", "line_hash", "block_hash", "shape")
TITLE, LABEL = 500, 300  # characters

# What a batch says of a new finding and of its places, in the order it is written.
FINDING = (
    "id", "repository_id", "component_id", "rule_id", "category", "identity", "key", "title", "message", "priority",
    "properties", "at_head", "in_history", "first_seen_at", "first_seen_commit", "said",
)  # fmt: skip
PLACE = (
    "id", "finding_id", "component_id", "from_run_id", "path", "line", "end_line", "message", "at_head", "commit",
    "line_hash", "block_hash", "shape", "tool_id", "partial", "excerpt", "excerpt_line", "properties", "said",
    "rule_ref",
)  # fmt: skip

# The first event of each new finding, as `events.about` would have it.
FOUND = """
SELECT %(at)s, %(actor)s, 'found', 'finding:' || f.id, left(f.title, 300), '{}'::jsonb, '{}'::jsonb, c.team_id,
    f.repository_id, %(run)s
FROM unnest(%(first)s::bigint[], %(last)s::bigint[]) AS made (first, last)
JOIN findings_finding f ON f.id BETWEEN made.first AND made.last
JOIN findings_component c ON c.id = f.component_id
"""


class Writer:
    """One run's writes. `counts` says how many findings met which fate, as written (not as planned)."""

    def __init__(
        self, run: Run, book: Book, batch: Batch, ledger: Ledger, ground: Ground, *, at: datetime, actor: str
    ) -> None:
        self.run, self.book, self.seen, self.ledger = run, book, batch.observations, ledger
        self.at, self.actor = at, actor
        self.rules, self.owner, self.parts = ground.rules, ground.owner, ground.parts
        self.counts: dict[str, int] = dict.fromkeys(("new", "again", "moved", "back", "fixed", "deleted"), 0)

    def open(self, tracked: Tracked) -> Sequence[Match]:
        """Read what the batch changes, and hold it. Answers the matches that change something."""
        changed = self.book.differing(tracked.matches, self.seen, self.owner)
        if len(changed) + len(tracked.new) >= MANY:
            bulk.expect_many()
        absent = {absence.finding for absence in tracked.ended} | self.book.carried(tracked.kept)
        self.book.open(changed | absent | tracked.closed.keys(), self.rules.values(), self.parts)
        return [match for match in tracked.matches if match.finding in changed]

    # What is new

    def add(self, groups: Sequence[tuple[int, ...]]) -> None:
        """Make a finding of each group of observations."""
        if not groups:
            return
        keys, places = self.ledger.reserve((Finding, len(groups)), (Occurrence, sum(map(len, groups))))
        names, rest = _columns(Finding, FINDING)
        self.ledger.copy(Finding, names, keys, self._findings(keys, groups, rest))
        pairs = [(key, index) for key, group in zip(keys, groups, strict=True) for index in group]
        names, rest = _columns(Occurrence, PLACE)
        self.ledger.copy(Occurrence, names, places, self._places(places, pairs, rest))
        if len(groups) < MANY:
            first, last = zip(*bulk.stretches(keys), strict=True)
            made = {"at": self.at, "actor": self.actor, "run": self.run.pk, "first": list(first), "last": list(last)}
            self.ledger.tell(FOUND, made, self._found(keys, groups))
        else:
            self._tell_together(keys, groups)
        self.counts["new"] = len(groups)

    def _tell_together(self, keys: Sequence[int], groups: Sequence[tuple[int, ...]]) -> None:
        """One event for each team, that all these findings begin their history with (`EventQuerySet.of_finding`)."""
        teams = Counter(self.owner(first_of([self.seen[index] for index in group]).path).team_id for group in groups)
        stretches = list(bulk.stretches(keys))
        self.ledger.events += [
            event(
                FOUND_TOGETHER,
                f"run:{self.run.pk}",
                actor=self.actor,
                label=str(self.run),
                team=team,
                repository=self.run.repository_id,
                run=self.run,
                after={"findings": count, "keys": stretches},
                at=self.at,
            )
            for team, count in teams.items()
        ]

    def _findings(
        self, keys: Sequence[int], groups: Sequence[tuple[int, ...]], rest: tuple[Any, ...]
    ) -> Iterator[Sequence[Any]]:
        """Rows of `FINDING`, then what a finding holds where nothing is said."""
        run = self.run
        for key, group in zip(keys, groups, strict=True):
            seen = [self.seen[index] for index in group]
            first, gravest = first_of(seen), gravest_of(seen)
            rule, at_head = self.rules[first.rule], any(one.at_head for one in seen)
            yield (
                key, run.repository_id, self.owner(first.path).pk, rule.pk, run.category, first.identity, first.key,
                _title(gravest, rule), gravest.message, gravest.priority, bulk.dump(gravest.properties),
                at_head, lasting(rule, gravest.properties), self.at, run.commit, finding_stamp(seen), *rest,
            )  # fmt: skip

    def _places(
        self, keys: Sequence[int], pairs: Sequence[tuple[int, int]], rest: tuple[Any, ...]
    ) -> Iterator[Sequence[Any]]:
        """Rows of `PLACE`, then what a place holds where nothing is said."""
        run = self.run.pk
        for key, (finding, index) in zip(keys, pairs, strict=True):
            one = self.seen[index]
            yield (
                key, finding, self.owner(one.path).pk, run, one.path, one.line, one.end_line, one.message, one.at_head,
                one.commit, one.line_hash, one.block_hash, one.shape, one.tool_id[:300], bulk.dump(one.partial),
                one.excerpt, one.excerpt_line, bulk.dump(one.properties), place_stamp(one),
                self.rules[one.rule].pk, *rest,
            )  # fmt: skip

    def _found(self, keys: Sequence[int], groups: Sequence[tuple[int, ...]]) -> Iterator[Sequence[Any]]:
        """What `FOUND` finds."""
        repository, run = self.run.repository_id, self.run.pk
        for key, group in zip(keys, groups, strict=True):
            first = first_of([self.seen[index] for index in group])
            gravest = gravest_of([self.seen[index] for index in group])
            label, team = _title(gravest, self.rules[first.rule])[:LABEL], self.owner(first.path).team_id
            yield self.at, self.actor, "found", f"finding:{key}", label, "{}", "{}", team, repository, run

    def _place(self, finding: Finding, seen: Observation, match: Match) -> Occurrence:
        return Occurrence(
            finding=finding,
            rule_ref=finding.rule_id,
            from_run=self.run,
            step=match.step,
            moved=match.moved,
            ambiguous=match.ambiguous,
            **self._place_fields(seen),
        )

    def _place_fields(self, seen: Observation) -> dict[str, Any]:
        fields = {name: getattr(seen, name) for name in PLACE_FIELDS}
        return fields | {
            "component_id": self.owner(seen.path).pk,
            "tool_id": seen.tool_id[:300],
            "partial": dict(seen.partial),
            "excerpt": seen.excerpt,
            "excerpt_line": seen.excerpt_line,
            "properties": dict(seen.properties),
            "said": place_stamp(seen),
        }

    # What was seen again

    def match(self, matches: Sequence[Match], grounds: Mapping[int, Grounds]) -> None:
        """Take over places, and bring back what was closed."""
        made: list[Occurrence] = []
        back: dict[int, Match] = {}
        groups: dict[int, list[Observation]] = defaultdict(list)
        for m in matches:
            seen = self.seen[m.seen]
            if m.renamed:
                title = seen.message.strip().split("\n")[0][:500]
                self.ledger.update(self.book.findings[m.finding], key=seen.key, title=title)
            groups[m.finding].append(seen)
            if m.regression:
                back[m.finding] = m
            made += self._follow(m, seen)
        self.ledger.create(made)
        self._refresh(groups, back)
        reopened = [self.book.findings[pk] for pk in back if not self.book.findings[pk].flapping]
        self._reopen(reopened, groups, grounds)
        self.counts["moved"] = len({m.finding for m in matches if m.elsewhere} - set(back))

    def _follow(self, m: Match, seen: Observation) -> list[Occurrence]:
        """Update a place in place where only lines moved; another path ends the interval and begins one."""
        finding, old = self.book.findings[m.finding], self.book.places.get(m.occurrence)
        if old is None:
            return [self._place(finding, seen, m)]
        if old.path != seen.path or old.at_head != seen.at_head:
            self.ledger.update(old, to_run_id=self.run.pk)
            return [self._place(finding, seen, m)]
        fields = self._place_fields(seen)
        if any(getattr(old, name) != value for name, value in fields.items()):
            self.ledger.update(old, step=m.step, moved=m.moved, ambiguous=m.ambiguous, **fields)
        return []

    def _refresh(self, groups: Mapping[int, list[Observation]], back: Mapping[int, Match]) -> None:
        for pk, seen in groups.items():
            finding = self.book.findings[pk]
            first, gravest = first_of(seen), gravest_of(seen)
            self._lapse(finding, first)
            fields: dict[str, Any] = {
                "priority": gravest.priority,
                "message": gravest.message,
                "properties": dict(gravest.properties),
                "said": finding_stamp(seen),
            }
            owner = self.owner(first.path)
            if owner.pk != finding.component_id:
                self._hand_over(finding, owner)
            if pk not in back:
                fields["at_head"] = any(o.at_head for o in seen)
                fields["in_history"] = lasting(finding.rule, gravest.properties)
            self.ledger.update(finding, **fields)

    def _lapse(self, finding: Finding, seen: Observation) -> None:
        """A verdict was said about a code block: it ends when the block changes."""
        if not finding.verdict:
            return
        verdict = self.book.verdicts.get(finding.pk)
        if verdict and verdict.block_hash and seen.block_hash and verdict.block_hash != seen.block_hash:
            self.ledger.update(verdict, ended_at=self.at, ended_by=self.actor)
            self.ledger.update(finding, verdict="")
            self._tell("verdict lapsed", [finding], before={"verdict": verdict.verdict})

    def _hand_over(self, finding: Finding, owner: Component) -> None:
        before = {"component": finding.component.name, "team": finding.component.team_id}
        self.ledger.update(finding, component_id=owner.pk)
        finding.component = owner
        self._tell("changed owner", [finding], before=before, after={"component": owner.name, "team": owner.team_id})

    def _reopen(
        self, findings: list[Finding], groups: Mapping[int, list[Observation]], grounds: Mapping[int, Grounds]
    ) -> None:
        proofs = [self._evidence(f, grounds[f.pk], closes=False) for f in findings if f.pk in grounds]
        self.ledger.create(proofs)
        for f in findings:
            flaps = f.reopened_at is not None and self.at - f.reopened_at <= FLAPPING
            self.ledger.update(
                f,
                present=True,
                at_head=any(o.at_head for o in groups[f.pk]),
                in_history=lasting(f.rule, f.properties),
                evidence_id=None,
                fixed_at=None,
                reopened=f.reopened + 1,
                reopened_at=self.at,
                flapping=flaps,
            )
            if flaps:
                self._tell("flapping", [f])
        self.counts["back"] = len(findings)
        by_finding = {p.finding_id: p for p in proofs}
        for f in findings:
            proof = by_finding.get(f.pk)
            self._tell("came back", [f], after={"commit": proof.commit if proof else self.run.commit})

    # What is over

    def end(self, absences: Iterable[Absence]) -> None:
        """End places of findings that live on elsewhere."""
        for a in absences:
            if place := self.book.places.get(a.occurrence):
                self.ledger.update(place, to_run_id=self.run.pk)

    def keep(self, absences: Iterable[Absence]) -> None:
        """Carry along places that could not be looked at: their lines move and their files are renamed all the same."""
        for a in absences:
            place = self.book.places.get(a.occurrence)
            if place and a.path and (place.path, place.line) != (a.path, a.line):
                self.ledger.update(place, path=a.path, line=a.line, said=0)

    def close(self, closed: Mapping[int, Reason], grounds: Mapping[int, Grounds]) -> None:
        """Close what is gone and has grounds. A flapping finding waits for a person."""
        findings = [self.book.findings[pk] for pk in closed if pk in grounds and not self.book.findings[pk].flapping]
        lasts = {f.pk: lasting(f.rule, f.properties) for f in findings}
        findings = [f for f in findings if f.rotated or not lasts[f.pk]]
        proofs = self.ledger.create(self._evidence(f, grounds[f.pk], closes=True) for f in findings)
        for f, proof in zip(findings, proofs, strict=True):
            for place in self.book.places_of(f.pk):
                self.ledger.update(place, to_run_id=self.run.pk)
            self.ledger.update(
                f, present=False, at_head=False, in_history=lasts[f.pk], evidence_id=proof.pk, fixed_at=self.at
            )
            self.counts["deleted" if proof.kind == "deleted" else "fixed"] += 1
            self._tell("closed", [f], after={"commit": proof.commit, "kind": proof.kind})

    def _evidence(self, finding: Finding, g: Grounds, *, closes: bool) -> Evidence:
        return Evidence(
            finding=finding,
            closes=closes,
            kind=g.kind,
            run=self.run,
            commit=g.commit,
            author=g.author[:200],
            subject=g.subject[:300],
            committed_at=parse_datetime(g.committed_at) if g.committed_at else None,
            rule_version=finding.rule.version,
            path=g.path,
            hunk=g.hunk,
            file_hash=g.file_hash,
            at=self.at,
        )

    def _tell(self, verb: str, findings: Iterable[Finding], **fields: Any) -> None:
        self.ledger.events += [about(f, verb, actor=self.actor, run=self.run, at=self.at, **fields) for f in findings]


def _columns(model: type[Finding] | type[Occurrence], said: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The names of all columns, those that are said first, and the values of the others."""
    rest = {name: value for name, value in bulk.defaults(model).items() if name not in said}
    return (*said, *rest), tuple(rest.values())


def _title(seen: Observation, rule: Rule) -> str:
    return (seen.message.strip().split("\n")[0] or rule.title)[:TITLE]
