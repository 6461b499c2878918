"""What people say of findings, with scripts and without: the same pages, the same result."""

import re

import pytest

from tests.browser.visitor import DESK, LEAD, MEMBER, PHONE

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])


@SCRIPTS
def test_a_verdict_needs_a_reason_and_is_shown_with_the_name_of_who_said_it(arrive, javascript):
    visitor = arrive(MEMBER, java_script_enabled=javascript)
    visitor.read("/findings/?priority=P2&state=open")
    finding = visitor.page.locator("td.title a").first.get_attribute("href").partition("?")[0]
    visitor.read(finding)
    visitor.follow("Verdict")
    visitor.take_picture("verdict-desk")

    visitor.page.get_by_label("Reason").fill("   ")
    with visitor.page.expect_response(lambda answer: answer.request.method == "POST") as refused:
        visitor.press("Save the verdict")
    assert refused.value.status == 422
    assert "This field is required." in visitor.text()
    visitor.take_picture("verdict refused-desk")
    visitor.complaints.clear()  # the browser tells of every 422

    visitor.page.get_by_label("Reason").fill("The tests need it, and nothing else reads it.")
    said = visitor.press("Save the verdict")
    assert visitor.page.url.endswith(finding)
    assert "Accepted" in said and "The tests need it, and nothing else reads it." in said and "Tomas" in said
    visitor.follow("Withdraw")
    assert "Open" in visitor.press("Withdraw the verdict")
    assert visitor.complaints == []


@SCRIPTS
def test_two_findings_get_an_owner_at_once_and_the_undo_takes_it_back(arrive, product, javascript):
    visitor = arrive(java_script_enabled=javascript)
    visitor.read("/findings/?priority=P1&state=open&owner=none")
    boxes = visitor.page.locator("tbody .tick input")
    chosen = [boxes.nth(i).get_attribute("value") for i in (0, 1)]
    for i in (0, 1):
        boxes.nth(i).check()
    if javascript:
        assert visitor.page.locator("[data-selected]").first.inner_text() == "2"
    assert "2 findings are meant" in visitor.press("Assign")
    visitor.page.get_by_label("Owner").select_option(label="Tomas Ferreira")
    assert "2 findings have a new owner." in visitor.press("Assign")

    owners = "SELECT count(*) FROM findings_finding f JOIN findings_user u ON u.id = f.owner_id WHERE email = %s"
    assert product.one(f"{owners} AND f.id = ANY(%s)", MEMBER, [int(pk) for pk in chosen]) == 2
    assert re.search(r"Owner (TF )?Tomas Ferreira", arrive(MEMBER).read(f"/findings/{chosen[0]}/"))
    visitor.take_picture("owners-desk")
    assert "2 findings are as they were." in visitor.press("Undo")
    assert product.one(owners, MEMBER) == 0
    assert visitor.complaints == []


@SCRIPTS
def test_who_chose_longer_pages_has_them_with_other_filters_too(arrive, javascript):
    visitor = arrive(java_script_enabled=javascript)
    page = visitor.page
    visitor.read("/findings/?state=any")
    rows, choice = page.locator("tbody tr"), page.get_by_role("group", name="Rows on a page")
    assert rows.count() == 25
    visitor.take_picture("rows-desk")
    choice.get_by_role("link", name="50").click()
    page.wait_for_url("**rows=50**")
    page.locator("[aria-current]", has_text="50").wait_for()
    assert rows.count() == 50
    page.get_by_label("Search findings").fill("yaml")
    if not javascript:
        page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**q=yaml**")
    assert "rows=50" in page.url
    page.get_by_role("link", name="show all").click()
    page.wait_for_url("**/findings/")
    assert visitor.complaints == []


def test_the_keys_walk_the_list_and_select(arrive):
    visitor = arrive()
    visitor.read("/findings/")
    for key in ("j", "j", "x"):
        visitor.page.keyboard.press(key)
    rows = visitor.page.locator("tbody tr")
    assert rows.nth(1).locator("a[data-row][aria-current]").count() == 1
    assert rows.nth(1).locator(".tick input").is_checked()
    visitor.page.keyboard.press("?")
    assert visitor.page.locator("dialog[open]").is_visible()
    assert visitor.complaints == []


def test_findings_are_triaged_with_the_keyboard_alone(arrive):
    visitor = arrive()
    page, keys = visitor.page, visitor.page.keyboard
    visitor.read("/findings/?priority=P2")
    page.locator("#facets .count").first.wait_for(state="attached")  # the menus are counted after the rows
    rows = page.locator("a[data-row]")
    first, second = (rows.nth(n).get_attribute("href") for n in (0, 1))
    for key in "jjv":
        keys.press(key)
    page.get_by_label("Reason").fill("Only tests read it.")
    page.get_by_role("button", name="Save the verdict", exact=True).press("Enter")
    page.get_by_text("1 finding is accepted.").wait_for()
    assert second not in [row.get_attribute("href") for row in rows.all()]
    visitor.take_picture("told-desk")
    keys.press("z")
    page.get_by_text("1 finding is as it was.").wait_for()

    visitor.read(first)
    keys.press("j")
    page.wait_for_url(f"**{second}")
    keys.press("k")
    page.wait_for_url(f"**{first}")
    keys.press("g")
    keys.press("b")
    page.wait_for_url("**/board/**")
    assert visitor.complaints == []


def test_one_is_at_the_row_one_left_and_hears_what_was_done(arrive):
    visitor = arrive()
    page, keys = visitor.page, visitor.page.keyboard
    visitor.read("/findings/?priority=P2")
    page.locator("#facets .count").first.wait_for(state="attached")
    rows = page.locator("a[data-row]")
    here = page.locator("a[data-row]:focus")
    links = [rows.nth(n).get_attribute("href") for n in range(4)]

    keys.press("j")
    keys.press("o")
    title = page.locator("#panel h2").inner_text()
    page.locator("#told", has_text=title).wait_for(state="attached")
    page.go_back()
    page.wait_for_url("**/findings/?priority=P2")
    here.wait_for()  # the first, which was opened
    for key in "jjd":
        keys.press(key)
    page.wait_for_url("**/bulk/")
    page.get_by_label("Due").and_(page.locator(":focus")).fill("2031-05-09")
    keys.press("Enter")
    page.get_by_text("1 finding has a new due date.").wait_for()
    chosen = here.get_attribute("href")
    assert chosen == links[2]
    keys.press("z")
    page.get_by_text("1 finding is as it was.").wait_for()
    assert here.get_attribute("href") == chosen  # in the same filter

    keys.press("a")
    page.get_by_label("Owner").and_(page.locator(":focus")).wait_for()
    page.go_back()
    assert here.get_attribute("href") == chosen  # in the same filter
    keys.press("v")
    page.get_by_label("Reason").and_(page.locator(":focus")).fill("Only tests read it.")
    page.get_by_role("button", name="Save the verdict", exact=True).press("Enter")
    page.get_by_text("1 finding is accepted.").wait_for()
    # That row is gone: one is at the next.
    assert here.get_attribute("href") == links[3]
    keys.press("z")
    page.get_by_text("1 finding is as it was.").wait_for()
    keys.press("e")
    page.wait_for_url("**#history")
    assert visitor.complaints == []


def test_leaving_the_search_asks_nothing_again_and_what_is_selected_stays(arrive):
    visitor = arrive()
    page, asked = visitor.page, []
    visitor.read("/findings/")
    page.get_by_label("Search findings").fill("redis")
    page.locator(".found", has_text="redis").wait_for()
    page.locator("#facets .count").first.wait_for(state="attached")
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Escape")
    for key in "jx":
        page.keyboard.press(key)
    page.wait_for_timeout(700)  # more than a field waits for the next letter
    assert page.locator("[data-selected]").first.inner_text() == "1"
    assert asked == []
    assert "redis" in page.url and visitor.complaints == []


def test_menus_keep_open_while_they_are_counted_and_a_view_is_kept(arrive):
    visitor = arrive()
    page = visitor.page
    visitor.read("/findings/")
    menu = page.locator("[data-facet=priority]")
    menu.locator("summary").click()
    menu.get_by_label("P1").check()
    page.wait_for_url("**priority=P1*")
    page.locator("[data-facet=priority] .count").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert menu.get_attribute("open") is not None and menu.get_by_label("P1").is_checked()
    page.locator("summary", has_text="Views").click()
    visitor.follow("Save this view")
    name = "Monday" * 10
    page.get_by_label("Name").fill(name)
    assert f"“{name}” is among the views now." in visitor.press("Save the view")
    page.set_viewport_size(PHONE)
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room
    page.set_viewport_size(DESK)
    visitor.read("/findings/?group=rule&columns=rule.where.owner")
    assert page.locator("tr.group").count() > 1
    visitor.take_picture("groups-desk")
    assert visitor.barriers() == []
    assert visitor.complaints == []


def test_without_scripts_the_menus_are_counted_when_asked(arrive):
    visitor = arrive(java_script_enabled=False)
    visitor.read("/findings/")
    assert visitor.page.locator("#facets .count").count() == 0
    visitor.press("Show with counts")
    assert visitor.page.locator("#facets .count").count() > 10


def test_a_claim_carries_a_name_and_the_next_scan_refutes_it(arrive):
    visitor = arrive()
    visitor.read("/board/")
    name = "Move Redis and ClickHouse from emptyDir to volumes"
    item = visitor.page.get_by_role("link", name=name, exact=True).get_attribute("href")
    visitor.read(item)
    assert LEAD not in visitor.text()
    claimed = visitor.press("I did this")
    assert "Maya" in claimed
    visitor.read("/repositories/ternpost/")
    visitor.press("Scan now")
    visitor.page.locator(".scan").first.get_by_text("Done").wait_for()
    assert "the scan found 2 open" in visitor.read("/board/")
    assert visitor.complaints == []
