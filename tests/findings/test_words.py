"""The words that the database makes of a place are those that a search asks for."""

import pytest
from django.db import connection

from findings.core.searching import query
from findings.models import Occurrence
from findings.querysets import Words
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
PATH = "services/cart/k8s/redis-deploy.v2.yaml"
MESSAGE = "loadCreator() in <UserService> & list_streams 持久化缺少 超时 (HTTP/2.0)"


@pytest.fixture
def place(repository):
    land(repository, [seen(path=PATH, message=MESSAGE)])
    return Occurrence.objects.annotate(words=Words("path", "message"))


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "redis",
            "redis-deploy.yaml",
            "cart/k8s",
            "loadCreator",
            "creator",
            "user service",
            "streams",
            "LIST_STREAMS",
        ),
        *("持久", "持久化", "化", "缺少", "超时", "http 2", "k8", "yaml v2"),
    ],
)
def test_what_stands_there_is_found(place, typed):
    assert place.extra(where=["findings_words(path, message) @@ %s::tsquery"], params=[query(typed)]).exists()


@pytest.mark.parametrize("typed", ["deployment", "eploy", "化缺少超", "mysql", "redis mysql"])
def test_what_does_not_stand_there_is_not(place, typed):
    assert not place.extra(where=["findings_words(path, message) @@ %s::tsquery"], params=[query(typed)]).exists()


def test_endless_and_odd_texts_have_words_too(repository):
    odd = ["x" * 5000, "/".join("深" * 40 for _ in range(60)), "\u0000".strip("\u0000"), "𠀀𠀁 \ufffd", "a" * 2047]
    land(repository, [seen(path=f"{text[:3000]}/{n}.py", message=text) for n, text in enumerate(odd)])
    assert Occurrence.objects.count() == len(odd)


@pytest.mark.parametrize(
    "said",
    ["plain words, in k8s/redis-deploy.v2.yaml <of> all_kinds & 42%", "getUserName", "é", "持久化", "x" * 2100 + "aB"],
)
def test_what_is_plain_is_divided_as_all_else(said):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT findings_words(%(a)s, %(b)s), findings_words_rare(%(a)s, %(b)s)", {"a": "src/a.py", "b": said}
        )
        quick, slow = cursor.fetchone()
    assert quick == slow != ""


def test_a_search_asks_the_index(place):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; ANALYZE findings_occurrence")
        cursor.execute(
            "EXPLAIN SELECT id FROM findings_occurrence WHERE findings_words(path, message) @@ 'redis:*'::tsquery"
        )
        assert "occurrence_words" in str(cursor.fetchall())
