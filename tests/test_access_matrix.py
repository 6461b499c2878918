"""Who may open what: every address of the site, for everybody there is. An address that is not in the table of pages
fails here, so that nobody can add one without saying whose it is.
"""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from findings.actions import track
from findings.models import Event
from remediation.api.routes import OPERATIONS
from tests.pages import EVERYBODY, LEADS, PAGES, SIGNED_IN, World, grow

pytestmark = pytest.mark.django_db
PERSONAS = ("anonymous", "charlie", "vera", "bob", "alice")
LOGIN, FOREIGN, DENIED, YES = "login", 404, 403, "yes"
# role a page asks for -> what a stranger without account, one of another team, a viewer, a member, a lead get
EXPECTED = {
    "viewer": (LOGIN, FOREIGN, YES, YES, YES),
    "member": (LOGIN, FOREIGN, DENIED, YES, YES),
    "lead": (LOGIN, FOREIGN, DENIED, DENIED, YES),
    SIGNED_IN: (LOGIN, YES, YES, YES, YES),
    LEADS: (LOGIN, YES, DENIED, DENIED, YES),
    EVERYBODY: (YES, YES, YES, YES, YES),
}


@pytest.fixture(scope="module")
def grown(once) -> World:
    for name in ("vera", "charlie"):
        once(name)
    track("https://git.example.com/parcels.git", team=once("other_team"), actor="test", slug="parcels", branch="main")
    return grow(*map(once, ("platform", "repository", "alice", "bob")), rows=4)


@pytest.fixture
def world(grown, db) -> World:
    return deepcopy(grown)


@pytest.fixture
def clients(world, alice, bob, vera, charlie) -> dict[str, Client]:
    made = {"anonymous": Client()}
    for name, user in {"alice": alice, "bob": bob, "vera": vera, "charlie": charlie}.items():
        made[name] = Client()
        made[name].force_login(user)
    return made


def answer(client: Client, page, world, **headers):
    """What one person gets; whatever it changed is taken back, signing out included."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = getattr(client, page.method)(page.url(world), page.data(world), headers=headers)
        wrote = Event.objects.count()
        transaction.set_rollback(True)
    client.cookies = cookies
    return response, wrote


def judged(response, page) -> object:
    if response.status_code == 302 and response["Location"].startswith("/accounts/login/?next="):
        return LOGIN
    return YES if response.status_code in page.accepted else response.status_code


def test_everybody_gets_what_the_table_says_and_nobody_more(world, clients):
    before = Event.objects.count()
    wrong = []
    for page in PAGES:
        for persona, expected in zip(PERSONAS, EXPECTED[page.role], strict=True):
            response, wrote = answer(clients[persona], page, world)
            got = judged(response, page)
            if got != expected or (got != YES and wrote != before):
                wrong.append(f"{page} by {persona}: {got}, expected {expected}")
    assert wrong == []


def test_a_fragment_is_refused_like_its_page(world, clients):
    wrong = []
    for page in (p for p in PAGES if p.fragment):
        for persona, expected in zip(PERSONAS[1:], EXPECTED[page.role][1:], strict=True):
            response, _wrote = answer(clients[persona], page, world, **{"HX-Request": "true"})
            if judged(response, page) != expected:
                wrong.append(f"{page} by {persona}: {response.status_code}, expected {expected}")
    assert wrong == []


def test_pages_of_a_stranger_hold_nothing_of_the_team(world, clients):
    secret = (b"custom/rule", b"hidden/", b"git.example.com/shop", b"alice@", b"colleague-", b"bill-", b"report-")
    wrong = []
    for page in (p for p in PAGES if p.role in (SIGNED_IN, LEADS)):
        response, _wrote = answer(clients["charlie"], page, world)
        wrong += [f"{page} tells {text!r}" for text in secret if text in response.getvalue()]
    assert wrong == []


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Every route of the site, but for the admin's own pages, which are tried one by one below, and the API's operations,
    which have a matrix of tokens in tests/remediation/api.
    """
    operations = {f"api/v1/{operation.path}" for operation in OPERATIONS}
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if route in operations:
            continue
        if isinstance(pattern, URLPattern):
            yield route
        elif pattern.namespace != "admin":
            yield from routes(pattern, route)


def test_every_address_is_in_the_table(world):
    known = {resolve(page.url(world)).route for page in PAGES}
    assert sorted(set(routes(get_resolver())) - known) == []


def test_the_admin_is_for_staff(clients):
    wrong = [
        f"{address} by {persona}"
        for address in ("/admin/", "/admin/findings/user/", "/admin/findings/team/", "/admin/nowhere/")
        for persona in PERSONAS
        if not clients[persona]
        .get(address)
        .headers.get("Location", "")
        .startswith(("/admin/login/", "/accounts/login/"))
    ]
    assert wrong == []
