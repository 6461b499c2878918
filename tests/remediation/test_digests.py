"""The digest on its way: due, claimed once, sent once, tried again, silent when quiet."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as policy

import pytest
from aiosmtpd.controller import Controller
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from findings import actions
from remediation.actions import digests
from remediation.mail import address, unsubscribe_token
from remediation.models import Digest, DigestSetting
from tests.cast import NOON, land, seen

MONDAY_NINE = datetime(2026, 3, 9, 9, tzinfo=UTC)


class Sink:
    """A mail server that keeps what it gets. `answers` are given first, then everything is accepted."""

    def __init__(self):
        self.mails, self.answers, self.hold = [], [], threading.Event()
        self.hold.set()

    async def handle_DATA(self, server, session, envelope):
        self.hold.wait(5)
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=policy))
        return "250 OK"


@pytest.fixture
def sink(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield sink
    controller.stop()


@pytest.fixture
def news(repository):
    """Something happened in the week before the digest."""
    return land(repository, [seen(), seen("secrets/plaintext", "k8s/b.yaml", key="h1")], at=NOON)


def due(user, now=MONDAY_NINE):
    return digests.enroll(user, now=now - timedelta(days=2))


def test_a_person_gets_the_first_digest_on_the_next_monday_at_nine_of_their_zone(alice):
    alice.timezone = "Asia/Shanghai"
    assert digests.enroll(alice, now=NOON).next_at == datetime(2026, 3, 9, 1, tzinfo=UTC)


def test_the_hour_stays_the_same_when_clocks_change(alice):
    alice.timezone = "Europe/Berlin"
    alice.save()
    setting = digests.enroll(alice, now=datetime(2026, 3, 17, tzinfo=UTC))
    assert setting.next_at == datetime(2026, 3, 23, 8, tzinfo=UTC)
    digests.claim_due(setting.next_at)
    setting.refresh_from_db()
    assert setting.next_at == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_who_moves_gets_the_next_one_at_the_hour_of_the_new_place(alice):
    setting = digests.enroll(alice, now=NOON)
    alice.timezone = "Asia/Shanghai"
    alice.save()
    digests.send_due(NOON)
    setting.refresh_from_db()
    assert setting.next_at == datetime(2026, 3, 9, 1, tzinfo=UTC)


def test_a_time_zone_this_machine_does_not_know_is_read_as_utc(alice, news, mailoutbox):
    alice.timezone = "Mars/Olympus"
    alice.save()
    due(alice)
    assert digests.send_due(MONDAY_NINE) == 1


def test_nothing_is_sent_before_its_time_and_one_mail_after(alice, news, mailoutbox):
    due(alice)
    assert digests.send_due(MONDAY_NINE - timedelta(minutes=1)) == 0
    assert digests.send_due(MONDAY_NINE) == 1
    assert digests.send_due(MONDAY_NINE + timedelta(minutes=5)) == 0
    assert [m.to for m in mailoutbox] == [["alice@example.com"]]


def test_everybody_in_a_team_is_enrolled_and_hears_nothing_until_the_next_week(alice, bob, news, mailoutbox):
    assert digests.send_due(NOON) == 0
    assert DigestSetting.objects.count() == 2
    assert digests.send_due(MONDAY_NINE) == 2


def test_nobody_hears_of_a_week_without_news_unless_they_asked(alice, mailoutbox):
    setting = due(alice)
    assert digests.send_due(MONDAY_NINE) == 0
    assert Digest.objects.get().outcome == "quiet"
    DigestSetting.objects.filter(pk=setting.pk).update(when_quiet=True)
    assert digests.send_due(MONDAY_NINE + timedelta(days=7)) == 1
    assert mailoutbox[0].subject.startswith("Nothing changed since")


def test_the_next_digest_starts_where_the_last_one_that_was_sent_ended(alice, news, mailoutbox):
    due(alice)
    digests.send_due(MONDAY_NINE)
    assert digests.send_due(MONDAY_NINE + timedelta(days=7)) == 0
    assert Digest.objects.latest("until").since == MONDAY_NINE


def test_who_turned_it_off_meanwhile_gets_nothing(alice, news, mailoutbox):
    due(alice)
    (digest,) = digests.claim_due(MONDAY_NINE)
    digests.switch(alice, on=False, actor=alice)
    assert digests.send(digest, now=MONDAY_NINE) == "off"
    assert not mailoutbox


def test_a_mail_has_the_headers_of_an_automatic_list_with_one_click_unsubscription(alice, news, sink):
    due(alice)
    assert digests.send_due(MONDAY_NINE) == 1
    (mail,) = sink.mails
    assert mail["Message-ID"] == Digest.objects.get().message_id
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].strip() == f"<{address('remediation:unsubscribe', unsubscribe_token(alice))}>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "List-Id" in mail


def test_a_server_that_is_busy_is_tried_again_with_the_same_message_id(alice, news, sink):
    due(alice)
    sink.answers = ["451 try later"]
    assert digests.send_due(MONDAY_NINE) == 0
    digest = Digest.objects.get()
    assert (digest.outcome, digest.attempts, digest.sent_at) == ("waiting", 1, None)
    assert "451" in digest.error
    assert digests.send_due(MONDAY_NINE + timedelta(minutes=1)) == 0, "it waits a while first"
    assert digests.send_due(MONDAY_NINE + timedelta(minutes=16)) == 1
    digest.refresh_from_db()
    assert digest.sent_at and digest.error == ""
    assert [m["Message-ID"] for m in sink.mails] == [digest.message_id]


def test_after_three_tries_it_is_given_up_and_said_so(alice, news, sink):
    due(alice)
    sink.answers = ["451 no"] * 9
    for n in range(5):
        digests.send_due(MONDAY_NINE + n * timedelta(minutes=16))
    digest = Digest.objects.get()
    assert (digest.outcome, digest.attempts) == ("failed", 3)
    assert [t.email for t in digests.trouble(NOON)] == ["alice@example.com"]


def test_a_refusal_for_good_is_not_tried_again_and_the_next_digest_tells_it_all(alice, news, sink):
    due(alice)
    sink.answers = ["550 no such user"]
    digests.send_due(MONDAY_NINE)
    assert Digest.objects.get().outcome == "refused"
    assert digests.send_due(MONDAY_NINE + timedelta(days=7)) == 1
    assert "secrets/plaintext" in str(sink.mails[0].get_body(("plain",)))


def test_a_mail_whose_worker_died_is_taken_over_when_its_lease_ran_out(alice, news, mailoutbox):
    due(alice)
    (digest,) = digests.claim_due(MONDAY_NINE)
    assert digests.take(digest, MONDAY_NINE)
    assert digests.send_due(MONDAY_NINE + timedelta(minutes=1)) == 0
    assert digests.send_due(MONDAY_NINE + timedelta(minutes=6)) == 1


def test_a_mail_whose_worker_died_each_time_is_given_up(alice, news, mailoutbox):
    due(alice)
    (digest,) = digests.claim_due(MONDAY_NINE)
    for n in range(3):
        assert digests.take(digest, MONDAY_NINE + n * timedelta(minutes=6))
    digests.send_due(MONDAY_NINE + timedelta(minutes=20))
    digest.refresh_from_db()
    assert digest.outcome == "failed" and not mailoutbox


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_mail(alice, news, sink):
    due(alice)
    sink.hold.clear()
    counts, start = [], threading.Barrier(2)

    def work():
        start.wait()
        counts.append(digests.send_due(MONDAY_NINE))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    threading.Timer(0.3, sink.hold.set).start()
    for worker in workers:
        worker.join()
    assert sorted(counts) == [0, 1]
    assert len(sink.mails) == 1
    assert Digest.objects.count() == 1


# The command


def test_the_command_sends_to_everybody_now_and_then_has_no_more_news(alice, charlie, repository, sink, capsys):
    land(repository, [seen()], at=timezone.now() - timedelta(hours=1))
    call_command("send_digests", "--now")
    assert capsys.readouterr().out.strip() == "1 sent, 1 quiet, 0 not accepted"
    call_command("send_digests", "--now")
    assert len(sink.mails) == 1


def test_the_dry_run_prints_the_mail_and_writes_nothing(alice, repository, mailoutbox, capsys):
    land(repository, [seen()], at=timezone.now() - timedelta(hours=1))
    call_command("send_digests", "--now", "--dry-run", "--to", "Alice@example.com")
    said = capsys.readouterr().out
    assert "To: alice@example.com" in said and "kustomize/patch-sprawl at k8s/a.yaml" in said
    assert not Digest.objects.exists() and not DigestSetting.objects.exists() and not mailoutbox


def test_the_command_names_an_address_it_does_not_know(alice):
    with pytest.raises(CommandError, match="nobody@example"):
        call_command("send_digests", "--now", "--to", "nobody@example.com")


def test_the_command_fails_when_a_server_does_not_accept(alice, repository, sink):
    land(repository, [seen()], at=timezone.now() - timedelta(hours=1))
    sink.answers = ["550 no"]
    with pytest.raises(CommandError, match="not every mail"):
        call_command("send_digests", "--now")


def test_a_person_who_left_all_teams_hears_nothing(alice, bob, platform, news, mailoutbox):
    due(bob)
    actions.leave(platform.memberships.get(user=bob), actor=alice)
    assert digests.send_due(MONDAY_NINE) == 0
    assert not mailoutbox
