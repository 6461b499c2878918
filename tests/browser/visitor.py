"""Somebody at a browser: signs in, reads, and remembers whatever went wrong on the way."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser.product import Product, until

LEAD, MEMBER, STRANGER = "maya@example.com", "tomas@example.com", "lin@example.com"
DESK, PHONE = {"width": 1360, "height": 850}, {"width": 360, "height": 740}
ZOOMED = {"width": 680, "height": 425}  # a desk's window at 200 %
PATIENCE = 20_000  # milliseconds
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@dataclass
class Visitor:
    """One window. `complaints` holds console errors (a broken Content-Security-Policy is one) and failed requests."""

    product: Product
    context: BrowserContext
    page: Page
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def arrive(cls, browser: Browser, product: Product, **options: Any) -> "Visitor":
        """Open a window; `options` are Playwright's for a context."""
        context = browser.new_context(base_url=product.url, **{"viewport": DESK, **options})
        context.set_default_timeout(PATIENCE)
        visitor = cls(product, context, context.new_page(), options.get("java_script_enabled", True))
        visitor.page.on("console", visitor._console)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(f"script: {error}"))
        visitor.page.on("requestfailed", visitor._failed)
        visitor.page.on("response", visitor._answered)
        return visitor

    def _console(self, message: ConsoleMessage) -> None:
        # htmx reports as an error that it dropped a question for a newer one: typing on is no failure.
        if message.type in ("error", "warning") and not message.text.startswith(
            ("htmx:sendAbort", "htmx:afterRequest")
        ):
            self.complaints.append(f"console on {self.page.url}: {message.text}")

    def _failed(self, request: Request) -> None:
        # A page that is left while it still asks something is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} for {response.url}")

    def sign_in(self, email: str) -> "Visitor":
        """Through the form, as everybody does; who was here before comes with the cookie that they kept."""
        kept = self.product.cookies.get(email)
        if kept:
            self.context.add_cookies(kept)
            self.page.goto("/")
            return self
        self.page.goto("/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(self.product.password(email))
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/")
        self.product.cookies[email] = self.context.cookies()
        return self

    def read(self, path: str) -> str:
        """Open a page; its text, as it is shown."""
        answer = self.page.goto(path)
        assert answer is not None and answer.status == 200, f"{path}: {answer and answer.status}"
        if self.scripts:  # a page that asks for parts of itself can do so once this is gone
            self.page.locator("meta[name=later]").wait_for(state="detached")
        return self.text()

    def text(self) -> str:
        """What the open page says, with single spaces."""
        return re.sub(r"\s+", " ", self.page.locator("main").inner_text())

    def status(self, path: str) -> int:
        """What a page answers."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer.status

    def follow(self, name: str) -> str:
        """Click a link by its words; the text of the page it leads to."""
        self.page.locator("main").get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()
        return self.text()

    def press(self, name: str) -> str:
        """Click a button by its words; the text of the page that follows."""
        self.page.locator("main").get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state()
        return self.text()

    def sees(self, words: str, path: str) -> str:
        """Read a page again and again until it says these words."""
        return until(lambda: (text := self.read(path)) and words in text and text, f"{path} says {words!r}")

    def barriers(self) -> list[str]:
        """What on the open page WCAG 2.2 AA forbids, as far as axe-core sees it: rule, element, what is wrong."""
        found = Axe().run(self.page, options=WCAG).response["violations"]
        return [f"{v['id']} at {node['target']}: {node['failureSummary']}" for v in found for node in v["nodes"]]

    def take_picture(self, name: str) -> None:
        """Keep what the page looks like, where somebody wants to look (NOVA_SCREENSHOTS names the directory)."""
        if folder := os.environ.get("NOVA_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
