"""Digest settings, preview, "send me one now", and the unsubscribe link, which only POST obeys."""

import pytest
from django.test import Client
from django.urls import reverse

from remediation.actions import digests
from remediation.mail import unsubscribe_token
from remediation.models import Digest, DigestSetting
from tests.cast import land, seen


@pytest.fixture
def page(alice, client):
    client.force_login(alice)
    return client


def enabled(user):
    return DigestSetting.objects.get(user=user).enabled


@pytest.fixture
def link(alice):
    digests.enroll(alice)
    return reverse("remediation:unsubscribe", args=[unsubscribe_token(alice)])


def test_day_and_hour_are_saved_and_the_next_mail_follows_them(alice, page):
    alice.timezone = "Asia/Shanghai"
    alice.save()
    answer = page.post(reverse("remediation:digest"), {"enabled": "on", "weekday": "4", "hour": "17"})
    assert answer.status_code == 302
    setting = DigestSetting.objects.get()
    assert (setting.enabled, setting.weekday, setting.hour, setting.when_quiet) == (True, 4, 17, False)
    assert (setting.next_at.weekday(), setting.next_at.hour) == (4, 9)


def test_a_day_that_does_not_exist_is_refused(page):
    assert page.post(reverse("remediation:digest"), {"weekday": "9", "hour": "17"}).status_code == 422


def test_the_pages_of_the_digest_render(alice, page, repository):
    land(repository, [seen()])
    assert page.get(reverse("remediation:digest")).status_code == 200
    assert page.get(reverse("remediation:digest_preview")).status_code == 200
    assert not Digest.objects.exists()


def test_send_me_one_now_sends_even_without_news(page, mailoutbox):
    page.post(reverse("remediation:digest_send"))
    assert [m.to for m in mailoutbox] == [["alice@example.com"]]
    assert "sent" in page.get(reverse("remediation:digest")).content.decode()


def test_a_server_that_refuses_is_said_on_the_page(page, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = page.post(reverse("remediation:digest_send"), follow=True)
    assert "did not take it" in answer.content.decode()
    assert "ConnectionRefusedError" in answer.content.decode()


def test_get_on_the_unsubscribe_link_never_acts(alice, client, link):
    assert client.get(link).status_code == 200
    assert client.head(link).status_code == 200
    assert enabled(alice)


def test_one_click_unsubscribes_without_cookies_token_or_redirect(alice, link):
    mailbox = Client(enforce_csrf_checks=True)
    answer = mailbox.post(link, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.content.decode()
    assert not enabled(alice)


def test_it_can_be_turned_on_again_by_a_button(alice, client, link):
    client.post(link)
    again = reverse("remediation:subscribe", args=[unsubscribe_token(alice)])
    assert again in client.post(link).content.decode()
    client.get(again)
    assert not enabled(alice)
    client.post(again)
    assert enabled(alice)


@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_and_forged_tokens_answer_the_same(alice, client, link, method):
    token = unsubscribe_token(alice)
    forged = token.replace(token.split(":")[0], str(alice.pk + 1), 1)
    known = getattr(client, method)(link)
    for other in ("nonsense", forged, "x:y:z"):
        answer = getattr(client, method)(reverse("remediation:unsubscribe", args=[other]))
        assert answer.status_code == known.status_code == 200
        assert answer.content.decode().replace(other, token) == known.content.decode()


def test_strangers_are_sent_to_sign_in(client, db):
    for name in ("digest", "digest_preview"):
        assert client.get(reverse(f"remediation:{name}")).status_code == 302
    assert client.post(reverse("remediation:digest_send")).status_code == 302
