"""The laws again, in the places where they are easiest to forget."""

from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import transaction

from findings import actions, exports
from findings.actions.undo import Overtaken
from findings.core.types import Priority
from findings.git import GitError, Mirror
from findings.models import Event, Finding, Repository
from nova_dashboard import pipeline
from remediation.actions.imports import accept_import, preview_file
from remediation.models import Checklist, Item
from tests.cast import land, only, seen
from tests.hostile import PLAIN, leaky_review, trap
from tests.laws import leaks, state_of_everything
from tests.nova_dashboard.forge import STRONG, WEAK

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent
TOPIC = {"rule": "kafka/under-replicated-topic", "key": "main/orders"}


def test_law_2_a_push_to_another_branch_closes_nothing(forge):
    forge.push("one", {"k8s/a.yaml": WEAK})
    forge.scan()
    side = forge.push("fix", {"k8s/a.yaml": STRONG}, branch="side")
    forge.tell(side, branch="side")
    asked, _ = actions.request_scan(forge.repository, actor="test", commit=side)
    pipeline.run_scan(asked.pk)
    assert Finding.objects.get().state == "open"


def test_law_5_a_verdict_ends_with_its_code_block_or_its_term(repository, alice):
    land(repository, [seen(**TOPIC, text="replicas: 1")])
    actions.decide([only()], "accepted", actor=alice, reason="until summer", until=date(2026, 6, 1))
    assert (actions.expire_verdicts(date(2026, 6, 1)), only().state) == (0, "accepted")
    assert (actions.expire_verdicts(date(2026, 6, 2)), only().state) == (1, "open")
    actions.decide([only()], "accepted", actor=alice, reason="again")
    land(repository, [seen(**TOPIC, text="replicas: 2")])
    assert only().state == "open"


def test_law_6_severity_title_and_line_are_no_identity(repository):
    land(repository, [seen(line=3, text="same", priority=Priority.P2, message="Too many")])
    before = Finding.objects.get().pk
    land(repository, [seen(line=80, text="same", priority=Priority.P0, message="Far too much of it")])
    assert (Finding.objects.get().pk, Finding.objects.get().priority) == (before, "P0")


def test_law_7_a_failure_does_not_quote_a_login(platform, caplog):
    url = f"https://ada:{quote(PLAIN, safe='')}@127.0.0.1:1/shop.git"
    repository = Repository(slug="x", url=url)
    with pytest.raises(GitError) as refusal:
        Mirror(settings.VAR / "mirrors" / "x.git").fetch(url, ["https"])
    assert not leaks(f"{refusal.value} {repository} {caplog.text}")


@pytest.mark.parametrize(
    "url",
    ["ext::sh -c 'touch {owned}'", "--upload-pack=touch {owned}", "file://{tmp}/trap", "ssh://-oProxyCommand=touch/x"],
)
def test_law_8_an_address_is_no_command(platform, tmp_path, url):
    _path, owned = trap(tmp_path)
    address = url.format(owned=owned, tmp=tmp_path)
    repository = actions.track(address, team=platform, actor="test", slug="trap", branch="main")
    scan, _ = actions.request_scan(repository, actor="test")
    pipeline.run_scan(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, owned.exists()) == ("failed", False)


def test_law_8_a_branch_of_a_delivery_is_no_option(forge, tmp_path):
    commit = forge.push("one", {"k8s/a.yaml": WEAK})
    owned = tmp_path / "owned"
    assert forge.tell(commit, branch=f"--upload-pack=touch {owned}").status_code in (200, 202)
    forge.scan()
    assert not owned.exists()


def test_law_8_a_payload_names_no_address(forge, tmp_path):
    commit = forge.push("one", {"k8s/a.yaml": WEAK})
    other = {"clone_url": f"{tmp_path}/elsewhere.git", "default_branch": "evil"}
    assert forge.tell(commit, repository=other).status_code == 202
    assert forge.scan().commit == commit
    assert (forge.repository.url, forge.repository.default_branch) == (str(forge.bare), "main")


def test_law_9_a_review_is_undone_whole(repository, alice, platform):
    land(repository, [seen(**TOPIC)])
    repository.refresh_from_db()
    before = state_of_everything()
    [(run, _plan)] = preview_file(repository, platform, leaky_review(), file_name="r.md", actor=alice)
    accept_import(run, actor=alice)
    assert Checklist.objects.filter(review__isnull=False).exists()
    run.refresh_from_db()
    actions.undo(run, actor=alice)
    assert state_of_everything() == before


def test_law_9_what_was_touched_since_is_named_and_nothing_is_half_undone(repository, alice):
    run = land(repository, [seen(**TOPIC), seen(line=9)])
    actions.assign([only(key="main/orders")], alice, actor=alice)
    before = state_of_everything()
    with pytest.raises(Overtaken) as refusal, transaction.atomic():
        actions.undo(run, actor=alice)
    assert refusal.value.rows == [str(only(key="main/orders"))]
    assert state_of_everything() == before


def test_law_9_the_log_cannot_be_changed(repository):
    for attempt in (lambda: Event.objects.update(actor="nobody"), lambda: Event.objects.all().delete()):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            attempt()


def test_law_10_counts_of_items_and_runs_are_counts_of_rows(repository, alice):
    land(repository, [seen(line=n) for n in (3, 30, 60)])
    actions.decide(Finding.objects.all()[:1], "accepted", actor=alice, reason="fine")
    run = land(repository, [seen(line=n) for n in (3, 30)] + [seen(line=90), seen(line=120)])
    item = Item.objects.for_list().get()
    rows = item.findings.all()
    assert item.n_total == rows.count() == 5
    assert item.n_open == rows.filter(state="open").count()
    assert item.n_accepted == rows.filter(state="accepted").count()
    found = Event.objects.filter(run_ref=run.pk)
    assert run.counts["new"] == found.filter(verb="found").count() == 2
    assert run.counts["fixed"] == found.filter(verb="closed").count() == run.evidence.filter(closes=True).count() == 1


def test_law_11_a_shared_finding_is_seen_with_ones_own_places_only(repository, alice, charlie, other_team):
    actions.define_component(repository, "warehouse", team=other_team, paths=["/warehouse/"], actor="test")
    secret = {"rule": "secrets/plaintext", "key": "k" * 64}
    land(repository, [seen(**secret, path="ours/.env"), seen(**secret, path="warehouse/.env"), seen(**TOPIC)])
    for user, place in ((alice, "ours/.env"), (charlie, "warehouse/.env")):
        mine = list(Finding.objects.components().filter(team__memberships__user=user).values_list("pk", flat=True))
        shared = Finding.objects.visible_to(user).for_list(mine).get(key="k" * 64)
        assert [p.path for p in shared.places] == [place]
        text = "".join(exports.sarif(Finding.objects.visible_to(user), mine))
        assert [p in text for p in ("ours/.env", "warehouse/.env")] == [
            p == place for p in ("ours/.env", "warehouse/.env")
        ]
    assert not Finding.objects.visible_to(charlie).filter(key="main/orders").exists()


def test_law_11_a_change_of_ownership_is_told(repository, other_team, charlie):
    land(repository, [seen(**TOPIC)])
    assert not Finding.objects.visible_to(charlie).exists()
    actions.define_component(repository, "orders", team=other_team, paths=["/k8s/"], actor="test")
    land(repository, [seen(**TOPIC)])
    assert Finding.objects.visible_to(charlie).get() == only()
    assert Event.objects.get(verb="changed owner").after == {"component": "orders", "team": other_team.pk}
