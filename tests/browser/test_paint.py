"""What a page brings, and what of it is painted first: told by counts and sizes, which no busy machine changes."""

import pytest

pytestmark = pytest.mark.browser

PAGES = ["/", "/findings/", "/board/", "/teams/platform/"]
BROUGHT = (
    """() => performance.getEntriesByType("resource").map(one => [new URL(one.name).pathname, one.transferSize])"""
)
LARGEST = """() => new Promise(told => new PerformanceObserver(seen => told(seen.getEntries().at(-1).size))
    .observe({type: "largest-contentful-paint", buffered: true}))"""
COLUMNS = """board => {
    const count = () => getComputedStyle(board).gridTemplateColumns.split(" ").length, all = count();
    [...board.children].slice(1).forEach(phase => phase.remove());
    return [all, count()];
}"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_seen_before_asks_for_nothing_but_itself(arrive, path):
    visitor = arrive()
    visitor.read(path)
    visitor.page.wait_for_load_state("networkidle")
    visitor.read(path)
    brought = visitor.page.evaluate(BROUGHT)
    files = {name: size for name, size in brought if name != "/findings/facets/"}
    assert len(files) >= 5 and all(name.startswith("/static/") for name in files), files
    assert set(files.values()) == {0}, files


def test_the_largest_piece_of_the_list_comes_with_the_page_and_not_with_a_part_of_it(arrive):
    visitor, sizes = arrive(), []
    visitor.read("/findings/")
    visitor.page.locator("#facets .count").first.wait_for(state="attached")
    sizes.append(visitor.page.evaluate(LARGEST))
    visitor.page.route("**/facets/**", lambda route: route.fulfill(status=204))
    visitor.read("/findings/")
    sizes.append(visitor.page.evaluate(LARGEST))
    assert sizes[0] == sizes[1] > 0


def test_the_columns_of_the_board_do_not_wait_for_the_last_phase(arrive):
    visitor = arrive()
    visitor.read("/board/")
    assert visitor.page.locator("#board").evaluate(COLUMNS) == [4, 4]


def test_what_was_typed_before_the_page_could_ask_is_asked_for(arrive):
    visitor, held = arrive(), []
    visitor.page.route("**/htmx-2.min*.js", lambda route: held.append(route))
    visitor.page.goto("/findings/")
    visitor.page.get_by_label("Search findings").fill("Mutex")
    visitor.page.wait_for_timeout(400)
    assert held and "q=" not in visitor.page.url
    for route in held:
        route.continue_()
    visitor.page.unroute("**/htmx-2.min*.js")
    visitor.page.wait_for_url("**q=Mutex**")
    visitor.page.locator(".found", has_text="Mutex").wait_for()
    assert visitor.complaints == []
