"""What people do with findings: one, many, and back again."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from findings import actions
from findings.models import Event, Finding
from tests.cast import land, member, only, seen

pytestmark = pytest.mark.django_db
BULK = reverse("remediation:bulk")
LIST = reverse("remediation:findings")


def url(verb, finding):
    return reverse(f"remediation:finding_{verb}", args=[finding.pk])


@pytest.fixture
def finding(repository):
    land(repository, [seen()])
    return only()


@pytest.fixture
def secret(repository):
    land(repository, [seen("secrets/plaintext", "a.env", key="h")])
    return only()


@pytest.fixture
def three(repository):
    land(repository, [seen(path=f"{n}.yaml", text=str(n)) for n in range(3)])
    return list(Finding.objects.order_by("pk"))


def text(response):
    return response.content.decode()


def test_a_verdict_is_said_with_a_reason_and_shows_on_the_page(client, bob, finding):
    client.force_login(bob)
    form = client.get(url("verdict", finding))
    version = re.search(r'name="version" value="(\d+)"', text(form))[1]
    data = {"verdict": "accepted", "reason": "Behind a VPN", "until": "2999-01-01", "version": version}
    answer = client.post(url("verdict", finding), data, follow=True)
    assert only().state == "accepted"
    assert "Accepted by Bob." in answer.context["sentence"]
    assert "Behind a VPN" in text(answer)


@pytest.mark.parametrize(
    "data",
    [
        {"verdict": "accepted", "reason": "  "},
        {"verdict": "fixed", "reason": "x"},
        {"verdict": "accepted", "reason": "x", "until": "2001-01-01"},
        {"verdict": "accepted", "reason": "x\0"},
        {"verdict": "accepted", "reason": "x", "version": "9" * 30},
        {},
    ],
)
def test_a_verdict_that_cannot_be_is_asked_again(client, bob, finding, data):
    client.force_login(bob)
    assert client.post(url("verdict", finding), data).status_code == 422
    assert only().state == "open"


def test_the_second_of_two_people_is_told_what_the_first_did(client, alice, bob, finding):
    client.force_login(bob)
    seen_version = finding.version
    actions.assign([finding], alice, actor=alice)
    data = {"verdict": "accepted", "reason": "x", "version": seen_version}
    answer = client.post(url("verdict", finding), data)
    assert answer.status_code == 422
    assert "Given to Alice" in text(answer)
    assert only().state == "open"
    again = re.search(r'name="version" value="(\d+)"', text(answer))[1]
    assert client.post(url("verdict", finding), data | {"version": again}).status_code == 302
    assert only().state == "accepted"


def test_an_owner_is_somebody_who_sees_it(client, alice, bob, charlie, finding):
    client.force_login(bob)
    assert client.post(url("assign", finding), {"owner": charlie.pk}).status_code == 422
    assert client.post(url("assign", finding), {"owner": alice.pk}).status_code == 302
    assert only().owner == alice
    client.post(url("assign", finding), {"owner": ""})
    assert only().owner is None


def test_a_colleague_of_another_of_ones_teams_cannot_be_given_what_they_do_not_see(client, bob, other_team, finding):
    actions.invite(other_team, bob.email, "member", actor="test")
    dora = member(other_team, "dora", "member")
    client.force_login(bob)
    answer = client.post(url("assign", finding), {"owner": dora.pk})
    assert answer.status_code == 422
    assert "in no team that sees" in text(answer)


def test_a_due_date_of_its_own_counts_before_the_plans(client, bob, finding):
    client.force_login(bob)
    client.post(url("due", finding), {"due": "2999-01-01"})
    shown = client.get(finding.get_absolute_url()).context
    assert (shown["due"], shown["overdue"], shown["due_source"]) == (date(2999, 1, 1), False, "set by hand")
    client.post(url("due", finding), {"due": ""})
    assert only().due is None


def test_a_secret_that_is_still_in_the_code_stays_open_when_attested(client, bob, secret):
    client.force_login(bob)
    client.post(url("attest", secret), {"text": "https://tickets.example.com/1"})
    now = only()
    assert (now.state, now.rotated) == ("open", True)
    assert "Rotated, still in code" in client.get(now.get_absolute_url()).context["sentence"]


def test_what_a_scan_proves_is_not_attested(client, bob, finding):
    client.force_login(bob)
    assert client.post(url("attest", finding), {"text": "done"}).status_code == 422
    assert only().state == "open"


def test_who_owns_a_p0_does_not_attest_it_alone(client, alice, bob, secret):
    Finding.objects.update(owner=bob, at_head=False)
    client.force_login(bob)
    answer = client.post(url("attest", secret), {"text": "rotated"})
    assert answer.status_code == 422 and "somebody else than who did it" in text(answer)
    client.force_login(alice)
    client.post(url("attest", secret), {"text": "rotated"})
    assert only().state == "fixed"


def test_somebody_looks_at_a_flapping_finding(client, bob, finding):
    Finding.objects.update(flapping=True)
    client.force_login(bob)
    assert "I have looked" in {a["label"] for a in client.get(finding.get_absolute_url()).context["actions"]}
    client.post(url("look_at", finding))
    assert not only().flapping


def test_a_verdict_is_withdrawn(client, bob, finding):
    actions.decide([finding], "accepted", actor=bob, reason="x")
    client.force_login(bob)
    client.post(url("withdraw", finding))
    assert only().state == "open"


# Many


def ask(client, verb, findings=(), **data):
    return client.post(BULK, {"verb": verb, "pk": [f.pk for f in findings], **data})


def test_a_selection_is_asked_about_and_then_changed_in_one_step(client, bob, three):
    client.force_login(bob)
    question = ask(client, "accept", three[:2])
    assert "2 findings are meant" in text(question)
    assert all(f'value="{f.pk}"' in text(question) for f in three[:2])
    assert set(Finding.objects.values_list("state", flat=True)) == {"open"}
    data = {"confirmed": "1", "verdict": "accepted", "reason": "known"}
    answer = ask(client, "accept", three[:2], filter="q=k8s", **data)
    assert answer["Location"] == f"{LIST}?q=k8s"
    assert [f.state for f in Finding.objects.order_by("pk")] == ["accepted", "accepted", "open"]
    assert Event.objects.filter(verb="accepted").count() == 2


def test_everything_that_matches_means_the_filter_and_not_the_page(client, bob, alice, three):
    client.force_login(bob)
    data = {"confirmed": "1", "owner": alice.pk, "everything": "1", "filter": "path=1.yaml"}
    ask(client, "assign", [], **data)
    assert [f.owner for f in Finding.objects.order_by("pk")] == [None, alice, None]


def test_a_bulk_change_is_taken_back_where_nobody_changed_it_since(client, alice, bob, three):
    actions.assign(three[:1], alice, actor=alice)
    client.force_login(bob)
    answer = client.post(
        BULK, {"verb": "assign", "pk": [f.pk for f in three], "confirmed": "1", "owner": bob.pk}, follow=True
    )
    assert "3 findings have a new owner." in text(answer)
    assert reverse("remediation:bulk_undo") in text(answer)
    actions.set_due(three[2:], date(2999, 1, 1), actor=alice)
    said = client.post(reverse("remediation:bulk_undo"), follow=True)
    assert "1 was changed since and stays" in text(said)
    assert [f.owner for f in Finding.objects.order_by("pk")] == [alice, None, bob]
    assert "taken back already" in text(client.post(reverse("remediation:bulk_undo"), follow=True))


def test_verdicts_in_bulk_are_taken_back_and_earlier_ones_stand_again(client, bob, three):
    actions.decide(three[:1], "false_positive", actor=bob, reason="before")
    client.force_login(bob)
    ask(client, "accept", three, confirmed="1", verdict="accepted", reason="now")
    client.post(reverse("remediation:bulk_undo"))
    assert [f.state for f in Finding.objects.order_by("pk")] == ["false_positive", "open", "open"]


def test_due_dates_in_bulk_go_back_to_what_each_was(client, bob, three):
    actions.set_due(three[:1], date(2030, 5, 5), actor=bob)
    client.force_login(bob)
    ask(client, "due", three, confirmed="1", due="2031-01-01")
    client.post(reverse("remediation:bulk_undo"))
    assert [f.due for f in Finding.objects.order_by("pk")] == [date(2030, 5, 5), None, None]


def test_withdrawing_needs_no_question(client, bob, three):
    actions.decide(three, "accepted", actor=bob, reason="x")
    client.force_login(bob)
    assert ask(client, "withdraw", three, filter="state=accepted").status_code == 302
    assert set(Finding.objects.values_list("state", flat=True)) == {"open"}


@pytest.mark.parametrize("pk", ["", "0", "-1", "9" * 40, "x", "\0"])
def test_a_selection_of_nothing_says_so(client, bob, three, pk):
    client.force_login(bob)
    answer = client.post(BULK, {"verb": "accept", "pk": pk}, follow=True)
    assert "Nothing was selected" in text(answer)


def test_an_unknown_verb_is_not_there(client, bob, three):
    client.force_login(bob)
    assert ask(client, "delete", three).status_code == 404


def test_others_findings_in_a_selection_are_left_alone(client, bob, vera, charlie, three, other_team):
    client.force_login(charlie)
    ask(client, "accept", three, confirmed="1", verdict="accepted", reason="x")
    ask(client, "accept", [], everything="1", filter="state=any", confirmed="1", verdict="accepted", reason="x")
    client.force_login(vera)
    ask(client, "accept", three, confirmed="1", verdict="accepted", reason="x")
    assert set(Finding.objects.values_list("state", flat=True)) == {"open"}


def test_viewers_are_refused_and_strangers_find_nothing(client, vera, charlie, finding):
    for person, status in ((vera, 403), (charlie, 404)):
        client.force_login(person)
        for verb in ("verdict", "assign", "due", "attest", "look_at", "withdraw"):
            assert client.get(url(verb, finding)).status_code == status
            assert client.post(url(verb, finding), {}).status_code == status


def test_a_verdict_ends_on_a_day_that_is_not_over(client, bob, finding):
    client.force_login(bob)
    today = timezone.localdate()
    for day, status in ((today - timedelta(days=1), 422), (today, 302)):
        data = {"verdict": "accepted", "reason": "x", "until": day.isoformat()}
        assert client.post(url("verdict", finding), data).status_code == status
