"""What proves a problem that a person described is changed on its page; the last scan is judged by it at once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from findings.actions.undo import Overtaken, undo
from findings.models import Event, Finding
from remediation.actions.imports import accept_import, preview_file
from tests.cast import change, commit, land, seen

pytestmark = pytest.mark.django_db
TOPIC, PATCHES = "kafka/under-replicated-topic", "kustomize/patch-sprawl"
ORDERS = seen(TOPIC, "k8s/orders.yaml", key="main/orders")
REPORT = """# Review of the shop

## P0 Blockers

### P0-1: Kafka topics live on one broker

Topics have replicas 1 in `k8s/orders.yaml`.
"""


@pytest.fixture
def run(repository, platform, alice):
    land(repository, [ORDERS, seen()])
    run = preview_file(repository, platform, REPORT.encode(), file_name="review.md", actor=alice)[0][0]
    accept_import(run, actor=alice)
    return run


@pytest.fixture
def told(run) -> Finding:
    return Finding.objects.get(rule__tool="review")


def url(finding):
    return reverse("remediation:finding_links", args=[finding.pk])


def send(client, finding, **data):
    finding.refresh_from_db()
    return client.post(url(finding), {"version": finding.version} | data)


def links_of(finding):
    return sorted(finding.links.values_list("rule__key", "scope"))


def test_its_page_tells_what_tests_it_and_leads_to_the_form(client, alice, vera, told):
    client.force_login(alice)
    page = client.get(told.get_absolute_url())
    assert [rule["title"] for rule in page.context["tested"]] == ["Topic that one broker's loss takes down"]
    assert page.context["relink"] == url(told)
    client.force_login(vera)
    assert client.get(told.get_absolute_url()).context["relink"] == ""
    assert client.get(Finding.objects.get(key="main/orders").get_absolute_url()).context.get("tested") is None


def test_another_rule_tests_it_and_closes_it_when_the_last_scan_proves_that(client, alice, repository, told):
    land(repository, [ORDERS], at=timezone.now(), grounds={only_patches(): change(commit())})
    client.force_login(alice)
    assert send(client, told, rule=PATCHES).status_code == 302
    told.refresh_from_db()
    assert (links_of(told), told.state) == ([(PATCHES, "")], "fixed")
    [event] = Event.objects.about(f"finding:{told.pk}").filter(verb="relinked")
    assert event.actor == "alice@example.com"
    assert event.after == {"links": [[PATCHES, ""]], "open": False}
    assert "What proves it was changed" in client.get(told.get_absolute_url()).content.decode()


def only_patches():
    return Finding.objects.get(rule__key=PATCHES).pk


def test_a_proof_goes_with_the_rule_that_gave_it(client, alice, repository, told):
    land(repository, [seen()], at=timezone.now(), grounds={Finding.objects.get(key="main/orders").pk: change(commit())})
    told.refresh_from_db()
    assert told.state == "fixed"
    client.force_login(alice)
    send(client, told, rule=PATCHES)
    told.refresh_from_db()
    assert (told.state, told.evidence, told.reopened) == ("open", None, 0)
    send(client, told, keep_0="on", scope_0="")
    told.refresh_from_db()
    assert links_of(told) == [(TOPIC, "")]
    assert told.state == "fixed"


def test_who_is_second_is_told_what_changed_and_nothing_is_lost(client, alice, told):
    client.force_login(alice)
    before = told.version
    send(client, told, rule=PATCHES)
    answer = client.post(url(told), {"version": before, "rule": TOPIC})
    assert answer.status_code == 422
    assert "What proves it was changed" in answer.content.decode()
    assert links_of(told) == [(PATCHES, "")]
    again = {"version": answer.context["form"]["version"].value(), "rule": TOPIC}
    assert client.post(url(told), again).status_code == 302


def test_only_leads_change_it_and_only_what_a_person_described_has_it(client, alice, bob, charlie, told):
    for user, status in ((bob, 403), (charlie, 404)):
        client.force_login(user)
        assert client.get(url(told)).status_code == status
        assert client.post(url(told)).status_code == status
    client.force_login(alice)
    assert client.get(url(Finding.objects.get(key="main/orders"))).status_code == 404
    assert send(client, told, rule=PATCHES, scope="!").status_code == 422


def test_the_same_again_is_no_change_and_a_changed_one_keeps_its_import_from_being_undone(client, alice, run, told):
    client.force_login(alice)
    version = told.version
    [link] = links_of(told)
    send(client, told, keep_0="on", scope_0=link[1])
    told.refresh_from_db()
    assert told.version == version
    send(client, told, rule=PATCHES)
    with pytest.raises(Overtaken):
        undo(run, actor=alice)
