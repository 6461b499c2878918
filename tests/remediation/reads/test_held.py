"""What people have is looked up by its keys where it is little: the same as each finding says of itself."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings.models import Finding, User
from remediation.forms.filters import Filter, reader
from remediation.models import Item, Placement
from remediation.reads import held
from remediation.reads.due import holders, planned
from remediation.reads.matching import matching
from tests.cast import NOON, some

pytestmark = pytest.mark.django_db


def someone(n):
    """A person, or nobody."""
    return [None, *User.objects.order_by("pk").values_list("pk", flat=True)][n % (User.objects.count() + 1)]


def day(n):
    return NOON.date() + timedelta(days=n % 5) if n % 4 else None


def placed(n):
    pairs = [Placement(item_id=i, finding_id=f) for i in some(n, Item) for f in some(n // 3, Finding)]
    Placement.objects.bulk_create(pairs, ignore_conflicts=True)


def copied(n):
    """One more item of the same list, so that findings can be on several."""
    item = Item.objects.order_by("pk")[n % Item.objects.count()]
    Item.objects.create(
        checklist=item.checklist, phase=item.phase, anchor=f"copy-{n}-{Item.objects.count()}", title="copy",
        priority="P2", owner_id=someone(n), due=day(n),
    )  # fmt: skip


HAPPENS = (
    lambda n: Finding.objects.filter(pk__in=some(n, Finding)).update(owner=someone(n)),
    lambda n: Item.objects.filter(pk__in=some(n, Item)).update(owner=someone(n)),
    lambda n: Item.objects.filter(pk__in=some(n, Item)).update(due=day(n)),
    lambda n: Item.objects.filter(pk__in=some(n, Item)).update(settled_at=NOON, settled_by="accepted"),
    lambda n: Item.objects.filter(pk__in=some(n, Item)).update(settled_at=None, settled_by=""),
    lambda n: Placement.objects.filter(finding__in=some(n, Finding), item__in=some(n // 3, Item)).delete(),
    placed,
    copied,
    lambda n: Finding.objects.filter(pk__in=some(n, Finding)).update(verdict="accepted" if n % 2 else ""),
)


def keys(rows):
    return sorted(rows.values_list("pk", flat=True))


def said(rows, who, owners):
    """Those of the rows of which one of these people is the holder, as a page tells of each."""
    found = list(rows.select_related("owner"))
    holds = holders(found, planned([f.pk for f in found], who.team_keys))
    return sorted(pk for pk, user in holds.items() if user.pk in owners)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(range(len(HAPPENS))), st.integers(0, 200)), min_size=1, max_size=9))
def test_what_is_looked_up_as_theirs_is_what_each_finding_says_of_itself(people, steps):
    alice, charlie = people
    with transaction.atomic():
        Item.objects.update(owner=alice)
        for kind, n in steps:
            HAPPENS[kind](n)
        for user in people:
            who = reader(user, NOON)
            for owners in (["me"], [str(alice.pk)], ["me", str(charlie.pk)], ["0"]):
                for state in (("open",), ("open", "accepted"), ("any",)):
                    chosen = Filter(owner=tuple(owners), state=state)
                    named = {user.pk if owner == "me" else int(owner) for owner in owners}
                    found = sorted(row.pk for row in held.held(chosen, who))
                    everything = matching(Filter(state=state), who)
                    assert found == keys(matching(chosen, who)) == said(everything, who, named), chosen
        transaction.set_rollback(True)


def test_what_somebody_has_much_of_is_read_in_the_tables_order(people, monkeypatch):
    alice, _charlie = people
    who, mine = reader(alice, NOON), Filter(owner=("me",))
    Finding.objects.update(owner=alice)
    assert held.held(mine, who) is not None
    monkeypatch.setattr(held, "MOST", Finding.objects.count() - 1)
    assert held.held(mine, who) is None
    Finding.objects.update(owner=None)
    Item.objects.update(owner=alice)
    assert Placement.objects.count() > held.MOST
    assert held.held(mine, who) is None


def test_nobody_and_no_choice_are_not_looked_up(people, django_assert_num_queries):
    who = reader(people[0], NOON)
    with django_assert_num_queries(0):
        for owner in ((), ("none",), ("me", "none"), ("x",)):
            assert held.held(Filter(owner=owner), who) is None


@pytest.mark.parametrize("sort", ["priority", "newest", "oldest"])
def test_a_list_of_ones_own_has_the_pages_it_has_when_it_is_read_in_order(client, people, monkeypatch, sort):
    alice, _charlie = people
    Item.objects.update(owner=alice)
    for n, finding in enumerate(Finding.objects.order_by("pk")):
        at = NOON + timedelta(hours=n * 7 % 4)
        Finding.objects.filter(pk=finding.pk).update(priority=f"P{n * 5 % 3}", first_seen_at=at)
    monkeypatch.setattr(Filter, "size", 3)
    client.force_login(User.objects.get(pk=alice.pk))

    def pages():
        told, asked = [], {}
        for way in ["after"] * 3 + ["before"] * 2:
            page = client.get(reverse("remediation:findings"), {"owner": "me", "sort": sort, **asked}).context
            told.append(([row.pk for row in page["rows"]], page["total"], page["page"].next, page["page"].previous))
            asked = {way: page["page"].next if way == "after" else page["page"].previous}
        for odd in ("x", "2026-03-02T12:00:00~5", "P1~5", "2026-03-02T12:00:00~"):
            page = client.get(reverse("remediation:findings"), {"owner": "me", "sort": sort, "after": odd}).context
            told.append([row.pk for row in page["rows"]])
        return told

    looked_up = pages()
    monkeypatch.setattr(held, "MOST", 0)
    assert looked_up == pages()
    assert len({key for rows, *_more in looked_up[:3] for key in rows}) == 9
