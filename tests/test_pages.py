"""What every page keeps to: it works without scripts, answers htmx with a part, asks the database as often for thirty
rows as for two, holds nothing inline, and leads nowhere that is not there.
"""

import copy
import re
from html.parser import HTMLParser

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pages import PAGES, World, grow

pytestmark = pytest.mark.django_db
NO_PAGES = (
    "remediation:export",
    "remediation:run_report",
    "remediation:facets",
    "remediation:folders",
    "healthz",
    "api:openapi",
    "api:nowhere",
)
READ = [page for page in PAGES if page.method == "get"]
WHOLE = [page for page in READ if page.name not in NO_PAGES]
INLINE = re.compile(r"<[^>]+\s(?:style|on[a-z]+)\s*=|<style|<script(?![^>]*\ssrc=)|javascript:", re.I)


class Seen(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] for _tag, attrs in self.elements if "id" in attrs]


@pytest.fixture
def lead(alice) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture(scope="module")
def grown(once) -> World:
    return grow(*map(once, ("platform", "repository", "alice", "bob")), rows=4)


@pytest.fixture
def world(grown, db) -> World:
    return copy.deepcopy(grown)


@pytest.fixture(scope="module")
def texts(once, grown) -> dict[str, str]:
    """Every page as its lead reads it, by its address; what was noted on the way is taken back."""
    client = Client()
    with transaction.atomic():
        client.force_login(once("alice"))
        read = {page.url(grown): client.get(page.url(grown)).content.decode() for page in WHOLE}
        transaction.set_rollback(True)
    return read


def test_a_page_is_whole_and_has_one_heading(texts):
    wrong = [
        url
        for url, text in texts.items()
        if not text.lstrip().startswith("<!doctype html>") or text.count("<h1") != 1 or "<title>" not in text
    ]
    assert wrong == []


def test_nothing_is_inline(texts):
    assert {url: found.group()[:80] for url, text in texts.items() if (found := INLINE.search(text))} == {}


def test_htmx_gets_the_part_and_a_browser_the_page(world, lead):
    wrong = []
    for page in (p for p in READ if p.fragment):
        part = lead.get(page.url(world), headers={"HX-Request": "true"})
        restored = lead.get(page.url(world), headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
        whole = [b"<!doctype html>" in response.content for response in (part, restored)]
        if whole != [False, True] or "HX-Request" not in part["Vary"] or INLINE.search(part.content.decode()):
            wrong.append(page.url(world))
    assert wrong == []


def test_every_control_works_without_scripts(texts):
    """What htmx or app.js would do, a link or a form does; only what polls by itself has no other way."""
    wrong = []
    for url, text in texts.items():
        for tag, attrs in Seen(text).elements:
            swaps = {name for name in attrs if name in ("hx-get", "hx-post")}
            polls = attrs.get("hx-trigger", "").startswith(("load", "scanned"))  # by itself, or behind what does
            plain = {"a": "href", "form": "action"}.get(tag)
            if (swaps and not polls and not (plain and attrs.get(plain))) or attrs.get("href") == "#":
                wrong.append(f"{url}: <{tag} {attrs}>")
    assert wrong == []


def test_only_pages_that_ask_for_parts_of_themselves_bring_htmx(texts):
    asking = {url for url, text in texts.items() if re.search(r"\shx-(get|post)=", text)}
    bringing = {url for url, text in texts.items() if 'name="later"' in text}
    assert asking and asking <= bringing
    quiet = ("/week/platform/", "/board/platform/", "/teams/platform/")
    assert [url for url in bringing if url.startswith(quiet) and "commit" not in url] == []


def test_ids_are_there_once_and_labels_and_anchors_find_them(texts):
    wrong = []
    for url, text in texts.items():
        seen = Seen(text)
        ids = seen.ids
        wrong += [f"{url}: id {name} twice" for name in set(ids) if ids.count(name) > 1]
        for _tag, attrs in seen.elements:
            targets = [attrs.get("for", ""), *attrs.get("aria-describedby", "").split()]
            targets += [attrs["href"][1:]] if attrs.get("href", "").startswith("#") else []
            wrong += [f"{url}: nothing has the id {name}" for name in targets if name and name not in ids]
    assert wrong == []


def test_every_link_and_every_form_leads_somewhere(texts, lead):
    links: dict[str, str] = {}
    posts: dict[str, str] = {}
    for url, text in texts.items():
        for tag, attrs in Seen(text).elements:
            target = attrs.get("href" if tag == "a" else "action", "").partition("#")[0]
            if target.startswith("/") and tag in ("a", "form"):
                (posts if attrs.get("method", "").lower() == "post" else links).setdefault(target, url)
    wrong = [f"{to} on {url}" for to, url in links.items() if lead.get(to).status_code not in (200, 302)]
    # GET tells whether there is such an address: a view that only takes POST answers 405.
    wrong += [f"{to} on {url}" for to, url in posts.items() if lead.get(to).status_code not in (200, 302, 405)]
    assert wrong == []


def queries(world: World, lead: Client) -> dict[str, int]:
    """How many statements each page takes."""
    counts = {}
    for page in READ:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert lead.get(page.url(world)).status_code in page.accepted
        counts[str(page) + str(sorted(page.args(world)))] = len(captured)
    return counts


def test_thirty_rows_take_as_many_queries_as_two(platform, repository, alice, bob, lead):
    few = queries(grow(platform, repository, alice, bob, rows=4), lead)
    many = queries(grow(platform, repository, alice, bob, rows=40, more=27), lead)
    assert {page: (n, many[page]) for page, n in few.items() if many[page] > n} == {}
