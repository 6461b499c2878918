"""The tally tells how many findings there are of each kind, whatever happened to them, and in whatever order."""

import threading

import pytest
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings import actions
from findings.models import Component, Evidence, Finding, Occurrence
from nova_dashboard.tasks import sweep
from remediation.actions.tallies import add_up
from remediation.models import Item, Placement, Tally
from remediation.reads.tally import counted
from tests.cast import NOON, RULES, land, only, seen
from tests.figures import wrong_figures
from tests.laws import wrong_tallies

pytestmark = pytest.mark.django_db
PATCHES = RULES[1].key


@pytest.fixture
def landed(repository):
    """Six findings of one rule, and one of another, each on its item."""
    land(repository, [seen(RULES[0].key, key="main/orders"), *(seen(PATCHES, f"k8s/{n}.yaml", n) for n in range(6))])
    return repository


def parts() -> list[int]:
    return list(Component.objects.values_list("pk", flat=True))


def kinds() -> list[tuple[int, str, int]]:
    return sorted(counted(parts(), "rule_id", "priority", state="open"))


def told() -> int:
    return sum(n for *_, n in counted(parts(), "state"))


def test_a_batch_is_counted_and_its_undo_too(repository, landed):
    assert sorted(n for *_, n in kinds()) == [1, 6]
    assert {tuple(items) for items, _ in counted(parts(), "items")} == {(i.pk,) for i in Item.objects.all()}
    run = land(repository, [seen(PATCHES, f"new/{n}.yaml", n) for n in range(3)], at=NOON.replace(day=4))
    assert (told(), wrong_tallies()) == (10, [])
    actions.undo(run, actor="test")
    assert (told(), wrong_tallies()) == (7, [])


@pytest.mark.parametrize("before", [0, 1, 120])
def test_a_large_batch_is_counted_however_much_of_it_was_placed_before(repository, landed, before):
    """Together where all is new and on one item, else each by its key: the same in the end."""
    land(repository, [seen(PATCHES, f"new/{n}.yaml", n) for n in range(120)], at=NOON.replace(day=4))
    assert (told(), wrong_tallies()) == (127, [])
    fresh = list(Finding.objects.order_by("-pk").values_list("pk", flat=True)[:120])
    one, other = Item.objects.order_by("pk")
    placed = dict(Placement.objects.filter(finding__in=fresh).values_list("finding", "item"))
    with transaction.atomic():
        Finding.objects.filter(pk__in=fresh).update(version=9)  # from here on they look like new ones
        Placement.objects.filter(finding__in=fresh[before:]).delete()
        Placement.objects.bulk_create(
            Placement(finding_id=pk, item=other if placed[pk] == one.pk else one) for pk in fresh
        )
        assert wrong_tallies() == []
    assert Placement.objects.filter(finding__in=fresh).count() == 120 + before


def test_words_owners_and_dates_are_counted(bob, landed):
    some = list(Finding.objects.filter(rule__key=PATCHES)[:2])
    actions.decide(some[:1], "accepted", actor=bob, reason="only a test")
    actions.assign(some[1:], bob, actor=bob)
    actions.set_due([only(key="main/orders")], NOON.date(), actor=bob)
    assert wrong_tallies() == []
    assert dict(counted(parts(), "state")) == {"open": 6, "accepted": 1}
    assert dict(counted(parts(), "owner_id", dated=False)) == {None: 5, bob.pk: 1}


changes = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "say",
                "give",
                "close",
                "again",
                "class",
                "add",
                "lose",
                "place",
                "take",
                "shift",
                "add up",
                "date",
                "settle",
            ]
        ),
        st.sets(st.integers(0, 8)),
        st.integers(0, 2),
    ),
    max_size=12,
)


def change(verb: str, which: set[int], n: int, people: list[int]) -> None:
    """What no page does at once, straight in the tables."""
    keys = [
        pk for place, pk in enumerate(Finding.objects.order_by("pk").values_list("pk", flat=True)) if place in which
    ]
    findings, items = Finding.objects.filter(pk__in=keys), list(Item.objects.order_by("pk"))
    on, item = Placement.objects.filter(finding__in=keys), items[n % len(items)]
    match verb:
        case "say":
            findings.update(verdict=("", "accepted", "false_positive")[n], title="said")
        case "give":
            findings.update(owner=people[n % len(people)], reopened=n, flapping=n > 1)
        case "close" | "again":
            proof = Evidence.objects.first()
            findings.update(present=verb == "again", at_head=verb == "again", evidence=proof)
        case "class":
            findings.update(properties={"class": "real"} if n else {})
        case "add":
            for row in findings:
                row.pk, row.key, row.identity = None, "", ""
                row.save(force_insert=True)
        case "lose":
            Occurrence.objects.filter(finding__in=keys).delete()
            findings.exclude(proofs__isnull=False).delete()
        case "place":
            Placement.objects.bulk_create(
                [Placement(item=i, finding_id=pk) for pk in keys for i in items[n:]], ignore_conflicts=True
            )
        case "take":
            (on.filter(item=item) if n else on).delete()
        case "shift":
            on.exclude(finding__placements__item=item).filter(item=items[0]).update(item=item)
        case "add up":
            add_up()
        case "date":
            findings.update(due=(None, NOON.date())[n % 2])
            Item.objects.filter(pk=item.pk).update(due=(None, NOON.date(), NOON.date().replace(day=1))[n])
        case "settle":
            how = {"settled_at": NOON, "settled_by": "accepted"} if n % 2 else {"settled_at": None, "settled_by": ""}
            Item.objects.filter(pk=item.pk).update(**how)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(changes)
def test_whatever_happens_it_tells_how_many_there_are(db, landed, bob, history):
    finding = Finding.objects.earliest("pk")
    with transaction.atomic():
        Evidence.objects.create(finding=finding, closes=True, kind="attested", person="bob", text="seen", at=NOON)
        for verb, which, n in history:
            change(verb, which, n, [bob.pk])
            assert wrong_tallies() + wrong_figures() == [], verb
        transaction.set_rollback(True)


def test_rows_of_one_kind_become_one(landed):
    for _ in range(3):
        Finding.objects.update(verdict="accepted")
        Finding.objects.update(verdict="")
    before, known = Tally.objects.count(), kinds()
    sweep()
    assert Tally.objects.count() == 2 < before
    assert (kinds(), wrong_tallies()) == (known, [])


@pytest.mark.parametrize("table", ["remediation_placement", "findings_finding"])
def test_an_emptied_table_leaves_nothing_counted(landed, table):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {table} CASCADE")
        assert wrong_tallies() == []
        transaction.set_rollback(True)


def both(first, second) -> None:
    """The second begins, in a connection of its own, before the transaction of the first is over."""

    def run() -> None:
        try:
            second()
        finally:
            connection.close()

    other = threading.Thread(target=run)
    with transaction.atomic():
        first()
        other.start()
        other.join(0.5)
    other.join(10)
    assert not other.is_alive()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turned", [False, True])
def test_who_changes_a_finding_while_it_is_placed_is_counted_once(landed, turned):
    finding, other = only(key="main/orders"), Item.objects.exclude(rule__key=RULES[0].key).get()
    ways = [
        lambda: Finding.objects.filter(pk=finding.pk).update(verdict="accepted"),
        lambda: Placement.objects.create(finding_id=finding.pk, item_id=other.pk),
    ]
    both(*(reversed(ways) if turned else ways))
    assert wrong_tallies() == []


@pytest.mark.django_db(transaction=True)
def test_two_who_place_one_finding_at_once_are_both_counted(landed):
    finding, other = only(key="main/orders"), Item.objects.exclude(rule__key=RULES[0].key).get()
    new = Item.objects.create(checklist=other.checklist, phase=other.phase, anchor="new", title="new", priority="P2")
    both(*(lambda i=item: Placement.objects.create(finding_id=finding.pk, item_id=i.pk) for item in (other, new)))
    assert wrong_tallies() == []
    assert len(only(key="main/orders").placements.all()) == 3


@pytest.mark.django_db(transaction=True)
def test_what_is_added_while_rows_become_one_stays(landed):
    Finding.objects.update(verdict="accepted")
    both(lambda: Finding.objects.filter(rule__key=PATCHES).update(verdict=""), add_up)
    assert wrong_tallies() == []
    both(add_up, lambda: Finding.objects.update(verdict="accepted"))
    both(add_up, add_up)
    assert (told(), wrong_tallies()) == (7, [])


def test_who_changes_many_adds_it_up_where_no_worker_does(client, alice, landed, monkeypatch):
    monkeypatch.setattr("remediation.actions.tallies.MANY", 3)
    client.force_login(alice)
    said = {"everything": "1", "filter": "state=any", "confirmed": "1", "verb": "accept", "verdict": "accepted"}
    left = []
    for n in range(4):
        client.post(reverse("remediation:bulk"), said | {"reason": f"for now, {n}"})
        left.append(Tally.objects.filter(n__lt=0).count())
        client.post(reverse("remediation:bulk_undo"))
        left.append(Tally.objects.filter(n__lt=0).count())
    assert (told(), wrong_tallies()) == (7, [])
    assert (max(left) <= 3, 0 in left) == (True, True)
