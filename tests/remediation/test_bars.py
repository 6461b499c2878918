"""What the pages of triage may cost, whatever the filter: statements and bytes. Their times are in `make bench`."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.crowd import grow
from benchmarks.pages import PAGES, Asked
from findings.models import Finding

pytestmark = pytest.mark.django_db
FINDINGS = 3_000
TRIAGE = [page for page in PAGES if page.path.startswith("/findings/")]
MORE = [
    Asked(query, f"/findings/?{query}", 0, 0, 8, 80_000)
    for query in (
        "tool=semgrep&sort=oldest",
        "kind=real&state=any",
        "q=redis&path=services/&owner=none&age=90&due=week&mark=untriaged",
        "columns=rule&columns=part&columns=where&columns=age&columns=owner&columns=due&columns=state",
    )
]
GROUPED = [Asked(f"by {group}", f"/findings/?group={group}", 0, 0, 12, 80_000) for group in ("rule", "path", "owner")]


@pytest.fixture
def lead() -> Client:
    client = Client()
    client.force_login(grow(FINDINGS))
    return client


def test_every_page_keeps_its_bars(lead):
    finding = Finding.objects.filter(state="open").latest("pk").pk
    wrong = []
    for page in (*TRIAGE, *MORE, *GROUPED):
        with CaptureQueriesContext(connection) as captured:
            answer = lead.get(page.path.format(finding=finding))
        cost = len(captured), len(answer.content)
        if answer.status_code != 200 or cost[0] > page.queries or cost[1] > page.size:
            wrong.append((page.name, answer.status_code, *cost))
    assert wrong == []


def test_a_page_of_the_list_costs_the_same_at_its_end(lead):
    pages, query = [], ""
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            answer = lead.get("/findings/", {"after": query} if query else {})
        pages.append((len(captured), len(answer.context["rows"])))
        query = answer.context["page"].next
    assert len(set(pages)) == 1
