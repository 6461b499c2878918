"""The weekly mail, as it arrives: complete in its text part, and stopped by a button and never by a link."""

import re
from datetime import UTC, datetime

import pytest

from remediation.core.planning import Week
from tests.browser.visitor import LEAD

pytestmark = pytest.mark.browser

OWED = (
    "SELECT title FROM remediation_item i JOIN findings_user u ON u.id = i.owner_id"
    " WHERE email = %s AND settled_at IS NULL AND due <= %s ORDER BY i.priority, due, i.id LIMIT 1"
)


def test_a_digest_arrives_and_its_reader_stops_it_with_a_button(arrive, product):
    said = product.manage("send_digests", "--now", "--to", LEAD)
    assert said == "1 sent, 0 quiet, 0 not accepted\n"
    mail = product.mailbox.to(LEAD)[-1]

    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    owed = product.one(OWED, LEAD, Week.of(datetime.now(UTC).date()).end)
    for words in ("What needs you", owed, "Came back", "Costs", f"{product.url}/items/"):
        assert words in text and words in html
    assert not re.search(r"<(img|script|link)\b", html)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip(" <>")
    assert link in text and link.startswith(product.url)

    enabled = (
        "SELECT enabled FROM remediation_digestsetting s JOIN findings_user u ON u.id = s.user_id WHERE email = %s"
    )
    stranger = arrive("")
    assert "Stop the weekly digest?" in stranger.read(link)
    stranger.take_picture("unsubscribe-desk")
    assert product.one(enabled, LEAD) is True
    assert "You are unsubscribed" in stranger.press("Stop the mails")
    assert product.one(enabled, LEAD) is False
    stranger.follow("Turn it on again")
    assert "You get the weekly digest again" in stranger.press("Turn it on again")
    assert product.one(enabled, LEAD) is True
    assert stranger.complaints == []


def test_nobody_gets_a_second_mail_when_nothing_changed(product):
    before = len(product.mailbox.to(LEAD))
    assert product.manage("send_digests", "--now", "--to", LEAD) == "0 sent, 1 quiet, 0 not accepted\n"
    assert len(product.mailbox.to(LEAD)) == before
