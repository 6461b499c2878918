"""A second version of a report is a difference, not a new list."""

from remediation.core.review import ReviewDiff, diff, parse
from tests.remediation.core.review.reports import ENGLISH


def changes(old: str, new: str) -> ReviewDiff:
    return diff(parse(old, redact=lambda t: t), parse(new, redact=lambda t: t))


def test_the_same_report_differs_in_nothing_even_when_its_lines_move():
    assert changes(ENGLISH, ENGLISH) == ReviewDiff()
    assert changes(ENGLISH, ENGLISH.replace("\n## P0 Blockers", "\nMore words.\n\n## P0 Blockers")) == ReviewDiff()


def test_a_new_tick_is_told_and_nothing_else():
    result = changes(ENGLISH, ENGLISH.replace("- [ ] Purge", "- [x] Purge"))
    assert [new.title for _, new in result.ticked] == ["Purge the password from git history"]
    assert (result.new, result.gone, result.reworded) == ((), (), ())


def test_a_reworded_finding_keeps_its_anchor():
    result = changes(ENGLISH, ENGLISH.replace("the data directory is an `emptyDir`.", "it uses an `emptyDir`."))
    assert [(a.anchor, b.anchor) for a, b in result.reworded] == [("p0-2", "p0-2")]


def test_a_finding_that_was_inserted_before_others_is_new_and_they_are_only_renumbered():
    inserted = ENGLISH.replace("P0-2", "P0-3").replace(
        "### P0-3: Session", "### P0-2: Queue without a limit\n\n**Location**: `q/src/lib.rs:3`\n\n### P0-3: Session"
    )
    result = changes(ENGLISH, inserted)
    assert [row.title for row in result.new] == ["Queue without a limit"]
    assert (result.gone, result.reworded) == ((), ())


def test_what_is_dropped_is_gone():
    result = changes(ENGLISH, ENGLISH.replace("- [ ] Rethink the number of services\n", ""))
    assert [row.title for row in result.gone] == ["Rethink the number of services"]
