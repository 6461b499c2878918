"""What a forge gets for an answer, and what is stored before it."""

import hashlib
import hmac
import json
import uuid

import pytest
from django.test import Client

from findings.models import Delivery, Event, Scan

pytestmark = pytest.mark.django_db


def deliver(repository, ref="refs/heads/main", event="push", secret=None, delivery="", after="a" * 40, token=None):
    payload = {"ref": ref, "before": "b" * 40, "after": after} if event == "push" else {"zen": "calm"}
    body = json.dumps(payload)
    key = (repository.hook_secret if secret is None else secret).encode()
    return Client().post(
        f"/webhooks/github/{token or repository.hook_token}/",
        body,
        content_type="application/json",
        headers={
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
            "X-Hub-Signature-256": "sha256=" + hmac.new(key, body.encode(), hashlib.sha256).hexdigest(),
        },
    )


def test_a_push_to_the_tracked_branch_is_stored_and_queues_one_scan(repository):
    assert deliver(repository).status_code == 202
    assert Delivery.objects.get().outcome == "scan"
    assert Scan.objects.get().state == "queued"


def test_many_pushes_wait_for_one_scan(repository):
    for _ in range(5):
        assert deliver(repository).status_code == 202
    assert (Delivery.objects.count(), Scan.objects.count()) == (5, 1)


def test_a_push_during_a_scan_queues_the_next_one(repository):
    deliver(repository)
    Scan.objects.update(state="running")
    deliver(repository)
    assert sorted(Scan.objects.values_list("state", flat=True)) == ["queued", "running"]


def test_the_same_delivery_twice_is_one(repository):
    deliver(repository, delivery="d1")
    answer = deliver(repository, delivery="d1")
    assert (answer.status_code, answer.json()) == (200, {"status": "already had it"})
    assert Event.objects.filter(verb="pushed").count() == 1


def test_a_ping_and_other_branches_are_answered_and_scan_nothing(repository):
    assert deliver(repository, event="ping").status_code == 200
    assert deliver(repository, ref="refs/heads/topic").status_code == 200
    assert not Scan.objects.exists()


def test_a_wrong_signature_stores_nothing(repository):
    assert deliver(repository, secret="guess").status_code == 403
    assert not Delivery.objects.exists()


def test_an_unknown_token_or_forge_is_not_found(repository):
    assert deliver(repository, token="nobody").status_code == 404
    assert Client().post(f"/webhooks/sourcehut/{repository.hook_token}/", "{}", "application/json").status_code == 404


def test_a_get_is_refused(repository):
    assert Client().get(f"/webhooks/github/{repository.hook_token}/").status_code == 405
