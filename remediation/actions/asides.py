"""The human half of taking over a past that was told aside: its grades, and what was settled before anybody looked."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Min, Q

from findings.actions import asides
from findings.actions.asides import Taken
from findings.models import Component, Event, Finding, Repository, Team
from remediation.actions.board import load
from remediation.actions.follow import judge, phases_of
from remediation.actions.grades import grade_day
from remediation.actions.settling import about_item
from remediation.models import Checklist, Grade, Item, Link, Phase, Placement


def take_over(repository: Repository, aside: Repository, taken: Taken, *, at: datetime) -> None:
    """Bring grades and plan in line with what a repository took over. Call it in the same transaction."""
    _take_grades(repository, aside, taken, at)
    _take_items(taken)
    judge(load(repository), at)
    clear(aside)
    for team in Team.objects.filter(components__repository=repository).distinct():
        grade_day(team, at=at)


def clear(aside: Repository) -> None:
    """Nothing is left of what was told aside."""
    teams = list(aside.components.values_list("team_id", flat=True))
    items = Item.objects.filter(checklist__team__in=teams)
    Placement.objects.filter(Q(item__in=items) | Q(finding__repository=aside)).delete()
    Link.objects.filter(item__in=items).delete()
    items.update(successor_of=None)
    items.delete()
    Phase.objects.filter(checklist__team__in=teams).delete()
    Checklist.objects.filter(team__in=teams).delete()
    parts = list(aside.components.values_list("pk", flat=True))
    Grade.objects.filter(subject__in=_names(aside.pk, parts, teams)).delete()
    asides.clear(aside)


def _names(repository: int, parts: list[int], teams: list[int]) -> list[str]:
    return [f"repository:{repository}", *(f"component:{pk}" for pk in parts), *(f"team:{pk}" for pk in teams)]


def _take_grades(repository: Repository, aside: Repository, taken: Taken, at: datetime) -> None:
    """Grades from before the first scan of all. From then on those stand that people saw, and so does a team's where
    other repositories have a part in it.
    """
    pairs = zip(
        _names(aside.pk, list(taken.parts), list(taken.teams)),
        _names(repository.pk, list(taken.parts.values()), list(taken.teams.values())),
        strict=True,
    )
    shared = Component.objects.filter(team__in=taken.teams.values()).exclude(repository=repository)
    mixed = {f"team:{pk}" for pk in shared.values_list("team_id", flat=True)}
    subjects = {theirs: ours for theirs, ours in pairs if ours not in mixed}
    rows = list(Grade.objects.filter(subject__in=subjects, at__lt=taken.since or at))
    for row in rows:
        row.subject = subjects[row.subject]
        row.parts = [part | {"finding": _known(taken, part["finding"])} for part in row.parts]
        row.caps = [cap | {"findings": [_known(taken, pk) for pk in cap["findings"]]} for cap in row.caps]
    Grade.objects.bulk_update(rows, ["subject", "parts", "caps"], batch_size=500)


def _known(taken: Taken, finding: Any) -> Any:
    return taken.twins.get(finding, finding)


def _take_items(taken: Taken) -> None:
    """What was closed before the first scan stands on the item of its rule; where the team has none of that rule, the
    item comes along that was settled then.
    """
    standing = Item.objects.filter(checklist__review=None)
    mine = {
        (item.checklist.team_id, item.anchor): item
        for item in standing.filter(checklist__team__in=taken.teams.values()).select_related("checklist")
    }
    theirs = standing.filter(checklist__team__in=taken.teams).select_related("checklist__team").order_by("pk")
    closed = set(Finding.objects.filter(pk__in=taken.others, present=False).values_list("pk", flat=True))
    on: dict[int, list[int]] = defaultdict(list)
    for item_pk, finding in Placement.objects.filter(item__in=theirs).values_list("item_id", "finding_id"):
        if finding in closed:
            on[item_pk].append(finding)
    moved, placed = [], []
    for item in theirs:
        home = mine.get((taken.teams[item.checklist.team_id], item.anchor.partition("~")[0]))
        if home:
            placed += [Placement(item=home, finding_id=finding) for finding in on[item.pk]]
        elif item.settled_at and on[item.pk]:
            moved.append(item)
            placed += [Placement(item=item, finding_id=finding) for finding in on[item.pk]]
    Placement.objects.filter(item__in=theirs).delete()
    _move(moved, taken.teams)
    Placement.objects.bulk_create(placed, ignore_conflicts=True)
    _tell(moved)


def _move(items: list[Item], teams: Mapping[int, int]) -> None:
    """Onto the standing lists of the teams that others stood for."""
    phases = phases_of({(teams[item.checklist.team_id], item.priority) for item in items})
    kept = {item.pk for item in items}
    for item in items:
        item.phase = phases[teams[item.checklist.team_id], item.priority]
        item.checklist = item.phase.checklist
        item.successor_of_id = item.successor_of_id if item.successor_of_id in kept else None
    Item.objects.bulk_update(items, ["checklist", "phase", "successor_of"], batch_size=500)


def _tell(items: list[Item]) -> None:
    began = Item.objects.filter(pk__in=[item.pk for item in items]).annotate(began=Min("findings__first_seen_at"))
    opened = dict(began.values_list("pk", "began"))
    told: list[Event] = []
    for item in items:
        if item.settled_at:
            told.append(about_item(item, "opened", opened[item.pk]))
            told.append(about_item(item, "proven", item.settled_at, after={"commit": item.settled_commit}))
    Event.objects.bulk_create(sorted(told, key=lambda one: one.at))
