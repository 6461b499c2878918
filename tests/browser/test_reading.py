"""A lead signs in and reads: every page says something, on every screen, and nothing goes wrong on any of them."""

import re

import pytest

from tests.browser.visitor import DESK, PHONE, STRANGER, ZOOMED

pytestmark = pytest.mark.browser

# A page's name: an address, the links to follow from there, words that stand on the page.
PAGES = {
    "stop following": ("/repositories/ternpost/stop/", (), "Nothing is deleted"),
    "week": ("/", (), "overdue"),
    "promise": ("/week/platform/commit/", (), "promise"),
    "board": ("/board/", (), "Week 2-3"),
    "item": ("/board/", (".card h3 a",), "What proves it"),
    "item links": (
        "/board/",
        (".tabs a:has-text('review')", ".card h3 a", "main a[href$='/links/']"),
        "One more rule that tests it",
    ),
    "findings": ("/findings/", (), "findings are open"),
    "verdict": ("/findings/", ("td.title a", ".actions a[data-key=v]"), "Reason"),
    "assign": ("/findings/", ("td.title a", ".actions a[data-key=a]"), "Owner"),
    "finding": ("/findings/", ("td.title a",), "Why it matters"),
    "finding links": (
        "/findings/?tool=review",
        ("td.title a", "main a[href$='/links/']"),
        "One more rule that tests it",
    ),
    "team": ("/teams/platform/", (), "How it went"),
    "team settings": ("/teams/platform/settings/", (), "Members"),
    "costs": ("/teams/platform/costs/", (), "USD a month"),
    "cost lines": ("/teams/platform/costs/lines/", (), "USD"),
    "cost import": ("/teams/platform/costs/import/", (), "File"),
    "repositories": ("/repositories/", (), "Ternpost"),
    "add a repository": ("/repositories/add/", (), "Add"),
    "repository": ("/repositories/ternpost/", (), "Payload URL"),
    "scan": ("/repositories/ternpost/", (".scan p a",), "What it said"),
    "imports": ("/imports/", (), "Upload a review"),
    "import": ("/imports/", ("td.title a:has-text('review-en.md')",), "The plan"),
    "digest": ("/digest/", (), "Weekly digest"),
    "digest preview": ("/digest/preview/", (), "Preview of your digest"),
    "profile": ("/profile/", (), "Time zone"),
    "api": ("/api/v1/", (), "A token belongs to a team"),
    "health": ("/health/", (), "Everything answers"),
}


@pytest.fixture(scope="module")
def reader(arrive_for_long):
    return arrive_for_long()


def colours(visitor):
    """Paper and ink as they are drawn: 0 is black, 1 is white."""
    drawn = visitor.page.evaluate("(s => [s.backgroundColor, s.color])(getComputedStyle(document.body))")
    return [sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 765 for colour in drawn]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_well_on_a_desk_on_a_phone_and_in_the_dark(reader, name):
    path, links, words = PAGES[name]
    reader.read(path)
    for link in links:
        reader.read(reader.page.locator(link).first.get_attribute("href"))
    # A part of a page may come after it: waited for, not looked up.
    reader.page.locator("main", has_text=words).wait_for()
    assert reader.page.locator("h1").count() == 1
    assert reader.barriers() == []
    reader.take_picture(f"{name}-desk")

    reader.page.emulate_media(color_scheme="dark")
    paper, ink = colours(reader)
    assert paper < 0.2 < 0.8 < ink
    assert reader.barriers() == []
    reader.take_picture(f"{name}-dark")
    reader.page.emulate_media(color_scheme="light")

    reader.page.set_viewport_size(ZOOMED)
    wide, room = reader.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room, "zoomed to 200 %"

    reader.page.set_viewport_size(PHONE)
    assert reader.barriers() == []
    wide, room = reader.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    reader.take_picture(f"{name}-360")
    reader.page.set_viewport_size(DESK)
    assert wide <= room
    assert reader.complaints == []


def test_on_a_phone_the_menu_opens_and_leads_on(arrive):
    visitor = arrive(viewport=PHONE, has_touch=True)
    visitor.page.get_by_role("button", name="Menu").tap()
    visitor.page.get_by_role("navigation", name="Main").get_by_role("link", name="Findings").tap()
    visitor.page.wait_for_url("**/findings/")
    assert visitor.complaints == []


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_the_user_menu_turns_the_page_dark_and_the_next_page_stays_so(arrive, javascript):
    visitor = arrive(java_script_enabled=javascript, color_scheme="light")
    visitor.page.locator(".foot summary").click()
    visitor.page.locator(".foot").get_by_role("button", name="Dark").click()
    visitor.page.wait_for_selector("html[data-theme=dark]")
    visitor.read("/board/")
    visitor.page.wait_for_selector("html[data-theme=dark]")
    visitor.read("/profile/")
    visitor.press("Light")
    visitor.page.wait_for_selector("html[data-theme=light]")
    assert visitor.complaints == []


def test_the_week_says_what_is_asked_and_the_team_page_why_the_grade_is_what_it_is(reader):
    week = reader.read("/")
    assert re.search(r"\d+ overdue \d+ due or promised \d+ came back \d+ new to triage", week)
    assert "Move Redis and ClickHouse from emptyDir to volumes" in week
    assert "cheapest path" in reader.read("/teams/platform/")
    assert reader.page.locator(".multiples svg").count() == 4
    cells = reader.page.locator("#score td.num:last-child").all_inner_texts()
    *parts, score = (float(cell.replace("−", "-").replace("+", "")) for cell in cells)
    assert score == pytest.approx(max(0, sum(parts)), abs=0.5)


def test_a_closed_finding_shows_the_diff_that_closed_it(reader):
    reader.read("/findings/?state=fixed")
    links = [link.get_attribute("href") for link in reader.page.locator("td.title a").all()]
    shown = [reader.read(link) for link in links[:5]]
    assert all("Fixed" in text for text in shown)
    assert reader.complaints == []


def test_a_search_changes_the_list_and_the_address_without_loading_the_page(reader):
    reader.read("/findings/")
    reader.page.evaluate("window.sameDocument = true")
    reader.page.get_by_label("Search findings").fill("Mutex")
    reader.page.wait_for_url("**q=Mutex**")
    reader.page.locator("td.title", has_text="Mutex").first.wait_for()
    found = reader.page.locator("td.title").all_inner_texts()
    assert found and not any("ClickHouse" in title for title in found)
    assert reader.page.evaluate("window.sameDocument")
    assert reader.complaints == []


def test_a_finding_opens_beside_the_list_and_has_a_page_of_its_own(reader):
    reader.read("/findings/")
    link = reader.page.locator("td.title a").first
    link.click()
    panel = reader.page.locator("#panel")
    panel.get_by_text("Why it matters").wait_for()
    assert reader.page.url.endswith(link.get_attribute("href"))
    panel.get_by_role("link", name="Full page").click()
    assert "What happened" in reader.text()
    assert reader.complaints == []


def test_a_scan_is_watched_live_from_the_button_to_its_end(reader):
    reader.read("/repositories/ternpost/")
    reader.press("Scan now")
    scan = reader.page.locator(".scan").first
    scan.get_by_text("Done").wait_for()
    assert "nothing changed" in scan.inner_text()
    assert reader.complaints == []


def test_the_other_team_reads_it_in_chinese_on_a_phone_too(arrive):
    visitor = arrive(STRANGER, viewport=PHONE)
    for name, words in {"week": "第", "board": "看板", "findings": "问题", "team": "评级", "imports": "导入"}.items():
        text = visitor.read({"team": "/teams/delivery/"}.get(name, PAGES[name][0]))
        visitor.take_picture(f"{name}-zh-360")
        wide, room = visitor.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room
        assert words in text, (name, text[:300])
    assert visitor.page.locator("html").get_attribute("lang") == "zh-hans"
    assert visitor.complaints == []
