"""What pages of the plan say of findings comes from counts, and is what the findings themselves would say."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings import actions
from findings.core.types import Priority
from findings.models import Evidence, Finding
from remediation.core.grading import grade, strict_grade
from remediation.models import Item
from remediation.reads.felt import felt
from remediation.reads.items import Counts, detailed
from remediation.reads.problems import problems_of
from remediation.reads.stock import count_for
from remediation.reads.team import standing
from remediation.reads.way import next_path, steps_of
from tests.cast import NOON, RULES, land, seen
from tests.remediation.test_tally import change

pytestmark = pytest.mark.django_db
TODAY = NOON.date() + timedelta(days=3)
VERBS = ["say", "give", "close", "again", "class", "lose", "place", "take", "shift"]
DATED = ["due", "item due", "item first", "settle", "owe", "age", "abroad"]


@pytest.fixture
def landed(repository, other_team):
    """Findings of two rules and three priorities on the items of one team; some in a part that another one owns."""
    actions.define_component(repository, "away", team=other_team, paths=["/away/"], actor="test")
    some = [seen(RULES[0].key, key="main/orders"), *(seen(RULES[1].key, f"k8s/{n}.yaml", n) for n in range(4))]
    land(repository, [*some, seen(RULES[1].key, "away/a.yaml")])
    urgent = [seen("custom/late", f"{n}.py", priority=Priority.P0, text=f"{n}") for n in range(3)]
    land(repository, urgent, tool="other")
    Evidence.objects.create(
        finding=Finding.objects.earliest("pk"), closes=True, kind="attested", person="bob", text="seen", at=NOON
    )
    return repository


def redate(verb: str, which: set[int], n: int, away: int) -> None:
    """Change what dates and owns things, straight in the tables."""
    place = {pk: at for at, pk in enumerate(Finding.objects.order_by("pk").values_list("pk", flat=True))}
    findings = Finding.objects.filter(pk__in=[pk for pk, at in place.items() if at in which])
    items = Item.objects.filter(pk__in=[i.pk for at, i in enumerate(Item.objects.order_by("pk")) if at in which])
    day = (None, TODAY - timedelta(days=1), TODAY)[n]
    match verb:
        case "due":
            findings.update(due=day)
        case "item due":
            items.update(due=day)
        case "item first":
            items.update(first_due=day)
        case "settle":
            items.update(settled_at=NOON, settled_by="accepted")
        case "owe":
            items.update(settled_at=None, settled_by="")
        case "age":
            findings.update(first_seen_at=NOON - timedelta(days=40 * n))
        case "abroad":
            findings.update(component=away)


def agree(team) -> None:
    """Counts of items, the grade with all that explains it, and the way to a better one."""
    found, known = standing(team, TODAY), problems_of(team, TODAY)
    for item in detailed(Item.objects.filter(checklist__team=team)):
        alone = Item.objects.annotate(n_links=Count("links")).get(pk=item.pk)
        count_for([alone])
        assert Counts.of(found.stock.items[item.pk]) == Counts.of(item) == Counts.of(alone)
    exact, (named, _facts) = grade(known.problems, today=TODAY, scanned=found.owned.scanned), felt(found, capping=True)
    assert (found.grade.score, found.grade.letter, found.grade.raw) == (exact.score, exact.letter, exact.raw)
    assert [(c.name, c.points) for c in found.grade.caps] == [(c.name, c.points) for c in exact.caps]
    costly = [p for p in exact.parts if p.points]
    assert (named.score, named.parts) == (exact.score, tuple(costly))
    assert named.caps == exact.caps
    assert strict_grade(found.problems, today=TODAY).score == strict_grade(known.problems, today=TODAY).score
    assert (found.known.rules, found.known.caps) == (known.rules, known.caps)
    assert set(found.known.settles) == set(known.settles)
    path, steps = next_path(found), steps_of(found)
    loose = {p.id for p in known.problems if p.counts} - {pk for some in known.settles.values() for pk in some}
    assert set(steps) == {f"item:{pk}" for pk in known.settles} | {f"finding:{pk}" for pk in loose}
    assert path is None or path.grade.score > found.grade.score


changes = st.lists(
    st.tuples(st.sampled_from([*VERBS, *DATED]), st.sets(st.integers(0, 8)), st.integers(0, 2)), max_size=10
)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(changes)
def test_whatever_happens_counts_say_what_the_findings_say(db, landed, platform, other_team, bob, history):
    away = other_team.components.get().pk
    landed.proven_commit = "a" * 40
    landed.save(update_fields=["proven_commit"])
    with transaction.atomic():
        for verb, which, n in history:
            redate(verb, which, n, away) if verb in DATED else change(verb, which, n, [bob.pk])
            agree(platform)
            agree(other_team)
        transaction.set_rollback(True)


def test_dates_of_their_own_that_the_counts_tell_are_not_counted_twice(landed, platform, other_team, bob):
    """Beside findings with a date that no item explains there are those whose item does."""
    landed.proven_commit = "a" * 40
    landed.save(update_fields=["proven_commit"])
    every = set(range(9))
    redate("due", every, 2, 0)
    change("take", every, 1, [bob.pk])
    agree(platform)
    agree(other_team)
