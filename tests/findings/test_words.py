"""The words that the database makes of a place are those that a search asks for."""

import random
import string

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


# What texts are made of: letters and digits of which numbers, versions, addresses and tags may come, and every mark.
PIECES = [
    *"aZe159x",
    *string.punctuation,
    " ",
    "  ",
    "\n",
    "\t",
    "http://",
    "a@b.c",
    "&amp;",
    "<b>",
    "1e5",
    "é",
    "持久",
    "aB",
]


def some_texts():
    draw = random.Random(7)
    plain = [piece for piece in PIECES if len(piece) == 1]
    for pieces in (plain, PIECES):
        yield from ("".join(draw.choices(pieces, k=draw.randint(1, 12))) for _ in range(1500))
    yield from ("plain words, in k8s/redis-deploy.v2.yaml <of> all_kinds & 42%", "getUserName", "é", "x" * 2100 + "aB")


def test_what_is_plain_is_divided_as_all_else():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT said, findings_words('src/a.py', said)::text, strip(findings_words_rare('src/a.py', said))::text"
            " FROM unnest(%s::text[]) said WHERE strip(findings_words('src/a.py', said))"
            " IS DISTINCT FROM strip(findings_words_rare('src/a.py', said))",
            [list(some_texts())],
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT findings_words('src/a.py', 'Unused `x` in \"f(a)\"; see: [1]')::text")
        assert cursor.fetchone() == ("'1' 'a' 'f' 'in' 'py' 'see' 'src' 'unused' 'x'",)


def test_a_search_asks_the_index(place):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; ANALYZE findings_occurrence")
        cursor.execute(
            "EXPLAIN SELECT id FROM findings_occurrence WHERE findings_words(path, message) @@ 'redis:*'::tsquery"
        )
        assert "occurrence_words" in str(cursor.fetchall())
