"""Places that looked alike: a person says which is which, and the next scan goes on from that."""

import pytest

from findings import actions
from findings.actions.saying import Stale
from findings.actions.undo import Overtaken
from findings.models import Event, Finding, Occurrence
from tests.findings.reports import result, sarif, take

pytestmark = pytest.mark.django_db
TEXT = "retry(forever)"


def report(*lines, path="src/a.py"):
    """The same line of code at each of `lines`: nothing but the number tells one from another."""
    return sarif([result("loop", path, line, f"endless loop, number {line}", TEXT) for line in lines], rules=["loop"])


def places():
    """Finding -> (line now, open)."""
    rows = Occurrence.objects.order_by("pk").values_list("finding_id", "line", "to_run")
    return {finding: (line, over is None) for finding, line, over in rows}


def doubtful():
    return [f for f in Finding.objects.order_by("pk") if actions.unsure(f)]


@pytest.fixture
def one_of_two(repository):
    """Two lines become one, half way between them: which of the two is gone?"""
    take(repository, report(10, 30))
    first, second = Finding.objects.order_by("pk")
    take(repository, report(20), anyway=True)
    assert places() == {first.pk: (20, True), second.pk: (30, False)}
    return first, second


@pytest.fixture
def two_of_one(repository):
    """One line becomes two, as far above as below: which of the two is it?"""
    take(repository, report(20))
    known = Finding.objects.get()
    take(repository, report(10, 30))
    return known, Finding.objects.exclude(pk=known.pk).get()


def state(finding):
    finding.refresh_from_db()
    return finding.state


def test_the_nearest_is_taken_and_is_in_doubt(one_of_two):
    first, second = one_of_two
    assert doubtful() == [first]
    assert [p.finding for p in actions.alike(actions.unsure(first))] == [second]


def test_what_stood_alone_is_in_no_doubt(repository):
    take(repository, report(10))
    take(repository, report(40))
    assert doubtful() == []


def test_same_ends_the_doubt_and_changes_nothing_else(one_of_two):
    first, _second = one_of_two
    before = places()
    actions.same(first, actor="bob@example.com")
    assert doubtful() == []
    assert places() == before
    assert Event.objects.filter(verb="same", subject=f"finding:{first.pk}", actor="bob@example.com").count() == 1
    with pytest.raises(ValueError, match="Nothing is in doubt"):
        actions.same(first, actor="bob@example.com")


def test_the_closed_one_opens_where_the_other_stood_and_its_evidence_closes_that(one_of_two):
    first, second = one_of_two
    actions.tell_apart(first, second, actor="bob@example.com")
    assert (state(first), state(second)) == ("fixed", "open")
    assert places() == {first.pk: (30, False), second.pk: (20, True)}
    assert (first.evidence.finding, first.evidence.kind, second.evidence) == (first, "upload", None)
    assert (second.message, second.reopened) == ("endless loop, number 20", 0)
    assert first.fixed_at
    assert second.fixed_at is None
    assert doubtful() == []


def test_a_new_one_takes_the_place_of_the_known_one(two_of_one):
    known, new = two_of_one
    assert places() == {known.pk: (10, True), new.pk: (30, True)}
    actions.decide([known], "accepted", actor="bob@example.com", reason="only in development")
    actions.tell_apart(known, new, actor="bob@example.com")
    assert places() == {known.pk: (30, True), new.pk: (10, True)}
    assert (state(known), state(new)) == ("accepted", "open")
    assert (known.message, new.message) == ("endless loop, number 30", "endless loop, number 10")


@pytest.mark.parametrize("moved", [0, 4])
def test_the_next_scan_goes_on_from_the_answer(repository, one_of_two, moved):
    first, second = one_of_two
    actions.tell_apart(first, second, actor="bob@example.com")
    run = take(repository, report(20 + moved))
    assert (run.counts["new"], run.counts["fixed"], run.counts["back"]) == (0, 0, 0)
    assert places()[second.pk] == (20 + moved, True)
    assert (state(first), state(second)) == ("fixed", "open")
    assert doubtful() == []


def test_unchanged_afterwards_writes_nothing(repository, two_of_one):
    known, new = two_of_one
    actions.tell_apart(known, new, actor="bob@example.com")
    versions = dict(Finding.objects.values_list("pk", "version"))
    take(repository, report(10, 30))
    assert dict(Finding.objects.values_list("pk", "version")) == versions


def test_the_import_cannot_be_undone_under_the_answer(repository, one_of_two):
    first, second = one_of_two
    actions.tell_apart(first, second, actor="bob@example.com")
    run = repository.runs.order_by("-pk").first()
    with pytest.raises(Overtaken):
        actions.undo(run, actor="alice@example.com")


def test_one_that_is_not_like_it_is_refused(repository, one_of_two):
    first, _second = one_of_two
    take(repository, sarif([result("loop", "src/b.py", 1, "another", "other()")], tool="other", rules=["loop"]))
    stranger = Finding.objects.order_by("pk").last()
    with pytest.raises(ValueError, match="Look again"):
        actions.tell_apart(first, stranger, actor="bob@example.com")


def test_who_was_slower_is_told(one_of_two):
    first, second = one_of_two
    with pytest.raises(Stale):
        actions.tell_apart(first, second, actor="bob@example.com", version=first.version + 7)
