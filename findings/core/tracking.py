"""What a batch means for what is known: the same findings, new ones, regressions, and absences with their reasons.

Pure and one-to-one. The passes and their order are in `core.pairing`; here rows are prepared for them and their
answer is turned into a `Tracked`. Findings with a key (a logical subject, or the keyed hash of a secret) are named by
rule and key; the same passes then only say which of their places is which.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter

from findings.core.drift import map_line, nearest_line
from findings.core.pairing import Pair, Pairing, Row
from findings.core.renaming import renamings
from findings.core.surroundings import Surroundings
from findings.core.types import (
    CLOSING,
    Absence,
    Coverage,
    Drift,
    Hold,
    Identity,
    Known,
    Match,
    Observation,
    Reason,
    Tracked,
)

NO_DRIFT = Drift()
MASS_FLOOR = 5  # open findings; below this a batch may lose more than half without a question, but not all

_known_order = attrgetter("path", "line", "finding", "occurrence")
_seen_order = attrgetter("path", "line", "message", "line_hash", "block_hash")
_place = attrgetter("finding", "occurrence")
_same = attrgetter("rule", "path", "line", "key", "line_hash", "message", "tool_id", "at_head")

Subjects = dict[tuple[str, str, bool], int]
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """What is known beforehand of the words of a batch: `stamps` of its observations, the observations without exact
    duplicates (`folded`), and which of these need not be looked at, since they are told as they were (`settled`).
    """

    stamps: Sequence[int]
    folded: Sequence[int]
    settled: Container[int] = frozenset()


def track(
    known: Sequence[Known],
    seen: Sequence[Observation],
    coverage: Coverage,
    drift: Drift = NO_DRIFT,
    words: Words | None = None,
) -> Tracked:
    """Pair what is known in the scope of a batch with what the batch saw.

    Exact duplicates in `seen` (same rule, key, place, text, message and tool id) are folded into the first of them;
    the others are not mentioned in the answer, nor are suppressed observations of nothing known. The answer does not
    depend on the order of the arguments, except between rows that are equal in everything compared. Linear in the
    rows, but for sorting. With `words` of which some are settled the answer is about the others, and `known` are those
    that these can be.
    """
    words = words or Words((), folded(seen))
    if not known:
        news = [index for index in words.folded if index not in words.settled and not seen[index].suppressed]
        return Tracked((), _groups(seen, news), (), {}, ())
    subjects: Subjects = {}
    present = [index for index, one in enumerate(known) if one.present]
    old = _old_rows(known, present, subjects, drift)
    new = _new_rows(seen, words, subjects, drift)
    pairing = Pairing(old, new, lambda index: _known_order(known[index]), lambda index: _seen_order(seen[index]))
    pairing.identify()
    pairing.compare()
    pairing.follow(lambda index: _reason(known[index], coverage, drift) in CLOSING)
    matches = [_match(pair, known, seen) for pair in pairing.pairs]
    matches += _named(pairing, known, seen)
    matches += _renamed(pairing, known, seen, {match.finding for match in matches}, coverage, drift)
    closed = _old_rows(known, _closed_hints(known), subjects, drift)
    texts = {row.line_hash for row in pairing.new.values() if row.line_hash} if closed else ()
    living = [*pairing.paired, *(_settled(seen, words, subjects, texts) if texts else ())]
    matches += _recognised(pairing, known, seen, closed, living, coverage, drift)
    matches.sort(key=lambda match: match.seen)
    ended, over, kept = _absences([known[index] for index in present], seen, matches, coverage, drift)
    return Tracked(tuple(matches), _groups(seen, pairing.new), ended, over, kept)


def health(
    known: Sequence[Known],
    seen: Sequence[Observation],
    tracked: Tracked,
    coverage: Coverage,
    explained: Container[int] = frozenset(),
    rules_before: frozenset[str] | None = None,
    others: int = 0,
) -> Hold:
    """Why the closings of a batch have to wait for a person, or `Hold.NONE`.

    `explained` are findings whose place was read and changed by a known commit: their closings are evidence, are not
    counted here and are never held. `rules_before` are the rules of the batch before this one (None: not known): a
    rule is lost once, not in every batch that follows. `others` counts open findings that are seen again and not among
    the `known`.
    """
    reasons = {absence.reason for absence in tracked.kept}
    if not coverage.complete and Reason.SCAN_FAILED in reasons:
        return Hold.SCAN_FAILED
    if Reason.RULE_GONE in reasons and _lost_rules(known, tracked, rules_before):
        return Hold.RULES_LOST
    unexplained = [finding for finding in tracked.closed if finding not in explained]
    if unexplained and not seen:
        return Hold.ZERO
    open_findings = len({one.finding for one in known if one.present}) + others
    if open_findings >= MASS_FLOOR and 2 * len(unexplained) > open_findings:
        return Hold.MASS
    return Hold.NONE


def _lost_rules(known: Sequence[Known], tracked: Tracked, rules_before: frozenset[str] | None) -> bool:
    gone = {absence.finding for absence in tracked.kept if absence.reason == Reason.RULE_GONE}
    return any(one.finding in gone and (rules_before is None or one.rule in rules_before) for one in known)


# Rows


def _name(one: Known | Observation) -> Name | None:
    """Rule and key of a finding that has a key; None for one that is known by hints only."""
    return (one.rule, one.key) if one.key and one.identity else None


def _subject(one: Known | Observation, subjects: Subjects) -> int:
    """A number for rule, key and side of history: a place at HEAD and a place in history are never the same place."""
    return subjects.setdefault((one.rule, one.key if one.identity else "", one.at_head), len(subjects))


def folded(seen: Sequence[Observation]) -> list[int]:
    """Indexes of the observations without exact duplicates. Of a duplicate, what is not suppressed is kept."""
    first: dict[object, int] = {}
    for index, one in enumerate(seen):
        kept = first.setdefault(_same(one), index)
        if seen[kept].suppressed and not one.suppressed:
            first[_same(one)] = index
    return list(first.values())


def _new_rows(seen: Sequence[Observation], words: Words, subjects: Subjects, drift: Drift) -> list[Row]:
    order, stamps = [index for index in words.folded if index not in words.settled], words.stamps
    if not order:
        return []
    tool_ids = Counter(seen[index].tool_id for index in words.folded)
    constant = _constant_names(seen[index].partial for index in words.folded)
    rows = []
    for index in order:
        one = seen[index]
        partial = one.partial
        if constant and not constant.isdisjoint(partial):
            partial = {name: value for name, value in partial.items() if name not in constant}
        diffed = one.at_head and one.path in drift.lines
        tool_id = one.tool_id if tool_ids[one.tool_id] == 1 else ""
        hints = tool_id, partial, one.line_hash, one.block_hash, one.shape, _around(one)
        said = stamps[index] if stamps else 0
        rows.append(Row(index, _subject(one, subjects), one.path, one.line, one.line, diffed, *hints, said))
    return rows


def _around(one: Known | Observation) -> Surroundings:
    return Surroundings(one.excerpt, one.line - one.excerpt_line)


def _constant_names(partials: Iterable[Mapping[str, str]]) -> set[str]:
    """Names of fingerprints that have one and the same value in several results: they tell nothing apart."""
    first: dict[str, str] = {}
    repeated: set[str] = set()
    varying: set[str] = set()
    for partial in partials:
        for name, value in partial.items():
            if name in varying:
                continue
            if name not in first:
                first[name] = value
            elif first[name] == value:
                repeated.add(name)
            else:
                varying.add(name)
    return repeated - varying


def _old_rows(known: Sequence[Known], order: Iterable[int], subjects: Subjects, drift: Drift) -> list[Row]:
    """Known places, carried to where the diff says they are now. Places in history do not move."""
    rows = []
    for index in order:
        one = known[index]
        path, line, near = one.path, one.line, one.line
        lines = None
        if one.at_head:
            path = drift.renames.get(path, path)
            lines = drift.lines.get(path)
        if lines and line:
            line, near = map_line(lines, line) or 0, nearest_line(lines, line)
        hints = one.tool_id, one.partial, one.line_hash, one.block_hash, one.shape, _around(one)
        said = one.said if one.present and lines is None and path == one.path else 0
        rows.append(Row(index, _subject(one, subjects), path, line, near, lines is not None, *hints, said))
    return rows


# Matches


def _match(pair: Pair, known: Sequence[Known], seen: Sequence[Observation]) -> Match:
    old, new = known[pair.old], seen[pair.new]
    moved = new.line - old.line if new.line and old.line else 0
    step = 1 if _name(old) else pair.step
    return Match(old.finding, old.occurrence, pair.new, step, moved, pair.ambiguous, regression=not old.present)


def _named(pairing: Pairing, known: Sequence[Known], seen: Sequence[Observation]) -> list[Match]:
    """New places of findings with a key, and the return of closed ones. Takes them out of what is left, and all that
    is suppressed with them.
    """
    findings: dict[Name, tuple[bool, int]] = {}
    for one in known:
        if name := _name(one):
            findings[name] = max(findings.get(name, (one.present, one.finding)), (one.present, one.finding))
    matches = []
    for index in list(pairing.new):
        name = _name(seen[index])
        present, finding = findings.get(name, (False, None)) if name else (False, None)
        if finding is not None and (present or not seen[index].suppressed):
            matches.append(Match(finding, 0, index, 1 if present else 8, regression=not present))
        if finding is not None or seen[index].suppressed:
            del pairing.new[index]
    return matches


def _renamed(
    pairing: Pairing,
    known: Sequence[Known],
    seen: Sequence[Observation],
    matched: set[int],
    coverage: Coverage,
    drift: Drift,
) -> list[Match]:
    """Findings whose key is gone and whose place goes on under a key that nobody knew. Takes it out of what is left."""
    old = {index: known[index] for index in pairing.old if known[index].finding not in matched}
    waiting = {one.finding for one in old.values() if _reason(one, coverage, drift) not in CLOSING}
    old = {index: one for index, one in old.items() if one.finding not in waiting}
    new = {index: seen[index] for index in pairing.new if _name(seen[index])}
    keys, places = renamings(old, new, drift, lambda one: _path_gone(one, coverage, drift))
    occurrences = {pair.new: known[pair.old].occurrence for pair in places}
    findings = {(one.rule, keys[one.finding]): one.finding for one in old.values() if one.finding in keys}
    matches = []
    for index in list(pairing.new):
        name = _name(seen[index])
        if name in findings:
            matches.append(Match(findings[name], occurrences.get(index, 0), index, 3, renamed=True))
            del pairing.new[index]
    return matches


def _recognised(
    pairing: Pairing,
    known: Sequence[Known],
    seen: Sequence[Observation],
    closed: Sequence[Row],
    living: Sequence[Row],
    coverage: Coverage,
    drift: Drift,
) -> list[Match]:
    """Closed findings that are back: where they were last, else where they were before that. A fix that is reverted
    together with a move brings the code back to the older place, while the last one goes on without it. A copy of code
    that goes on elsewhere (`living`) brings nothing back.
    """
    before, back = len(pairing.pairs), set[int]()
    for ago in sorted({known[row.index].ago for row in closed}):
        rows = [row for row in closed if known[row.index].ago == ago and known[row.index].finding not in back]
        pairing.old = {row.index: row for row in rows}
        pairing.recognise(lambda index: not known[index].ago and _path_gone(known[index], coverage, drift), living)
        back = {known[pair.old].finding for pair in pairing.pairs[before:]}
    return [_match(pair, known, seen) for pair in pairing.pairs[before:]]


def _settled(seen: Sequence[Observation], words: Words, subjects: Subjects, texts: Container[str]) -> Iterator[Row]:
    """Rows of what is told as it was and need not be looked at, as far as it stands in these texts."""
    for index in words.folded:
        one = seen[index]
        if one.line_hash in texts and index in words.settled:
            place = index, _subject(one, subjects), one.path, one.line, one.line, False, ""
            yield Row(*place, one.partial, one.line_hash, one.block_hash, one.shape, _around(one))


def _closed_hints(known: Sequence[Known]) -> list[int]:
    """Places of closed findings that have no key; a finding that is open in another place is not closed."""
    open_findings = {one.finding for one in known if one.present}
    return [
        index
        for index, one in enumerate(known)
        if not one.present and one.finding not in open_findings and not _name(one)
    ]


def _groups(seen: Sequence[Observation], left: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    """New findings: observations with the same rule and key together, every other one alone."""
    groups: dict[Name | int, list[int]] = {}
    for index in sorted(left):
        groups.setdefault(_name(seen[index]) or index, []).append(index)
    return tuple(tuple(group) for group in groups.values())


# Absences


def _reason(one: Known, coverage: Coverage, drift: Drift) -> Reason:
    """Why a place was not seen again, read off what the batch covered. A place in history has no file at HEAD."""
    path = drift.renames.get(one.path, one.path)
    if not coverage.complete:
        return Reason.SCAN_FAILED
    if one.rule in coverage.failed:
        return Reason.NOT_COVERED
    if coverage.rules is not None and one.rule not in coverage.rules:
        return Reason.RULE_GONE
    if not one.at_head:
        return Reason.FIXED
    if path in coverage.unreadable or one.path in coverage.unreadable or (not path and coverage.unreadable):
        return Reason.NOT_COVERED
    if path and coverage.paths is not None and path not in coverage.paths:
        # Where a folder became a submodule or a link, nobody knows what is in it now.
        return (
            Reason.NOT_COVERED if coverage.unreadable and _is_below(path, coverage.unreadable) else Reason.CODE_DELETED
        )
    # A file renamed to another kind of file is out of the rule's sight: nothing in it was repaired.
    return Reason.FIXED if _suffix(path) == _suffix(one.path) else Reason.CODE_DELETED


def _is_below(path: str, unreadable: frozenset[str]) -> bool:
    return bool(unreadable) and any(path[:at] in unreadable for at, mark in enumerate(path) if mark == "/")


def _kept(one: Known, reason: Reason, drift: Drift) -> Absence:
    """An absence that proves nothing, with the place carried along as far as the diff can tell."""
    if not one.at_head:
        return Absence(one.finding, one.occurrence, reason, one.path, one.line)
    path = drift.renames.get(one.path, one.path)
    lines = drift.lines.get(path)
    line = nearest_line(lines, one.line) if lines and one.line else one.line
    return Absence(one.finding, one.occurrence, reason, path, line)


def _path_gone(one: Known, coverage: Coverage, drift: Drift) -> bool:
    """Whether a tree was given, and the file is not in it under any name that is known."""
    path = drift.renames.get(one.path, one.path) if one.at_head else one.path
    return coverage.paths is not None and path not in coverage.paths


def _suffix(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2]


def _absences(
    present: Iterable[Known],
    seen: Sequence[Observation],
    matches: Iterable[Match],
    coverage: Coverage,
    drift: Drift,
) -> tuple[tuple[Absence, ...], dict[int, Reason], tuple[Absence, ...]]:
    """What became of the places that were not seen: ended, the last of a closed finding, or kept."""
    matched, again, gained = set(), set(), set()
    for match in matches:
        matched.add(match.finding)
        again.add((match.finding, match.occurrence))
        if not match.occurrence and seen[match.seen].at_head:
            gained.add(match.finding)
    missing: dict[int, list[tuple[Known, Reason]]] = {}
    for one in present:
        if (one.finding, one.occurrence) not in again:
            missing.setdefault(one.finding, []).append((one, _reason(one, coverage, drift)))
    ended: list[Absence] = []
    closed: dict[int, Reason] = {}
    kept: list[Absence] = []
    for finding, places in sorted(missing.items(), key=itemgetter(0)):
        reasons = {reason for _, reason in places}
        if finding not in matched and reasons <= CLOSING:
            if any(one.identity == Identity.SECRET and not one.rotated for one, _ in places):
                # Gone from the tree and from history is not rotated: only a person's word closes a secret.
                kept += [_kept(one, Reason.NOT_COVERED, drift) for one, _ in places]
            else:
                closed[finding] = Reason.FIXED if Reason.FIXED in reasons else Reason.CODE_DELETED
            continue
        for one, reason in places:
            if reason not in CLOSING:
                kept.append(_kept(one, reason, drift))
            else:
                ended.append(Absence(finding, one.occurrence, Reason.MOVED if finding in gained else reason))
    return tuple(sorted(ended, key=_place)), closed, tuple(sorted(kept, key=_place))
