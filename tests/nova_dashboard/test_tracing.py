"""Owners are suggested by CODEOWNERS of the scanned commit, else by who wrote the lines, asked by a worker alone."""

import pytest

from findings import actions
from findings.actions.undo import undo
from findings.git import Mirror
from findings.models import Finding, Run
from nova_dashboard import tasks, tracing
from remediation.actions import traces
from remediation.actions.items import give
from remediation.models import Item, Trace
from remediation.reads.suggested import for_items
from tests.cast import member
from tests.findings.git_repo import WHO
from tests.nova_dashboard.forge import STRONG, WEAK, Forge

pytestmark = pytest.mark.django_db
PATH = "k8s/orders.yaml"


@pytest.fixture
def ada(platform):
    """The account behind the commits of the test repository."""
    return member(platform, "ada", "member")


@pytest.fixture
def forge(tmp_path, platform, monkeypatch) -> Forge:
    monkeypatch.setitem(WHO, "GIT_AUTHOR_EMAIL", "Ada@Example.com")
    forge = Forge(tmp_path, platform)
    forge.push("Add the topic", {PATH: WEAK})
    return forge


def scanned(forge: Forge) -> Item:
    assert forge.scan().state == "done"
    tasks.owners(forge.repository.pk)
    return Item.objects.get(rule__key="kafka/under-replicated-topic")


def suggested(item: Item) -> tuple[str, str]:
    found = for_items([item], item.checklist.team).get(item.pk)
    return (found.person.email, found.why) if found else ("", "")


def test_who_wrote_the_lines_last_is_suggested(forge, ada):
    item = scanned(forge)
    assert suggested(item) == ("ada@example.com", "last author of 1 of 1 place")
    assert Trace.objects.get().commit == forge.repository.proven_commit


def test_a_findings_page_says_who_is_suggested_to_those_who_may_give_it(forge, ada, vera, client):
    finding = scanned(forge).findings.get()
    client.force_login(ada)
    assert client.get(finding.get_absolute_url()).context["suggested"].person == ada
    client.force_login(vera)
    assert client.get(finding.get_absolute_url()).context["suggested"] is None


def test_codeowners_of_the_scanned_commit_comes_first_and_is_followed(forge, ada, bob):
    forge.push("Who owns what", {"CODEOWNERS": "* bob@example.com\n"})
    item = scanned(forge)
    assert suggested(item) == ("bob@example.com", "owner of 1 of 1 place by CODEOWNERS")
    forge.push("Ada takes over", {"CODEOWNERS": "/k8s/ ada@example.com\n"})
    assert suggested(scanned(forge))[0] == "ada@example.com"


def test_only_people_of_the_team_who_may_act_are_suggested(forge, platform, other_team, charlie):
    forge.push("Who owns what", {"CODEOWNERS": "* charlie@example.com\n"})
    member(platform, "ada", "viewer")
    assert suggested(scanned(forge)) == ("", "")


def test_somebody_who_joins_later_is_found_without_another_scan(forge, platform):
    item = scanned(forge)
    assert suggested(item) == ("", "")
    member(platform, "ada", "member")
    assert suggested(item)[0] == "ada@example.com"


def test_what_a_person_chose_is_left_alone(forge, ada, alice, bob):
    item = scanned(forge)
    give(item, bob, actor=alice)
    forge.push("Who owns what", {"CODEOWNERS": "* ada@example.com\n"})
    item = scanned(forge)
    assert (item.owner, suggested(item)) == (bob, ("", ""))


def test_it_is_asked_once_and_in_goes(forge, ada, monkeypatch):
    asked = []
    blame = Mirror.blame
    monkeypatch.setattr(
        Mirror, "blame", lambda self, commit, path, spans: asked.append(path) or blame(self, commit, path, spans)
    )
    monkeypatch.setattr(tracing, "MOST", 1)
    forge.push("Another", {"k8s/bills.yaml": WEAK.replace("orders", "bills")})
    assert forge.scan().state == "done"
    for _ in range(3):
        tasks.owners(forge.repository.pk)
    assert sorted(asked) == ["k8s/bills.yaml", PATH]
    assert not traces.behind().exists()
    tasks.owners(forge.repository.pk)
    assert len(asked) == 2


def test_a_scan_and_the_sweeper_wake_it(forge, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks, "wake", lambda name, *ids: woken.append((name, *ids)))
    scan, _made = actions.request_scan(forge.repository, kind="manual", actor="test")
    tasks.scan(scan.pk)
    assert ("nova.owners", forge.repository.pk) in woken
    woken.clear()
    tasks.sweep()
    assert woken == [("nova.owners", forge.repository.pk)]


def test_an_undo_takes_the_trace_with_its_finding(forge, ada):
    scanned(forge)
    undo(Run.objects.get(), actor="test")
    assert not Finding.objects.exists()
    assert not Trace.objects.exists()


def test_mailmap_and_odd_paths_are_followed(forge, platform):
    member(platform, "new", "member")
    odd = "k8s/-x [a]\N{SNOWMAN}.yaml"
    forge.push(
        "Names",
        {".mailmap": "New <new@example.com> <ada@example.com>\n", odd: WEAK.replace("orders", "odd"), PATH: STRONG},
    )
    assert forge.scan().state == "done"
    tasks.owners(forge.repository.pk)
    assert list(Trace.objects.values_list("author", flat=True)) == ["new@example.com"]
