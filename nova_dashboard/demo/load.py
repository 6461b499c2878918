"""Tells the demo's story to the product: everything here goes through the code that a user's own data goes through."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from findings import actions
from findings.core.types import Priority
from findings.models import Finding, Repository, Team, User
from nova_dashboard.demo.people import PLATFORM
from nova_dashboard.demo.plan import new_date
from nova_dashboard.demo.repository import BuiltDemo, build
from nova_dashboard.demo.reviews import ReviewText
from nova_dashboard.mirrors import refresh
from nova_dashboard.past import replay
from remediation.actions import items
from remediation.actions.costs import import_costs, read_costs
from remediation.actions.digests import enroll
from remediation.actions.grades import grade_day
from remediation.actions.imports import accept_import
from remediation.actions.reading import preview_review
from remediation.actions.reviews import at_noon
from remediation.actions.weeks import commit_week
from remediation.clock import day_of, start_of
from remediation.core.planning import Week
from remediation.models import Item

SLUG = "ternpost"
ACTOR = "demo"
PROMISED = 6  # weeks before this one that were promised


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in to the demo."""

    email: str
    password: str
    role: str
    team: str


def folder() -> Path:
    """Where the demo's repository and logins live."""
    return settings.VAR / "demo"


def logins() -> list[Login]:
    """Who can sign in to the demo that was loaded; nobody when none was."""
    file = folder() / "logins.json"
    return [Login(**row) for row in json.loads(file.read_text())] if file.exists() else []


def load(today: date, told: Callable[[str], None] = lambda _: None) -> list[Login]:
    """Build the demo's repository and live through its ten weeks: commits, reviews, claims, bills.

    All or nothing: a load that is interrupted leaves an empty database, and is begun again.
    """
    folder().mkdir(parents=True, exist_ok=True)
    built = build(folder(), today)
    told("Living through ten weeks of commits ...")
    with transaction.atomic():
        people, made = _people(built)
        repository = _repository(built)
        _history(built, repository, people)
        for slug, text in built.costs.items():
            import_costs(read_costs(text.encode()), Team.objects.get(slug=slug), actor=ACTOR, file_name=f"{slug}.csv")
        _week(people)
    file = folder() / "logins.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps([{n: getattr(m, n) for n in m.__slots__} for m in made]))
    return made


def _people(built: BuiltDemo) -> tuple[dict[str, User], list[Login]]:
    for team in built.teams:
        actions.create_team(team.slug, actor=ACTOR, name=team.name, timezone=team.timezone, language=team.language)
    people, made = {}, []
    for account in built.accounts:
        home = Team.objects.get(slug=account.team)
        user = actions.invite(home, account.email, account.role, actor=ACTOR, name=account.name).user
        password = secrets.token_urlsafe(9)
        user.set_password(password)
        user.language = account.language
        user.save(update_fields=["password", "language"])
        enroll(user)
        people[account.email] = user
        made.append(Login(account.email, password, account.role, home.name))
    return people, made


def _repository(built: BuiltDemo) -> Repository:
    home = Team.objects.get(slug=PLATFORM.slug)
    repository = actions.track(str(built.origin), team=home, actor=ACTOR, slug=SLUG, name="Ternpost")
    for team in built.teams:
        if team.slug != home.slug:
            owner = Team.objects.get(slug=team.slug)
            actions.define_component(repository, team.name, team=owner, paths=team.paths, actor=ACTOR)
    return repository


def _history(built: BuiltDemo, repository: Repository, people: dict[str, User]) -> None:
    """Each commit on its day, and between them what people did: upload a review, claim what they fixed."""
    mirror, _ = refresh(repository)
    waiting = sorted(built.reviews, key=lambda r: r.reviewed)
    for commit in built.commits:
        while waiting and _moment(waiting[0]) <= commit.when:
            _upload(waiting.pop(0), repository, people)
        run = replay(repository, mirror, commit.sha, commit.when)
        _claims(run.observed_at, people)
        _rotations(run.observed_at, people)
    for review in waiting:
        _upload(review, repository, people)


def _moment(review: ReviewText) -> datetime:
    return at_noon(review.reviewed, Team.objects.get(slug=review.team).timezone)


def _upload(review: ReviewText, repository: Repository, people: dict[str, User]) -> None:
    team, when = Team.objects.get(slug=review.team), _moment(review)
    actor = team.memberships.order_by("role").select_related("user")[0].user
    reading = preview_review(repository, team, review.text.encode(), file_name=review.filename, actor=actor, at=when)
    accept_import(reading.run, actor=actor, at=when)
    members = [m.user for m in team.memberships.select_related("user").order_by("user__email")]
    for n, item in enumerate(Item.objects.filter(checklist__review__run=reading.run).order_by("pk")):
        items.give(item, members[n % len(members)], actor=actor, at=when)


def _claims(when: datetime, people: dict[str, User]) -> None:
    """Owners tick what they think is done one day before its date, as people do; scans tell who was right."""
    due = Item.objects.filter(
        settled_at=None, claimed_at=None, owner__in=people.values(), priority=Priority.P0,
        due__lte=(when + timedelta(days=1)).date(),
    )  # fmt: skip
    for item in due.select_related("owner")[:1]:
        items.claim(item, actor=item.owner or ACTOR, at=when)


def _rotations(when: datetime, people: dict[str, User]) -> None:
    """A secret that has been out of the code for two days was rotated, and somebody says so with a ticket."""
    gone = Finding.objects.filter(rule__proof="history", state="open", at_head=False).select_related("component")
    for finding in gone.filter(occurrences__from_run__observed_at__lt=when - timedelta(days=2)).distinct():
        team = finding.component.team_id
        who = next((u for u in people.values() if u.memberships.filter(team=team).exists()), None)
        text = f"Rotated; the old value was refused afterwards. OPS-{200 + finding.pk}"
        actions.attest(finding, text, actor=who or ACTOR, at=when)


def _replan(team: Team, lead: User) -> None:
    """Most of what is late gets a new date and a reason; two items stay late, for the page to show."""
    today = timezone.localdate()
    late = Item.objects.filter(checklist__team=team, settled_at=None, due__lt=today).order_by("priority", "due", "pk")
    for n, item in enumerate(late[2:]):
        why = "Agreed on Monday: after the move of the broker"
        items.reschedule(item, new_date(today, n), actor=lead, why=why)


def _promises(team: Team, lead: User) -> None:
    """Six weeks of promises: each Monday some of what was done in that week, and some of what was due and was not."""
    today = day_of(team, timezone.now())
    for n in range(PROMISED, 0, -1):
        monday = Week.of(today).shift(-n).start
        begin, end = start_of(monday, team), start_of(monday + timedelta(days=7), team)
        ours = Item.objects.filter(checklist__team=team).order_by("priority", "first_due", "pk")
        done = ours.filter(settled_at__gte=begin, settled_at__lt=end)
        late = ours.filter(Q(settled_at=None) | Q(settled_at__gte=end), first_due__lt=end.date())
        if chosen := [*done[:3], *late[n % 3 : n % 3 + 2]]:
            commit_week(team, chosen, today=monday, actor=lead, at=begin + timedelta(hours=9))


def _week(people: dict[str, User]) -> None:
    for team in Team.objects.filter(memberships__user__in=people.values()).distinct():
        lead = team.memberships.order_by("role").select_related("user")[0].user
        _promises(team, lead)
        _replan(team, lead)
        grade_day(team, at=timezone.now())
        open_items = Item.objects.filter(checklist__team=team, settled_at=None).order_by("priority", "due", "pk")
        commit_week(team, open_items[:4], today=timezone.localdate(), actor=lead)
