"""Two leads at once: who is second is told what changed, and nothing of the first's is lost. For the forms that name
no version of a row of their own: members, invitations, tokens, secrets, views, and a review's button.
"""

import json

import pytest
from django.urls import reverse

from findings import actions
from findings.models import Membership, Token
from remediation.actions.imports import preview_file
from remediation.actions.reading import decide
from remediation.actions.views import save_view
from remediation.core.review.choices import Choice
from remediation.models import Item, View

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def told(response) -> str:
    return " ".join(str(m) for m in response.context["messages"]) + response.content.decode()


def test_an_invitation_of_somebody_who_is_in_already_changes_nothing_and_says_so(lead, alice, bob, platform):
    actions.set_role(platform.memberships.get(user=bob), "lead", actor="carol@example.com")
    response = lead.post("/teams/platform/invite/", {"email": "BOB@example.com", "name": "Bob", "role": "viewer"})
    assert response.status_code == 422
    assert "Bob is in the team already, as lead. Nothing was changed." in told(response)
    assert platform.memberships.get(user=bob).role == "lead"


def test_who_was_invited_by_another_lead_is_not_invited_as_something_else_but_may_get_another_letter(
    lead, alice, platform, mailoutbox
):
    actions.invite(platform, "new@example.com", "viewer", actor="carol@example.com")
    said = {"email": "new@example.com", "name": "", "role": "lead"}
    assert lead.post("/teams/platform/invite/", said).status_code == 422
    assert lead.post("/teams/platform/invite/", said | {"role": "viewer"}).status_code == 200
    assert (platform.memberships.get(user__email="new@example.com").role, len(mailoutbox)) == ("viewer", 1)


def test_a_second_token_of_the_same_name_is_not_made(lead, alice, platform):
    actions.issue(platform, "CI", ["read"], days=9, actor="carol@example.com")
    said = {"name": "CI", "scopes": ["read"], "days": 9}
    response = lead.post("/teams/platform/tokens/", said)
    assert response.status_code == 422
    assert "carol@example.com made a token “CI” already" in told(response)
    token = Token.objects.get()
    lead.post(reverse("remediation:revoke_token", args=["platform", token.pk]))
    assert lead.post("/teams/platform/tokens/", said).status_code == 200


def test_who_revokes_a_token_second_is_told_that_it_was_done(lead, platform):
    token, _key = actions.issue(platform, "CI", ["read"], days=9, actor="carol@example.com")
    actions.revoke(token, actor="carol@example.com")
    response = lead.post(reverse("remediation:revoke_token", args=["platform", token.pk]), follow=True)
    assert "Somebody revoked CI already" in told(response)


def test_a_member_whose_role_changed_meanwhile_is_not_removed(lead, bob, platform):
    page = lead.get("/teams/platform/settings/")
    shown = next(m for m in page.context["members"] if m["email"] == bob.email)
    seen = shown["leave"].initial["seen"]
    assert json.loads(seen) == {"role": "member"}
    seat = platform.memberships.get(user=bob)
    actions.set_role(seat, "lead", actor="carol@example.com")
    response = lead.post(shown["remove"], {"seen": seen}, follow=True)
    assert "Somebody made Bob lead meanwhile. Nobody was removed" in told(response)
    assert Membership.objects.filter(pk=seat.pk).exists()
    shown = next(m for m in response.context["members"] if m["email"] == bob.email)
    lead.post(shown["remove"], {"seen": shown["leave"].initial["seen"]})
    assert not Membership.objects.filter(pk=seat.pk).exists()


def test_a_webhook_secret_is_made_anew_once_where_two_ask_at_once(lead, repository):
    page = lead.get(repository.get_absolute_url())
    seen, first = page.context["hook"]["mark"], repository.hook_secret
    address = page.context["hook"]["rotate"]
    assert f'name="seen" value="{seen}"' in page.content.decode()
    lead.post(address, {"seen": seen})
    response = lead.post(address, {"seen": seen}, follow=True)
    repository.refresh_from_db()
    assert "Somebody made a new secret meanwhile" in told(response)
    assert repository.hook_secret_previous == first != repository.hook_secret


def test_a_view_of_the_team_is_replaced_by_who_has_seen_it_only(lead, alice, bob, platform):
    save_view(bob, "Monday", "priority=P0", team=platform)
    said = {"name": "Monday", "team": platform.pk, "filter": "priority=P1"}
    response = lead.post(reverse("remediation:view_save"), said)
    assert response.status_code == 422
    assert "Bob keeps a view “Monday” already: " in told(response)
    assert View.objects.get().query == "priority=P0"
    again = said | {"seen": response.context["form"]["seen"].value()}
    save_view(bob, "Monday", "priority=P2", team=platform)
    response = lead.post(reverse("remediation:view_save"), again)
    assert (response.status_code, View.objects.get().query) == (422, "priority=P2")
    assert (
        lead.post(
            reverse("remediation:view_save"), again | {"seen": response.context["form"]["seen"].value()}
        ).status_code
        == 302
    )
    assert View.objects.get().query == "priority=P1"


def test_a_review_about_which_somebody_else_decided_is_not_applied_unseen(lead, alice, repository, platform):
    text = b"# Review\n\n## P0 Blockers\n\n### P0-1: Topics live on one broker\n\nOne replica.\n"
    run = preview_file(repository, platform, text, file_name="r.md", actor=alice)[0][0]
    page = lead.get(run.get_absolute_url())
    assert '<input type="hidden" name="version" value="1">' in page.content.decode()
    decide(run, "findings", "p0-1", Choice(left_out=True), version=1)
    response = lead.post(reverse("remediation:run_accept", args=[run.pk]), {"version": 1}, follow=True)
    run.refresh_from_db()
    assert (run.state, Item.objects.count()) == ("preview", 0)
    assert "Somebody decided something else meanwhile" in told(response)
    lead.post(reverse("remediation:run_accept", args=[run.pk]), {"version": 2})
    run.refresh_from_db()
    assert run.state == "applied"
