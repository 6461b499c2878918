"""The twelve laws of the design, a section for each: what fails here is broken, whatever else still works."""

import ast
import logging
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from findings import actions, exports
from findings.actions.scans import Lost
from findings.core.types import CLOSING, Batch, Coverage, Drift, Priority, Reason
from findings.models import Delivery, Event, Evidence, Finding, Occurrence, Repository, Run, Scan, Team
from findings.wake import TRANSPORT
from nova_dashboard import pipeline, tasks
from nova_dashboard.mirrors import mirror_of
from remediation.actions.imports import accept_import, preview_file
from remediation.models import Checklist, CostUnit, Grade, Item
from remediation.reads.digest import digest_of
from tests.cast import NOON, land, only, seen
from tests.hostile import PLAIN, SECRETS, TOKEN, leaky_review, leaky_sarif, leaky_tree, trap
from tests.laws import await_senders, everything_stored, leaks, state_of_everything, table_counts, waking
from tests.nova_dashboard.forge import WEAK

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent
TOPIC = {"rule": "kafka/under-replicated-topic", "key": "main/orders"}


# 1. PostgreSQL is the only truth


def test_law_1_a_lost_message_costs_a_sweep(forge, queue, django_capture_on_commit_callbacks):
    commit = forge.push("one", {"k8s/a.yaml": WEAK})
    with django_capture_on_commit_callbacks(execute=True):
        assert forge.tell(commit).status_code == 202
    scan = Scan.objects.get()
    assert waking(queue) == [scan.pk]
    queue.flushall()
    assert list(Scan.objects.claimable()) == [scan]
    tasks.sweep()
    assert scan.pk in waking(queue)
    tasks.scan(scan.pk)
    assert Finding.objects.count() == 1


@pytest.mark.parametrize("url", [f"{TRANSPORT}://127.0.0.1:1/0", "redis+socket:///nowhere/redis.sock"])
def test_law_1_a_broker_that_is_down_loses_no_push(forge, monkeypatch, url, django_capture_on_commit_callbacks):
    monkeypatch.setattr(current_app.conf, "broker_write_url", url)
    commit = forge.push("one", {"k8s/a.yaml": WEAK})
    with django_capture_on_commit_callbacks(execute=True):
        answer = forge.tell(commit)
    await_senders()
    assert answer.status_code == 202
    assert Delivery.objects.get().after == commit
    assert Scan.objects.get().state == "queued"


def test_law_1_a_killed_worker_is_followed_and_nothing_doubles(forge):
    commit = forge.push("one", {"k8s/a.yaml": WEAK})
    asked, _ = actions.request_scan(forge.repository, actor="test")
    dead = actions.claim(asked.pk)
    assert actions.claim(asked.pk) is None, "two workers hold one scan"
    Scan.objects.update(lease=timezone.now() - timedelta(seconds=1))
    assert list(Scan.objects.claimable()) == [asked]
    assert pipeline.run_scan(asked.pk)
    before = table_counts()
    with pytest.raises(Lost):  # the first one was only slow: what it writes now must not count
        pipeline.story(dead, mirror_of(forge.repository), commit, at=timezone.now())
    assert not pipeline.run_scan(asked.pk), "a scan that is over was done again"
    assert table_counts() == before
    assert (Finding.objects.count(), Occurrence.objects.count(), Scan.objects.get().state) == (1, 1, "done")


# 2. A batch closes only what it covered


@pytest.mark.parametrize(
    "over",
    [
        {"coverage": Coverage(rules=frozenset({"kustomize/patch-sprawl"}))},
        {"coverage": Coverage(rules=frozenset())},
        {"coverage": Coverage(unreadable=frozenset({"k8s/a.yaml"}))},
        {"coverage": Coverage(complete=False)},
        {"category": "nightly"},
        {"tool": "semgrep"},
    ],
    ids=["another rule", "no rule", "unreadable file", "failed run", "another category", "another tool"],
)
def test_law_2_a_batch_closes_only_what_it_covered(repository, over):
    land(repository, [seen(**TOPIC), seen(line=9, rule="kustomize/patch-sprawl", path="k8s/b.yaml")])
    land(repository, [seen(line=9, rule="kustomize/patch-sprawl", path="k8s/b.yaml")], **over)
    assert only(key="main/orders").state == "open"


# 3. Absent is not fixed


@pytest.mark.parametrize(
    ("later", "over", "reason", "state"),
    [
        ([], {"coverage": Coverage(paths=frozenset({"k8s/a.yaml"}))}, Reason.FIXED, "fixed"),
        ([], {"coverage": Coverage(paths=frozenset())}, Reason.CODE_DELETED, "fixed"),
        ([], {"coverage": Coverage(rules=frozenset({"other"}))}, Reason.RULE_GONE, "open"),
        ([], {"coverage": Coverage(unreadable=frozenset({"k8s/a.yaml"}))}, Reason.NOT_COVERED, "open"),
        ([], {"coverage": Coverage(complete=False)}, Reason.SCAN_FAILED, "open"),
        ([seen(path="k8s/z.yaml", text="same")], {}, Reason.MOVED, "open"),
    ],
    ids=lambda value: str(value) if isinstance(value, Reason) else "",
)
def test_law_3_each_absence_has_its_reason_and_two_of_them_close(repository, later, over, reason, state):
    land(repository, [seen(path="k8s/a.yaml", text="same")])
    run = Run(repository=repository, tool="nova", branch="main")
    coverage = over.get("coverage", Coverage(paths=frozenset({"k8s/z.yaml"})))
    tracked = actions.make_plan(run, Batch("nova", observations=tuple(later), coverage=coverage), Drift()).tracked
    said = {*tracked.closed.values(), *(a.reason for a in (*tracked.kept, *tracked.ended))}
    moved = {Reason.MOVED for m in tracked.matches if m.step == 7}
    assert said | moved == {reason}
    land(repository, later, coverage=coverage)
    assert Finding.objects.get().state == state
    assert (reason in CLOSING) is (state == "fixed")


# 4. No close without evidence

PROOFS = {
    "diff": {"commit": "c", "path": "p", "hunk": "-x", "rule_version": 1},
    "deleted": {"commit": "c", "path": "p"},
    "upload": {"file_hash": "f"},
    "attested": {"person": "ada", "text": "rotated"},
}


@pytest.mark.parametrize(("kind", "missing"), [(k, f) for k, fields in PROOFS.items() for f in fields] + [("vow", "")])
def test_law_4_the_database_wants_each_field_of_a_proof(repository, kind, missing):
    run = land(repository, [seen(**TOPIC)])
    fields = {name: value for name, value in PROOFS.get(kind, {}).items() if name != missing}
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(finding=only(), closes=True, kind=kind, run=run, at=NOON, **fields)


def test_law_4_the_database_refuses_a_close_without_evidence_or_with_anothers(repository):
    land(repository, [seen(**TOPIC), seen(line=9)])
    other = only(key="")
    proof = Evidence.objects.create(finding=other, closes=True, kind="attested", person="ada", text="done", at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(key="main/orders").update(present=False, at_head=False)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        Finding.objects.filter(key="main/orders").update(present=False, at_head=False, evidence=proof)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    land(repository, [seen(line=9)], grounds={})
    assert only(key="main/orders").state == "open"


# 5. Human words outlive machine passes


def test_law_5_owner_date_verdict_and_words_survive_every_pass(repository, alice):
    land(repository, [seen(**TOPIC, text="replicas: 1")])
    actions.assign([only()], alice, actor=alice)
    actions.set_due([only()], date(2026, 4, 1), actor=alice)
    actions.decide([only()], "false_positive", actor=alice, reason="a test cluster")
    for observations in (
        [seen(**TOPIC, text="replicas: 1", line=90, priority=Priority.P2, message="other words")],
        [],
        [seen(**TOPIC, text="replicas: 1")],
        [seen(**TOPIC, text="replicas: 1", path="moved.yaml")],
    ):
        land(repository, observations)
        found = only()
        assert (found.owner, found.due, found.verdict) == (alice, date(2026, 4, 1), "false_positive")
        assert found.state != "open"
        assert found.verdicts.get(ended_at=None).reason == "a test cluster"


# 6. Matching is one-to-one


def test_law_6_each_row_is_used_once_and_remembers_its_pass(repository):
    land(repository, [seen(line=n, text="same") for n in (3, 9)])
    first = set(Finding.objects.values_list("pk", flat=True))
    land(repository, [seen(line=n, text="same") for n in (4, 10, 30)])
    assert Finding.objects.filter(state="open").count() == 3
    assert first < set(Finding.objects.values_list("pk", flat=True))
    again = Occurrence.objects.filter(finding__in=first)
    assert sorted(again.values_list("line", flat=True)) == [4, 10]
    assert all(1 <= step <= 7 for step in again.values_list("step", flat=True))
    land(repository, [seen(line=4, text="same"), seen(line=30, text="same")])
    assert Finding.objects.filter(state="fixed").count() == 1


# 7. A secret's value is never stored, logged, mailed or shown


def test_law_7_no_value_is_stored_or_logged(forge, alice, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    tree = leaky_tree() | {"k8s/orders.yaml": WEAK}
    forge.push("Add the shop", tree)
    forge.push(f"Use DB_PASSWORD={PLAIN} from now on", tree | {".env": tree[".env"].replace("shop:", "store:")})
    done = forge.past()
    forge.push(f"Drop API_TOKEN={TOKEN}", dict.fromkeys(tree))
    assert (done.state, forge.scan().state) == ("done", "done")
    assert Finding.objects.filter(rule__key="secrets/plaintext").count() >= len(SECRETS)
    assert Evidence.objects.get(closes=True).subject.startswith("Drop API_TOKEN=")
    for name, data in (("leaks.sarif", leaky_sarif()), ("review.md", leaky_review())):
        for run, _plan in preview_file(
            forge.repository, alice.memberships.get().team, data, file_name=name, actor=alice
        ):
            assert not leaks(everything_stored())
            accept_import(run, actor=alice)
    out, err = capfd.readouterr()
    assert leaks(f"password: {PLAIN}"), "this test sees nothing"
    assert not leaks(everything_stored())
    assert not leaks("\n".join([caplog.text, out, err]))
    assert not leaks("".join(exports.sarif(Finding.objects.all())))
    assert not leaks(repr(digest_of(alice, NOON - timedelta(days=9999), timezone.now())))


# 8. Nothing from a repository is executed


def test_law_8_a_hostile_repository_runs_nothing_and_is_not_followed(platform, tmp_path):
    path, owned = trap(tmp_path)
    repository = actions.track(str(path), team=platform, actor="test", slug="trap")
    scan, _ = actions.request_scan(repository, actor="test")
    pipeline.run_scan(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.error) == ("done", "")
    assert not owned.exists()
    assert {n["path"] for n in scan.notices} >= {".env", "passwd.env"}
    assert not Finding.objects.filter(rule__key="secrets/plaintext").exists()
    stored = everything_stored()
    assert PLAIN not in stored
    assert "root:x:0:0" not in stored


# 9. Every batch can be undone


def test_law_9_undo_restores_every_row_but_events_which_gain_one(repository, alice):
    gone, stays = seen(line=9, path="k8s/b.yaml"), seen(**TOPIC)
    land(repository, [stays, gone])
    land(repository, [stays])
    repository.refresh_from_db()
    before, events = state_of_everything(), list(Event.objects.values())
    moved = seen(**TOPIC, path="k8s/moved.yaml", text="moved")
    run = land(repository, [moved, gone, seen(line=1, path="new.yaml")], at=NOON + timedelta(days=30))
    assert state_of_everything() != before
    actions.undo(run, actor=alice)
    assert state_of_everything() == before
    after = list(Event.objects.order_by("pk").values())
    assert after[: len(events)] == sorted(events, key=lambda e: e["id"])
    assert (after[-1]["verb"], after[-1]["actor"]) == ("undone", alice.email)


# 10. Every number explains itself


def test_law_10_a_grade_is_the_sum_of_its_rows(repository, platform):
    land(repository, [seen(**TOPIC), *(seen(line=n) for n in (3, 30, 60))])
    for grade in Grade.objects.all():
        costs = [Decimal(row["points"]) for row in (*grade.parts, *grade.caps)]
        assert grade.score == Decimal(100) - sum(costs)
        named = {row["finding"] for row in grade.parts if row["finding"]}
        assert named == set(Finding.objects.filter(state="open").values_list("pk", flat=True))
        for priority, count in (("P0", grade.open_p0), ("P1", grade.open_p1), ("P2", grade.open_p2)):
            assert count == Finding.objects.filter(state="open", priority=priority).count()
    assert Grade.objects.filter(subject=f"team:{platform.pk}").exists()


# 11. Nobody sees another team's data


def test_law_11_another_team_sees_nothing(repository, alice, charlie, platform):
    land(repository, [seen(**TOPIC), seen("secrets/plaintext", ".env", key="k" * 64)])
    [(run, _plan)] = preview_file(repository, platform, leaky_review(), file_name="r.md", actor=alice)
    accept_import(run, actor=alice)
    every = (Repository, Scan, Run, Finding, Checklist, Item, Event, CostUnit)
    own = Event.objects.filter(subject=f"team:{charlie.memberships.get().team_id}").values("pk")
    for model in every:
        assert model.objects.visible_to(alice).exists(), model
    for model in every:
        assert not model.objects.visible_to(charlie).exclude(pk__in=own if model is Event else []).exists(), model
    assert [team.slug for team in Team.objects.visible_to(charlie)] == ["delivery"]
    log = "".join(exports.sarif(Finding.objects.visible_to(charlie), []))
    assert '"results": []' in log
    told = repr(digest_of(charlie, NOON - timedelta(days=999), timezone.now() + timedelta(days=1)))
    assert not any(word in told for word in ("kafka", "shop", "k8s/a.yaml", "Platform", "Rotate"))


# 12. The core is pure


def core_modules() -> list[Path]:
    return sorted(file for core in ("findings/core", "remediation/core") for file in (ROOT / core).rglob("*.py"))


def test_law_12_the_core_knows_no_framework_no_git_no_clock_and_no_file():
    outside = {
        "django",
        "git",
        "celery",
        "redis",
        "os",
        "subprocess",
        "socket",
        "time",
        "tempfile",
        "shutil",
        "threading",
    }
    calls = {"open", "now", "today", "utcnow", "monotonic", "read_text", "write_text", "read_bytes", "write_bytes"}
    wrong = []
    for file in core_modules():
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            own = [n for n in names if n.startswith(("findings", "remediation", "nova_dashboard"))]
            wrong += [f"{file}: {n}" for n in names if n.split(".")[0] in outside and n != "os.path"]
            wrong += [f"{file}: {n}" for n in own if ".core" not in n]
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in calls:
                wrong.append(f"{file}:{node.lineno} {ast.unparse(node.func)}")
    assert len(core_modules()) > 40
    assert not wrong
