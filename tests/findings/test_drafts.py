"""What waits for a person: packed, redacted, and true only as long as nothing moved."""

import json
from dataclasses import dataclass, replace

import pytest

from findings import actions
from findings.actions import batches, drafts
from findings.core import serial
from findings.core.types import Batch, Coverage, Grounds, Identity, Notice, Observation, Priority, RuleInfo, Tracked
from findings.models import Draft, Finding, Run
from remediation.actions.imports import accept_import, preview_file
from tests.cast import land, only, seen
from tests.findings.reports import result, sarif, take
from tests.hostile import leaky_sarif
from tests.laws import leaks

pytestmark = pytest.mark.django_db
BATCH = Batch(
    "tool",
    "nightly",
    rules=(RuleInfo("r", "A rule", Priority.P1, help="**help**"),),
    observations=(
        seen(path="a\udcff.yaml", partial={"hash/v1": "1"}, properties={"logical": "x", "places": [{"path": "b", "line": 1}]}),
        Observation("r", "", identity=Identity.LOGICAL, key="main/orders", priority=Priority.P0, at_head=False),
    ),
    coverage=Coverage(rules=frozenset({"r"}), unreadable=frozenset({"z"}), complete=False),
    notices=(Notice("odd", "z", 3),),
)  # fmt: skip


def shown(repository, data) -> Run:
    team = repository.components.get(is_default=True).team
    [(run, _)] = preview_file(repository, team, data, file_name="report.sarif", actor="ci")
    return run


@pytest.mark.parametrize(
    "batch", [BATCH, replace(BATCH, observations=()), replace(BATCH, observations=BATCH.observations[:1])]
)
def test_a_batch_comes_out_as_it_went_in(batch):
    assert serial.unpack(serial.pack(batch)) == batch


def test_what_was_packed_before_a_field_was_added_gets_its_default():
    @dataclass(frozen=True)
    class Grown:
        path: str
        added: str = "new"

    columns = {"rows": 2, "path": ["a", "b"]}
    assert list(serial._rows(Grown, columns, {})) == [Grown("a"), Grown("b")]


def test_a_plan_comes_out_as_it_went_in(repository):
    land(repository, [seen(line=n, path=f"{n}.yaml") for n in range(1, 5)])
    run = Run(repository=repository, tool="nova", branch="main")
    plan = actions.make_plan(
        run, Batch("nova", observations=(seen(line=9, path="1.yaml", text="x"), seen(path="new.yaml")))
    )
    grounds = {pk: Grounds("upload", file_hash="f") for pk in plan.tracked.closed}
    tracked, back, more = serial.unpack_plan(serial.pack_plan(plan.tracked, grounds, held="why"))
    assert isinstance(tracked, Tracked)
    assert (tracked, back, more) == (plan.tracked, grounds, {"held": "why"})


def test_a_draft_holds_no_secret(repository):
    run = shown(repository, leaky_sarif())
    batch = serial.unpack(run.draft.seen)
    assert batch.observations
    assert not leaks(json.dumps([repr(batch), repr(drafts.read(run.draft.plan))]))


def test_accepting_what_was_shown_reads_only_what_changes(repository):
    rows = [result("rule", f"src/{n}.py", 1, "x" * (n + 1), f"call({n})") for n in range(30)]
    take(repository, sarif(rows))
    run = shown(repository, sarif(rows[:-1]))
    kept = drafts.read(run.draft.plan)
    assert (kept.changing, len(kept.tracked.closed), kept.tally["again"], kept.needs_batch) == (0, 1, 29, False)
    accept_import(run, actor="ci")
    assert (run.counts["again"], run.counts["fixed"]) == (29, 1)
    assert not Draft.objects.exists()


def test_a_word_about_a_finding_makes_the_plan_anew_and_the_same_plan_is_still_what_was_shown(repository, alice):
    rows = [result("rule", f"src/{n}.py", 1, "x" * (n + 1), f"call({n})") for n in range(6)]
    take(repository, sarif(rows))
    run = shown(repository, sarif(rows[:-1]))
    assert run.draft.mark == drafts.mark_of(run)
    actions.assign(Finding.objects.all()[:1], alice, actor=alice)
    assert run.draft.mark != drafts.mark_of(run)
    accept_import(run, actor="ci")
    assert Finding.objects.filter(state="fixed").count() == 1


def test_an_undo_in_between_makes_another_plan_and_accepting_says_so(repository):
    first = take(repository, sarif([result("rule", "a.py", 1, "one", "one()")]))
    run = shown(
        repository, sarif([result("rule", "a.py", 1, "one", "one()"), result("rule", "b.py", 1, "two", "two()")])
    )
    actions.undo(first, actor="test")
    with pytest.raises(batches.Moved):
        accept_import(run, actor="ci")
    actions.renew(run)
    accept_import(Run.objects.get(pk=run.pk), actor="ci")
    assert Finding.objects.filter(state="open").count() == 2


def test_an_owner_that_changed_follows_at_the_next_batch_though_nothing_else_did(repository, other_team):
    land(repository, [seen(path="parcels/a.yaml")])
    part = actions.define_component(repository, "Parcels", team=other_team, paths=["/parcels/"], actor="test")
    land(repository, [seen(path="parcels/a.yaml")])
    assert only().component == part
    assert only().occurrences.get().component == part
