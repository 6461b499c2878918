"""What a menu of the triage table counts is what its choice leaves: whoever looks, whatever else is chosen."""

from datetime import date, timedelta
from functools import cache

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from findings import actions
from findings.models import Finding
from remediation.actions.items import give
from remediation.forms.filters import Filter, reader
from remediation.models import Item
from remediation.reads.counting import figure
from remediation.reads.matching import matching
from tests.cast import land, member, seen

pytestmark = pytest.mark.django_db
URL = reverse("remediation:findings")
FACETS = reverse("remediation:facets")
SECRET = {"rule": "secrets/plaintext"}
QUERIES = (
    "",
    "state=any",
    "team=delivery",
    "team=platform&state=any",
    "owner=me",
    "owner=none&state=any",
    "mark=back",
    "mark=untriaged&priority=P2",
    "kind=real&state=any",
    "repository=shop&tool=nova",
    "rule=kustomize/patch-sprawl&mark=flapping&state=any",
    "age=30",
    "due=week",
    "q=k8s&state=any",
    "mark=asked",
)


@pytest.fixture
def busy(repository, platform, other_team, alice, bob):
    """Findings of two teams, one of them in both; with owners, dates and items of all kinds; some that came back."""
    now, today = timezone.now(), date.today()
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    patches = [seen(path=f"{part}/{n}.yaml", line=n) for part in ("k8s", "delivery") for n in range(1, 6)]
    secrets = [
        seen(**SECRET, key="both", path="k8s/env.yaml", properties={"class": "real"}),
        seen(**SECRET, key="both", path="delivery/env.yaml", properties={"class": "real"}),
        seen(**SECRET, key="dev", path="delivery/dev.yaml", properties={"class": "dev"}),
    ]
    topic = seen("kafka/under-replicated-topic", "topics/a.yaml", key="main/orders")
    land(repository, [*patches, *secrets], at=now - timedelta(days=200))
    land(repository, [*patches[2:], *secrets], at=now - timedelta(days=100))
    land(repository, [*patches, *secrets, topic], at=now - timedelta(days=20))
    rows = list(Finding.objects.filter(rule__key="kustomize/patch-sprawl").order_by("pk"))
    actions.assign(rows[:3], bob, actor=alice)
    actions.set_due(rows[2:4], today - timedelta(days=1), actor=alice)
    actions.set_due(rows[4:5], today, actor=alice)
    actions.decide(rows[5:6], "accepted", actor=alice, reason="for now")
    Finding.objects.filter(pk=rows[6].pk).update(flapping=True)
    give(Item.objects.filter(rule__key="kustomize/patch-sprawl").earliest("pk"), alice, actor=alice)
    Item.objects.filter(rule__key="secrets/plaintext").update(due=None)
    member(other_team, "alice", "member")
    return repository


def test_what_a_menu_counts_is_what_its_choice_leaves(client, busy, charlie, django_user_model):
    for name in ("alice", "bob", "charlie"):
        user = django_user_model.objects.get(email=f"{name}@example.com")
        client.force_login(user)
        wrong, told = miscounted(client, user)
        assert (wrong, told > 100) == ([], True), name


def miscounted(client, user):
    """What a menu counts otherwise than its choice leaves; and how many were counted."""
    wrong, told = [], 0
    reading = cache(lambda slugs: reader(user, timezone.now(), slugs=slugs))
    for query in QUERIES:
        chosen = QueryDict(query, mutable=True)
        for menu in client.get(f"{FACETS}?{query}").context["facets"]:
            for choice in menu.choices:
                asked = chosen.copy()
                asked.setlist(menu.name, [choice.value])
                wanted = Filter.read(asked)
                left = matching(wanted, reading(wanted.team)).count()
                told += left
                if left != choice.count:
                    wrong.append((query, menu.name, choice.value, choice.count, left))
    return wrong, told


def test_menus_of_a_search_look_for_its_words_once(client, busy, django_user_model):
    client.force_login(django_user_model.objects.get(email="alice@example.com"))
    for query, times in (("q=k8s", 1), ("q=k8s&due=week&mark=asked", 1), ("q=nowhere", 1), ("age=30", 0)):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{reverse('remediation:facets')}?{query}").status_code == 200
        assert sum("findings_sought" in one["sql"] for one in captured.captured_queries) == times, query


def test_the_list_says_how_many_match(client, busy, charlie, django_user_model, monkeypatch):
    for cap, places, often in ((1000, 4000, 9000), (3, 4000, 9000), (1000, 2, 9000), (3, 2, 0)):
        monkeypatch.setattr("remediation.reads.counting.CAP", cap)
        monkeypatch.setattr("remediation.reads.sought.PLACES", places)
        monkeypatch.setattr("remediation.reads.sought.OFTEN", often)
        matching_is_told(client, django_user_model)


def matching_is_told(client, django_user_model):
    """The list says as many as there are, whoever looks and whatever is asked."""
    for name in ("alice", "charlie"):
        user = django_user_model.objects.get(email=f"{name}@example.com")
        client.force_login(user)
        for query in (
            *QUERIES,
            "q=k8s",
            "q=k8s&due=week",
            "q=a.yaml&owner=none",
            "due=overdue",
            "owner=none&due=week&state=any",
            "group=rule&mark=untriaged",
        ):
            wanted = Filter.read(QueryDict(query))
            n = matching(wanted, reader(user, timezone.now(), slugs=wanted.team)).count()
            if n:
                assert client.get(f"{URL}?{query}").context["total"] == figure(n), (name, query)
