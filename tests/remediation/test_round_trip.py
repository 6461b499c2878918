"""What leaves as SARIF and comes in again is what it was."""

from dataclasses import fields

import pytest

from findings import actions, exports
from findings.core.export import csv_pieces, json_pieces
from findings.core.formats import sarif
from findings.core.types import Identity, Observation, Priority
from findings.models import Finding, Occurrence, Rule
from remediation.actions.imports import accept_import, preview_file
from remediation.reads.export import COLUMNS
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
FLOWS = [[{"path": "a b.py", "line": 1, "message": "read"}, {"path": "c.py", "line": 9, "message": "run"}]]
SEEN = (
    seen("kafka/under-replicated-topic", "k8s/ü 1.yaml", 3, key="main/a", end_line=7, priority=Priority.P1),
    seen(path="a\\xffb.yaml", line=40, excerpt="one\ntwo\nthree", excerpt_line=39, tool_id="id-1", partial={"p/v2": "x"}),
    seen(path="", line=0, message="=cmd() <b>bold</b>\nred", shape="s" * 16, excerpt="", excerpt_line=0),
    seen(path="t.py", properties={"confidence": "high", "tags": ["CWE-79"], "flows": FLOWS, "related": FLOWS[0], "odd": {"n": [1, None]}}),
    seen(path="gone.env", line=2, at_head=True, commit="abcdef1"),
)  # fmt: skip
OCCURRENCE = (
    "path", "line", "end_line", "message", "at_head", "commit", "line_hash", "block_hash", "shape", "tool_id", "excerpt",
    "excerpt_line", "properties",
)  # fmt: skip


def stored() -> dict[str, dict[str, object]]:
    rows = Occurrence.objects.select_related("finding__rule").order_by("path", "line")
    kept = {}
    for row in rows:
        f = row.finding
        said = {name: getattr(row, name) for name in OCCURRENCE}
        said["partial"] = {name: value for name, value in row.partial.items() if name != "novaFingerprint/v1"}
        said |= {name: getattr(f, name) for name in ("identity", "key", "title", "priority", "category", "properties")}
        said |= {
            name: getattr(f.rule, name) for name in ("key", "tool", "title", "priority", "proof", "help", "version")
        }
        kept[f"{row.path}:{row.line}"] = said
    return kept


def test_an_export_that_is_imported_elsewhere_is_the_same_in_every_field(repository, platform, alice):
    land(repository, SEEN, tool="lint", category="night/ly")
    before = stored()
    assert len(before) == len(SEEN)
    log = "".join(exports.sarif(repository.findings.all()))
    copy = actions.track("https://git.example.com/copy.git", team=platform, actor="test", slug="copy", branch="main")
    repository.findings.all()
    (found,) = preview_file(copy, platform, log.encode(), file_name="x.sarif", actor=alice)
    accept_import(found[0], actor=alice)
    Occurrence.objects.filter(finding__repository=repository).delete()
    after = stored()
    for place, said in before.items():
        assert after[place] == said


def test_an_export_of_ours_changes_nothing_where_it_came_from(repository, platform, alice):
    land(repository, SEEN, tool="lint")
    log = "".join(exports.sarif(repository.findings.all()))
    ((_run, plan),) = preview_file(repository, platform, log.encode(), file_name="x.sarif", actor=alice)
    assert (plan.counts["again"], plan.counts["new"], plan.counts["fixed"], plan.counts["moved"]) == (
        len(SEEN),
        0,
        0,
        0,
    )


def test_every_field_of_an_observation_is_thought_of():
    known = {*OCCURRENCE, "rule", "priority", "identity", "key", "partial", "suppressed"}
    assert {field.name for field in fields(Observation)} == known


def test_the_name_of_a_secret_does_not_leave(repository):
    land(repository, [seen("secrets/plaintext", ".env", key="f" * 64, line_hash="0123456789abcdef", tool_id="t" * 20)])
    log = "".join(exports.sarif(repository.findings.all()))
    assert not any(word in log for word in ("f" * 64, "0123456789abcdef", "t" * 20))
    assert sarif.read(log.encode())[0].observations[0].identity is Identity.HINTS


def test_a_large_export_is_made_in_bounded_steps(repository, monkeypatch, django_assert_max_num_queries):
    land(repository, [seen(path=f"k8s/{n}.yaml", line=n + 1) for n in range(25)])
    monkeypatch.setattr(exports, "CHUNK", 10)
    with django_assert_max_num_queries(12):
        read = sarif.read("".join(exports.sarif(Finding.objects.all())).encode())
    assert len(read[0].observations) == 25
    assert Rule.objects.count() >= len(read[0].rules) == 1


def test_rows_become_text_one_at_a_time():
    told = []

    def rows():
        for number in range(3):
            told.append(number)
            yield dict.fromkeys(COLUMNS, f"={number}")

    for pieces in (csv_pieces(rows(), COLUMNS), json_pieces(rows())):
        told.clear()
        next(pieces)
        assert len(told) <= 1
        assert "'=2" in "".join(pieces) or told == [0, 1, 2]
