"""The triage table: filters that come from anywhere, pages that do not shift, counts that are their rows."""

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation

from findings import actions
from findings.models import Finding, Rule
from remediation.actions.views import save_view
from remediation.forms.filters import Filter
from tests.cast import land, only, seen

pytestmark = pytest.mark.django_db
URL = reverse("remediation:findings")
FACETS = reverse("remediation:facets")
HTMX = {"HX-Request": "true"}
TOPIC = {"rule": "kafka/under-replicated-topic", "key": "main/orders"}


@pytest.fixture(scope="module")
def many(once):
    """Nine findings: one P0, eight P2 in two folders; the last of them fixed."""
    now = timezone.now()
    rows = [seen(**TOPIC), *(seen(path=f"k8s/{n}.yaml", line=n) for n in range(1, 9))]
    land(once("repository"), rows, at=now - timedelta(days=40))
    land(once("repository"), rows[:-1], at=now - timedelta(days=1))
    return rows


def titles(answer):
    return [row.title for row in answer.context["rows"]]


def paths(answer):
    return [row.path for row in answer.context["rows"]]


def test_the_bare_list_shows_what_is_open_worst_first(client, vera, many):
    client.force_login(vera)
    rows = client.get(URL).context["rows"]
    assert len(rows) == 8
    assert rows[0].priority == "P0"
    assert {row.state for row in rows} == {"open"}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("priority=P0", 1),
        ("priority=P0&priority=P2", 8),
        ("state=fixed", 1),
        ("state=any", 9),
        ("state=", 9),
        ("state=any&path=8.yaml", 1),
        ("rule=kustomize/patch-sprawl", 7),
        ("q=UNDER-replicated", 1),
        ("q=k8s/3", 1),
        ("q=100%25", 0),
        ("path=k8s/3", 1),
        ("owner=none", 8),
        ("owner=me", 0),
        ("age=7", 0),
        ("older=30", 8),
        ("mark=back", 0),
        ("mark=untriaged", 8),
        ("due=overdue", 1),
        ("repository=shop", 8),
        ("repository=elsewhere", 0),
        ("team=platform", 8),
    ],
)
def test_each_filter_narrows(client, vera, many, query, count):
    client.force_login(vera)
    assert len(client.get(f"{URL}?{query}").context["rows"]) == count


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "path=a%00b",
        "rule=%00&owner=%00&repository=%00&team=%00",
        "owner=99999999999999999999999",
        "owner=-1&owner=%C2%B2",
        "after=P2~99999999999999999999999",
        "after=~&before=~",
        "after=P0",
        "before=nonsense~1&sort=newest",
        "after=2026-99-99T00:00:00~1&sort=oldest",
        "sort=drop&age=x&due=y&mark=z&state=w&priority=P9",
        "q=" + "x" * 5000,
        "&".join(["rule=x"] * 300),
    ],
)
def test_an_address_that_makes_no_sense_is_a_page_all_the_same(client, vera, many, query):
    client.force_login(vera)
    assert client.get(f"{URL}?{query}").status_code == 200
    assert client.get(reverse("remediation:export", args=["csv"]) + f"?{query}").status_code == 200


def test_pages_follow_each_other_without_gap_or_overlap_there_and_back(client, vera, repository, monkeypatch):
    monkeypatch.setattr(Filter, "size", 3)
    land(repository, [seen(**TOPIC), *(seen(path=f"{n}.yaml") for n in range(7))])
    client.force_login(vera)
    for sort in ("priority", "newest", "oldest"):
        pages, query = [], f"sort={sort}"
        while True:
            answer = client.get(f"{URL}?{query}")
            pages.append([row.pk for row in answer.context["rows"]])
            if not answer.context["page"].next:
                break
            query = QueryDict(mutable=True)
            query.update({"sort": sort, "after": answer.context["page"].next})
            query = query.urlencode()
        assert [len(page) for page in pages] == [3, 3, 2]
        assert len({pk for page in pages for pk in page}) == 8
        back = QueryDict(mutable=True)
        back.update({"sort": sort, "before": answer.context["page"].previous})
        assert [row.pk for row in client.get(f"{URL}?{back.urlencode()}").context["rows"]] == pages[1]


@pytest.fixture
def long_list(client, vera, repository):
    """Vera looks at 120 findings in as many files."""
    land(repository, [seen(path=f"charts/part{n}.yaml") for n in range(120)])
    client.force_login(vera)
    return client


@pytest.mark.parametrize(
    ("rows", "pages"),
    [("", [25] * 4 + [20]), ("50", [50, 50, 20]), ("100", [100, 20]), ("7", [25] * 4 + [20]), ("²", [25] * 4 + [20])],
)
@pytest.mark.parametrize("group", ["", "rule"])
def test_a_page_has_as_many_rows_as_were_asked_for_and_25_otherwise(long_list, rows, pages, group):
    sizes, asked = [], {"rows": rows, "group": group}
    while len(sizes) < 10:
        answer = long_list.get(URL, asked)
        sizes.append(len(answer.context["rows"]))
        if not answer.context["page"].next:
            break
        asked["after"] = answer.context["page"].next
    assert sizes == pages


def test_how_many_rows_is_chosen_beside_the_paging_and_stays_chosen(long_list):
    first = long_list.get(URL)
    assert [(one["size"], one["current"]) for one in first.context["sizes"]] == [
        ("25", True),
        ("50", False),
        ("100", False),
    ]
    asked = f"{URL}?sort=newest&rows=50"
    answer = long_list.get(f"{asked}&columns=age&group=", headers=HTMX)
    assert answer["HX-Push-Url"] == f"{URL}?sort=newest&columns=age&rows=50"
    assert all(row.url.endswith("&rows=50") for row in answer.context["rows"])
    html = answer.content.decode()
    assert '<input type="hidden" name="rows" value="50" form="filters">' in html
    links = re.findall(r'<a class="btn[^"]*"[^>]* href="([^"]+)"[^>]*>(\d+)<', html)
    there = {size: QueryDict(unescape(link).partition("?")[2]) for link, size in links}
    assert {size: query.get("rows") for size, query in there.items()} == {"25": None, "50": "50", "100": "100"}
    assert {query["sort"] for query in there.values()} == {"newest"}
    ahead = QueryDict(unescape(re.search(r'rel="next" href="([^"]+)"', html)[1]).partition("?")[2])
    assert (ahead["rows"], ahead["sort"]) == ("50", "newest")


def test_where_all_rows_fit_no_other_number_is_offered_but_the_way_back_is(long_list, vera):
    assert long_list.get(f"{URL}?path=part11").context["sizes"] == []  # 11
    whole = long_list.get(f"{URL}?path=part1&rows=100")  # 31
    assert (len(whole.context["rows"]), whole.context["page"].next) == (31, "")
    assert [one["size"] for one in whole.context["sizes"] if one["current"]] == ["100"]


def test_a_named_view_keeps_its_number_of_rows_and_is_known_with_it(long_list, vera):
    save_view(vera, "Long", "sort=newest&rows=100")
    [mine] = long_list.get(f"{URL}?rows=100&sort=newest").context["named"]
    assert mine["current"] and mine["url"].endswith("rows=100")
    weekly = long_list.get(f"{URL}?rows=50&owner=me").context["views"]
    assert [view["url"] for view in weekly if view["current"]] == [f"{URL}?owner=me"]


def test_what_a_menu_counts_is_what_its_choice_leaves(client, vera, bob, many):
    actions.assign([only(key="main/orders")], bob, actor=bob)
    client.force_login(vera)
    for query in ("", "priority=P2&state=any", "owner=none&rule=kustomize/patch-sprawl"):
        chosen = QueryDict(query, mutable=True)
        for menu in client.get(f"{FACETS}?{query}").context["facets"]:
            for choice in menu.choices:
                if choice.count is None:
                    continue
                asked = chosen.copy()
                asked.setlist(menu.name, [choice.value])
                shown = client.get(f"{URL}?{asked.urlencode()}").context["rows"]
                assert len(shown) == choice.count, (query, menu.name, choice.value)


def test_more_than_the_cap_is_said_as_such(client, vera, many, monkeypatch):
    monkeypatch.setattr("remediation.reads.counting.CAP", 5)
    client.force_login(vera)
    assert client.get(URL).context["total"] == "5+"
    assert client.get(f"{URL}?priority=P0").context["total"] == "1"


def test_htmx_gets_the_results_alone_and_the_shortest_address(client, vera, many):
    client.force_login(vera)
    answer = client.get(f"{URL}?q=k8s/3&state=open&due=&age=&path=&sort=", headers=HTMX)
    said = answer.content.decode()
    assert said.lstrip().startswith('<div id="results">')
    assert "<form" not in said.split("<table")[0].replace('<form method="post"', "")
    assert answer["HX-Push-Url"] == f"{URL}?q=k8s%2F3"


def test_a_filter_reads_back_from_its_own_address():
    query = "q=a%26b&priority=P0&priority=P1&state=any&owner=none&mark=back&due=week&sort=newest&older=30&team=x"
    chosen = Filter.read(QueryDict(query))
    assert Filter.read(QueryDict(chosen.query())) == chosen
    assert Filter.read(QueryDict("")).query() == ""


def test_viewers_have_nothing_to_select(client, vera, bob, many):
    client.force_login(vera)
    assert b'name="verb"' not in client.get(URL).content
    client.force_login(bob)
    assert b'name="verb"' in client.get(URL).content


# Other teams


@pytest.fixture
def shared(repository, other_team):
    """One secret in the code of two teams, first in the platform's."""
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    secret = {"rule": "secrets/plaintext", "key": "hash"}
    land(
        repository,
        [
            seen(**secret, path="base/env.yaml", message="POSTGRES_PASSWORD in base"),
            seen(**secret, path="delivery/env.yaml", message="POSTGRES_PASSWORD in delivery"),
            seen(path="base/other.yaml"),
        ],
    )
    return repository


def test_a_shared_finding_shows_each_team_its_own_places_and_words(client, vera, charlie, shared):
    client.force_login(vera)
    own = client.get(URL)
    assert sorted(paths(own)) == ["base/env.yaml", "base/other.yaml"]
    assert b"delivery/" not in own.content
    client.force_login(charlie)
    theirs = client.get(URL)
    assert paths(theirs) == ["delivery/env.yaml"]
    assert titles(theirs) == ["POSTGRES_PASSWORD in delivery"]
    assert b"base" not in theirs.content.split(b'id="results"')[1]


@pytest.mark.parametrize("query", ["q=base", "path=base", "q=base/env"])
def test_another_teams_places_cannot_be_guessed_by_searching(client, charlie, shared, query):
    client.force_login(charlie)
    assert client.get(f"{URL}?{query}").context["rows"] == []


def test_a_team_one_is_not_in_is_no_filter_into_it(client, charlie, shared):
    client.force_login(charlie)
    assert client.get(f"{URL}?team=platform").context["rows"] == []


@pytest.mark.parametrize("kind", ["csv", "json", "sarif"])
def test_a_file_holds_what_the_list_shows_and_no_more(client, charlie, shared, kind):
    client.force_login(charlie)
    said = client.get(reverse("remediation:export", args=[kind])).getvalue().decode()
    assert "delivery/env.yaml" in said
    assert "base" not in said


def test_files_follow_the_filter(client, vera, many):
    client.force_login(vera)
    table = client.get(reverse("remediation:export", args=["csv"]) + "?priority=P0")
    assert "attachment" in table["Content-Disposition"]
    assert [row["priority"] for row in csv.DictReader(io.StringIO(table.getvalue().decode()))] == ["P0"]
    log = json.loads(client.get(reverse("remediation:export", args=["sarif"]) + "?path=k8s/3").getvalue())
    assert [len(run["results"]) for run in log["runs"]] == [1]
    assert client.get(reverse("remediation:export", args=["exe"])).status_code == 404


def test_a_person_in_no_team_sees_nothing(client, django_user_model, many):
    client.force_login(django_user_model.objects.create_user("nobody@example.com", "x"))
    assert Finding.objects.exists()
    assert client.get(URL).status_code == 200
    assert client.get(f"{URL}?state=any&due=week").context["rows"] == []


@pytest.mark.parametrize("most", ["finding_facets.FIRST_SOUGHT", "finding_facets.SPOTS"])
def test_menus_of_a_search_that_finds_very_much_count_some_and_say_so(client, vera, many, monkeypatch, most):
    """Of the first findings, and of the first places: whichever comes to its end."""
    client.force_login(vera)
    monkeypatch.setattr(f"remediation.reads.{most}", 5)
    monkeypatch.setattr("remediation.reads.matching.SPOTS", 5 if most.endswith("SPOTS") else 100)
    told = {menu.name: menu for menu in client.get(f"{FACETS}?q=k8s&state=any").context["facets"]}
    assert [choice.shown for choice in told["rule"].choices if choice.count] != []
    for menu in ("rule", "priority", "due", "age", "team"):
        counted = [choice for choice in told[menu].choices if choice.count] if menu in told else []
        assert all(choice.shown.endswith("+") for choice in counted), menu
    exact = {menu.name: menu for menu in client.get(f"{FACETS}?q=k8s/3").context["facets"]}
    assert [choice.shown for choice in exact["rule"].choices if choice.count] == ["1"]


def test_menus_of_an_age_count_some_of_very_many(client, vera, many, monkeypatch):
    client.force_login(vera)
    Finding.objects.update(first_seen_at=timezone.now())
    monkeypatch.setattr("remediation.reads.finding_facets.MOST", 5)
    told = {menu.name: menu for menu in client.get(f"{FACETS}?age=7&state=any").context["facets"]}
    assert [choice.shown for choice in told["priority"].choices if choice.count] != []
    assert all(choice.shown.endswith("+") for choice in told["priority"].choices if choice.count)


def test_choices_that_take_a_look_at_each_finding_are_looked_for_in_the_first_ones(client, vera, many, monkeypatch):
    client.force_login(vera)
    for first, ever, asked in ((3, "3+", ""), (30, "8", "0")):
        monkeypatch.setattr("remediation.reads.finding_facets.FIRST_SOUGHT", first)
        menus = client.get(f"{FACETS}?q=k8s").context["facets"]
        told = {menu.name: {c.value: c.shown for c in menu.choices} for menu in menus}
        assert (told["due"][""], told["mark"]["asked"]) == (ever, asked)


def test_who_reads_chinese_is_told_our_rules_in_chinese_and_what_others_wrote_as_it_is(client, alice, repository):
    land(
        repository, [seen("kustomize/patch-sprawl", path="k8s/a.yaml", line=3, message="The overlay applies 9 patches")]
    )
    land(repository, [seen("no-eval", path="a.js", message="eval is evil")], tool="eslint")
    name = "Overlay applies too many patches"
    Rule.objects.filter(key="kustomize/patch-sprawl").update(title=name)
    ours, theirs = Finding.objects.order_by("pk")
    alice.language = "zh-hans"
    alice.save()
    client.force_login(alice)
    with translation.override("zh-hans"):
        said = translation.gettext(ours.rule.title)
    assert said != name
    titles = {row.pk: row.title for row in client.get("/findings/").context["rows"]}
    assert titles == {ours.pk: f"{said}：{ours.title}", theirs.pk: theirs.title}
    page = client.get(ours.get_absolute_url()).context
    assert page["finding"]["title"] == f"{said}：{ours.title}"
    found = client.get("/findings/", {"q": "overlay"}).context["rows"]
    assert [row.pk for row in found] == [ours.pk]
