"""Tokens: made once, kept as a hash, counted, over, revoked; and never a member of the team to its people."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from findings import actions
from findings.actions.people import set_role
from findings.models import Event, Token
from tests.laws import everything_stored
from tests.remediation.api.conftest import Machine, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(alice) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def make(lead: Client) -> str:
    response = lead.post("/teams/platform/tokens/", {"name": "CI of shop", "scopes": ["read", "import"], "days": 30})
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    return key_in(response.content.decode())


def key_in(text: str) -> str:
    start = text.index("nova_")
    end = next(n for n in range(start, len(text)) if not (text[n].isalnum() or text[n] in "-_"))
    return text[start:end]


def test_a_lead_makes_a_token_that_is_shown_once_and_kept_as_a_hash(lead, repository):
    key = make(lead)
    assert len(key) >= 48
    assert key not in everything_stored()
    page = lead.get("/teams/platform/settings/").content.decode()
    assert key not in page
    assert key[:11] in page
    assert Machine(key).get("findings").status_code == 200
    assert Token.objects.get().last_used_at is not None


def test_making_and_revoking_are_in_the_log(lead, alice, repository):
    key = make(lead)
    row = Token.objects.get()
    lead.post(f"/teams/platform/tokens/{row.pk}/revoke/")
    assert problem(Machine(key).get("findings"))["status"] == 401
    told = Event.objects.filter(label="token CI of shop").order_by("pk")
    assert [(e.verb, e.actor) for e in told] == [("made token", alice.email), ("revoked token", alice.email)]
    assert key not in str([e.after for e in told])


def test_an_expired_token_opens_nothing(platform, machine_of):
    machine = machine_of(platform)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = machine.get("findings")
    assert response.status_code == 401
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


def test_too_many_requests_in_a_minute_wait_for_the_next(platform, repository, machine_of, settings):
    settings.NOVA_API_LIMIT = 3
    machine, other = machine_of(platform), machine_of(platform)
    answers = [machine.get("findings") for _ in range(4)]
    assert [r.status_code for r in answers] == [200, 200, 200, 429]
    assert [r["RateLimit"].split(";")[1] for r in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert answers[0]["RateLimit-Policy"] == '"token";q=3;w=60'
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    problem(answers[3])
    assert other.get("findings").status_code == 200
    Token.objects.update(window=timezone.now() - timedelta(seconds=61))
    assert machine.get("findings").status_code == 200


def test_a_token_is_no_member_to_people_and_cannot_sign_in(lead, platform, alice, machine_of):
    machine_of(platform)
    row = Token.objects.get()
    assert "Nightly build" not in lead.get("/teams/platform/").content.decode()
    assert row.user.email not in lead.get("/teams/platform/settings/").content.decode()
    with pytest.raises(ValueError, match="needs a lead"):
        set_role(alice.memberships.get(), "viewer", actor=alice)
    assert not row.user.has_usable_password()
    assert not row.user.is_active
    assert lead.post("/teams/platform/invite/", {"email": row.user.email, "role": "lead"}).status_code == 422


def test_a_scope_that_there_is_not_is_refused(platform):
    with pytest.raises(ValueError, match="scopes are some of"):
        actions.issue(platform, "x", ["everything"], days=1, actor="test")
