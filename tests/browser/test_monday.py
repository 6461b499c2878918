"""A lead's Monday from the sign-in to the promise, told twice: with the keyboard alone, and without scripts."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import ElementHandle, Locator

from tests.browser.visitor import LEAD, Visitor

pytestmark = pytest.mark.browser
FOCUS = "el => el === document.activeElement"
SEEN = "el => el.matches(':focus-visible') && getComputedStyle(el).outlineStyle !== 'none'"
STEPS = 90  # times Tab: a control that is further away is not reachable in practice


@dataclass
class Keyboard:
    """Touches nothing but keys. What has the focus must be seen to have it."""

    visitor: Visitor
    scripts = True

    def reach(self, control: Locator | ElementHandle) -> None:
        """Walk to a control; the skip link of a new page first, where it helps nobody to read the menu again."""
        keys = self.visitor.page.keyboard
        for _ in range(STEPS):
            if control.evaluate(FOCUS):
                assert control.evaluate(SEEN)
                return
            keys.press("Tab")
        raise AssertionError(f"{STEPS} steps do not lead to {control}")

    def write(self, label: str, text: str) -> None:
        self.reach(self.visitor.page.get_by_label(label))
        self.visitor.page.keyboard.type(text)

    def choose(self, label: str, option: str) -> None:
        self.write(label, option)  # a list goes to what is typed

    def press(self, name: str) -> None:
        self.reach(self.visitor.page.get_by_role("button", name=name, exact=True).first)
        self.visitor.page.keyboard.press("Enter")

    def follow(self, link: Locator) -> None:
        self.reach(link)
        self.visitor.page.keyboard.press("Enter")

    def tick(self, box: Locator) -> None:
        self.reach(box.element_handle())  # the box that is not ticked now, which is another one afterwards
        self.visitor.page.keyboard.press("Space")

    def go(self, page: str) -> None:
        self.visitor.page.keyboard.press("g")
        self.visitor.page.keyboard.press({"This week": "w", "Findings": "f"}[page])

    def search(self, words: str) -> None:
        self.visitor.page.wait_for_selector("html.js")  # the letters are keys once the script has run
        self.visitor.page.keyboard.press("/")
        self.visitor.page.keyboard.type(words)

    def verb(self, name: str, *rows: int) -> None:
        """Select rows (from 0) of the list and say what shall happen to them."""
        self.visitor.page.keyboard.press("Escape")  # leaves the field
        at = -1
        for row in rows:
            for _ in range(row - at):
                self.visitor.page.keyboard.press("j")
            self.visitor.page.keyboard.press("x")
            at = row
        self.visitor.page.keyboard.press({"Assign": "a", "Accept": "v"}[name])


@dataclass
class Mouse:
    """Clicks and types, where no script runs."""

    visitor: Visitor
    scripts = False

    def write(self, label: str, text: str) -> None:
        self.visitor.page.get_by_label(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        self.visitor.page.get_by_label(label).select_option(label=option)

    def press(self, name: str) -> None:
        self.visitor.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, link: Locator) -> None:
        link.click()

    def tick(self, box: Locator) -> None:
        box.check()

    def go(self, page: str) -> None:
        self.visitor.page.get_by_role("navigation", name="Main").get_by_role("link", name=page).click()

    def search(self, words: str) -> None:
        self.write("Search findings", words)
        self.press("Show")

    def verb(self, name: str, *rows: int) -> None:
        boxes = self.visitor.page.locator("tbody .tick input")
        for row in rows:
            boxes.nth(row).check()
        self.press(name)


@pytest.mark.parametrize("hand", [Keyboard, Mouse], ids=["keyboard alone", "without scripts"])
def test_a_monday_is_triaged_and_promised(arrive, product, hand):
    visitor = arrive("", java_script_enabled=hand.scripts)
    page, hands = visitor.page, hand(visitor)
    page.goto("/")
    hands.write("E-mail", LEAD)
    hands.write("Password", product.password(LEAD))
    hands.press("Sign in")
    page.get_by_text("new to triage").wait_for()

    hands.go("Findings")
    page.get_by_role("heading", name="Findings", exact=True).wait_for()
    hands.search("redis")
    page.wait_for_url("**q=redis**")
    page.locator(".found", has_text="redis").wait_for()
    hands.verb("Assign", 0, 2)
    page.get_by_text("2 findings are meant").wait_for()
    hands.choose("Owner", "Tomas Ferreira")
    hands.press("Assign")
    page.get_by_text("2 findings have a new owner.").wait_for()
    hands.press("Undo")
    page.get_by_text("2 findings are as they were.").wait_for()

    hands.verb("Accept", 1)
    page.get_by_text("1 finding is meant").wait_for()
    hands.write("Reason", "It opens nothing any more.")
    hands.press("Save the verdict")
    page.get_by_text("1 finding is accepted.").wait_for()
    hands.press("Undo")
    page.get_by_text("1 finding is as it was.").wait_for()

    hands.go("This week")
    page.get_by_text("new to triage").wait_for()
    hands.follow(page.get_by_role("link", name=re.compile("^Promise")))
    page.get_by_role("heading", name="What does the team promise").wait_for()
    hands.tick(page.locator("#monday input[name=items]:not(:checked)").first)
    hands.press("Promise these")
    page.get_by_text("promised").first.wait_for()
    visitor.take_picture(f"monday-{hand.__name__.lower()}")
    assert visitor.complaints == [], visitor.complaints
