"""Two places looked alike in a report: the page asks which is which, on a phone and with long texts, too."""

import pytest

from tests.browser.visitor import DESK, PHONE
from tests.findings.reports import result, sarif

pytestmark = pytest.mark.browser
PATH = "services/settlement/a/folder/whose/name/is/much/longer/than/any/phone/is/wide/reconciliation_of_payments.rs"


def take(visitor, *lines):
    """Hand a report in and accept it; its address."""
    said = "The loop never ends, " + "whatever the broker answers and however often it was asked before, " * 4
    rows = [result("loop", PATH, line, f"{said} number {line}", "retry(forever)") for line in lines]
    visitor.read("/imports/")
    file = {"name": f"{len(lines)}.sarif", "mimeType": "application/json", "buffer": sarif(rows, rules=["loop"])}
    visitor.page.get_by_label("File").set_input_files(file)
    visitor.press("Show what it would change")
    visitor.press("Apply these changes")
    return visitor.page.url


def test_a_person_says_that_it_is_the_same_and_is_asked_no_more(arrive):
    visitor = arrive()
    first = take(visitor, 10, 30)
    second = take(visitor, 20)
    assert "1 to tell apart" in visitor.text()
    finding = visitor.page.locator("#unsure td.title a").get_attribute("href")
    visitor.read(finding)
    asked = visitor.follow("Which one is it?")
    assert f"this finding, as it was taken: {PATH}:20" in asked
    assert f"last seen at {PATH}:30" in asked
    assert visitor.barriers() == []
    visitor.page.set_viewport_size(PHONE)
    wide, room = visitor.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    visitor.take_picture("which one-360")
    assert wide <= room
    visitor.page.set_viewport_size(DESK)
    told = visitor.press("Save the answer")
    assert "Confirmed: it is the same one that moved" in told
    assert "Which one is it?" not in told
    for address in (second, first):
        visitor.read(address)
        visitor.press("Undo this import")
    assert visitor.complaints == []
