"""What words and paths find is the same whichever way it is sought, page by page, and costs no look at the whole table."""

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.db.models import F
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from findings.models import Occurrence, Repository, User
from remediation.forms.filters import Filter, reader
from remediation.models import Item
from remediation.reads.counting import figure
from remediation.reads.matching import matching
from remediation.reads.neighbours import neighbours
from remediation.reads.sought import Told, _enough, _sooner_by_itself
from tests.cast import NOON, land, seen

pytestmark = pytest.mark.django_db
URL = reverse("remediation:findings")
ASKED = (
    "q=yaml",
    "q=delivery&state=any",
    "q=k8s&owner=none",
    "q=k8s&priority=P1&sort=newest",
    "q=k8s&age=7",
    "q=yaml&rule=docs/stale&state=any",
    "q=yaml&tool=nova&rule=docs/stale&mark=untriaged",
    "q=yaml&due=week",
    "q=replicated",
    "q=replicated&path=delivery",
    "q=yaml&path=k8s/&owner=none&state=any",
    "q=k8s&path=/&owner=none",
    "path=k8s/&owner=none&age=7",
    "path=1.yaml&state=any&sort=newest",
    "q=yaml&older=7&owner=none",
    "q=yaml&path=k8s&state=any&sort=oldest",
    "q=nowhere",
    "path=k8s/",
    "path=/t&state=open&state=accepted",
    "path=elsewhere/",
    "state=any",
)
WAYS = {
    "all at once": (1000, 10_000, 10**9),
    "by more places": (1000, 3, 10**9),
    "along the table": (2, 3, 10**9),
    "along the table, not far enough": (2, 3, 10**9),
    "what is everywhere": (1000, 10_000, -1),
    "what is everywhere, and more than is counted": (2, 10_000, -1),
}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    cap, places, often = WAYS[request.param]
    monkeypatch.setattr("remediation.reads.counting.CAP", cap)
    monkeypatch.setattr("remediation.reads.sought.PLACES", places)
    monkeypatch.setattr("remediation.reads.sought.OFTEN", often)
    monkeypatch.setattr("remediation.reads.walking.FIRST", 3 if "not far" in request.param else 20_000)
    monkeypatch.setattr(Filter, "size", 4)


@pytest.fixture
def owned(mixed):
    """One item is somebody's."""
    Item.objects.filter(pk=Item.objects.earliest("pk").pk).update(owner=mixed[0])
    return mixed


def paged(client, query, side):
    """The keys of all rows, a page after another in one direction."""
    keys, totals, cursor = list[int](), set[str](), "" if side == "after" else "P9~9"
    while True:
        answer = client.get(f"{URL}?{query}&{urlencode({side: cursor})}")
        assert answer.status_code == 200, (answer.status_code, answer.get("Location"))
        context = answer.context
        rows = [row.pk for row in context["rows"]]
        keys = [*keys, *rows] if side == "after" else [*rows, *keys]
        totals |= {context["total"]} if rows else set()
        cursor = context["page"].next if side == "after" else context["page"].previous
        if not cursor:
            return keys, totals


def test_each_way_finds_the_same_page_by_page(client, owned, way):
    for user in owned:
        client.force_login(User.objects.get(pk=user.pk))
        for query in ASKED:
            chosen = Filter.read(QueryDict(query))
            listed = [f.pk for f in chosen.order.sorted(matching(chosen, reader(user, timezone.now())))]
            told = {figure(len(listed))} if listed else set()
            assert paged(client, query, "after") == (listed, told), query
            if chosen.order.field == "priority" and user is owned[0]:
                assert paged(client, query, "before") == (listed, told), query


def test_each_way_knows_who_stands_beside_a_finding(owned, way):
    for user in owned:
        who = reader(user, NOON)
        for query in ASKED:
            chosen = Filter.read(QueryDict(query))
            listed = list(chosen.order.sorted(matching(chosen, who)))
            for n, finding in [*enumerate(listed)][::2]:
                beside = {True: listed[n - 1].pk if n else None, False: listed[n + 1].pk if listed[n + 1 :] else None}
                assert neighbours(finding, chosen, who) == {side: pk for side, pk in beside.items() if pk}, query


@pytest.fixture
def many(client, alice, repository):
    """Forty findings of one rule, all on an item of hers; and as many of another one elsewhere, which nobody has."""
    hers = [seen(path=f"k8s/{n}.yaml", line=n) for n in range(1, 41)]
    land(repository, [*hers, *(seen("docs/stale", f"docs/{n}.md", n) for n in range(1, 41))])
    Item.objects.filter(rule__key="kustomize/patch-sprawl").update(owner=alice)
    client.force_login(alice)
    return client


LOOKED_AT = (
    "age=7",
    "age=7&owner=none",
    "age=90&owner=none&sort=newest",
    "age=90&owner=none&owner=me",
    "age=90&mark=untriaged&sort=oldest",
    "age=90&state=any&owner=none",
    "age=90&state=open&state=fixed",
    "older=7",
    "mark=asked",
    "due=overdue",
    "due=week",
    "due=week&sort=oldest",
    "due=overdue&state=any",
)


@pytest.mark.parametrize("cap", [3, 40, 1000])
def test_what_takes_a_look_at_each_is_the_same_page_by_page_be_it_little_or_much(client, owned, monkeypatch, cap):
    monkeypatch.setattr("remediation.reads.counting.CAP", cap)
    monkeypatch.setattr(Filter, "size", 4)
    for user in owned:
        client.force_login(User.objects.get(pk=user.pk))
        for query in LOOKED_AT:
            chosen = Filter.read(QueryDict(query))
            listed = [f.pk for f in chosen.order.sorted(matching(chosen, reader(user, timezone.now())))]
            told = {figure(len(listed))} if listed else set()
            assert paged(client, query, "after") == (listed, told), query


@pytest.mark.parametrize("few", [True, False])
def test_what_is_late_is_the_same_page_by_page_be_it_looked_up_or_met_in_the_table(client, owned, monkeypatch, few):
    if not few:
        monkeypatch.setattr("remediation.reads.late.CAP", -1)
        monkeypatch.setattr("remediation.reads.late.SHOWN", 0)
    monkeypatch.setattr(Filter, "size", 4)
    for user in owned:
        client.force_login(User.objects.get(pk=user.pk))
        for query in ("due=overdue", "due=week&sort=newest", "due=week&team=platform"):
            chosen = Filter.read(QueryDict(query))
            who = reader(user, timezone.now(), slugs=chosen.team)
            listed = [f.pk for f in chosen.order.sorted(matching(chosen, who))]
            assert paged(client, query, "after") == (listed, {figure(len(listed))} if listed else set()), query


def test_what_is_late_is_found_with_its_page_in_one_statement(many):
    for query in ("due=overdue", "due=week&team=platform"):
        answer, asked = statements(many, query)
        assert (answer.context["total"], len(answer.context["rows"])) == ("80", 25)
        assert not [one for one in asked if "pages.*" in one]
        assert len([one for one in asked if "planned AS MATERIALIZED" in one]) == 1


def test_of_few_that_match_the_table_is_not_read_in_its_order(many):
    answer, asked = statements(many, "older=7&owner=none")
    assert (answer.context["total"], len(answer.context["rows"])) == ("40", 25)
    [found] = [sql for sql in asked if "found AS MATERIALIZED" in sql]
    table = plan(found).partition(".col1 > 1000)")[2]  # where more than the cap were found
    assert "findings_finding" in table and re.findall(r"findings_finding.*loops", table) == []


def statements(client, query):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"{URL}?{query}")
    return answer, [one["sql"] for one in captured]


def plan(statement, *settings):
    with connection.cursor() as cursor:
        for setting in settings:
            cursor.execute(f"SET LOCAL {setting}")
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_words_whose_findings_a_filter_drops_are_sought_twice_and_the_table_is_not_read(many, monkeypatch):
    monkeypatch.setattr("remediation.reads.sought.PLACES", 5)
    answer, asked = statements(many, "q=k8s&owner=none")
    assert (answer.context["total"], answer.context["rows"], len(asked) <= 8) == ("0", [], True)
    sought = [one for one in asked if "often AS MATERIALIZED" in one]
    assert len(sought) == 2
    assert not any("pages.*" in one for one in asked)
    assert "Seq Scan on findings_finding" not in plan(sought[1], "enable_seqscan = off")


@pytest.mark.parametrize("more", ["", "&q=k8s", "&path=k8s/&age=90"])
def test_where_the_counts_say_that_nothing_is_left_no_finding_is_looked_at(many, monkeypatch, more):
    monkeypatch.setattr("remediation.reads.sought.OFTEN", -1)  # as of words that are everywhere
    answer, asked = statements(many, f"rule=kustomize/patch-sprawl&owner=none{more}")
    assert (answer.context["total"], answer.context["rows"]) == ("0", [])
    [read] = [one for one in asked if "pages.*" in one]
    found = plan(read)
    assert "One-Time Filter" in found
    assert "on findings_finding (never executed)" in found.replace(
        "findings_finding findings_finding", "findings_finding"
    )


@pytest.mark.parametrize(
    "more", ["rule=docs/stale", "tool=nova&rule=docs/stale&state=any", "mark=history", "kind=real"]
)
def test_places_of_rules_of_which_nothing_is_left_are_not_looked_at(many, monkeypatch, more):
    monkeypatch.setattr("remediation.reads.sought.PLACES", 5)
    land(Repository.objects.get(), [seen(f"own/{n}", f"own/{n}.py", n) for n in range(5)], tool="other")
    for query in (f"q=k8s&{more}", "q=k8s&rule=docs/stale&rule=own/1"):
        answer, asked = statements(many, query)
        assert (answer.context["total"], answer.context["rows"]) == ("0", [])
        [_read] = [one for one in asked if "pages.*" in one or "often AS MATERIALIZED" in one]


@pytest.mark.parametrize("noted", [True, False])
def test_places_are_found_beside_a_rule_be_it_noted_with_them_or_not(many, noted):
    assert not Occurrence.objects.exclude(rule_ref=F("finding__rule")).exists()
    assert Occurrence.objects.filter(rule_ref=F("finding__rule")).count() == 80
    land(Repository.objects.get(), [seen(f"own/{n}", f"own/{n}.py", n) for n in range(5)], tool="other")
    if not noted:
        Occurrence.objects.update(rule_ref=None)
    answer, _asked = statements(many, "q=k8s&rule=kustomize/patch-sprawl")
    assert (answer.context["total"], len(answer.context["rows"])) == ("40", 25)


def test_nor_where_they_say_so_behind_the_first_places_with_a_word(many, monkeypatch):
    monkeypatch.setattr("remediation.reads.sought.PLACES", 5)
    answer, asked = statements(many, "q=k8s&rule=kustomize/patch-sprawl&owner=none")
    assert (answer.context["total"], answer.context["rows"]) == ("0", [])
    assert [one for one in asked if "pages.*" in one or "often AS MATERIALIZED" in one] == [asked[-2]]


def test_a_page_is_read_by_one_process(many):
    _answer, asked = statements(many, "q=k8s&state=any&age=90")
    for read in (one for one in asked if "pages.*" in one or "often AS MATERIALIZED" in one):
        assert "Gather" not in plan(read, "debug_parallel_query = on")
    assert "Gather" in plan("SELECT count(*) FROM findings_finding", "debug_parallel_query = on")


def test_places_and_parts_of_paths_that_are_many_are_sought_together_and_the_table_read_with_them(many, monkeypatch):
    monkeypatch.setattr("remediation.reads.sought.PLACES", 5)
    monkeypatch.setattr("remediation.reads.counting.CAP", 3)
    answer, asked = statements(many, "q=patch&path=k8s/")
    assert (answer.context["total"], len(answer.context["rows"])) == ("3+", 25)
    [sought] = [one for one in asked if "often AS MATERIALIZED" in one]
    assert not any("pages.*" in one for one in asked)
    each = plan(sought).partition("CTE page0")[2]
    assert "loops=25" in each or "loops=26" in each  # of the forty, as many as the page has are asked for their words


@pytest.mark.parametrize(
    ("found", "often", "side", "places"),
    [(500, 100_000, "q", 13_013), (500, 10_000, "q", None), (0, 100_000, "path", None), (500, 100_000, "both", None)],
)
def test_as_many_places_more_are_looked_at_as_the_first_ones_say_are_enough(found, often, side, places):
    assert _enough(Told(often, side, True, found, None, False, [])) == places


def test_the_side_that_leaves_less_to_look_at_is_looked_at():
    few, many_more = (Told(100_000, "q", True, 200, left, False, []) for left in (20_000, 300_000))
    assert _sooner_by_itself(few)
    assert not _sooner_by_itself(many_more)
