"""One product and one Chromium for all stories of this folder, both gone when the last one is told."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.product import Mailbox, Product
from tests.browser.visitor import LEAD, Visitor

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


# Of the package, not of the session: Playwright's event loop would otherwise forbid the tests after it their database.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium of this machine."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"NO BROWSER TESTS: none of {', '.join(NAMES)} is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def product(chromium: Browser) -> Iterator[Product]:
    """The running product with its demo; stopped by its own process id."""
    var = Path(tempfile.mkdtemp(prefix="nova-browser-"))
    mailbox = Mailbox()
    with mailbox.open() as email_url:
        running = Product(var, email_url, mailbox)
        try:
            running.start()
            yield running
        finally:
            code = running.stop()
            log = running.logs()
            shutil.rmtree(var, ignore_errors=True)
    assert code == 0, log[-2000:]


@contextmanager
def door(browser: Browser, product: Product) -> Iterator[Callable[..., Visitor]]:
    """Opens windows, signed in as `who` ("" for nobody), and closes them all behind itself."""
    opened: list[Visitor] = []

    def arrive(who: str = LEAD, **options: Any) -> Visitor:
        visitor = Visitor.arrive(browser, product, **options)
        opened.append(visitor)
        return visitor.sign_in(who) if who else visitor

    yield arrive
    for visitor in opened:
        visitor.context.close()


@pytest.fixture
def arrive(chromium: Browser, product: Product) -> Iterator[Callable[..., Visitor]]:
    """Opens a window for one test."""
    with door(chromium, product) as arrive:
        yield arrive


@pytest.fixture(scope="module")
def arrive_for_long(chromium: Browser, product: Product) -> Iterator[Callable[..., Visitor]]:
    """Opens a window for all tests of a module."""
    with door(chromium, product) as arrive:
        yield arrive
