"""How bad a tool's words are is each team's own: shown on its settings, used when a report is read."""

import json

import pytest
from django.urls import reverse

from findings.core.severity import SCALE, scale_of
from findings.core.types import Priority
from findings.models import Event, Run
from remediation.actions.imports import accept_import, preview_file
from remediation.forms.teams import ScaleForm
from tests.cast import land, only, seen
from tests.remediation.views.test_imports import sarif, text, upload

pytestmark = pytest.mark.django_db


def address(team):
    return reverse("remediation:set_scale", args=[team.slug])


def test_every_word_of_the_scale_is_on_the_page_with_what_it_means(client, alice, platform):
    client.force_login(alice)
    page = text(client.get(reverse("remediation:team_settings", args=["platform"])))
    assert set(ScaleForm.words) == set(SCALE)
    assert all(f'name="{word}"' in page for word in SCALE)


def test_a_changed_word_counts_from_the_next_report_on_and_is_told_in_the_log(client, alice, platform, repository):
    client.force_login(alice)
    assert client.post(address(platform), SCALE | {"warning": "P0"}).status_code == 302
    platform.refresh_from_db()
    assert platform.scale == {"warning": "P0"}
    assert Event.objects.filter(subject=f"team:{platform.pk}", verb="changed settings").exists()
    ((run, _plan),) = preview_file(repository, platform, sarif(("R1", "a.py", 1)), file_name="r.sarif", actor=alice)
    accept_import(run, actor=alice)
    assert only().priority == "P0"
    page = text(client.get(reverse("remediation:team_settings", args=["platform"])))
    assert "usually P2" in page


def test_only_leads_change_it_and_only_to_priorities(client, alice, bob, platform):
    client.force_login(bob)
    assert client.post(address(platform), SCALE | {"warning": "P0"}).status_code in (403, 404)
    client.force_login(alice)
    assert client.post(address(platform), SCALE | {"warning": "P9"}).status_code == 422
    platform.refresh_from_db()
    assert platform.scale == {}


def test_what_is_stored_and_unknown_changes_nothing():
    assert scale_of({"odd": "P0", "high": "P7", "low": "P1"}) == SCALE | {"low": Priority.P1}


FLOW = [{"path": "web/in.py", "line": 3, "message": "read"}, {"path": "other/run.py", "line": 9, "message": "run"}]


def test_flows_related_places_and_tags_stand_on_the_finding(client, alice, repository):
    land(
        repository,
        [seen(path="web/a.py", properties={"flows": [FLOW], "related": FLOW[:1], "tags": ["CWE-78"]})],
        tool="x",
    )
    client.force_login(alice)
    page = text(client.get(only().get_absolute_url()))
    assert all(word in page for word in ("web/in.py:3", "other/run.py:9", "CWE-78", "How it gets there, 2 steps"))


def test_a_step_in_another_teams_code_is_not_shown(client, charlie, repository, other_team):
    part = repository.components.create(name="web", team=other_team, paths=["web/**"])
    land(repository, [seen(path="web/a.py", properties={"flows": [FLOW]})], tool="x")
    assert only().component_id == part.pk
    client.force_login(charlie)
    page = text(client.get(only().get_absolute_url()))
    assert "web/in.py:3" in page
    assert "other/run.py" not in page


def test_a_preview_tells_what_moved_from_what_did_not(client, alice, repository):
    client.force_login(alice)
    report = json.loads(sarif(("R1", "a.py", 1), ("R2", "b.py", 2)))
    results = report["runs"][0]["results"]
    for number, result in enumerate(results):
        result["partialFingerprints"] = {"line/v1": f"hash{number}"}
    ((run, _plan),) = preview_file(
        repository, alice.memberships.get().team, json.dumps(report).encode(), file_name="r.sarif", actor=alice
    )
    accept_import(run, actor=alice)
    results[0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 12
    page = client.get(upload(client, json.dumps(report).encode())["Location"])
    groups = {group.name: (group.count, [row.note for row in group.rows]) for group in page.context["groups"]}
    assert groups == {"moved": (1, ["moved 11 lines down"]), "unchanged": (1, [""])}
    assert "It would bring: 1 moved." in page.content.decode()
    moved = Run.objects.latest("pk")
    accept_import(moved, actor=alice)
    page = client.get(moved.get_absolute_url())
    assert "1 moved. Handed in by Alice." in page.content.decode()
    assert [(g.name, g.count, [row.line for row in g.rows], g.open) for g in page.context["groups"]] == [
        ("moved", 1, [12], False)
    ]
