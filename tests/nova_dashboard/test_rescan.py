"""`rescan`, `backfill` and `scan SLUG`: by a worker where one lives, here where none does."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from findings import actions
from findings.models import Finding, Heartbeat, Scan
from nova_dashboard import commandline
from nova_dashboard.management.commands import rescan
from tests.nova_dashboard.forge import STRONG, WEAK, Forge

pytestmark = pytest.mark.django_db
PATH = "k8s/orders.yaml"


@pytest.fixture
def forge(tmp_path, platform) -> Forge:
    made = Forge(tmp_path, platform)
    made.push("Add the topic", {PATH: WEAK})
    return made


def run(capsys, *words: object) -> str:
    call_command(*map(str, words))
    return capsys.readouterr().out


def test_without_workers_a_scan_is_done_here_and_told(forge, capsys):
    assert "shop at" in (said := run(capsys, "rescan", "shop", "--wait"))
    assert ": 1 new (" in said
    fix = forge.push("fix", {PATH: STRONG})
    told = json.loads(run(capsys, "rescan", "shop", "--wait", "--json"))
    assert (told["state"], told["commit"], told["counts"]["fixed"]) == ("done", fix, 1)
    assert told["seconds"] > 0


def test_without_waiting_it_says_that_no_worker_runs(forge, capsys):
    assert "none runs now" in run(capsys, "rescan", "shop")
    Heartbeat.objects.create(name="worker", at=timezone.now())
    assert "none runs now" not in run(capsys, "rescan", "shop")
    assert Scan.objects.get().state == "queued"


def test_with_a_worker_it_waits_for_that_one(forge, capsys, monkeypatch):
    Heartbeat.objects.create(name="worker", at=timezone.now())
    monkeypatch.setattr(rescan, "run_scan", lambda pk: pytest.fail("done here although a worker lives"))
    monkeypatch.setattr(rescan.time, "sleep", lambda _: forge.scan())
    assert "1 new" in run(capsys, "rescan", "shop", "--wait")


def test_a_scan_whose_worker_died_is_no_obstacle(forge, capsys):
    dead, _ = actions.request_scan(forge.repository, kind="push", actor="test")
    actions.claim(dead.pk)
    Scan.objects.update(lease=timezone.now() - timedelta(seconds=1))
    Heartbeat.objects.create(name="dead", at=timezone.now() - timedelta(minutes=2))
    assert "1 seen again" in run(capsys, "rescan", "shop", "--wait")
    assert set(Scan.objects.values_list("state", flat=True)) == {"done"}
    assert Finding.objects.count() == 1


def test_a_failed_scan_is_exit_code_1_with_its_reason(forge):
    with pytest.raises(CommandError, match="failed: There is no commit 'feed1234'") as error:
        call_command("rescan", "shop", "--wait", "--commit", "feed1234")
    assert error.value.returncode == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rescan", "nothing"], "no tracked repository 'nothing'"),
        (["rescan", "shop", "--commit", "main"], "'main' is not a commit"),
        (["backfill", "nothing", "--since", "2024-01-01"], "no tracked repository 'nothing'"),
        (["backfill", "shop", "--since", "yesterday"], "'yesterday' is not a day"),
        (["backfill", "shop", "--since", "2024-01-01", "--every", "0"], "cannot be less than 1"),
        (["backfill", "shop", "--since", "2999-01-01"], "not over yet"),
    ],
)
def test_bad_words_are_one_clear_line_and_ask_for_nothing(forge, words, said):
    with pytest.raises(CommandError, match=said):
        call_command(*words)
    assert not Scan.objects.exists()


def test_a_slug_is_scanned_by_the_scan_command_with_its_exit_codes(forge, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "work")
    out = tmp_path / "out.sarif"
    assert "1 new" in run(capsys, "scan", "shop", "--sarif", out)
    assert json.loads(out.read_text())["runs"][0]["results"][0]["ruleId"] == "kafka/under-replicated-topic"
    assert json.loads(run(capsys, "scan", "shop", "--sarif", "-"))["version"] == "2.1.0"
    with pytest.raises(SystemExit) as left:
        call_command("scan", "shop", "--fail-on", "P2")
    assert left.value.code == 1
    for words in (["nothing"], ["shop", "--no-history"], ["shop", "--rev", "nothing"]):
        with pytest.raises(CommandError) as error:
            call_command("scan", *words)
        assert error.value.returncode == 2


def test_the_past_is_built_by_command_and_again_without_losing_what_is_known(forge, capsys):
    forge.push("fix", {PATH: STRONG})
    assert "since 2024-01-01 is scanned" in run(capsys, "backfill", "shop", "--since", "2024-01-01")
    known = Finding.objects.get()
    assert known.fixed_at.year == 2024
    call_command("backfill", "shop", "--since", "2024-01-01")
    again = Finding.objects.get()
    assert (again.pk, again.fixed_at, again.first_seen_at) == (known.pk, known.fixed_at, known.first_seen_at)


@pytest.mark.parametrize("words", [["rescan", "shop"], ["backfill", "shop"], ["track", "x"], ["create_team", "x"]])
def test_these_borrow_the_servers(words):
    assert commandline.needs_servers(["manage.py", *words])
