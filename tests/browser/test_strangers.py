"""What is not yours is not there: for somebody of the other team, and for somebody who is not signed in."""

import pytest

from tests.browser.visitor import STRANGER

pytestmark = pytest.mark.browser

LISTS = ("/", "/board/", "/findings/", "/findings/?state=any", "/repositories/", "/repositories/ternpost/", "/imports/",
         "/digest/preview/")  # fmt: skip
THEIRS = ("StatefulSet redis keeps /data", "Close ClickHouse to the cluster network", "Split the gateway's main.rs",
          "P0-2: ClickHouse admits the whole internet", "Maya Lindqvist", "review-en.md")  # fmt: skip


def addresses(visitor, page, link):
    """Where the links of a list lead."""
    visitor.read(page)
    return [found.get_attribute("href") for found in visitor.page.locator(link).all()]


def test_a_member_of_the_other_team_finds_nothing_of_the_first(arrive):
    lead = arrive()
    finding = next(iter(addresses(lead, "/findings/?q=StatefulSet+redis", "td.title a")))
    item = next(iter(addresses(lead, "/board/", ".card h3 a")))
    review = next(iter(addresses(lead, "/imports/", "td.title a")))
    everything = "".join(lead.read(page) for page in LISTS)
    assert all(words in everything for words in THEIRS)

    stranger = arrive(STRANGER)
    for page in LISTS:
        text = stranger.read(page)
        assert [words for words in THEIRS if words in text] == [], page
    assert stranger.complaints == []
    pages = (
        "teams/platform/",
        "week/platform/",
        "board/platform/",
        "teams/platform/costs/",
        "teams/platform/settings/",
    )
    for page in (finding, item, review, f"{item}assign/", f"{finding}verdict/", *(f"/{page}" for page in pages)):
        assert stranger.status(page) == 404, page
    stranger.take_picture("not found-desk")


def test_nobody_reads_anything_without_signing_in(arrive):
    stranger = arrive("")
    for page in (*LISTS, "/findings/1/", "/items/1/", "/teams/platform/", "/health/"):
        text = stranger.read(page)
        assert "/accounts/login/" in stranger.page.url and "Sign in" in text
    assert stranger.complaints == []
