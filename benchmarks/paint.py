"""When the largest piece of each page stands there, in Chromium on this machine: cold with an empty cache, warm with a
full one. And how much script and style a page brings, unpacked. Before all the floor: what this browser takes here
for a page of one sentence, and for the list as a file that nobody has to make.
"""

import http.client
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.pages import PAGES, database, path_of, server
from benchmarks.table import show

LOADS = 9
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
VIEW = {"width": 1360, "height": 850}
NAMES = ("list", "search, common", "finding", "this week", "board", "team")  # the menus come into the list
BARRED = ("bar ms", "bar script", "bar style")
FLOOR = ("a sentence", "the list as a file")
SENTENCE = "<!doctype html><title>One</title><p>One sentence, and nothing else on this page."
HEAD = ("page", "cold ms", "warm ms", "best ms", "worst ms", "script bytes", "style bytes", *BARRED)
BARS = (200, 70_000, 40_000)
# The last candidate, once nothing has come for a while.
LARGEST = """() => new Promise(resolve => {
    let last = 0;
    new PerformanceObserver(seen => { for (const one of seen.getEntries()) last = one.startTime; })
        .observe({type: "largest-contentful-paint", buffered: true});
    setTimeout(() => resolve(last), 400);
})"""
BROUGHT = (
    """() => performance.getEntriesByType("resource").map(one => [new URL(one.name).pathname, one.decodedBodySize])"""
)


def bench_paint() -> None:
    """Each page many times from a server that is warm, with 10,000 findings."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"NO BROWSER: none of {', '.join(BROWSERS)} is installed")
    with tempfile.TemporaryDirectory(prefix="nova-bench-") as place, database(Path(place), 10_000) as made:
        rows = measured(found, place, made)
    show("Largest contentful paint at 10,000 findings", HEAD, rows)


def measured(chromium: str, place: str, made: dict[str, Any]) -> list[tuple[Any, ...]]:
    """A row for each page, from a server of its own."""
    paths = {page.name: path_of(page, made) for page in PAGES if page.name in NAMES}
    with server(place) as port:
        files = dict(zip(FLOOR, (SENTENCE.encode(), _body(port, paths["list"], made)), strict=True))
    for number, name in enumerate(files):
        (Path(place) / "static" / f"floor{number}.html").write_bytes(files[name])
    paths = {name: f"/static/floor{number}.html" for number, name in enumerate(files)} | paths
    with server(place) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        rows = [_row(browser, name, f"http://127.0.0.1:{port}", path, made) for name, path in paths.items()]
        browser.close()
    return rows


def _body(port: int, path: str, made: dict[str, Any]) -> bytes:
    client = http.client.HTTPConnection("127.0.0.1", port)
    client.request("GET", path, headers={"Cookie": f"sessionid={made['session']}"})
    body = client.getresponse().read()
    client.close()
    return body


def _row(browser: Browser, name: str, home: str, path: str, made: dict[str, Any]) -> tuple[Any, ...]:
    address, brought = home + path, dict[str, int]()
    cold, warm = list[float](), list[float]()
    for load in range(LOADS + 1):
        context = browser.new_context(viewport=VIEW)
        context.add_cookies([{"name": "sessionid", "value": made["session"], "url": home}])
        first, brought = _loaded(context, address)
        again, _brought = _loaded(context, address)
        context.close()
        if load:  # the first one warms the server
            cold.append(first)
            warm.append(again)
    sizes = (sum(n for path, n in brought.items() if path.endswith(end)) for end in (".js", ".css"))
    medians = (f"{statistics.median(times):.0f}" for times in (cold, warm))
    return (name, *medians, f"{min(*cold, *warm):.0f}", f"{max(*cold, *warm):.0f}", *sizes, *BARS)


def _loaded(context: BrowserContext, address: str) -> tuple[float, dict[str, int]]:
    """Milliseconds to the largest paint, and what came with the page: path -> bytes."""
    window = context.new_page()
    answer = window.goto(address, wait_until="load")
    assert answer is not None and answer.status == 200, address
    largest, brought = window.evaluate(LARGEST), window.evaluate(BROUGHT)
    window.close()
    assert largest, address
    return largest, dict(brought)
