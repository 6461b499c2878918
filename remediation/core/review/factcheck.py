"""The report against the code: what a finding states of places and counts, and what the last scan saw of it. Pure.

A claim is tested by the rules linked to its finding; where none is, only the files it names can be looked for.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from remediation.core.review.words import fold
from remediation.core.scope import covers
from remediation.core.types import LinkProposal, Place, ReviewFinding

SURE = 0.5
"""Links proposed with less confidence test nothing."""


NO_PLACE = Place("")
NAMES = re.compile(r"[a-z]{4,}")
"""Words long enough to name a thing, in titles and in paths."""


class Answer(StrEnum):
    """What became of a claim."""

    CONFIRMED = "confirmed"
    MOVED = "moved"
    NOT_FOUND = "not found"
    COUNT = "different count"
    UNTESTED = "no rule can test it"


class Kind(StrEnum):
    """What a point says: seen where it was said; on another line; in another file; the named file is gone, or shorter
    than the line it should have; nothing was seen there, or anywhere; a count.
    """

    FOUND = "found"
    LINE = "line"
    PATH = "path"
    NO_FILE = "no file"
    SHORT = "short"
    NOTHING = "nothing"
    NOWHERE = "nowhere"
    COUNT = "count"


LOCATED = frozenset({Kind.FOUND, Kind.LINE, Kind.PATH})


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that a rule sees now, and of which finding. `count`: what the rule measured there, 0 for most."""

    rule: str
    finding: int
    path: str
    line: int
    end_line: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """What the tree holds under a path that the report names: how long the file is (0: a folder, or not known), and
    where else a file of that name is.
    """

    exists: bool
    lines: int = 0
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One comparison: what the report says, and where or how much the scan sees."""

    kind: Kind
    said: Place = NO_PLACE
    path: str = ""
    line: int = 0
    stated: int = 0
    counted: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a finding's claims, and why."""

    answer: Answer
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """What a rule counts. `measured`: by each place of its own (lines of a file), else its places or findings count."""

    words: re.Pattern[str]
    measured: bool = False
    findings: bool = False


def _unit(words: str, *, measured: bool = False, findings: bool = False) -> Unit:
    number = r"(?<![\w.:/-])(?P<over>(?:over|more than|at least|超过|至少)\s*)?(?P<n>\d{1,5})(?P<more>\s?\+)?"
    return Unit(re.compile(rf"{number}\s*(?:个|处|条|行)?\s*(?:[a-z-]+ ){{0,2}}(?:{words})"), measured, findings)


UNITS: Mapping[str, Unit] = {
    "kustomize/patch-sprawl": _unit(r"patch|补丁", measured=True),
    "rust/oversized-main": _unit(r"lines?\b|行", measured=True),
    "secrets/plaintext": _unit(r"(?:password|secret|credential|key)s?\b|密码|口令|密钥|凭据", findings=True),
    "kafka/under-replicated-topic": _unit(r"topics?\b|主题", findings=True),
    "postgres/low-cardinality-index": _unit(r"index(?:es)?\b|索引", findings=True),
    "protobuf/unversioned-package": _unit(r"(?:proto )?packages?\b|包", findings=True),
    "rust/n-plus-one": _unit(r"(?:places|loops|n ?\+ ?1)\b|处|循环"),
    "rust/duplicate-error-conversion": _unit(r"(?:conversion|implementation|impl|copie|copy|place)s?\b|处|重复|实现"),
    "kubernetes/single-replica-service": _unit(r"(?:micro)?services?\b|deployments?\b|服务", findings=True),
}
"""What reports count, in the words that stand behind the figure (folded)."""


@dataclass(frozen=True, slots=True)
class Code:
    """The code as the last scan saw it. `files` holds the paths that the report names; None while nobody has looked."""

    spots: tuple[Spot, ...] = ()
    files: Mapping[str, File] | None = None
    rules: frozenset[str] = field(default_factory=frozenset)

    def of(self, rules: Iterable[str]) -> list[Spot]:
        """The places that some rules see."""
        wanted = set(rules)
        return [spot for spot in self.spots if spot.rule in wanted]


def check(finding: ReviewFinding, code: Code) -> Check:
    """Hold a finding against the code."""
    links = [link for link in finding.links if link.confidence >= SURE and link.rule in code.rules]
    spots = code.of(link.rule for link in links)
    points = [_placed(place, spots, code, tested=bool(links)) for place in finding.places]
    if links and not spots:
        points = [p for p in points if p and p.kind in (Kind.NO_FILE, Kind.PATH)] or [Point(Kind.NOWHERE)]
    elif links and not finding.places:
        near = [s for s in spots if any(covers(k.scope, [s.path]) for k in links if k.rule == s.rule)]
        best = max(near, key=lambda s: _alike(finding.title, s.path), default=None)
        points = [Point(Kind.FOUND, path=best.path, line=best.line) if best else Point(Kind.NOWHERE)]
    kept = [point for point in points if point]
    located = any(point.kind in LOCATED for point in kept)
    counts = list(_counts(finding, links, spots, code)) if spots and located else []
    return Check(_answer(kept, counts, tested=bool(links)), (*counts, *kept))


def _answer(points: Sequence[Point], counts: Sequence[Point], *, tested: bool) -> Answer:
    kinds = {point.kind for point in points}
    if not tested:
        gone = Answer.NOT_FOUND if Kind.NO_FILE in kinds else Answer.UNTESTED
        return Answer.MOVED if kinds & {Kind.PATH, Kind.SHORT} else gone
    if not kinds & LOCATED:
        return Answer.NOT_FOUND
    if any(point.stated != point.counted for point in counts):
        return Answer.COUNT
    return Answer.MOVED if kinds & {Kind.LINE, Kind.PATH} else Answer.CONFIRMED


def _placed(place: Place, spots: Sequence[Spot], code: Code, *, tested: bool) -> Point | None:
    """What the code says of one place; None where there is nothing to say."""
    here = [s for s in spots if s.path == place.path or _inside(place.path, s.path)]
    last = place.end_line or place.line
    exact = [s for s in here if not place.line or (s.line <= last and (s.end_line or s.line) >= place.line)]
    if exact:
        return Point(Kind.FOUND, place, exact[0].path, exact[0].line)
    if here:
        near = min(here, key=lambda s: abs(s.line - place.line))
        return Point(Kind.LINE, place, near.path, near.line)
    file = code.files.get(place.path) if code.files is not None else None
    name = place.path.rpartition("/")[2]
    moved = next((s for s in spots if name and s.path.rpartition("/")[2] == name), None)
    if moved and (file is None or not file.exists):
        return Point(Kind.PATH, place, moved.path, moved.line)
    if file and not file.exists:
        return Point(Kind.PATH, place, file.elsewhere[0]) if file.elsewhere else Point(Kind.NO_FILE, place)
    if file and 0 < file.lines < place.line:
        return Point(Kind.SHORT, place, place.path, counted=file.lines)
    return Point(Kind.NOTHING, place) if tested else None


def _alike(title: str, path: str) -> int:
    """How many words of a title stand in a path: of several stores it tells which one is spoken of."""
    return len(set(NAMES.findall(fold(title))) & set(NAMES.findall(fold(path))))


def _inside(folder: str, path: str) -> bool:
    return (folder.endswith("/") and path.startswith(folder)) or ("*" in folder and covers(folder, [path]))


def _counts(
    finding: ReviewFinding, links: Sequence[LinkProposal], spots: Sequence[Spot], code: Code
) -> Iterable[Point]:
    """The figures that a finding states of what its rules count. A round "40+" is right from 40 on."""
    text = fold(f"{finding.title}\n{finding.problem}")
    for link in links[:1]:
        unit = UNITS.get(link.rule)
        match = unit.words.search(text) if unit else None
        mine = [s for s in spots if s.rule == link.rule]
        if unit is None or match is None or not mine:
            continue
        stated = int(match["n"])
        counted = _counted(unit, stated, finding.places, mine, link.scope, code)
        open_end = bool(match["more"] or match["over"])
        yield Point(Kind.COUNT, stated=counted if open_end and counted >= stated else stated, counted=counted)


def _counted(unit: Unit, stated: int, places: Sequence[Place], spots: Sequence[Spot], scope: str, code: Code) -> int:
    """What the scan counts where the finding is, else everywhere. Lines may be counted with blank ones or without."""
    named = {place.path for place in places}
    mine = [s for s in spots if s.path in named or any(_inside(p, s.path) for p in named)]
    mine = mine or [s for s in spots if covers(scope, [s.path])] or list(spots)
    if unit.measured:
        whole = [file.lines for path in named if code.files and (file := code.files.get(path)) and file.lines]
        return min([*(s.count for s in mine if s.count), *whole], key=lambda n: abs(n - stated), default=0)
    return len({s.finding for s in mine}) if unit.findings else len(mine)
