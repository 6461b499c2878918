"""One finding: what it says of itself, its evidence, and what it keeps from others."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from findings import actions
from findings.core.types import Drift, LineMap
from findings.models import Rule
from tests.cast import NOON, change, land, only, seen

pytestmark = pytest.mark.django_db
TOPIC = {"rule": "kafka/under-replicated-topic", "key": "main/orders"}


def url(finding, query=""):
    return reverse("remediation:finding", args=[finding.pk]) + query


def text(response):
    return response.content.decode()


def code(response):
    """The page without tags: code is in colours."""
    return re.sub(r"<[^>]+>", "", text(response))


def test_an_open_finding_says_since_when_and_what_closes_it(client, vera, repository):
    land(repository, [seen(text="replicas: 1")])
    client.force_login(vera)
    said = client.get(url(only()))
    assert said.context["sentence"].startswith("Open since 2 Mar")
    assert "a scan of main finds it no more" in said.context["sentence"]
    assert "replicas: 1" in code(said)


def test_a_fixed_finding_shows_the_change_that_did_it(client, vera, repository):
    land(repository, [seen(**TOPIC)])
    run = land(repository, [])
    client.force_login(vera)
    said = text(client.get(url(only())))
    assert f"by {run.commit[:7]} “scale”" in said
    assert "replicas: 3" in said
    assert "Chen" in said
    assert "chen@example.com" not in said


def test_a_finding_that_came_back_tells_its_story_newest_first(client, vera, repository):
    land(repository, [seen(**TOPIC)])
    land(repository, [], at=NOON + timedelta(days=1))
    land(repository, [seen(**TOPIC)], at=NOON + timedelta(days=30))
    client.force_login(vera)
    shown = client.get(url(only())).context
    assert "Came back once." in shown["sentence"]
    assert [event["icon"] for event in shown["events"]] == ["regression", "proof", "open"]
    assert shown["events"][1]["hunk"]


def test_a_place_that_moved_says_how_it_was_recognised(client, vera, repository):
    land(repository, [seen(line=9, text="x")])
    land(repository, [seen(line=50, text="x")], drift=Drift(lines={"k8s/a.yaml": LineMap(((0, 0, 1, 41),))}))
    client.force_login(vera)
    assert "moved 41 lines down, pass 3" in client.get(url(only())).context["match"]


def test_first_seen_and_now_are_tabs_when_they_differ(client, vera, repository):
    land(repository, [seen(**TOPIC, path="old/a.yaml", text="was: here")])
    land(repository, [seen(**TOPIC, path="new/a.yaml", text="is: here")], drift=Drift({"old/a.yaml": "new/a.yaml"}))
    client.force_login(vera)
    now, first = client.get(url(only())), client.get(url(only(), "?tab=first"))
    assert "is: here" in code(now)
    assert "was: here" in code(first)
    assert len(now.context["tabs"]) == 2


@pytest.mark.parametrize("query", ["?tab=x&place=99999999999999999999999", "?place=%00", "?tab=fix", "?sort=newest"])
def test_odd_tabs_and_places_show_the_page(client, vera, repository, query):
    land(repository, [seen()])
    client.force_login(vera)
    assert client.get(url(only(), query)).status_code == 200


def test_the_help_of_a_tool_is_markdown_that_cannot_do_anything(client, vera, repository):
    land(repository, [seen()])
    Rule.objects.update(
        help="**Do** this <script>alert(1)</script> [x](javascript:alert(1)) ![i](https://x.example/i.png)"
    )
    client.force_login(vera)
    said = text(client.get(url(only())))
    assert "<strong>Do</strong>" in said
    assert "<script>alert" not in said
    assert 'href="javascript' not in said
    assert "<img" not in said


def test_the_rows_beside_it_are_those_of_the_list_it_was_opened_from(client, vera, repository):
    land(repository, [seen(path=f"{n}.yaml", text=f"t{n}") for n in range(3)] + [seen(**TOPIC)])
    rows = sorted(f.pk for f in only(key="main/orders").repository.findings.filter(priority="P2"))
    client.force_login(vera)
    shown = client.get(url(only(pk=rows[0]), "?priority=P2")).context
    assert shown["previous"] == ""
    assert shown["next"] == reverse("remediation:finding", args=[rows[1]]) + "?priority=P2"
    assert shown["back"] == reverse("remediation:findings") + "?priority=P2"


def test_the_panel_is_the_page_without_its_frame(client, vera, repository):
    land(repository, [seen()])
    client.force_login(vera)
    said = text(client.get(url(only()), headers={"HX-Request": "true", "HX-Target": "panel"}))
    assert said.lstrip().startswith("<article")
    assert "<html" not in said


def test_what_may_be_done_depends_on_the_finding_and_the_person(client, vera, bob, repository):
    land(repository, [seen(), seen("secrets/plaintext", "a.env", key="h")])
    client.force_login(vera)
    assert client.get(url(only(rule__proof="tree"))).context["actions"] == []
    client.force_login(bob)
    verbs = {a["label"] for a in client.get(url(only(rule__proof="tree"))).context["actions"]}
    assert verbs == {"Verdict", "Assign", "Due date"}
    assert "Attest" in {a["label"] for a in client.get(url(only(rule__proof="history"))).context["actions"]}


def test_a_foreign_finding_is_not_there(client, charlie, repository):
    land(repository, [seen()])
    client.force_login(charlie)
    assert client.get(url(only())).status_code == 404
    assert client.get(reverse("remediation:finding", args=[10**17])).status_code == 404
    assert client.get("/findings/99999999999999999999999999/").status_code == 404


def test_a_shared_finding_keeps_the_other_teams_places_evidence_and_history(
    client, vera, charlie, repository, other_team
):
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    own, theirs = seen(**TOPIC, path="base/a.yaml"), seen(**TOPIC, path="delivery/a.yaml")
    land(repository, [own, theirs])
    topic = only()
    land(repository, [], grounds={topic.pk: change("f" * 40, "base/a.yaml")})
    land(repository, [own, theirs], at=NOON + timedelta(days=40))
    client.force_login(vera)
    assert "delivery/" not in text(client.get(url(topic)))
    assert "replicas: 3" in text(client.get(url(topic)))
    client.force_login(charlie)
    said = text(client.get(url(topic)))
    assert "delivery/a.yaml" in said
    assert "base/" not in said
    assert "replicas: 3" not in said
