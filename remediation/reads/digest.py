"""What a person's digest is made of, read through `visible_to` alone: no other team's data gets into a mail."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Min, Q

from findings.core.types import Priority
from findings.events import FOUND_TOGETHER
from findings.models import Event, Finding, Repository, Team, User
from findings.words import translated
from remediation.clock import calendar_of, zone_of
from remediation.core.digest import Digest, GradeMove, Happening, Outcome, Promise, State, Thing, build
from remediation.core.planning import Week, due_date
from remediation.core.promises import KEPT
from remediation.models import Grade, Item, Placement
from remediation.models import Week as TeamWeek
from remediation.reads.costs import cost_moves

# What an event did, and the state its subject must still be in: what was undone or decided since is not told.
VERBS = {
    ("finding", "found"): Outcome.NEW,
    ("finding", "came back"): Outcome.CAME_BACK,
    ("finding", "closed"): Outcome.CLOSED,
    ("item", "proven"): Outcome.CLOSED,
    ("item", "attested"): Outcome.CLOSED,
    ("item", "came back"): Outcome.CAME_BACK,
    ("item", "reopened"): Outcome.CAME_BACK,
}
# Tools whose titles are our own words, or a reviewer's; other tools quote code in theirs.
PLAIN_TITLES = frozenset({"nova", "review"})


def digest_of(user: User, since: datetime, until: datetime) -> Digest:
    """What changed for a person between two moments, and what needs them."""
    return build(state_of(user, since, until))


def state_of(user: User, since: datetime, until: datetime) -> State:
    """All that a digest is made from."""
    teams = list(Team.objects.visible_to(user).order_by("name", "pk"))
    named = len(teams) > 1
    return State(
        since=since,
        until=until,
        zone=zone_of(user),
        needs=needs(user, until, named=named),
        happenings=happenings(user, since, until, named=named),
        promises=[p for team in teams for p in promises(team, since, until)],
        grades=[g for team in teams for g in grades(team, since, until)],
        costs=[c for team in teams for c in cost_moves(team, since, until, zone_of(team))],
    )


# What needs the person


def needs(user: User, until: datetime, *, named: bool) -> list[Thing]:
    """The open things this person owns that are overdue or due in this week."""
    last = Week.of(until.astimezone(zone_of(user)).date()).end
    items = Item.objects.visible_to(user).unsettled().filter(owner=user).select_related("checklist__team")
    found = [_item(item, item.due, named=named) for item in items if item.due is not None and item.due <= last]
    # A finding on an item of the same person is told by the item.
    mine = Finding.objects.filter(items__owner=user, items__settled_at=None)
    rows = Finding.objects.visible_to(user).open().filter(owner=user).exclude(pk__in=mine.values("pk"))
    rows = rows.select_related("rule", "component__team")
    rows = rows.annotate(item_due=Min("items__due", filter=Q(items__settled_at=None)))
    for finding in rows:
        due = _due(finding, finding.item_due)
        if due <= last:
            found.append(_finding(finding, due, named=named))
    return found


def _due(finding: Finding, item_due: date | None) -> date:
    team = finding.component.team
    return due_date(
        finding.due,
        item_due,
        priority=Priority(finding.priority),
        opened=finding.first_seen_at.astimezone(zone_of(team)).date(),
        sla={Priority(p): days for p, days in team.sla.items()},
        calendar=calendar_of(team),
    ).on


def _item(item: Item, due: date | None, *, named: bool) -> Thing:
    team = item.checklist.team.name if named else ""
    return Thing(f"item:{item.pk}", translated(item.title), Priority(item.priority), team, due)


def _finding(finding: Finding, due: date | None, *, named: bool) -> Thing:
    plain = finding.rule.tool in PLAIN_TITLES
    title = finding.title if plain else translated(finding.rule.title) or finding.rule.key
    team = finding.component.team.name if named else ""
    return Thing(f"finding:{finding.pk}", title, Priority(finding.priority), team, due)


# What happened


def happenings(user: User, since: datetime, until: datetime, *, named: bool) -> list[Happening]:
    """What closed, came back and was found, as far as it still stands."""
    told = _told(user, since, until)
    things = _findings(user, told, named=named) | _items(user, told, named=named)
    rows = [(at, subject, outcome) for at, subject, outcome in told if outcome in things.get(subject, ((), None))[0]]
    spoken_for = _spoken_for({(subject, outcome) for _, subject, outcome in rows})
    return [Happening(at, outcome, things[s][1]) for at, s, outcome in rows if (s, outcome) not in spoken_for]


Told = list[tuple[datetime, str, Outcome]]
Things = dict[str, tuple[Sequence[Outcome], Thing]]


def _told(user: User, since: datetime, until: datetime) -> Told:
    """Events of the person's teams; findings shared between teams are found by their repository."""
    teams = list(Team.objects.visible_to(user).values_list("pk", flat=True))
    repositories = list(Repository.objects.visible_to(user).values_list("pk", flat=True))
    ours = Q(team_ref__in=teams) | Q(repository_ref__in=repositories)
    verbs = {FOUND_TOGETHER} | {verb for _, verb in VERBS}
    rows = Event.objects.filter(ours, at__gt=since, at__lte=until, verb__in=verbs).order_by("at", "id")
    told: dict[tuple[datetime, str, Outcome], None] = {}
    for at, subject, verb, after in rows.values_list("at", "subject", "verb", "after"):
        if verb == FOUND_TOGETHER:  # once for each team
            keys = (key for first, last in after["keys"] for key in range(first, last + 1))
            told |= dict.fromkeys((at, f"finding:{key}", Outcome.NEW) for key in keys)
        elif outcome := VERBS.get((subject.split(":")[0], verb)):
            told[at, subject, outcome] = None
    return list(told)


def _keys(told: Told, kind: str) -> set[int]:
    return {int(s.split(":")[1]) for _, s, _ in told if s.startswith(f"{kind}:")}


def _findings(user: User, told: Told, *, named: bool) -> Things:
    """The findings among the subjects that this person may see, with the outcomes that are still true of each."""
    rows = Finding.objects.visible_to(user).filter(pk__in=_keys(told, "finding"), state__in=["open", "fixed"])
    return {
        f"finding:{f.pk}": (
            (Outcome.CLOSED,) if f.state == "fixed" else (Outcome.NEW, Outcome.CAME_BACK),
            _finding(f, None, named=named),
        )
        for f in rows.select_related("rule", "component__team")
    }


def _items(user: User, told: Told, *, named: bool) -> Things:
    rows = Item.objects.visible_to(user).filter(pk__in=_keys(told, "item")).select_related("checklist__team")
    return {
        f"item:{i.pk}": (
            (Outcome.CAME_BACK,) if i.settled_at is None else (Outcome.CLOSED,),
            _item(i, None, named=named),
        )
        for i in rows
    }


def _spoken_for(told: set[tuple[str, Outcome]]) -> set[tuple[str, Outcome]]:
    """Findings whose item is told with the same outcome."""
    subjects = [(s.split(":")[0], int(s.split(":")[1])) for s, _ in told]
    items = [pk for kind, pk in subjects if kind == "item"]
    findings = [pk for kind, pk in subjects if kind == "finding"]
    pairs = Placement.objects.filter(item__in=items, finding__in=findings).values_list("item_id", "finding_id")
    named = [(f"item:{item}", f"finding:{finding}") for item, finding in pairs]
    return {(finding, outcome) for item, finding in named for outcome in Outcome if (item, outcome) in told}


# How it goes


def promises(team: Team, since: datetime, until: datetime) -> Iterable[Promise]:
    """The weeks of a team that ended in the period, and what it kept of them by their end."""
    zone = zone_of(team)
    weeks = TeamWeek.objects.filter(team=team, committed_at__lte=until, committed_at__gt=since - timedelta(days=14))
    for row in weeks.order_by("year", "number"):
        week = Week(row.year, row.number)
        over = datetime.combine(week.end + timedelta(days=1), time(), zone)
        if since < over <= until:
            live = Q(outcome="", item__settled_by__in=KEPT, item__settled_at__lt=over.astimezone(UTC))
            counts = row.promises.filter(added=False).aggregate(
                promised=Count("pk"), kept=Count("pk", filter=Q(outcome__in=KEPT) | live)
            )
            yield Promise(team.name, week, counts["promised"], counts["kept"])


def grades(team: Team, since: datetime, until: datetime) -> Iterable[GradeMove]:
    """How a team's grade moved, by one formula; grades of batches that were taken back do not count."""
    rows = Grade.objects.of(f"team:{team.pk}").filter(Q(run=None) | Q(run__state="applied"))
    now = rows.filter(at__lte=until).last()
    if now is None:
        return
    before = rows.filter(at__lte=since, formula=now.formula).last()
    yield GradeMove(
        team.name,
        before.letter if before else "",
        now.letter,
        before.score if before else None,
        now.score,
    )
