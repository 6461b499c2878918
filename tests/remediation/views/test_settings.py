"""A person's own settings, and the health of the house."""

import pytest
from django.utils import timezone

from findings.models import Heartbeat, Scan
from remediation.models import Digest

pytestmark = pytest.mark.django_db


def test_a_profile_is_saved_and_spoken_at_once(client, bob):
    client.force_login(bob)
    said = {"language": "zh-hans", "timezone": "Asia/Shanghai"}
    response = client.post("/profile/", said, follow=True)
    bob.refresh_from_db()
    assert (bob.language, bob.timezone, bob.shortcuts) == ("zh-hans", "Asia/Shanghai", False)
    assert response["Content-Language"] == "zh-hans"
    assert b"data-keys" not in response.content


def test_people_say_how_they_are_called_and_without_a_name_their_address_stands(client, bob):
    client.force_login(bob)
    rest = {"language": "en", "timezone": "UTC"}
    assert b"Roberta Bloom" in client.post("/profile/", rest | {"name": " Roberta Bloom "}, follow=True).content
    bob.refresh_from_db()
    assert str(bob) == "Roberta Bloom"
    client.post("/profile/", rest | {"name": ""})
    bob.refresh_from_db()
    assert str(bob) == bob.email


@pytest.mark.parametrize(
    "wrong", [{"language": "tlh"}, {"timezone": "Mars/Base"}, {"timezone": "localtime"}, {"timezone": "Factory"}]
)
def test_a_profile_that_makes_no_sense_is_refused(client, bob, wrong):
    client.force_login(bob)
    assert client.post("/profile/", {"language": "en", "timezone": "UTC"} | wrong).status_code == 422


@pytest.fixture
def trouble(repository, bob):
    now = timezone.now()
    Heartbeat.objects.create(name="worker-1", at=now)
    Scan.objects.create(
        repository=repository, kind="backfill", state="failed", error="no route to host", finished_at=now
    )
    Digest.objects.create(
        user=bob, period="2026-W10", message_id="<1@x>", since=now, until=now, error="550 no such user"
    )


def test_a_lead_sees_what_failed_in_their_teams(client, alice, trouble):
    client.force_login(alice)
    response = client.get("/health/")
    assert b"no route to host" in response.content
    assert b"550 no such user" in response.content
    assert "1 scan failed, 1 mail was not taken." in response.context["sentence"]
    assert dict(response.context["parts"])["Size of the database"].endswith("MB")


def test_what_is_ours_to_say_of_it_is_said_in_chinese(client, alice, trouble):
    Scan.objects.update(error="The branch has no commit since 2026-02-01")
    Digest.objects.update(user=alice, error="the worker stopped during each try")
    alice.language = "zh-hans"
    alice.save()
    client.force_login(alice)
    health, digest = (client.get(url).content.decode() for url in ("/health/", "/digest/"))
    assert "该分支自 2026-02-01 以来没有提交" in health
    assert "每次尝试时工作进程都中断了" in health
    assert "每次尝试时工作进程都中断了" in digest


def test_another_teams_lead_sees_workers_and_none_of_it(client, charlie, trouble):
    client.force_login(charlie)
    response = client.get("/health/")
    assert b"worker-1" in response.content
    assert b"no route to host" not in response.content
    assert b"no such user" not in response.content


def test_only_leads_have_the_entries_for_leads(client, alice, bob):
    for user, names in ((alice, {"Settings", "Health"}), (bob, set())):
        client.force_login(user)
        nav = {str(entry.label) for entry in client.get("/board/").context["frame"]()["nav"]}
        assert nav & {"Settings", "Health"} == names
