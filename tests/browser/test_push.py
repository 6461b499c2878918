"""A push goes in, proof comes out: closed with commit and diff, back again with the commit that brought it back."""

import subprocess

import pytest

from nova_dashboard.demo.repository import git, next_fix, push, undo_fix
from tests.browser.product import until

pytestmark = pytest.mark.browser

ITEM = "Remove the Mutex around Redis connections"


def findings_of(visitor, item):
    """The addresses of the findings that prove an item."""
    visitor.read(item)
    return [link.get_attribute("href") for link in visitor.page.locator("td.title a").all()]


def test_a_push_closes_an_item_with_its_diff_and_a_revert_brings_it_back(arrive, product):
    visitor = arrive()
    visitor.read("/board/")
    item = visitor.page.get_by_role("link", name=ITEM, exact=True).get_attribute("href")
    assert "Partly done" in visitor.read(item)

    fix = next_fix(product.clone)
    assert product.push(fix) == 202
    closed = visitor.sees("all 3 proven", item)
    visitor.take_picture("item proven-desk")
    assert "Proven" in closed and f"at {fix[:7]}" in visitor.read(item)
    shown = [visitor.read(finding) for finding in findings_of(visitor, item)]
    visitor.take_picture("finding closed-desk")
    proof = next(
        text for text in shown if fix[:7] in text and "type Shared = Arc<Mutex<MultiplexedConnection>>" in text
    )
    assert f"by {fix[:7]} “notify: clone the connection, drop the lock”" in proof
    assert "What fixed it services/notify/src/cache.rs" in proof
    assert "− let mut connection = self.connection.lock().await;" in proof
    assert "+ let mut connection = self.connection.clone();" in proof

    undone = undo_fix(product.clone)
    assert product.push(undone) == 202
    # The item is the first thing that its page reads: what it says of itself its history tells as well.
    again = visitor.sees("Partly done 1 of 3 proven", item)
    visitor.take_picture("item back-desk")
    assert f"Came back at {undone[:7]}" in again
    shown = [visitor.read(finding) for finding in findings_of(visitor, item)]
    assert sum(f"Came back with {undone[:7]}" in text and "Came back once." in text for text in shown) >= 2
    # Which section it stands in depends on the day: behind its date it is overdue first of all.
    week = visitor.read("/")
    assert f"reopened by {undone[:7]}" in week[week.index(ITEM) :]
    assert visitor.complaints == []


def test_a_push_with_a_wrong_signature_is_refused(product):
    token = product.one("SELECT hook_token FROM findings_repository WHERE slug = 'ternpost'")
    command = ["curl", "-s", "-o", "-", "-w", "%{http_code}", "-X", "POST", "-d", "{}", "-H", "X-GitHub-Event: push",
               "-H", "X-Hub-Signature-256: sha256=00", f"{product.url}/webhooks/github/{token}/"]  # fmt: skip
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert answer.endswith("403")
    assert "signature" in answer


COUNTS = """SELECT (SELECT count(*) FROM findings_finding), (SELECT count(*) FROM findings_occurrence),
                   (SELECT count(*) FROM findings_evidence)"""


def test_killed_workers_and_a_flushed_broker_cost_seconds_and_double_nothing(arrive, product):
    with product.connect() as connection:
        before = connection.execute(COUNTS).fetchone()
    folder = product.clone
    (folder / "README.md").write_text((folder / "README.md").read_text() + "\nAsk in #platform.\n")
    git(folder, "commit", "--quiet", "-m", "readme: say where to ask", "--", "README.md")
    commit = push(folder)

    state = "SELECT state FROM findings_scan WHERE commit = %s OR state = 'running' ORDER BY id DESC"
    with product.connect() as wall:
        # The scan reads the tree and then waits for us: so it is certainly in the middle of its work.
        wall.execute("LOCK TABLE findings_occurrence IN ACCESS EXCLUSIVE MODE")
        assert product.push(commit) == 202
        until(lambda: product.one(state, commit) == "running", "a worker scans the push")
        assert product.kill_workers() == 2
        product.flush_redis()
        wall.rollback()

    visitor = arrive()
    visitor.sees(f"Proven at {commit[:7]}", "/repositories/ternpost/")
    assert "Done" in visitor.page.locator(".scan").first.inner_text()
    with product.connect() as connection:
        after = connection.execute(COUNTS).fetchone()
        scans = connection.execute("SELECT state FROM findings_scan WHERE commit = %s", [commit]).fetchall()
    assert after == before
    assert scans == [("done",)]
    until(product.healthy, "both workers answer again")
    assert visitor.complaints == []
