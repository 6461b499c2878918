"""What proves an item of a review is changed later, on its page; the last scan is judged by it at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from findings import actions
from findings.actions.undo import Overtaken
from findings.models import Event, Finding
from remediation.actions.imports import accept_import, preview_file
from remediation.models import Item
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
TOPIC, PATCHES = "kafka/under-replicated-topic", "kustomize/patch-sprawl"
ORDERS, OTHERS = (seen(TOPIC, "k8s/orders.yaml", key="main/orders"), seen(TOPIC, "k8s/others.yaml", key="main/others"))
REPORT = """# Review of the shop

## P0 Blockers

### P0-1: Topics live on one broker

Kafka topics have replicas 1.

## Checklist

### Week 1 (P0)

- [ ] Kafka topics: replicas 1 to 3
"""


@pytest.fixture(scope="module")
def accepted(once) -> int:
    repository, platform, alice = map(once, ("repository", "platform", "alice"))
    land(repository, [ORDERS, OTHERS, seen()])
    run = preview_file(repository, platform, REPORT.encode(), file_name="review.md", actor=alice)[0][0]
    accept_import(run, actor=alice)
    return run.pk


@pytest.fixture
def item(accepted) -> Item:
    return Item.objects.get(checklist__review__run=accepted)


def form_of(client, item):
    return client.get(f"/items/{item.pk}/links/").context["form"]


def send(client, item, **data):
    item.refresh_from_db()
    return client.post(f"/items/{item.pk}/links/", {"version": item.version} | data)


def on(item) -> set[str]:
    return set(item.findings.exclude(rule__tool="review").values_list("key", flat=True))


def links_of(item) -> list[tuple[str, str]]:
    return sorted(item.links.values_list("rule__key", "scope"))


def test_the_page_tells_what_tests_it_why_and_how_surely(client, alice, item):
    client.force_login(alice)
    page = client.get(f"/items/{item.pk}/")
    [rule] = page.context["rules"]
    assert rule["why"] and 50 <= rule["sure"] <= 100
    assert f"because of: {rule['why']}" in page.content.decode()
    assert f"/items/{item.pk}/links/" in page.content.decode()
    [told] = form_of(client, item).proposals()
    assert (told["why"], told["keep"].value()) == (rule["why"], True)


def test_a_narrower_path_leaves_only_what_lies_in_it_and_the_rest_goes_to_the_standing_list(client, alice, item):
    client.force_login(alice)
    assert on(item) == {"main/orders", "main/others"}
    assert send(client, item, keep_0="on", scope_0="k8s/orders.yaml").status_code == 302
    assert (on(item), links_of(item)) == ({"main/orders"}, [(TOPIC, "k8s/orders.yaml")])
    [home] = Finding.objects.get(key="main/others").items.all()
    assert home.checklist.review is None


def test_one_more_rule_brings_its_findings_and_history_says_who_chose_it(client, alice, item):
    client.force_login(alice)
    send(client, item, keep_0="on", scope_0="", rule=PATCHES, scope="k8s/**")
    assert links_of(item) == [(TOPIC, ""), (PATCHES, "k8s/**")]
    assert item.findings.filter(rule__key=PATCHES).exists()
    told = client.get(f"/items/{item.pk}/").content.decode()
    assert "Tested by “" in told and "” in k8s/** from now on." in told
    assert Event.objects.get(verb="relinked").actor == alice.email


def test_the_next_scan_proves_it_by_the_rules_that_were_chosen_and_by_no_others(client, alice, item, repository):
    client.force_login(alice)
    send(client, item, keep_0="on", scope_0="k8s/orders.yaml")
    run = land(repository, [OTHERS, seen()], at=timezone.now() + timedelta(hours=1))
    item.refresh_from_db()
    assert (item.settled_by, item.settled_commit) == ("proven", run.commit)


def test_what_no_chosen_rule_proved_is_open_again_and_not_seen(client, alice, item, repository):
    client.force_login(alice)
    land(repository, [seen()], at=timezone.now() + timedelta(hours=1))
    item.refresh_from_db()
    assert item.settled_by == "proven"
    send(client, item, rule="kubernetes/ephemeral-state", scope="")
    item.refresh_from_db()
    assert (item.settled_by, on(item)) == ("", set())
    page = client.get(f"/items/{item.pk}/")
    assert page.context["item"]["state"] == "not_seen"
    assert "Open again: what proved it tests it no more." in page.content.decode()


def test_a_rule_with_open_findings_opens_a_proven_item_and_a_narrower_path_keeps_its_proof(
    client, alice, item, repository
):
    client.force_login(alice)
    land(repository, [seen()], at=timezone.now() + timedelta(hours=1))
    send(client, item, keep_0="on", scope_0="k8s/orders.yaml")
    item.refresh_from_db()
    assert (item.settled_by, on(item)) == ("proven", {"main/orders"})
    send(client, item, keep_0="on", scope_0="k8s/orders.yaml", rule=PATCHES)
    item.refresh_from_db()
    assert (item.settled_by, item.successors.count()) == ("", 0)
    assert client.get(f"/items/{item.pk}/").context["item"]["total"] == 2


def test_without_any_rule_it_takes_a_persons_word_and_the_report_still_proposes_its_own(client, alice, item):
    client.force_login(alice)
    send(client, item)
    assert (links_of(item), on(item)) == ([], set())
    [told] = form_of(client, item).proposals()
    assert (told["keep"].value(), bool(told["why"])) == (False, True)


def test_who_was_slower_is_told_what_changed_and_loses_nothing(client, alice, item):
    client.force_login(alice)
    before = item.version
    send(client, item, keep_0="on", scope_0="k8s/orders.yaml")
    late = {"version": before, "keep_0": "on", "scope_0": "", "rule": PATCHES, "scope": "deploy/**"}
    response = client.post(f"/items/{item.pk}/links/", late)
    told = response.content.decode()
    assert response.status_code == 422
    assert "Somebody changed this item since you opened it. Alice: Tested by" in told and "deploy/**" in told
    assert links_of(item) == [(TOPIC, "k8s/orders.yaml")]
    assert send(client, item, **{k: v for k, v in late.items() if k != "version"}).status_code == 302
    assert links_of(item) == [(TOPIC, ""), (PATCHES, "deploy/**")]


def test_saying_the_same_again_changes_nothing(client, alice, item):
    client.force_login(alice)
    before = item.version
    send(client, item, keep_0="on", scope_0="")
    item.refresh_from_db()
    assert (item.version, Event.objects.filter(verb="relinked").exists()) == (before, False)


def test_a_pattern_that_no_scan_can_read_is_refused(client, alice, item):
    client.force_login(alice)
    response = send(client, item, keep_0="on", scope_0="!")
    assert response.status_code == 422
    assert "is no path or pattern" in response.content.decode()


def test_a_new_version_of_the_report_leaves_the_choice_alone(client, alice, item, repository, platform):
    client.force_login(alice)
    send(client, item, rule=PATCHES, scope="k8s/**")
    text = REPORT.replace("live on one broker", "live on a single broker")
    accept_import(preview_file(repository, platform, text.encode(), file_name="r.md", actor=alice)[0][0], actor=alice)
    assert links_of(item) == [(PATCHES, "k8s/**")]


def test_an_import_that_somebody_built_on_is_not_undone(client, alice, item):
    client.force_login(alice)
    send(client, item, keep_0="on", scope_0="k8s/orders.yaml")
    with pytest.raises(Overtaken):
        actions.undo(item.checklist.review.run, actor=alice)


def test_members_do_not_change_it_and_a_standing_item_keeps_its_own_rule(client, alice, bob, item):
    client.force_login(bob)
    assert client.get(f"/items/{item.pk}/links/").status_code == 403
    assert f"/items/{item.pk}/links/" not in client.get(f"/items/{item.pk}/").content.decode()
    client.force_login(alice)
    standing = Item.objects.get(checklist__review=None)
    assert client.get(f"/items/{standing.pk}/links/").status_code == 404
