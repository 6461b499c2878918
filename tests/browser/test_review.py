"""A review goes in: shown first, written when it is accepted, and no password of it anywhere."""

import re

import pytest

from tests.browser.review import PASSWORD, REVIEW, UNSURE
from tests.browser.visitor import DESK, PHONE

pytestmark = pytest.mark.browser


def upload(visitor, text, name="operations-audit.md"):
    """The preview's text."""
    visitor.read("/imports/")
    file = {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}
    visitor.page.get_by_label("File").set_input_files(file)
    return visitor.press("Show what it would change")


def test_a_review_is_shown_accepted_and_planned_and_its_password_is_nowhere(arrive, product):
    visitor = arrive()
    before = visitor.read("/board/")

    preview = upload(visitor, REVIEW)
    visitor.take_picture("preview-desk")
    assert "Nothing is written yet" in preview
    assert "3 new, 3 items on the plan, 85 USD a month less" in preview
    for line in ("P0 P0-1: The backup account's password is written down deploy/base/postgres.yaml:9 report, line 9",
                 "P1 P1-1: Telemetry is sent without a deadline libs/telemetry/src/lib.rs:3 report, line 26",
                 "P1 P1-2: The search heap is set in a file that is not there"):  # fmt: skip
        assert line in preview
    assert "line 56 The table's total says 75 USD, its rows add up to 65" in preview
    assert re.search(r"Week 1 1 · \d+ \w{3} – \d+ \w{3} P0 Give the backup job a credential of its own", preview)
    assert "Backup storage 90 USD" in preview and "Backup storage 45 USD" in preview
    address = visitor.page.url
    assert visitor.read("/board/") == before

    visitor.page.goto(address)
    pages = [preview, visitor.press("Apply these changes")]
    assert "Applied. " in pages[-1] and "3 new, 3 items." in pages[-1]
    board = visitor.read("/board/")
    visitor.take_picture("board after a review-desk")
    for item in ("Give the backup job a credential of its own", "Put a deadline on telemetry",
                 "Write down how large the search heap is"):  # fmt: skip
        assert item in board

    visitor.read("/findings/?q=backup")
    pages += [visitor.read(visitor.page.locator("td.title a").get_attribute("href")), visitor.page.content()]
    pages += [visitor.read("/teams/platform/costs/lines/"), visitor.read("/imports/"), visitor.read("/")]
    assert 'BACKUP_PASSWORD: "••••••••"' in pages[2]
    for place in (*pages, board, product.dump(), product.logs()):
        assert PASSWORD not in place
    assert visitor.complaints == []


def test_the_same_review_again_brings_nothing_new_and_is_dropped(arrive):
    visitor = arrive()
    again = upload(visitor, REVIEW)
    assert "3 unchanged" in again and "new" not in again.split("Ternpost")[0]
    visitor.press("Drop this import")
    assert "Dropped" in visitor.read("/imports/")
    assert visitor.complaints == []


def test_a_file_that_is_no_report_is_refused_in_words(arrive):
    visitor = arrive()
    said = upload(visitor, "{broken", "findings.sarif")
    assert "not JSON" in said and "line 1 column 2" in said
    assert "Upload a review or a report" in said


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_what_may_be_a_finding_is_picked_by_keys_alone_and_imported_beside_what_was_kept(arrive, javascript):
    visitor = arrive(java_script_enabled=javascript)
    report = UNSURE.replace("a visitor", "a second visitor") if javascript else UNSURE
    assert "3 more that may be findings" in upload(visitor, report, "remarks.md")
    keys = visitor.page.keyboard
    visitor.page.get_by_label("Logs carry no request number", exact=True).focus()
    for key in ("Space", "Tab", "P", "Home", "Tab", "Tab", "Tab", "Tab", "Tab"):
        keys.press(key)
    keys.press("Enter")  # the button that keeps what is picked
    visitor.page.locator("#new", has_text="1 finding, held against the code").wait_for()
    picks = visitor.page.locator("#candidates")
    assert picks.locator("select").first.input_value() == "P0"
    for name, colours, size in (("desk", "light", DESK), ("dark", "dark", DESK), ("360", "light", PHONE)):
        visitor.page.emulate_media(color_scheme=colours)
        visitor.page.set_viewport_size(size)
        visitor.take_picture(f"candidates-{name}")
        # axe-core is itself a script.
        assert not javascript or visitor.barriers() == []
    picks.get_by_label("Two names for one queue", exact=True).focus()
    keys.press("Space")
    visitor.page.get_by_role("button", name="Apply these changes").focus()
    keys.press("Enter")
    visitor.page.get_by_text("Applied.", exact=False).first.wait_for()
    assert "2 new" in visitor.text()
    found = visitor.read("/findings/?tool=review")
    assert "Logs carry no request number" in found and "Two names for one queue" in found
    assert "The runbook names people who left" not in found
    visitor.read(visitor.page.url.split("/findings")[0] + "/imports/")
    visitor.page.locator("td.title a:has-text('remarks.md')").first.click()
    visitor.press("Undo this import")  # the other stories of this folder count what is there
    assert visitor.complaints == []


def test_a_path_of_twenty_folders_leaves_room_for_what_stands_beside_it(arrive):
    deep = "/".join(f"section{n:02d}" for n in range(20)) + "/deadline.rs"
    visitor = arrive(viewport=DESK)
    upload(
        visitor, f"# Depth audit\n\n## P1\n\n### P1-1: A deadline is missing\n\n**Location:** `{deep}:4`\n", "depth.md"
    )
    cells = visitor.page.locator("tr", has_text="A deadline is missing").first.locator("td:not(.pick)")
    assert min(cell.bounding_box()["width"] for cell in cells.all()) > 150
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.press("Apply these changes")
    visitor.page.get_by_text("Applied.", exact=False).first.wait_for()
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.press("Undo this import")
    assert visitor.complaints == []
