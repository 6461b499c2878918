"""A review that waits for a person: read, compared with its last version and with the code, decided row by row."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_noop

from findings.actions import batches, preview, receive_report
from findings.actions.known import owners
from findings.actions.saying import Stale
from findings.core.redaction import find_values, redact
from findings.core.rules import RULES, TOOL
from findings.core.types import Batch, Coverage, Identity, Notice, Observation, Priority, Proof, RuleInfo
from findings.models import Occurrence, Repository, Run, RunState, Team, User
from findings.wake import wake
from remediation.core import review as reading
from remediation.core import types as words
from remediation.core.review.choices import Choice, choose
from remediation.core.review.diff import anchors, kinship, rename
from remediation.core.review.export import without_marks
from remediation.core.review.factcheck import Check, Code, File, Spot, check
from remediation.models import Review

RULE = RuleInfo(
    key="review/finding",
    title=gettext_noop("Found by a reviewer"),
    priority=Priority.P2,
    proof=Proof.ATTESTED,
    help=gettext_noop(
        "A person named this problem in a review. It closes with the rules linked to it, or by an attestation."
    ),
)
RELATED = 0.5  # how much of two reports must be the same for one to be a version of the other
VERSIONS = 10  # reviews that are looked at for that
SPOTS = 20_000  # places that a check looks at
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


def read_review(data: bytes, file_name: str) -> tuple[str, words.Review]:
    """The redacted text and what it says. Raises FormatError for what is no text."""
    text, notices = reading.decode(data)
    text = without_marks(text)
    safe = redact(text, find_values(text))
    review = _parsed(safe)
    return safe, replace(review, notices=(*notices, *review.notices))


@transaction.atomic
def preview_review(
    repository: Repository, team: Team, data: bytes, *, file_name: str, actor: User | str, at: datetime | None = None
) -> Reading:
    """Read a review and keep it, redacted, until a person accepts or drops it. Nothing else is written."""
    text, review = read_review(data, file_name)
    moment = at or timezone.now()
    last = _version_before(repository, team, review)
    kept = anchors(said_by(last), review) if last else {"findings": {}, "items": {}}
    choices = _decided_before(last)
    review = choose(rename(review, kept["findings"], kept["items"]), choices)
    batch = as_batch(review, last.run.category if last else "")
    run = receive_report(
        repository,
        batch,
        kind="review",
        actor=actor,
        file_name=file_name,
        file_hash=hashlib.sha256(data).hexdigest(),
        at=moment,
    )
    plan = preview(run, batch)
    told = [n for n in review.notices if n not in _parsed(text).notices]
    run.payload = run.payload | {
        "review": text,
        "team": team.pk,
        "last": last.pk if last else None,
        "anchors": kept,
        "choices": choices,
        "version": 1,
        "notices": [[n.message, n.line] for n in told],
    }
    run.save(update_fields=["payload"])
    transaction.on_commit(lambda: wake("nova.look", run.pk))
    return Reading(run, review, plan)


def _decided_before(last: Review | None) -> dict[str, Any]:
    """The priorities that a person decided in an earlier version: they hold until somebody decides again."""
    decided = last.anchors.get("priorities", {}) if last else {}
    return {"findings": {anchor: {"priority": priority} for anchor, priority in decided.items()}}


def _version_before(repository: Repository, team: Team, review: words.Review) -> Review | None:
    """The accepted review that this one is a new version of: of the same title, else one that says mostly the same."""
    known = Review.objects.filter(repository=repository, team=team).select_related("run").order_by("-pk")
    same = known.filter(run__category=_category(review)).first()
    if same is not None:
        return same
    related = [(kinship(said_by(old), review), old) for old in known.exclude(text="")[:VERSIONS]]
    score, old = max(related, key=lambda pair: pair[0], default=(0.0, None))
    return old if score >= RELATED else None


def said_by(review: Review) -> words.Review:
    """What an accepted review said, under the anchors its rows are kept by."""
    said = _parsed(review.text)
    return rename(said, review.anchors.get("findings", {}), review.anchors.get("items", {}))


def last_version(run: Run) -> Review | None:
    """The review that a waiting one is a new version of."""
    return Review.objects.filter(pk=run.payload.get("last") or 0).first()


def proposed(run: Run) -> words.Review:
    """What the waiting run's review says, before anybody decided anything."""
    kept = run.payload.get("anchors", {})
    said = rename(_parsed(run.payload["review"]), kept.get("findings", {}), kept.get("items", {}))
    told = (Notice(message, line=line) for message, line in run.payload.get("notices", ()))
    return replace(said, notices=(*told, *said.notices))


def reread(run: Run) -> words.Review:
    """What the waiting run's review says, as a person decided it."""
    return choose(proposed(run), run.payload.get("choices", {}))


def _category(review: words.Review) -> str:
    return slugify(review.title, allow_unicode=True)[:200] or "review"


def as_batch(review: words.Review, category: str = "") -> Batch:
    """The findings of a review as observations: the anchor is their key, each place an occurrence.

    It covers nothing but what it names: what a new version no longer speaks of is not mended by that.
    """
    category = category or _category(review)
    seen = [o for f in review.findings for o in _observations(f, category)]
    return Batch(
        tool="review",
        category=category,
        rules=(RULE,),
        observations=tuple(seen),
        coverage=Coverage(failed=frozenset({RULE.key})),
        notices=(*review.notices, *review.conflicts),
    )


def key_of(category: str, anchor: str) -> str:
    """What names a finding of a review in its repository: which review, and which of its rows."""
    return f"{category}/{anchor}"[:400]


def _observations(finding: words.ReviewFinding, category: str) -> Iterable[Observation]:
    title = f"{finding.label}: {finding.title}" if finding.label else finding.title
    for place in finding.places or (words.Place(""),):
        yield Observation(
            rule=RULE.key,
            path=place.path,
            line=place.line,
            end_line=place.end_line,
            message=title,
            priority=finding.priority,
            identity=Identity.LOGICAL,
            key=key_of(category, finding.anchor),
            properties={
                "report_line": finding.line,
                "problem": finding.problem,
                "impact": finding.impact,
                "fix": finding.fix,
            },
        )


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


def date_review(run: Run, day: date | None, *, version: int) -> None:
    """Say of which day a review is: its plan counts from there. Raises as `decide` does."""

    def change(payload: dict[str, Any]) -> None:
        payload["choices"]["reviewed"] = day.isoformat() if day else ""

    _change(run, change, version)


@transaction.atomic
def _change(run: Run, change: Callable[[dict[str, Any]], None], version: int) -> None:
    held = Run.objects.select_for_update().select_related("repository").get(pk=run.pk)
    payload = held.payload
    if held.state != RunState.PREVIEW or not payload:
        raise ValueError("the review waits no more")
    if payload["version"] != version:
        raise Stale(held)
    payload |= {"choices": payload.get("choices", {}), "version": version + 1}
    change(payload)
    held.payload = payload
    batches.keep_plan(held, as_batch(reread(held), held.category))
    held.payload = payload
    held.save(update_fields=["payload"])


# The code


def waiting_for_a_look() -> Iterable[int]:
    """Reviews whose files nobody has looked for yet."""
    runs = Run.objects.filter(state=RunState.PREVIEW, tool="review", payload__has_key="review")
    return runs.exclude(payload__has_key="files").exclude(repository__proven_commit="").values_list("pk", flat=True)


def named_paths(run: Run) -> list[str]:
    """The paths that a waiting review names."""
    return list(dict.fromkeys(place.path for f in proposed(run).findings for place in f.places if place.path))


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
    places = Occurrence.objects.filter(
        finding__repository=run.repository_id,
        finding__present=True,
        finding__at_head=True,
        finding__rule__tool=TOOL,
        finding__rule__key__in=rules,
        component__team=run.payload["team"],
        to_run=None,
    )
    columns = ("finding__rule__key", "finding_id", "path", "line", "end_line", "finding__properties__count")
    rows = places.order_by("path", "line").values_list(*columns)[:SPOTS]
    spots = tuple(Spot(r, f, path, line, end, n if isinstance(n, int) else 0) for r, f, path, line, end, n in rows)
    return Code(spots, files, frozenset(RULES))
