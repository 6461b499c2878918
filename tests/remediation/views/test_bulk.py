"""Very many findings at once: one transaction, few statements, one line that tells, and one click back."""

import re
from datetime import date

import pytest
from django.urls import reverse

from findings import actions
from findings.models import Event, Finding, Sweep, Verdict
from remediation.models import Item
from tests.cast import land, member, only, seen
from tests.statements import counted

pytestmark = pytest.mark.django_db
BULK, UNDO = reverse("remediation:bulk"), reverse("remediation:bulk_undo")
ACCEPT = {"verb": "accept", "verdict": "accepted", "reason": "Behind a VPN", "confirmed": "1", "everything": "1"}


@pytest.fixture
def grown(repository):
    def grow(n: int) -> None:
        land(repository, [seen(path=f"k8s/{i}.yaml", line=i + 1, text=f"line {i}") for i in range(n)])

    return grow


@pytest.fixture
def strict(platform):
    actions.configure(platform, approval=True, actor="test")
    return platform


def told(answer) -> str:
    return re.sub(r"<[^>]+>", " ", answer.content.decode())


def undo(client):
    return client.post(UNDO, {"sweep": Sweep.objects.get().pk}, follow=True)


def test_all_that_match_take_as_many_statements_as_a_few(client, bob, grown):
    client.force_login(bob)
    figures = []
    for n in (3, 60):
        grown(n)
        with counted() as statements:
            client.post(BULK, ACCEPT)
        assert set(Finding.objects.values_list("state", flat=True)) == {"accepted"}
        figures.append(statements.count)
        with counted() as statements:
            undo(client)
        figures.append(statements.count)
        assert set(Finding.objects.values_list("state", flat=True)) == {"open"}
    assert figures[:2] == figures[2:]


def test_the_question_names_a_few_of_what_is_meant_and_the_answer_the_verdict_that_was_given(client, bob, grown):
    grown(7)
    client.force_login(bob)
    asked = client.post(BULK, {name: value for name, value in ACCEPT.items() if name != "confirmed"})
    assert len(asked.context["points"]) == 5 + 1
    assert asked.context["points"][0] == Finding.objects.order_by("priority", "pk").first().title
    answer = client.post(BULK, ACCEPT | {"verdict": "false_positive"}, follow=True)
    assert "7 findings are false positives." in told(answer)


def test_each_gets_its_verdict_about_its_own_code_and_its_event(client, bob, grown):
    grown(3)
    client.force_login(bob)
    answer = client.post(BULK, ACCEPT, follow=True)
    assert "3 findings are accepted." in told(answer)
    assert Verdict.objects.filter(verdict="accepted", reason="Behind a VPN", person=bob.email).count() == 3
    assert len(set(Verdict.objects.values_list("block_hash", flat=True))) == 3
    events = Event.objects.filter(verb="accepted", actor=bob.email)
    assert {(e.before["verdict"], e.after["verdict"], e.after["reason"]) for e in events} == {
        ("", "accepted", "Behind a VPN")
    }
    assert set(Finding.objects.values_list("version", flat=True)) == {2}
    assert Item.objects.get().settled_by == "accepted"


def test_undo_brings_the_verdict_before_back_with_its_words(client, bob, alice, grown):
    grown(2)
    first = Finding.objects.earliest("pk")
    actions.decide([first], "false_positive", actor=alice, reason="A test's own value")
    client.force_login(bob)
    client.post(BULK, ACCEPT | {"filter": "state=any"})
    assert set(Finding.objects.values_list("state", flat=True)) == {"accepted"}
    undo(client)
    first.refresh_from_db()
    assert first.state == "false_positive"
    back = Verdict.objects.get(finding=first, ended_at=None)
    assert (back.verdict, back.reason, back.person) == ("false_positive", "A test's own value", alice.email)
    assert Finding.objects.latest("pk").state == "open"
    assert not Sweep.objects.exists()


def test_undo_leaves_alone_what_somebody_changed_since(client, bob, alice, grown):
    grown(3)
    client.force_login(bob)
    client.post(BULK, {"verb": "due", "due": "2999-01-01", "confirmed": "1", "everything": "1"})
    actions.set_due([Finding.objects.earliest("pk")], date(2998, 1, 1), actor=alice)
    answer = undo(client)
    assert "2 findings are as they were." in told(answer) and "1 was changed since and stays." in told(answer)
    assert sorted(Finding.objects.values_list("due", flat=True), key=str) == [date(2998, 1, 1), None, None]


def test_owners_are_given_back_and_withdrawn_verdicts_stand_again(client, bob, alice, grown):
    grown(2)
    actions.assign([Finding.objects.earliest("pk")], alice, actor=alice)
    actions.decide(Finding.objects.all(), "accepted", actor=alice, reason="For now")
    client.force_login(bob)
    client.post(BULK, {"verb": "assign", "owner": bob.pk, "confirmed": "1", "everything": "1", "filter": "state=any"})
    assert set(Finding.objects.values_list("owner", flat=True)) == {bob.pk}
    undo(client)
    assert list(Finding.objects.order_by("pk").values_list("owner", flat=True)) == [alice.pk, None]
    client.post(BULK, {"verb": "withdraw", "everything": "1", "filter": "state=any"})
    assert set(Finding.objects.values_list("state", flat=True)) == {"open"}
    undo(client)
    assert set(Finding.objects.values_list("state", flat=True)) == {"accepted"}
    assert Verdict.objects.filter(ended_at=None, reason="For now").count() == 2


def test_nobody_takes_back_what_another_said(client, bob, alice, grown):
    grown(1)
    client.force_login(bob)
    client.post(BULK, ACCEPT)
    client.force_login(alice)
    assert "taken back already" in told(undo(client))
    assert only().state == "accepted"


# Approval


def test_a_members_verdict_waits_where_the_team_asks_for_approval(client, bob, alice, grown, strict):
    grown(2)
    client.force_login(bob)
    answer = client.post(BULK, ACCEPT, follow=True)
    assert "2 wait for a lead" in told(answer)
    assert set(Finding.objects.values_list("state", flat=True)) == {"open"}
    client.force_login(alice)
    listed = client.get(reverse("remediation:findings") + "?mark=asked").context["rows"]
    assert len(listed) == 2
    page = client.get(reverse("remediation:finding", args=[listed[0].pk]))
    assert "Bob asks to accept it. A lead decides." in page.context["sentence"]
    assert {"Approve", "Decline"} <= {action["label"] for action in page.context["actions"]}
    client.post(reverse("remediation:finding_approve", args=[listed[0].pk]))
    client.post(reverse("remediation:finding_decline", args=[listed[1].pk]))
    assert [Finding.objects.get(pk=row.pk).state for row in listed] == ["accepted", "open"]
    assert Verdict.objects.get(ended_at=None).person == bob.email
    assert {"approved", "declined"} <= set(Event.objects.values_list("verb", flat=True))


def test_a_leads_own_verdict_counts_at_once_and_a_member_cannot_approve(client, bob, alice, grown, strict):
    grown(1)
    client.force_login(alice)
    client.post(BULK, ACCEPT)
    assert only().state == "accepted"
    client.force_login(bob)
    assert client.post(reverse("remediation:finding_approve", args=[only().pk])).status_code == 403


def test_a_verdict_in_force_stays_until_the_one_that_waits_is_approved(client, bob, alice, grown, strict):
    grown(1)
    actions.decide([only()], "accepted", actor=alice, reason="For now")
    actions.decide([only()], "false_positive", actor=bob, reason="It is none")
    assert only().state == "accepted"
    actions.approve([only()], actor=alice)
    assert only().state == "false_positive"
    assert Verdict.objects.get(ended_at=None).reason == "It is none"


def test_what_waits_is_withdrawn_and_ends_with_its_day(bob, grown, strict):
    grown(1)
    actions.decide([only()], "accepted", actor=bob, reason="x", until=date(2026, 1, 1))
    actions.expire_verdicts(date(2026, 1, 2))
    assert not Verdict.objects.filter(ended_at=None).exists()
    actions.decide([only()], "accepted", actor=bob, reason="x")
    actions.withdraw([only()], actor=bob)
    assert not Verdict.objects.filter(ended_at=None).exists()


def test_a_lead_approves_all_that_wait_at_once(client, bob, alice, grown, strict):
    grown(3)
    actions.decide(Finding.objects.all(), "accepted", actor=bob, reason="x")
    client.force_login(bob)
    client.post(BULK, {"verb": "approve", "everything": "1", "filter": "mark=asked"})
    assert Finding.objects.filter(state="accepted").count() == 0
    client.force_login(alice)
    answer = client.post(BULK, {"verb": "approve", "everything": "1", "filter": "mark=asked"}, follow=True)
    assert "3 verdicts are approved." in told(answer)
    assert Finding.objects.filter(state="accepted").count() == 3


def test_an_owner_of_many_is_somebody_who_sees_all_of_them(client, bob, other_team, grown):
    grown(2)
    actions.invite(other_team, bob.email, "member", actor="test")
    dora = member(other_team, "dora", "member")
    client.force_login(bob)
    answer = client.post(BULK, {"verb": "assign", "owner": dora.pk, "confirmed": "1", "everything": "1"})
    assert answer.status_code == 422 and "in no team that sees 2 of these" in told(answer)


def test_the_change_and_what_takes_it_back_lead_to_the_list_as_it_was_filtered(client, bob, grown):
    grown(2)
    client.force_login(bob)
    filtered = f"{reverse('remediation:findings')}?state=open&sort=age"
    answer = client.post(BULK, ACCEPT | {"filter": "state=open&sort=age", "everything": "1"})
    assert answer.url == filtered
    page = client.get(answer.url).content.decode()
    assert '<input type="hidden" name="filter" value="state=open&amp;sort=age"><button' in page
    sweep = Sweep.objects.get().pk
    assert client.post(UNDO, {"sweep": sweep, "filter": "state=open&sort=age"}).url == filtered
