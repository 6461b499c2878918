"""What the pages of the plan may cost: statements (the session and the person included), and 80 KB."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from remediation.models import Checklist, Item
from tests.pages import World, grow

pytestmark = pytest.mark.django_db
MOST_BYTES = 80_000
QUERIES = {
    "/": 12,
    "/?section=due": 12,
    "/board/": 12,
    "/board/?phase=month-2": 12,
    "/week/platform/commit/": 12,
    "/teams/platform/": 12,
}


@pytest.fixture
def world(platform, repository, alice, bob) -> World:
    """A team with forty of everything, and four hundred more items, done ones among them."""
    made = grow(platform, repository, alice, bob, rows=40)
    plan = Checklist.objects.get(review=None)
    now, title = timezone.now(), "Replace what takes the whole cluster down when a single broker goes away"
    some = {"checklist": plan, "phase": plan.phases.last(), "priority": "P1", "owner": bob, "due": now.date()}
    done = {"settled_by": "accepted", "settled_at": now}
    Item.objects.bulk_create(
        Item(anchor=f"many-{n}", title=f"{title} ({n})", **some, **(done if n % 4 == 0 else {})) for n in range(400)
    )
    return made


def test_each_page_keeps_its_budget(client, alice, world):
    client.force_login(alice)
    for url, most in QUERIES.items():
        with CaptureQueriesContext(connection) as sent:
            response = client.get(url)
        assert response.status_code == 200, url
        assert len(response.content) <= MOST_BYTES, url
        assert len(sent) <= most, "\n".join([url, *(q["sql"][:160] for q in sent)])
