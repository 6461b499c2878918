"""What is typed into the search field: words of paths and messages, and of the titles of rules in either language."""

import pytest
from django.contrib.postgres.search import SearchQuery
from django.urls import reverse

from findings.core import searching
from findings.models import Occurrence, Rule
from findings.querysets import Spelt, Words
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
URL, FACETS = reverse("remediation:findings"), reverse("remediation:facets")
TOPIC, TITLE = "kafka/under-replicated-topic", "Topic that one broker's loss takes down"
SAID = [
    "redis-deploy",
    "loadCreator()",
    "持久化缺少超时",
    "TIMEOUT",
    "Straße Ärger İstanbul",
    "reDis",
    "aB",
    "缺 少",
    "x_y-z",
]


@pytest.fixture(scope="module")
def landed(once):
    once("vera")
    rows = [
        seen(TOPIC, "k8s/topics.yaml", 3, key="main/orders", message="orders has one replica"),
        seen(path="k8s/b.yaml"),
    ]
    land(once("repository"), rows)
    Rule.objects.filter(key=TOPIC).update(title=TITLE)


@pytest.fixture
def places(landed, client, vera):
    client.force_login(vera)
    return client


def found(client, typed, **more):
    return [row.path for row in client.get(URL, {"q": typed} | more).context["rows"]]


@pytest.mark.parametrize(
    "typed", ["broker", "topic loss", "TAKES down topic", "Topic that one broker's loss takes down"]
)
def test_the_words_of_a_rules_title_find_its_findings(places, typed):
    assert found(places, typed) == ["k8s/topics.yaml"]


@pytest.mark.parametrize("typed", ["失去一个", "不可用 topic"])
def test_they_do_in_the_other_language_whoever_asks(places, typed):
    assert found(places, typed) == ["k8s/topics.yaml"]


@pytest.mark.parametrize("typed", ["broker mysql", "roker", "k", "  ,"])
def test_every_word_has_to_begin_one(places, typed):
    assert found(places, typed) == []


def test_words_of_a_title_and_of_a_place_find_both_and_their_menus_count_both(places, repository):
    land(repository, [seen(path="docs/broker.md", message="a note")], tool="semgrep")
    assert places.get(URL, {"q": "broker"}).context["total"] == "2"
    assert sorted(found(places, "broker")) == ["docs/broker.md", "k8s/topics.yaml"]
    told = {
        menu.name: {c.value: c.count for c in menu.choices}
        for menu in places.get(FACETS, {"q": "broker"}).context["facets"]
    }
    assert told["rule"][TOPIC] == 1
    assert sum(n for n in told["priority"].values() if n) == 2


def test_titles_of_rules_show_nobody_what_is_not_theirs(places, client, charlie):
    client.force_login(charlie)
    assert found(client, "broker") == []


def test_a_filter_holds_for_what_a_title_finds(places):
    assert found(places, "broker", state="fixed") == []
    assert found(places, "broker", path="topics") == ["k8s/topics.yaml"]
    assert found(places, "broker", path="elsewhere") == []


@pytest.mark.parametrize("often", [0, 10**9])
def test_how_many_have_a_word_is_the_same_whichever_way_it_is_counted(places, repository, often, monkeypatch):
    land(repository, [seen(path=f"k8s/{n}.yaml", line=n, message="缺少超时设置") for n in range(1, 12)], tool="ruff")
    monkeypatch.setattr("remediation.reads.sought.OFTEN", often)
    for typed, total in (("k8s", "13"), ("超时", "11"), ("缺少超时", "11"), ("超时 12", "0")):
        assert places.get(URL, {"q": typed}).context["total"] == total


@pytest.mark.parametrize("message", SAID)
def test_a_text_with_the_words_always_has_their_letters(landed, repository, message):
    land(repository, [seen(path="a/b.py", message=message)])
    typed = {text[a:b] for text in SAID for a in (0, 2) for b in (3, 4, 99)}
    for text in filter(searching.query, typed):
        rows = Occurrence.objects.annotate(words=Words("path", "message"))
        rows = rows.filter(words=SearchQuery(searching.query(text), search_type="raw", config="simple"))
        letters = searching.letters(text)
        assert not letters or rows.filter(Spelt("path", "message", letters)).count() == rows.count(), text
