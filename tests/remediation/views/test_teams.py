"""A team's page explains its grade; its settings keep it workable; invitations give nobody another's account."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from findings.actions import decide, invite
from findings.core.severity import SCALE
from findings.core.types import Coverage, Priority
from findings.models import Event, Finding, Membership, User
from remediation.actions.imports import accept_import
from remediation.actions.reading import preview_review
from remediation.clock import calendar_of
from remediation.core.grading import CapName
from remediation.models import Grade, Item
from remediation.reads.problems import problems_of
from tests.cast import NOON, land, seen

pytestmark = pytest.mark.django_db
EVERYTHING = Coverage(rules=None)
TOPIC = {"rule": "kafka/under-replicated-topic", "key": "main/orders"}


@pytest.fixture
def graded(repository):
    """Ten days ago: a P0 topic and three P2 patches; since then one of the patches is gone."""
    now = timezone.now()
    land(
        repository,
        [seen(**TOPIC), *(seen(line=n) for n in (1, 2, 3))],
        at=now - timedelta(days=10),
        coverage=EVERYTHING,
    )
    land(repository, [seen(**TOPIC), *(seen(line=n) for n in (1, 2))], at=now, coverage=EVERYTHING)
    return repository


def page(client, query=""):
    return client.get(f"/teams/platform/{query}").context


def test_the_rows_add_up_to_the_score(client, alice, graded):
    client.force_login(alice)
    said = page(client)
    total = 100 + sum((row["points"] for row in said["reasons"]), Decimal(0))
    assert Decimal(said["grade"]["score"]) == total


def test_each_reason_leads_to_its_rows(client, alice, graded):
    client.force_login(alice)
    rows = [row for row in page(client)["reasons"] if row["url"]]
    assert rows
    assert [len(client.get(row["url"]).context["rows"]) for row in rows] == [row["count"] for row in rows]


def test_the_sentence_adds_up_to_the_change(client, alice, repository):
    now = timezone.now()
    land(repository, [seen(line=n) for n in (1, 2, 3)], at=now - timedelta(days=10), coverage=EVERYTHING)
    land(repository, [seen("kafka/x"), *(seen(line=n) for n in (1, 2))], at=now, coverage=EVERYTHING)
    client.force_login(alice)
    said = page(client)
    shares = re.findall(r"\(([+−])([\d.]+)\)", said["sentence"])
    assert sum(Decimal(n) if sign == "+" else -Decimal(n) for sign, n in shares) == said["grade"]["change"]
    assert "1 new P2 (−2), 1 P2 fixed (+0.7)" in said["sentence"]


def test_what_if_asks_and_changes_nothing(client, alice, graded):
    client.force_login(alice)
    path = page(client)["path"]
    assert [step["checked"] for step in path["steps"]].count(True) >= 1
    patches = Item.objects.get(rule__key="kustomize/patch-sprawl")
    asked = page(client, f"?what_if=1&done=item:{patches.pk}&done=item:999999&done=rubbish")["path"]
    assert [step["pk"] for step in asked["steps"] if step["checked"]] == [f"item:{patches.pk}"]
    assert asked["result"].startswith("1 item, about 2 h: ")
    assert page(client, "?what_if=1")["path"]["result"] == "Tick what would be done."
    assert Finding.objects.open().count() == 3


def test_of_a_long_path_the_first_steps_stand_open_and_the_rest_is_asked_about_all_the_same(
    client, alice, graded, monkeypatch
):
    monkeypatch.setattr("remediation.reads.way.SHOWN_STEPS", 1)
    client.force_login(alice)
    every = [f"item:{pk}" for pk in Item.objects.values_list("pk", flat=True)]
    assert len(every) == 2
    answer = client.get("/teams/platform/", {"what_if": "1", "done": every})
    path = answer.context["path"]
    assert [(step["pk"], step["checked"]) for step in path["steps"] + path["further"]] == [(pk, True) for pk in every]
    assert path["result"].startswith("2 items")
    shown, _, folded = answer.content.decode().partition('<details class="fold" open><summary>1 more</summary>')
    assert (every[0] in shown, every[1] in shown) == (True, False)
    assert f'value="{every[1]}" checked' in folded.partition("</form>")[0]


def test_the_grade_without_acceptances_stands_beside(client, alice, graded):
    client.force_login(alice)
    assert page(client)["shadow"] == ""
    decide([Finding.objects.get(key="main/orders")], "accepted", actor=alice, reason="later")
    assert page(client)["shadow"].startswith("without acceptances and moved dates: ")


def test_without_a_scan_there_is_no_grade(client, alice, repository):
    client.force_login(alice)
    said = page(client)
    assert (said["grade"], said["path"], said["figures"]) == (None, None, [])
    assert said["sentence"].startswith("No grade yet")


def test_the_trend_has_the_same_numbers_as_its_table(client, alice, graded):
    client.force_login(alice)
    grade, found = page(client)["figures"][:2]
    assert [row[2] for row in grade["rows"]][::-1] == [
        str(g.score).removesuffix(".0") for g in Grade.objects.of(f"team:{page(client)['team'].pk}")
    ]
    assert found["sentence"] == "Open now: 1 P0, 0 P1, 2 P2."


def test_what_is_open_and_counts_through_its_rules_is_told_beside_the_trend_with_a_link_to_it(
    client, alice, platform, graded
):
    text = "# Review\n\n## P0\n\n### P0-1: One broker\n\n**Location**: `k8s/a.yaml` (line 3)\n\n### P0-2: No rota\n"
    land(graded, [seen(**TOPIC), *(seen(line=n) for n in (1, 2))], at=timezone.now(), coverage=EVERYTHING)
    accept_import(preview_review(graded, platform, text.encode(), file_name="r.md", actor=alice).run, actor=alice)
    client.force_login(alice)
    found = page(client)["figures"][1]
    assert found["sentence"] == "Open now: 2 P0, 0 P1, 2 P2."
    assert found["beside"].startswith("1 more that a review describes")
    listed = client.get(found["url"]).context
    assert [row.title for row in listed["rows"]] == ["P0-1: One broker"]
    every = client.get("/findings/?team=platform&state=open").context["rows"]
    assert len(every) == 2 + 0 + 2 + 1


def test_time_to_repair_is_told_by_priority_beside_what_is_allowed(client, alice, platform, graded):
    land(graded, [seen(line=1)], at=timezone.now(), coverage=EVERYTHING)
    client.force_login(alice)
    rows = {row["priority"]: row for row in page(client)["repairs"]}
    assert {p: (row["mean"], row["n"], row["late"]) for p, row in rows.items()} == {
        "P0": ("10 d", "1 fixed", True),
        "P2": ("10 d", "2 fixed", False),
    }
    assert rows["P0"]["allowed"] == "7 d allowed"


def test_what_came_back_is_repaired_from_then_on_and_a_verdict_is_no_repair(client, alice, repository):
    now = timezone.now()
    for days, found in ((40, [seen()]), (30, []), (6, [seen(), seen(line=9)]), (2, [seen(line=9)])):
        land(repository, found, at=now - timedelta(days=days), coverage=EVERYTHING)
    decide(Finding.objects.filter(state="open"), "accepted", actor=alice, reason="known")
    client.force_login(alice)
    [row] = page(client)["repairs"]
    assert (row["mean"], row["n"]) == ("4.0 d", "1 fixed")


def test_the_plan_burns_down_beside_what_was_planned(client, alice, graded):
    Item.objects.update(first_due=timezone.now().date() - timedelta(days=5))
    client.force_login(alice)
    shown = page(client)
    [chart] = [figure for figure in shown["figures"] if figure["title"] == "Items left"]
    assert chart["sentence"] == "2 items are left. 2 more than planned."
    assert chart["rows"][0][1:] == [2, 0]
    assert 'class="rows side"' in client.get("/teams/platform/").content.decode()


# Settings


def settings(client, **over):
    said = {"name": "Platform", "timezone": "UTC", "language": "en", "sla_p0": 7, "sla_p1": 21, "sla_p2": 60}
    said["weekend"] = ["5", "6"]
    return client.post("/teams/platform/settings/", said | over)


def test_settings_are_saved_and_told(client, alice, platform):
    client.force_login(alice)
    assert settings(client, sla_p0=3, holidays="2026-12-25\n2026-01-01").status_code == 302
    platform.refresh_from_db()
    assert (platform.sla_p0, [str(day) for day in platform.holidays]) == (3, ["2026-01-01", "2026-12-25"])
    event = Event.objects.get(verb="changed settings")
    assert event.before == {"sla_p0": 7, "holidays": []}


@pytest.mark.parametrize(
    ("field", "value"), [("holidays", "Christmas"), ("timezone", "Mars/Base"), ("sla_p0", 0), ("name", "")]
)
def test_settings_that_make_no_sense_are_refused(client, alice, platform, field, value):
    client.force_login(alice)
    response = settings(client, **{field: value})
    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_a_calendar_file_adds_its_days_off(client, alice, platform):
    client.force_login(alice)
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\nEND:VEVENT\nEND:VCALENDAR\n"
    file = SimpleUploadedFile("off.ics", text.encode())
    assert settings(client, holidays="2026-05-01 Labour Day", calendar=file).status_code == 302
    platform.refresh_from_db()
    assert [str(day) for day in platform.holidays] == ["2026-05-01", "2026-12-24"]


def test_the_weekend_is_the_teams_own_and_never_the_whole_week(client, alice, platform):
    client.force_login(alice)
    assert settings(client, weekend=["4", "5"]).status_code == 302
    platform.refresh_from_db()
    friday = date(2026, 3, 6)
    assert (platform.weekend, calendar_of(platform).on_or_after(friday)) == ([4, 5], date(2026, 3, 8))
    assert settings(client, weekend=list("0123456")).status_code == 422


def test_the_second_lead_is_told_what_changed_and_loses_nothing(client, alice, platform):
    second = invite(platform, "zoe@example.com", "lead", actor=alice, name="Zoe").user
    client.force_login(alice)
    shown = client.get("/teams/platform/settings/").context["form"]["seen"].value()
    client.force_login(second)
    assert settings(client, sla_p0=3).status_code == 302
    client.force_login(alice)
    response = settings(client, name="Platform A", seen=shown)
    assert response.status_code == 422
    form = response.context["form"]
    assert "Zoe changed meanwhile: Days to fix a P0 (7 → 3)." in str(form.non_field_errors())
    assert (form["name"].value(), form["sla_p0"].value()) == ("Platform A", "3")
    again = {"name": form["name"].value(), "sla_p0": 3, "seen": form["seen"].value()}
    assert settings(client, **again).status_code == 302
    platform.refresh_from_db()
    assert (platform.name, platform.sla_p0) == ("Platform A", 3)


def test_a_seat_that_somebody_changed_meanwhile_is_left_alone(client, alice, bob):
    client.force_login(alice)
    url = f"/teams/platform/members/{membership(bob).pk}/"
    shown = next(m for m in client.get("/teams/platform/settings/").context["members"] if m["email"] == bob.email)
    seen = shown["form"]["seen"].value()
    client.post(url, {"role": "member", "capacity": "4.5", "seen": seen})
    response = client.post(url, {"role": "member", "capacity": "20", "seen": seen}, follow=True)
    assert b"Somebody changed Bob meanwhile" in response.content
    assert membership(bob).capacity == Decimal("4.5")


def test_a_scale_that_somebody_changed_meanwhile_is_left_alone(client, alice, platform):
    client.force_login(alice)
    url, seen = "/teams/platform/scale/", '{"scale": "{}"}'
    assert client.post(url, SCALE | {"error": "P0", "seen": seen}).status_code == 302
    assert client.post(url, SCALE | {"note": "P0", "seen": seen}).status_code == 422
    platform.refresh_from_db()
    assert platform.scale == {"error": "P0"}


def membership(user) -> Membership:
    return Membership.objects.get(user=user, team__slug="platform")


def test_a_role_and_hours_can_be_changed(client, alice, bob):
    client.force_login(alice)
    client.post(f"/teams/platform/members/{membership(bob).pk}/", {"role": "viewer", "capacity": "4.5"})
    assert (membership(bob).role, membership(bob).capacity) == ("viewer", Decimal("4.5"))


def test_the_last_lead_stays(client, alice):
    client.force_login(alice)
    seat = membership(alice)
    response = client.post(f"/teams/platform/members/{seat.pk}/", {"role": "viewer", "capacity": 5}, follow=True)
    assert b"A team needs a lead" in response.content
    response = client.post(f"/teams/platform/members/{seat.pk}/remove/", follow=True)
    assert b"A team needs a lead" in response.content
    assert membership(alice).role == "lead"


def test_a_removed_member_sees_nothing_more(client, alice, bob):
    client.force_login(alice)
    client.post(f"/teams/platform/members/{membership(bob).pk}/remove/")
    client.force_login(bob)
    assert client.get("/teams/platform/").status_code == 404


def test_members_of_another_team_cannot_be_reached_through_ones_own(client, alice, charlie):
    client.force_login(charlie)
    assert client.post(f"/teams/delivery/members/{membership(alice).pk}/remove/").status_code == 404


# Invitations

LINK = re.compile(r"/accounts/reset/[\w-]+/[\w-]+/")


def ask(client, email, role="member"):
    return client.post("/teams/platform/invite/", {"email": email, "role": role, "name": "New"})


def test_a_new_person_gets_a_link_that_works_once(client, alice, platform):
    client.force_login(alice)
    response = ask(client, "new@example.com")
    (shown,) = set(LINK.findall(response.content.decode()))
    (sent,) = mail.outbox
    assert sent.to == ["new@example.com"]
    assert shown in sent.body
    assert shown in sent.alternatives[0].content
    assert "Platform" in sent.subject
    assert response["Cache-Control"] == "no-store"
    client.logout()
    form = client.get(shown, follow=True)
    said = {"new_password1": "a long story", "new_password2": "a long story"}
    week = client.post(form.request["PATH_INFO"], said, follow=True)
    assert week.context["user"].email == "new@example.com"
    assert b"you are signed in" in week.content
    client.logout()
    assert client.login(username="new@example.com", password="a long story")
    assert b"no longer works" in client.get(shown, follow=True).content


def test_who_has_a_password_gets_no_link(client, alice, charlie):
    client.force_login(alice)
    response = ask(client, charlie.email)
    assert LINK.search(response.content.decode()) is None
    assert LINK.search(mail.outbox[0].body) is None
    assert "Sign in" in mail.outbox[0].body
    assert charlie.memberships.count() == 2


def test_a_lead_gets_no_link_to_an_account_that_another_team_invited(client, alice, charlie, other_team):
    invite(other_team, "shared@example.com", "lead", actor=charlie)
    client.force_login(alice)
    response = ask(client, "shared@example.com")
    assert LINK.search(response.content.decode()) is None
    assert LINK.search(mail.outbox[0].body)


def test_an_old_link_does_not_lead_into_a_team_that_invited_later(client, alice, charlie, other_team):
    client.force_login(alice)
    shown = LINK.search(ask(client, "shared@example.com").content.decode()).group()
    invite(other_team, "shared@example.com", "member", actor=charlie)
    client.logout()
    assert b"no longer works" in client.get(shown, follow=True).content


def test_without_a_mail_server_the_link_is_still_there(client, alice, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    client.force_login(alice)
    response = ask(client, "new@example.com")
    assert b"did not take the mail" in response.content
    assert LINK.search(response.content.decode())
    assert User.objects.get(email="new@example.com").memberships.get().role == "member"


def test_an_address_that_is_none_is_refused_with_its_reason(client, alice):
    client.force_login(alice)
    response = ask(client, "nobody")
    assert response.status_code == 422
    assert "email" in response.context["invite"].errors
    assert mail.outbox == []


def test_a_name_cannot_break_the_mail(client, alice):
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(name="Eve\r\nBcc: all@example.com <b>")
    ask(client, "new@example.com")
    sent = mail.outbox[0]
    assert sent.recipients() == ["new@example.com"]
    assert "\n" not in sent.subject
    assert "<b>" not in sent.alternatives[0].content.replace("<b>Platform</b>", "")


def test_what_a_grade_counts_is_counted_in_full_however_few_of_it_are_looked_at(repository, platform, monkeypatch):
    monkeypatch.setattr("remediation.reads.problems.FELT", dict.fromkeys(Priority, 3))
    land(repository, [seen(path=f"{n}.yaml", line=n + 1, text=f"line {n}") for n in range(10)])
    alone = land(repository, [seen("custom/late", "late.yaml", priority=Priority.P0)], tool="other")
    known = problems_of(platform, NOON.date() + timedelta(days=30))
    assert alone.counts["new"] == 1
    assert known.rules == {"kustomize/patch-sprawl": 10, "custom/late": 1}
    assert len([p for p in known.problems if p.rule == "kustomize/patch-sprawl"]) == 3
    assert known.caps == {CapName.OPEN_P0: 1, CapName.OVERDUE_P0: 1}
    assert sorted(len(found) for found in known.settles.values()) == [1, 3]
