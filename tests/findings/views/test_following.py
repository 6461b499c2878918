"""Ending to follow a repository: what is told before, what leaves, and that following it again brings everything back."""

import pytest
from django.urls import reverse

from findings import actions
from findings.actions.saying import Stale
from findings.actions.triage import decide
from findings.models import Component, Delivery, Event, Finding, Scan, Team
from remediation.models import Item
from remediation.reads.stock import count_for
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
LIST = reverse("findings:repositories")
STOP, AGAIN = (reverse(f"findings:{name}", args=["shop"]) for name in ("stop_following", "follow_again"))
TOPIC = ("kafka/under-replicated-topic",)


@pytest.fixture
def lead(client, alice, repository):
    land(repository, [seen(), seen(*TOPIC, key="main/orders")])
    client.force_login(alice)
    return client


def stop(client):
    return client.post(STOP, {"seen": client.get(STOP).context["form"]["seen"].value()}, follow=True)


def text(response):
    return response.content.decode()


def test_before_it_is_done_a_page_says_what_will_happen(lead):
    said = text(lead.get(STOP))
    assert "2 open findings leave lists" in said
    assert "answers 404" in said
    assert "Nothing is deleted" in said
    assert STOP in text(lead.get(reverse("findings:repository", args=["shop"])))


def test_what_is_not_followed_leaves_lists_and_grades_and_comes_back_whole(lead, alice, repository):
    decide([Finding.objects.get(key="main/orders")], "accepted", reason="later", actor=alice)
    before = list(Finding.objects.order_by("pk").values())
    parts = list(Component.objects.values_list("pk", "team"))
    grade = lead.get("/teams/platform/").context["grade"]
    assert grade and len(lead.get("/findings/").context["rows"]) == 1

    assert "is not followed any more" in text(stop(lead))
    assert lead.get("/findings/?state=any").context["rows"] == []
    assert lead.get("/teams/platform/").context["grade"] is None
    assert lead.get(before and f"/findings/{before[0]['id']}/").status_code == 404
    assert lead.get(repository.get_absolute_url()).status_code == 404
    listed = lead.get(LIST).context
    assert (listed["repositories"], [row["slug"] for row in listed["left"]]) == ([], ["shop"])

    assert "is followed again" in text(lead.post(AGAIN, follow=True))
    assert list(Finding.objects.order_by("pk").values()) == before
    assert list(Component.objects.values_list("pk", "team")) == parts
    assert lead.get("/teams/platform/").context["grade"] == grade
    assert not Team.objects.filter(aside_of__isnull=False).exists()
    verbs = Event.objects.about(f"repository:{repository.pk}").values_list("verb", flat=True)
    assert {"stopped following", "followed again"} <= set(verbs)


def test_it_is_neither_scanned_nor_told_of_pushes(lead, alice, repository):
    scan, _made = actions.request_scan(repository, actor=alice)
    stop(lead)
    scan.refresh_from_db()
    assert (scan.state, scan.error) == ("failed", "It is not followed any more.")
    hook = reverse("findings:webhook", args=["github", repository.hook_token])
    assert lead.post(hook, "{}", content_type="application/json").status_code == 404
    assert not Delivery.objects.exists()
    lead.post(AGAIN)
    assert Scan.objects.filter(repository=repository, state="queued").count() == 1
    assert lead.post(hook, "{}", content_type="application/json").status_code == 403


def test_only_who_led_it_stops_it_and_follows_it_again(lead, bob, charlie, client):
    client.force_login(bob)
    assert (client.get(STOP).status_code, client.post(STOP).status_code) == (403, 403)
    client.force_login(charlie)
    assert client.post(STOP).status_code == 404
    client.force_login(Team.objects.get(slug="platform").memberships.get(role="lead").user)
    stop(client)
    for other in (bob, charlie):
        client.force_login(other)
        assert client.post(AGAIN).status_code == 404
        assert client.get(LIST).context["left"] == []


def test_two_leads_at_once_the_second_is_told_and_nothing_is_done_twice(lead, alice, repository):
    seen_before = lead.get(STOP).context["form"]["seen"].value()
    actions.move(repository, "https://git.example.com/new.git", name="Shop", branch="main", actor=alice)
    assert "Somebody changed it meanwhile" in text(lead.post(STOP, {"seen": seen_before}, follow=True))
    assert Component.objects.get().team.aside_of_id is None
    stop(lead)
    with pytest.raises(Stale):
        actions.stop_following(repository, actor=alice)
    assert "is followed again" in text(lead.post(AGAIN, follow=True))
    assert "Somebody follows it already" in text(lead.post(AGAIN, follow=True))
    with pytest.raises(Stale):
        actions.follow_again(repository, actor=alice)


def test_an_item_with_findings_elsewhere_is_told_by_those_that_are_followed(lead, alice, platform, repository):
    other = actions.track("https://git.example.com/till.git", team=platform, actor="test", slug="till", branch="main")
    land(other, [seen()])
    item = Item.objects.with_links().get(findings__repository=other)
    assert item.findings.filter(repository=repository).exists()
    stop(lead)
    count_for([item])
    assert (item.n_total, item.n_open) == (1, 1)
    land(other, [])
    item.refresh_from_db()
    assert item.settled_by == "proven"
