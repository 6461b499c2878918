"""Scanners beside our own rules, through the worker: their own runs, one road, and failures that close nothing."""

from dataclasses import replace

import pytest
from django.test import Client

from findings.models import Finding, Run
from tests.findings.external.test_look import CODE, TOKEN, stand_in
from tests.laws import everything_stored
from tests.nova_dashboard.forge import STRONG, WEAK, Forge

pytestmark = pytest.mark.django_db
PATH = "k8s/orders.yaml"


@pytest.fixture
def forge(tmp_path, platform, settings) -> Forge:
    settings.NOVA_SCANNERS = (stand_in(tool="Other"),)
    settings.VAR = tmp_path / "var"
    made = Forge(tmp_path, platform)
    made.push("one", {PATH: WEAK, "src/a.py": CODE, "src/b.py": CODE, ".semgrepignore": "src\n"})
    return made


def other(path: str) -> Finding:
    return Finding.objects.get(rule__tool="Other", occurrences__path=path)


def last(tool: str = "Other") -> Run:
    return Run.objects.filter(tool=tool).first()


def test_each_tool_has_its_own_run_of_the_scan(forge):
    scan = forge.scan()
    assert (scan.state, scan.error) == ("done", "")
    assert {(run.tool, run.category, run.state) for run in scan.runs.all()} == {
        ("nova", "", "applied"),
        ("Other", "worker", "applied"),
    }
    found = other("src/a.py")
    assert (found.state, found.category, found.first_seen_commit) == ("open", "worker", scan.commit)
    assert "eval(text)" in found.occurrences.get().excerpt
    assert {
        "path": ".semgrepignore",
        "line": 0,
        "message": "configuration of a scanner, which is left out",
    } in scan.notices


def test_a_fix_closes_with_the_change_of_its_file_and_a_move_keeps_the_finding(forge):
    forge.scan()
    known = other("src/a.py").pk
    fix = forge.push(
        "no eval", {"src/a.py": None, "lib/a.py": "# moved\n" + CODE, "src/b.py": "def run(text):\n    return text\n"}
    )
    forge.scan()
    moved, fixed = other("lib/a.py"), other("src/b.py")
    assert (moved.pk, moved.state) == (known, "open")
    assert (fixed.state, fixed.evidence.kind, fixed.evidence.commit, fixed.evidence.path) == (
        "fixed",
        "diff",
        fix,
        "src/b.py",
    )
    assert "-    return eval(text)" in fixed.evidence.hunk


def test_a_deleted_file_closes_as_deleted_and_the_same_commit_again_changes_nothing(forge):
    forge.scan()
    forge.scan()
    assert last().counts["again"] == 2
    forge.push("drop", {"src/b.py": None})
    forge.scan()
    assert (other("src/b.py").state, other("src/b.py").evidence.kind) == ("fixed", "deleted")


@pytest.mark.parametrize("how", ["crash", "silent", "garble", "leaks", "hang"])
def test_a_scanner_that_fails_closes_nothing_and_our_own_run_goes_on(forge, settings, how):
    forge.scan()
    settings.NOVA_SCANNERS = (replace(stand_in(how, tool="Other"), seconds=1 if how == "hang" else 60),)
    forge.push("fix all", {PATH: STRONG, "src/a.py": None, "src/b.py": None})
    scan = forge.scan()
    assert (scan.state, last().state, last("nova").state) == ("done", "failed", "applied")
    assert last().reason.startswith(("it ", "its "))
    assert {f.state for f in Finding.objects.filter(rule__tool="Other")} == {"open"}
    assert Finding.objects.get(rule__key="kafka/under-replicated-topic").state == "fixed"
    settings.NOVA_SCANNERS = (stand_in(tool="Other"),)
    forge.scan()
    assert {f.state for f in Finding.objects.filter(rule__tool="Other")} == {"fixed"}


def test_a_failure_is_shown_on_the_scan_s_page_with_its_reason(forge, settings, alice):
    settings.NOVA_SCANNERS = (stand_in("crash", tool="Other"),)
    scan = forge.scan()
    client = Client()
    client.force_login(alice)
    page = client.get(scan.get_absolute_url()).content.decode()
    assert "Other failed, so it closed nothing" in page
    assert "it ended with exit code 2" in page
    assert "Other: fatal: bad token = " in page
    assert "kX9thirteen" not in page
    assert "it ended with exit code 2" in client.get(last().get_absolute_url()).content.decode()


def test_a_credential_it_found_is_stored_nowhere(forge, settings):
    settings.NOVA_SCANNERS = (stand_in(tool="Other", secrets=True),)
    forge.push("leak", {"x.txt": f'token = "{TOKEN}"\n'})
    forge.scan()
    assert other("x.txt").state == "open"
    forge.push("gone", {"x.txt": "nothing\n"})
    forge.scan()
    assert other("x.txt").evidence.kind == "diff"
    assert TOKEN not in everything_stored()


def test_many_closings_that_no_change_of_a_file_explains_are_held(forge, settings):
    forge.push("more", {f"src/{n}.py": CODE for n in range(6)})
    forge.scan()
    settings.NOVA_SCANNERS = (stand_in("quiet", tool="Other"),)
    forge.push("unrelated", {"README.md": "# Shop\n"})
    forge.scan()
    assert (last().state, last().reason) == ("held", "zero_after_nonzero")
    assert {f.state for f in Finding.objects.filter(rule__tool="Other")} == {"open"}
