"""What the digest says: the reader's own teams, language and days; facts in the subject; nothing active in the HTML."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from findings import actions
from remediation import mail
from remediation.actions import costs, digests, items
from remediation.actions.weeks import commit_week
from remediation.core.digest import Outcome, SectionCode
from remediation.models import Grade, Item
from remediation.reads.digest import digest_of, state_of
from tests.cast import NOON, land, only, seen

SINCE, UNTIL = NOON - timedelta(hours=1), datetime(2026, 3, 9, 9, tzinfo=UTC)


def message(user, since=SINCE, until=UNTIL):
    return mail.digest(user, digests.enroll(user), digest_of(user, since, until), "<x@example.com>")


def told(user, outcome, since=SINCE, until=UNTIL):
    return [h.thing.title for h in state_of(user, since, until).happenings if h.outcome is outcome]


def test_what_is_new_is_told_with_its_priority_and_a_link(alice, repository):
    land(repository, [seen()])
    said = message(alice)
    finding = only()
    assert said.subject == "1 new"
    assert f"- P2 {finding.title}" in said.body
    assert f"http://127.0.0.1:8000{finding.get_absolute_url()}" in said.body


def test_the_mail_of_another_team_says_nothing_of_ours(alice, charlie, repository):
    land(repository, [seen()])
    assert digest_of(charlie, SINCE, UNTIL).empty
    assert "patch-sprawl" not in message(charlie).body


def test_a_finding_shared_with_another_team_is_told_there_too(alice, charlie, repository, other_team):
    actions.define_component(repository, name="b", team=other_team, paths=["/b/"], actor="test")
    land(repository, [seen("secrets/plaintext", "a/x.yaml", key="h"), seen("secrets/plaintext", "b/x.yaml", key="h")])
    assert len(told(charlie, Outcome.NEW)) == 1


def test_what_closed_is_told_once_as_its_item_with_proof(alice, repository):
    land(repository, [seen()], at=SINCE - timedelta(days=3))
    land(repository, [], at=NOON)
    assert told(alice, Outcome.CLOSED) == ["Too many patches"]


def test_a_batch_that_was_taken_back_is_not_told(alice, repository):
    run = land(repository, [seen()])
    actions.undo(run, actor=alice)
    assert state_of(alice, SINCE, UNTIL).happenings == []


def test_what_was_accepted_meanwhile_is_not_new(alice, repository):
    land(repository, [seen()])
    actions.decide([only()], "accepted", actor=alice, reason="known")
    assert told(alice, Outcome.NEW) == []


def test_titles_of_other_tools_may_quote_code_so_their_rule_is_named_instead(alice, repository):
    land(repository, [seen()])
    finding = only()
    finding.rule.tool, finding.title = "semgrep", "password = 'hunter2-hunter2'"
    finding.rule.save()
    finding.save()
    said = message(alice)
    assert "hunter2" not in said.body + said.alternatives[0][0]
    assert finding.rule.title in said.body


def test_what_needs_the_person_is_what_they_own_and_is_late_or_due_this_week(alice, bob, repository):
    land(repository, [seen()])
    item = Item.objects.get()
    items.give(item, bob, actor=alice)
    items.reschedule(item, date(2026, 3, 8), actor=alice)
    said = message(bob)
    assert said.subject.startswith("1 P2 overdue")
    assert "overdue, was due on 8 Mar 2026" in said.body
    assert SectionCode.NEEDS not in [s.code for s in digest_of(alice, SINCE, UNTIL).sections]


def test_a_finding_and_its_item_of_one_owner_are_one_row(alice, repository):
    land(repository, [seen()])
    item, finding = Item.objects.get(), only()
    items.give(item, alice, actor=alice)
    items.reschedule(item, UNTIL.date(), actor=alice)
    actions.assign([finding], alice, actor=alice)
    actions.set_due([finding], UNTIL.date(), actor=alice)
    assert [t.subject for t in state_of(alice, SINCE, UNTIL).needs] == [f"item:{item.pk}"]


def test_a_week_that_ended_says_what_was_promised_and_kept(alice, platform, repository):
    land(repository, [seen(), seen("secrets/plaintext", "k8s/b.yaml", key="h1")], at=NOON - timedelta(days=1))
    commit_week(platform, Item.objects.all(), today=NOON.date(), actor=alice)
    platform.weeks.update(committed_at=NOON)
    land(repository, [seen("secrets/plaintext", "k8s/b.yaml", key="h1")], at=NOON + timedelta(days=1))
    assert "Platform, week 10: 1 of 2 kept" in message(alice).body


def test_the_subject_holds_the_facts(alice, platform, repository):
    for at, letter, score in ((SINCE, "C", 70), (UNTIL, "B", 81)):
        day = at.date()
        Grade.objects.create(
            subject=f"team:{platform.pk}", day=day, formula=1, score=score, plain=score, letter=letter, at=at
        )
    said = message(alice)
    assert said.subject == "grade C→B"
    assert "Platform: B (81.0), was C (70.0)" in said.body


def test_a_bill_that_came_in_is_told_beside_the_month_before(alice, platform):
    text = "month,service,amount,currency\n2026-01,Redis,60,USD\n2026-02,Redis,41.50,USD\n"
    costs.import_costs(costs.read_costs(text.encode()), platform, actor=alice)
    now = datetime.now(UTC)
    said = message(alice, now - timedelta(days=1), now + timedelta(minutes=1))
    assert "Platform, February 2026: 41.50 USD billed (18.50 USD less than the month before)" in said.body
    later = state_of(alice, now + timedelta(minutes=1), now + timedelta(days=7))
    assert list(later.costs) == [], "it is news only once"


def test_the_mail_speaks_the_readers_language_and_reckons_in_their_zone(alice, repository):
    land(repository, [seen()])
    alice.language, alice.timezone = "zh-hans", "Asia/Shanghai"
    said = message(alice, until=datetime(2026, 3, 8, 22, tzinfo=UTC))
    assert "2026年3月9日" in said.body


@pytest.mark.parametrize("mark", ["<script", "<img", "<style", "style=", "http-equiv", "src="])
def test_the_html_part_loads_and_runs_nothing(alice, repository, mark):
    land(repository, [seen()])
    html = message(alice).alternatives[0][0]
    assert mark not in html
    assert only().title in html


def test_markup_in_a_title_is_shown_and_not_obeyed(alice, repository):
    land(repository, [seen(message="<b>bold</b>")])
    said = message(alice)
    assert "&lt;b&gt;bold" in said.alternatives[0][0]
    assert "<b>bold</b>" in said.body


def test_at_most_ten_rows_of_a_section_are_in_the_mail(alice, repository):
    land(repository, [seen(path=f"k8s/{n}.yaml") for n in range(14)])
    said = message(alice)
    assert said.body.count("- P2 ") == 10
    assert "- and 4 more" in said.body


def test_a_saving_that_the_bill_shows_is_in_the_subject(alice, platform, repository):
    land(repository, [seen()], at=datetime(2026, 1, 10, tzinfo=UTC))
    item = Item.objects.get()
    Item.objects.filter(pk=item.pk).update(
        title="Redis", saving=Decimal(20), saving_currency="USD", promised_at=datetime(2026, 1, 12, tzinfo=UTC)
    )
    land(repository, [], at=datetime(2026, 1, 20, tzinfo=UTC))
    text = "month,service,amount,currency\n2026-01,Redis,20,USD\n2026-02,Redis,0,USD\n"
    costs.import_costs(costs.read_costs(text.encode()), platform, actor=alice)
    now = datetime.now(UTC)
    said = message(alice, now - timedelta(days=1), now + timedelta(minutes=1))
    assert "20 USD saved" in said.subject
