"""A page of the plan says all it says as of one moment."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from findings.core.types import Coverage
from findings.models import Finding, Repository
from findings.moment import one_moment
from tests.cast import land, seen

pytestmark = pytest.mark.django_db(transaction=True)
WHOLE = Coverage(rules=None)


def elsewhere(work) -> None:
    """Done by somebody else, and committed, before this goes on."""

    def run() -> None:
        with transaction.atomic():
            work()
        connection.close()

    other = threading.Thread(target=run)
    other.start()
    other.join()


def test_what_is_committed_meanwhile_is_seen_after(repository):
    land(repository, [seen()])
    with one_moment():
        before = Finding.objects.count()
        elsewhere(lambda: land(repository, [seen(), seen(line=9)]))
        assert Finding.objects.count() == before == 1
    assert Finding.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("read committed",)


def test_the_usual_isolation_is_back_after_an_error(repository):
    with pytest.raises(ValueError, match="on the way"), one_moment():
        Finding.objects.count()
        raise ValueError("on the way")
    elsewhere(lambda: Repository.objects.update(name="new"))
    with one_moment():
        assert Repository.objects.get().name == "new"


@pytest.mark.parametrize("page", ["/week/platform/", "/board/platform/", "/teams/platform/"])
def test_a_scan_that_ends_between_two_reads_of_a_page_is_not_half_of_it(client, alice, repository, page):
    now = timezone.now()
    land(repository, [seen(line=n) for n in (1, 2)], at=now - timedelta(days=9), coverage=WHOLE)
    client.force_login(alice)
    first = client.get(page).context["grade"]
    done: list[str] = []

    def scan() -> None:
        land(repository, [seen(line=1), seen("kafka/x"), seen("kafka/y", "b.yaml")], at=now, coverage=WHOLE)

    def between(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if not done and "r.proven_commit, r.proven_at" in sql:
            done.append(sql)
            elsewhere(scan)
        return answer

    with connection.execute_wrapper(between):
        during = client.get(page).context
    assert done
    assert during["grade"] == first
    after = client.get(page).context
    assert after["grade"] != first
    assert after["proven"] != during["proven"]
