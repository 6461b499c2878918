"""The board: a card is moved by the mouse, by two keys, and by a link; each time the page says so and takes it back."""

import re

import pytest

from tests.browser.visitor import MEMBER

pytestmark = pytest.mark.browser
TALL = {"width": 1360, "height": 1700}  # all of the board, so that nothing scrolls under a dragged card
ITEM = "Job that carries a long shell script"


def phase_of(visitor) -> str:
    visitor.read("/board/")
    return visitor.page.locator("[data-phase]", has_text=ITEM).get_attribute("data-phase")


def test_a_card_is_dragged_into_another_phase_and_taken_back(arrive):
    visitor = arrive(MEMBER, viewport=TALL)
    before = phase_of(visitor)
    card = visitor.page.locator(".card", has_text=ITEM)
    card.drag_to(visitor.page.locator("[data-phase=week-2-3]"), target_position={"x": 40, "y": 60})
    visitor.page.get_by_text(f"Moved “{ITEM}”: Week 2-3").wait_for()
    visitor.take_picture("board moved-desk")
    assert "#item-" in visitor.page.url
    assert visitor.page.locator("[data-phase=week-2-3]", has_text=ITEM).count() == 1

    visitor.page.get_by_label("Why").fill("The script runs in week three")
    visitor.press("Say why")
    visitor.page.locator(".card", has_text=ITEM).get_by_role("link", name=ITEM, exact=True).click()
    history = visitor.text()
    assert "Moved to “Week 2-3”" in history and "The script runs in week three" in history

    visitor.read("/board/")
    visitor.page.locator(".card", has_text=ITEM).drag_to(
        visitor.page.locator(f"[data-phase={before}]"), target_position={"x": 40, "y": 60}
    )
    visitor.page.get_by_text(f"Moved “{ITEM}”").wait_for()
    visitor.press("Undo")
    assert visitor.page.locator("[data-phase=week-2-3]", has_text=ITEM).count() == 1
    assert visitor.complaints == []


def test_two_keys_move_the_card_that_has_the_focus(arrive):
    visitor = arrive(MEMBER)
    visitor.read("/board/")
    visitor.page.get_by_role("link", name=ITEM, exact=True).focus()
    visitor.page.keyboard.press("d")
    visitor.page.wait_for_url("**/move/**")
    visitor.take_picture("move-desk")
    visitor.page.keyboard.press("w")
    visitor.page.get_by_text(f"Moved “{ITEM}”: A week later").wait_for()
    visitor.press("Undo")
    assert "Saved." in visitor.text()
    assert visitor.complaints == []


def test_without_scripts_a_link_and_a_button_do_it(arrive):
    visitor = arrive(MEMBER, java_script_enabled=False)
    visitor.read("/board/")
    visitor.page.locator(".card", has_text=ITEM).get_by_role("link", name="Move").click()
    visitor.page.get_by_label("Why").first.fill("Holidays")
    visitor.page.get_by_role("button", name="A week later").click()
    said = visitor.text()
    assert f"Moved “{ITEM}”: A week later" in said
    assert "Undo" in said and "Say why" not in said
    assert visitor.complaints == []


def test_on_paper_the_board_says_whose_it_is_and_of_which_day(arrive):
    visitor = arrive(MEMBER)
    visitor.read("/board/")
    line = visitor.page.locator(".paper")
    assert not line.is_visible()
    visitor.page.emulate_media(media="print")
    assert line.is_visible()
    assert re.fullmatch(r"Platform · \d{1,2} \w{3} \d{4}", line.inner_text())
