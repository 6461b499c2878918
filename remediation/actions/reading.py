"""A review that waits for a person: read, compared with its last version and with the code, decided row by row."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import F, Func, Q, TextField, Value
from django.utils import timezone

from findings.actions import batches, preview, receive_report
from findings.actions.known import owners
from findings.actions.saying import Stale
from findings.core.redaction import find_values, redact
from findings.core.rules import RULES, TOOL
from findings.core.types import Batch, FormatError, Notice
from findings.models import Occurrence, Repository, Run, RunState, Team, User
from findings.wake import wake
from remediation.actions.described import as_batch, category_of, closed
from remediation.core import review as reading
from remediation.core import types as words
from remediation.core.review.choices import Choice, choose, pick
from remediation.core.review.diff import anchors, kinship, rename
from remediation.core.review.export import without_marks
from remediation.core.review.factcheck import Check, Code, File, Spot, check
from remediation.core.review.seen import linked_by, relink
from remediation.models import Review

RELATED = 0.5  # how much of two reports must be the same for one to be a version of the other
VERSIONS = 10  # reviews that are looked at for that
AMBIGUOUS = 1_000_000  # bytes of a report that is kept in each encoding it may be in
SHORT = 8  # letters that a value has to have for what is left of it to be looked for
SPOTS = 20_000  # places that a check looks at
NAME = Func(F("path"), Value("^.*/"), Value(""), function="regexp_replace", output_field=TextField())
ELSEWHERE = 3  # places of a file that moved, named


@dataclass(frozen=True, slots=True)
class Reading:
    """A review as it was read, with the run that waits for a person, and what accepting it would do."""

    run: Run
    review: words.Review
    plan: batches.Plan


@lru_cache(maxsize=32)
def _parsed(text: str) -> words.Review:
    return reading.parse(text, redact=str)


def texts_of(data: bytes) -> dict[str, tuple[str, list[Notice]]]:
    """A report in each encoding it may be in, the likeliest first, without its secrets, and what had to be repaired.
    Raises FormatError for what is no text.

    What is a value in one encoding may have lost its first letter in another, to a byte before it.
    """
    first, *more = reading.encodings(data)
    told = {first: reading.decode(data, first)}
    for name in more if len(data) <= AMBIGUOUS else ():
        with suppress(FormatError):
            told[name] = reading.decode(data, name)
    values = {value for text, _ in told.values() for value in find_values(text)}
    if len(told) > 1:
        values |= {value[1:] for value in values if len(value) > SHORT}
    return {name: (redact(without_marks(text), values), notices) for name, (text, notices) in told.items()}


@transaction.atomic
def preview_review(
    repository: Repository, team: Team, data: bytes, *, file_name: str, actor: User | str, at: datetime | None = None
) -> Reading:
    """Read a review and keep it, redacted, until a person accepts or drops it. Nothing else is written."""
    texts = texts_of(data)
    taken, (text, notices) = next(iter(texts.items()))
    review, batch, payload = _laid_out(repository, team, text, notices)
    run = receive_report(
        repository,
        batch,
        kind="review",
        actor=actor,
        file_name=file_name,
        file_hash=hashlib.sha256(data).hexdigest(),
        at=at or timezone.now(),
    )
    plan = preview(run, batch)
    run.payload = run.payload | payload | {"version": 1}
    if len(texts) > 1:
        told = {name: [text, _told(notices)] for name, (text, notices) in texts.items()}
        run.payload |= {"encoding": taken, "texts": told}
    run.save(update_fields=["payload"])
    transaction.on_commit(lambda: wake("nova.look", run.pk))
    return Reading(run, review, plan)


def _laid_out(
    repository: Repository, team: Team, text: str, notices: Iterable[Notice]
) -> tuple[words.Review, Batch, dict[str, Any]]:
    """(what a report's text says, as a batch, what is kept of it while it waits). `notices` are of its encoding."""
    review = _parsed(text)
    last = _version_before(repository, team, review)
    kept = anchors(said_by(last), review) if last else {"findings": {}, "items": {}}
    choices = _decided_before(last)
    named = rename(review, kept["findings"], kept["items"])
    seen = _seen(repository, team.pk, named, last)
    review = choose(relink(named, seen or {}), choices)
    review = replace(review, notices=(*notices, *review.notices))
    payload = {
        "review": text,
        "team": team.pk,
        "last": last.pk if last else None,
        "anchors": kept,
        "choices": choices,
        "notices": _told(notices),
    }
    if seen is not None:
        payload["seen"] = seen
    batch = as_batch(review, last.run.category if last else "", over=_over(repository, last))
    return review, batch, payload


def _over(repository: Repository, last: Review | None) -> set[str]:
    """Anchors of what the last version said too and is closed by now: that it stands in a report still brings nothing
    back.
    """
    return closed(repository, last.run.category, {f.anchor for f in said_by(last).findings}) if last else set()


def _told(notices: Iterable[Notice]) -> list[list[Any]]:
    return [[n.message, n.line, n.template, n.values] for n in notices]


def _noticed(told: Iterable[Sequence[Any]]) -> list[Notice]:
    rows = ((*row, "", ())[:4] for row in told)  # what waits since an earlier version has no template
    return [Notice(message, "", line, template, tuple(map(tuple, said))) for message, line, template, said in rows]


def _decided_before(last: Review | None) -> dict[str, Any]:
    """The priorities and candidates that a person decided about in an earlier version: they hold until somebody decides
    again.
    """
    decided = last.anchors.get("priorities", {}) if last else {}
    picked = last.anchors.get("picked", {}) if last else {}
    return {"findings": {anchor: {"priority": priority} for anchor, priority in decided.items()}, "picked": picked}


def _version_before(repository: Repository, team: Team, review: words.Review) -> Review | None:
    """The accepted review that this one is a new version of: of the same title, else one that says mostly the same."""
    known = Review.objects.filter(repository=repository, team=team).select_related("run").order_by("-pk")
    same = known.filter(run__category=category_of(review)).first()
    if same is not None:
        return same
    related = [(kinship(said_by(old), review), old) for old in known.exclude(text="")[:VERSIONS]]
    score, old = max(related, key=lambda pair: pair[0], default=(0.0, None))
    return old if score >= RELATED else None


def said_by(review: Review) -> words.Review:
    """What an accepted review said, under the anchors its rows are kept by."""
    said = pick(_parsed(review.text), review.anchors)
    named = rename(said, review.anchors.get("findings", {}), review.anchors.get("items", {}))
    return relink(named, review.anchors.get("seen", {}))


def last_version(run: Run) -> Review | None:
    """The review that a waiting one is a new version of."""
    return Review.objects.filter(pk=run.payload.get("last") or 0).first()


def proposed(run: Run) -> words.Review:
    """What the waiting run's review says, before anybody decided anything."""
    kept = run.payload.get("anchors", {})
    said = rename(_parsed(run.payload["review"]), kept.get("findings", {}), kept.get("items", {}))
    said = relink(said, run.payload.get("seen", {}))
    return replace(said, notices=(*_noticed(run.payload.get("notices", ())), *said.notices))


def reread(run: Run) -> words.Review:
    """What the waiting run's review says, as a person decided it."""
    return choose(proposed(run), run.payload.get("choices", {}))


# Deciding


def decide(run: Run, kind: str, anchor: str, choice: Choice, *, version: int) -> None:
    """Keep what a person decided about a finding or an item (`kind`: "findings", "items"). Raises `Stale` where
    somebody decided meanwhile, ValueError where the review waits no more.
    """

    def change(payload: dict[str, Any]) -> None:
        rows = payload["choices"].setdefault(kind, {})
        if said := choice.dump():
            rows[anchor] = said
        else:
            rows.pop(anchor, None)

    _change(run, change, version)


def pick_findings(run: Run, picked: Mapping[str, str], *, version: int) -> None:
    """Say which candidates are findings, and how urgent each is (by anchor). Raises as `decide` does."""

    def change(payload: dict[str, Any]) -> None:
        payload["choices"]["picked"] = dict(picked)

    _change(run, change, version)


def date_review(run: Run, day: date | None, *, version: int) -> None:
    """Say of which day a review is: its plan counts from there. Raises as `decide` does."""

    def change(payload: dict[str, Any]) -> None:
        payload["choices"]["reviewed"] = day.isoformat() if day else ""

    _change(run, change, version)


@transaction.atomic
def read_as(run: Run, encoding: str, *, version: int) -> None:
    """Read a waiting report in another of the encodings it may be in: it may say something else, so that what was
    decided about it is gone. Raises as `decide` does, KeyError for an encoding it cannot be in.
    """
    held = _held(run, version)
    payload = held.payload
    text, told = payload["texts"][encoding]
    team = Team.objects.get(pk=payload["team"])
    _, batch, laid = _laid_out(held.repository, team, text, _noticed(told))
    held.category = batch.category
    batches.keep_plan(held, batch)
    held.payload = laid | {"version": version + 1, "encoding": encoding, "texts": payload["texts"]}
    held.save(update_fields=["payload", "category"])
    transaction.on_commit(lambda: wake("nova.look", held.pk))


def _held(run: Run, version: int) -> Run:
    """A waiting review, locked. Raises as `decide` does."""
    held = Run.objects.select_for_update().select_related("repository").get(pk=run.pk)
    if held.state != RunState.PREVIEW or not held.payload:
        raise ValueError("the review waits no more")
    if held.payload["version"] != version:
        raise Stale(held)
    return held


@transaction.atomic
def _change(run: Run, change: Callable[[dict[str, Any]], None], version: int) -> None:
    held = _held(run, version)
    payload = held.payload
    payload |= {"choices": payload.get("choices", {}), "version": version + 1}
    change(payload)
    held.payload = payload
    over = _over(held.repository, last_version(held))
    batches.keep_plan(held, as_batch(reread(held), held.category, over=over))
    held.payload = payload
    held.save(update_fields=["payload"])


# The code


def waiting_for_a_look() -> Iterable[int]:
    """Reviews whose files nobody has looked for yet."""
    runs = Run.objects.filter(state=RunState.PREVIEW, tool="review", payload__has_key="review")
    return runs.exclude(payload__has_key="files").exclude(repository__proven_commit="").values_list("pk", flat=True)


def named_paths(run: Run) -> list[str]:
    """The paths that a waiting review names."""
    said = proposed(run)
    places = (place for f in (*said.findings, *said.candidates) for place in f.places)
    return list(dict.fromkeys(place.path for place in places if place.path))


@transaction.atomic
def keep_files(run: Run, commit: str, files: Mapping[str, File]) -> None:
    """Keep what a worker saw of the named files. Where else one is, is told of the team's own paths only."""
    held = Run.objects.select_for_update().filter(pk=run.pk, state=RunState.PREVIEW).first()
    if held is None or not held.payload:
        return
    owner, _ = owners(held.repository_id)
    team = held.payload["team"]
    told = {
        path: [f.exists, f.lines, [p for p in f.elsewhere if owner(p).team_id == team][:ELSEWHERE]]
        for path, f in files.items()
    }
    held.payload |= {"files": told, "commit": commit}
    if "seen" not in held.payload:  # it was read before the repository was scanned
        seen = _seen(held.repository, team, proposed(held), last_version(held))
        held.payload |= {"seen": seen, "version": held.payload["version"] + any(seen.values())} if seen else {}
    held.save(update_fields=["payload"])


def checks_of(run: Run, review: words.Review) -> dict[str, Check]:
    """Each finding of a waiting review held against the last scan, in the team's own part of the repository."""
    code = _code(run, {k.rule for f in review.findings for k in f.links})
    return {finding.anchor: check(finding, code) for finding in review.findings}


def _code(run: Run, rules: Iterable[str]) -> Code:
    told = run.payload.get("files")
    files = {path: File(exists, n, tuple(other)) for path, (exists, n, other) in told.items()} if told else None
    if not run.repository.proven_commit:
        return Code((), files)
    spots = _spots(run.repository_id, run.payload["team"], Q(finding__rule__key__in=rules))
    return Code(tuple(spots), files, frozenset(RULES))


def _spots(repository: int, team: int, which: Q) -> Iterable[Spot]:
    """Places that the built-in rules see now, in a team's part of a repository."""
    places = Occurrence.objects.alias(name=NAME).filter(
        which,
        finding__repository=repository,
        finding__present=True,
        finding__at_head=True,
        finding__rule__tool=TOOL,
        component__team=team,
        to_run=None,
    )
    columns = ("finding__rule__key", "finding_id", "path", "line", "end_line", "finding__properties__count")
    rows = places.order_by("path", "line").values_list(*columns)[:SPOTS]
    return [Spot(r, f, path, line, end, n if isinstance(n, int) else 0) for r, f, path, line, end, n in rows]


def _seen(repository: Repository, team: int, review: words.Review, last: Review | None) -> dict[str, Any] | None:
    """The links that the last scan gives the rows of a review (None: there was none). What an earlier version brought
    has those that it had then.
    """
    if not repository.proven_commit:
        return None
    stated = (place.path for row in (*review.findings, *review.candidates) for place in row.places)
    files = {name for path in stated if (name := path.rpartition("/")[2]) and "*" not in name}
    open_there = Q(name__in=files, finding__verdict="")
    found = linked_by(review, _spots(repository.pk, team, open_there)) if files else {}
    if last is None:
        return found
    before, kept = said_by(last), last.anchors.get("seen", {})
    known = {"findings": {f.anchor for f in before.findings}, "items": {i.anchor for i in before.items}}
    return {
        kind: {a: links for a, links in found.get(kind, {}).items() if a not in known[kind]}
        | {a: links for a, links in kept.get(kind, {}).items() if a in known[kind]}
        for kind in known
    }
