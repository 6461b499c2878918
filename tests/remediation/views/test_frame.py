"""The frame around pages: where one can go, for which team, and how it looks."""

import pytest
from django.urls import reverse

from findings import actions
from findings.models import Scan
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
FINDINGS = reverse("remediation:findings")


def entries(response):
    return {entry.label: entry for entry in response.context["frame"]()["nav"]}


@pytest.fixture
def both(alice, other_team):
    """alice is in two teams."""
    actions.invite(other_team, alice.email, "member", actor="test")
    return alice


def test_the_page_one_is_on_is_marked(client, vera, repository):
    client.force_login(vera)
    land(repository, [seen()])
    for url, label in (
        (FINDINGS, "Findings"),
        (repository.get_absolute_url(), "Repositories"),
        (Scan.objects.get().get_absolute_url(), "Repositories"),
        (reverse("remediation:imports"), "Imports"),
    ):
        found = entries(client.get(url))
        assert [name for name, entry in found.items() if entry.current] == [label]


def test_with_several_teams_the_address_says_which_and_links_keep_it(client, both):
    client.force_login(both)
    answer = client.get(f"{FINDINGS}?team=platform")
    assert answer.context["team"].slug == "platform"
    assert entries(answer)["Findings"].url == f"{FINDINGS}?team=platform"
    assert "/teams/platform/" in entries(answer)["Costs"].url
    assert [entry.url for entry in answer.context["frame"]()["teams"]] == [
        f"{FINDINGS}?team=delivery",
        f"{FINDINGS}?team=platform",
    ]


def test_a_team_one_is_not_in_is_not_chosen(client, alice, other_team):
    client.force_login(alice)
    assert client.get(f"{FINDINGS}?team=delivery").context["team"].slug == "platform"


def test_a_person_without_a_team_has_a_frame_too(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody@example.com", "x"))
    answer = client.get(FINDINGS)
    assert answer.status_code == 200
    assert "Costs" not in entries(answer)


def test_who_becomes_a_lead_may_go_further_at_once(client, vera, platform):
    client.force_login(vera)
    assert "Settings" not in entries(client.get(FINDINGS))
    platform.memberships.filter(user=vera).update(role="lead")
    assert "Settings" in entries(client.get(FINDINGS))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_is_kept_by_the_browser(client, vera, theme):
    client.force_login(vera)
    answer = client.post(reverse("remediation:theme"), {"theme": theme, "next": FINDINGS})
    assert answer["Location"] == FINDINGS
    assert f'data-theme="{theme}"' in client.get(FINDINGS).content.decode()
    client.post(reverse("remediation:theme"), {"theme": ""})
    assert "data-theme=" not in client.get(FINDINGS).content.decode().split("<body")[0]


@pytest.mark.parametrize("there", ["https://evil.example.com/", "//evil.example.com", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_another_site(client, vera, there):
    client.force_login(vera)
    assert client.post(reverse("remediation:theme"), {"next": there})["Location"] == "/"


def test_a_language_is_the_persons_own_and_stays(client, vera):
    client.force_login(vera)
    client.post(reverse("remediation:language"), {"language": "zh-hans"})
    vera.refresh_from_db()
    assert vera.language == "zh-hans"
    assert 'lang="zh-hans"' in client.get(FINDINGS).content.decode()
    client.post(reverse("remediation:language"), {"language": "xx"})
    vera.refresh_from_db()
    assert vera.language == "zh-hans"


def test_choices_are_not_made_by_links(client, vera):
    client.force_login(vera)
    for name in ("theme", "language"):
        assert client.get(reverse(f"remediation:{name}")).status_code == 405
