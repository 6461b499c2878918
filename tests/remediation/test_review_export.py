"""An accepted review goes out as Markdown with today's ticks, proofs and owners, and comes back as nothing new."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from remediation.actions.imports import accept_import
from remediation.actions.items import give
from remediation.actions.reading import preview_review
from remediation.models import Item
from tests.cast import land, seen
from tests.remediation.test_reviews import REPORT

pytestmark = pytest.mark.django_db


def exported(client, run):
    answer = client.get(reverse("remediation:run_report", args=[run.pk]))
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    return answer.content.decode()


@pytest.fixture
def run(repository, platform, alice):
    land(repository, [seen("kafka/under-replicated-topic", key="main/orders"), seen()])
    found = preview_review(repository, platform, REPORT.encode(), file_name="r.md", actor=alice).run
    accept_import(found, actor=alice)
    return found


def test_ticks_proofs_and_owners_of_today_are_in_it(client, alice, bob, repository, run):
    client.force_login(alice)
    item = Item.objects.get(title__startswith="Kafka")
    give(item, bob, actor=alice)
    before = exported(client, run)
    assert "- [ ] Kafka topics: replicas 1 to 3\n  - **Nova**: " in before
    assert "### P0-1: Topics live on one broker\n\n> **Nova**: Open" in before
    proof = land(repository, [seen()], at=timezone.now() + timedelta(days=1))
    after = exported(client, run)
    assert "- [x] Kafka topics: replicas 1 to 3\n  - **Nova**: Proven, at " + proof.commit[:7] in after
    assert f"owner {bob}" in after and f"/items/{item.pk}/" in after
    assert "> **Nova**: Fixed, at " + proof.commit[:7] in after


def test_its_passwords_stay_out_and_it_comes_back_as_nothing_new(client, alice, platform, repository, run):
    client.force_login(alice)
    text = exported(client, run)
    assert "Zk4v" not in text
    again = preview_review(repository, platform, text.encode(), file_name="r.md", actor=alice).run
    assert (again.counts["new"], again.counts["again"]) == (0, 2)


def test_a_stranger_and_a_review_that_only_waits_have_none(client, alice, charlie, platform, repository, run):
    client.force_login(charlie)
    assert client.get(reverse("remediation:run_report", args=[run.pk])).status_code == 404
    client.force_login(alice)
    waiting = preview_review(
        repository, platform, b"# Other\n\n## P0\n\n### 1. x y z\n\n**Fix**: a\n", file_name="o.md", actor=alice
    ).run
    assert client.get(reverse("remediation:run_report", args=[waiting.pk])).status_code == 404
