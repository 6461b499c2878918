"""A past that is told aside: in a repository of its own that nobody sees, until the real one takes it over."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Max
from psycopg import sql

from findings.core.rules import TOOL
from findings.core.twins import Life, twins
from findings.events import MACHINE, about, event
from findings.models import (
    Change,
    Component,
    Draft,
    Event,
    Evidence,
    Finding,
    Occurrence,
    Repository,
    Run,
    Scan,
    ScanKind,
    ScanState,
    Team,
    TreeFold,
)

MACHINES = ("diff", "deleted")  # kinds of evidence that scans give
MERGED = ("first_seen_at", "first_seen_commit", "fixed_at", "evidence", "reopened", "reopened_at", "said", "version")
OWN = ("id", "slug", "aside_of")  # what a team does not share with the one that stands for it


@dataclass(frozen=True, slots=True)
class Taken:
    """What a repository took over: findings of the past -> those that people know, the others that came along, and the
    components and teams that stood for those of the repository.
    """

    twins: Mapping[int, int]
    others: frozenset[int]
    parts: Mapping[int, int]
    teams: Mapping[int, int]
    since: datetime | None


def set_aside(repository: Repository) -> Scan:
    """Begin to tell a past aside, from nothing. Answers the scan that its runs belong to."""
    aside = Repository.objects.create(
        slug=f"~{repository.pk}",
        name=repository.name,
        url=repository.url,
        default_branch=repository.default_branch,
        aside_of=repository,
    )
    teams: dict[int, Team] = {}
    for part in repository.components.select_related("team"):
        owner = part.team
        if owner.pk not in teams:
            teams[owner.pk] = stand_in(owner, f"~{repository.pk}-{owner.pk}")
        Component.objects.create(
            repository=aside,
            team=teams[owner.pk],
            name=part.name,
            paths=part.paths,
            is_default=part.is_default,
            position=part.position,
        )
    return Scan.objects.create(repository=aside, kind=ScanKind.BACKFILL, state=ScanState.DONE, actor=MACHINE)


def stand_in(owner: Team, slug: str) -> Team:
    """A team that nobody sits in, which stands for another one."""
    fields = {f.attname: getattr(owner, f.attname) for f in Team._meta.concrete_fields if f.name not in OWN}
    made: Team = Team.objects.create(slug=slug, aside_of=owner, **fields)
    return made


def scan_aside(repository: Repository) -> Scan | None:
    """The scan that the runs of a past belong to that was begun aside; none where it has to be begun anew, as where the
    components of the repository are others by now.
    """
    scan = Scan.objects.filter(repository__aside_of=repository).select_related("repository").first()
    if scan is None:
        return None
    known, mine = (
        {(part.name, tuple(part.paths), part.position) for part in one.components.all()}
        for one in (repository, scan.repository)
    )
    return scan if known == mine else None


def take_over(repository: Repository, scan: Scan) -> Taken:
    """Give a repository the past that was told aside. Call it under the repository's lock, with both at one commit.

    A finding that people know stays what it is to them: its address, verdict, owner, dates, comments and attestations.
    Its first day, places and evidence of scans are those of the past. Its plan is not touched here; `clear` ends it.
    """
    aside = Repository.objects.get(aside_of=repository)
    since = repository.runs.filter(tool=TOOL).order_by("observed_at").values_list("observed_at", flat=True).first()
    parts, teams = _move_parts(repository, aside)
    live, past = _findings(repository), _findings(aside)
    pairs = twins(_lives(live), _lives(past))
    whole = {s: pk for s, pk in pairs.items() if _is_whole(live[pk], past[s])}
    others = frozenset(past.keys() - pairs.keys())
    _move_runs(repository, aside, scan)
    _drop([s for s in pairs if s not in whole])
    over = _replace_places(whole)
    for s, pk in pairs.items():
        _merge(live[pk], past[s], whole=s in whole)
    for finding in live.values():
        finding.version += 1  # so that no run before can be undone as if nothing had happened
    Finding.objects.bulk_update(live.values(), MERGED, batch_size=1000)
    Evidence.objects.filter(pk__in=over).order_by()._raw_delete(DEFAULT_DB_ALIAS)
    Finding.objects.filter(pk__in=pairs).order_by()._raw_delete(DEFAULT_DB_ALIAS)
    Finding.objects.filter(pk__in=others).update(repository=repository, version=models.F("version") + 1)
    _mark(repository, scan)
    _tell(repository, scan, [*others, *pairs.values()], since)
    return Taken(pairs, others, parts, teams, since)


def clear(aside: Repository) -> None:
    """Nothing is left of a past aside (nor of its plan, whose rows go with these)."""
    teams = list(Team.objects.filter(components__repository=aside).values_list("pk", flat=True))
    _drop(list(aside.findings.values_list("pk", flat=True)))
    aside.findings.all().order_by()._raw_delete(DEFAULT_DB_ALIAS)
    aside.delete()
    Team.objects.filter(pk__in=teams, aside_of__isnull=False).delete()


def _move_parts(repository: Repository, aside: Repository) -> tuple[dict[int, int], dict[int, int]]:
    """Findings and places of the past belong to the components they stood for. Answers which, and whose."""
    mine = {part.name: part for part in repository.components.all()}
    parts, teams = {}, {}
    for theirs in aside.components.all():
        ours = mine[theirs.name]
        parts[theirs.pk], teams[theirs.team_id] = ours.pk, ours.team_id
        Finding.objects.filter(repository=aside, component=theirs).update(component=ours)
        Occurrence.objects.filter(finding__repository=aside, component=theirs).update(component=ours)
    return parts, teams


def _findings(repository: Repository) -> dict[int, Finding]:
    rows = Finding.objects.filter(repository=repository, rule__tool=TOOL, category="").order_by("pk")
    return {finding.pk: finding for finding in rows.select_related("rule", "evidence", "component")}


def _lives(findings: Mapping[int, Finding]) -> Iterable[Life]:
    """Each with its first present place, or the last it had."""
    places = Occurrence.objects.filter(finding__in=findings).order_by("finding_id", "to_run", "-pk")
    now = places.filter(to_run=None).order_by("finding_id", "path", "line", "pk").distinct("finding_id")
    over = places.exclude(to_run=None).order_by("finding_id", "-pk").distinct("finding_id")
    of = {place.finding_id: place for place in (*over, *now)}
    for pk, finding in findings.items():
        place, proof = of.get(pk, Occurrence()), finding.evidence
        yield Life(
            pk,
            finding.rule.key,
            finding.key,
            finding.present,
            place.path,
            place.line,
            place.line_hash,
            place.block_hash,
            proof.commit if proof and proof.kind in MACHINES else "",
        )


def _is_whole(mine: Finding, past: Finding) -> bool:
    """Whether the past may say what became of it: not where it ends otherwise than people and scans know it."""
    if (mine.present, mine.at_head) != (past.present, past.at_head):
        return False
    return mine.present or (mine.evidence is not None and mine.evidence.kind in MACHINES)


def _merge(mine: Finding, past: Finding, *, whole: bool) -> None:
    if past.first_seen_at < mine.first_seen_at:
        mine.first_seen_at, mine.first_seen_commit = past.first_seen_at, past.first_seen_commit
    if whole:
        looked_at = mine.reopened and mine.reopened_at is None  # a person has, and automation goes on
        mine.fixed_at, mine.evidence_id, mine.said = past.fixed_at, past.evidence_id, past.said
        mine.reopened = max(mine.reopened, past.reopened)
        mine.reopened_at = None if looked_at else past.reopened_at
    mine.version = max(mine.version, past.version)


def _move_runs(repository: Repository, aside: Repository, scan: Scan) -> None:
    """The runs are the repository's from now on; what they changed, row by row, is not remembered."""
    runs = Run.objects.filter(repository=aside)
    Draft.objects.filter(run__in=runs).delete()
    Change.objects.filter(run__in=runs).order_by()._raw_delete(DEFAULT_DB_ALIAS)
    TreeFold.objects.filter(repository=aside).delete()
    runs.update(repository=repository, scan=scan)


def _replace_places(whole: Mapping[int, int]) -> list[int]:
    """Places and evidence of scans are those of the past. Answers the evidence that is to go."""
    known = list(whole.values())
    over = list(Evidence.objects.filter(finding__in=known, kind__in=MACHINES).values_list("pk", flat=True))
    Occurrence.objects.filter(finding__in=known).order_by()._raw_delete(DEFAULT_DB_ALIAS)
    for model in (Occurrence, Evidence):
        statement = sql.SQL(
            "UPDATE {table} t SET finding_id = new.mine FROM unnest(%s::bigint[], %s::bigint[]) AS new (past, mine)"
            " WHERE t.finding_id = new.past"
        ).format(table=sql.Identifier(model._meta.db_table))
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(whole), known])
    return over


def _drop(findings: Collection[int]) -> None:
    """Places and evidence of these are no more."""
    for model in (Occurrence, Evidence):
        model._default_manager.filter(finding__in=findings).order_by()._raw_delete(DEFAULT_DB_ALIAS)


def _mark(repository: Repository, scan: Scan) -> None:
    """None of the runs can be undone by itself: what it did became part of findings that people know."""
    touched: dict[int, int] = {}
    for model, name in ((Evidence, "run"), (Occurrence, "from_run")):
        rows = model._default_manager.filter(**{f"{name}__scan": scan}).order_by()
        touched |= dict(rows.values_list(name).annotate(finding=Max("finding")))
    label = Finding._meta.label
    Change.objects.bulk_create(
        Change(run_id=run, table=label, row=finding, last=finding, version=1, before=None)
        for run, finding in touched.items()
    )


def _tell(repository: Repository, scan: Scan, findings: Collection[int], since: datetime | None) -> None:
    """What the log says of it: what happened before the first scan of all, and that the past was taken over."""
    told: list[Event] = []
    said = {"actor": MACHINE}
    for finding in Finding.objects.filter(pk__in=findings).select_related("component").order_by("first_seen_at", "pk"):
        if since is None or finding.first_seen_at < since:
            told.append(about(finding, "found", at=finding.first_seen_at, **said))
    proofs = Evidence.objects.filter(finding__in=findings, kind__in=MACHINES).select_related("finding__component")
    for proof in proofs.order_by("at", "pk"):
        if since is None or proof.at < since:
            after = {"commit": proof.commit} | ({"kind": proof.kind} if proof.closes else {})
            verb = "closed" if proof.closes else "came back"
            told.append(about(proof.finding, verb, at=proof.at, run=proof.run, after=after, **said))
    told.sort(key=attrgetter("at"))
    told.append(
        event(
            "took over the past",
            f"repository:{repository.pk}",
            actor=scan.actor,
            label=repository.name,
            team=repository.components.get(is_default=True).team_id,
            repository=repository,
            after={"since": scan.counts["since"], "findings": len(findings)},
        )
    )
    Event.objects.bulk_create(told, batch_size=1000)
