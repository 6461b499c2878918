"""What is settled by its stamp would have come out the same by looking at all of it."""

import os
from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings import actions
from findings.actions.batches import make_plan, start_run
from findings.actions.known import load, place_stamp
from findings.core.tracking import Words, folded, track
from findings.core.types import Batch, Coverage
from findings.models import Occurrence, ScanKind
from tests.cast import NOON, RULES, land, seen

pytestmark = pytest.mark.django_db
PLAYED = int(os.environ.get("NOVA_HISTORIES", "15"))

# Few values, so that lines, texts, fingerprints and names are shared in every way.
places = st.builds(
    lambda rule, path, line, text, message, tool_id, partial, key: seen(
        rule, f"k8s/{path}.yaml", line, text=text, message=message, tool_id=tool_id, partial=partial, **key
    ),
    st.sampled_from([rule.key for rule in RULES[:2]]),
    st.sampled_from("ab"),
    st.integers(1, 3),
    st.sampled_from("xy"),
    st.sampled_from(["too few", "too many 3", "too many 4"]),
    st.sampled_from(["", "", "one", "two"]),
    st.dictionaries(st.sampled_from(["p/v1", "p/v2", "q"]), st.sampled_from("123"), max_size=2),
    st.sampled_from([{}, {}, {}, {"key": "orders"}]),
)
reports = st.lists(places, max_size=6)


class Rollback(Exception):
    """Nothing of it stays."""


def plan_of(repository, observations):
    """The plan of a report, and what looking at all that is known would make of it."""
    batch = Batch("nova", observations=tuple(observations), coverage=Coverage())
    scan, _ = actions.request_scan(repository, kind=ScanKind.MANUAL, actor="test")
    run = start_run(scan, batch, actor="test", at=NOON)
    words = Words([place_stamp(one) for one in observations], folded(observations))
    return make_plan(run, batch), track(load(run).known(), observations, batch.coverage, words=words)


def repeat_stamps(step):
    """Some places are told as the first of them was, as if 64 bits had not been enough to tell their words apart."""
    rows = list(Occurrence.objects.filter(to_run=None).order_by("pk").values_list("pk", "said"))
    if rows:
        Occurrence.objects.filter(pk__in=[key for key, _ in rows[::step]]).update(said=rows[0][1])


@settings(max_examples=PLAYED, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(reports, min_size=1, max_size=3), reports, st.data())
def test_settled_or_compared_is_the_same(repository, before, fresh, data):
    try:
        with transaction.atomic():
            for observations in before:
                land(repository, observations, coverage=Coverage())
            if data.draw(st.booleans()):
                repeat_stamps(data.draw(st.integers(1, 3)))
            again = data.draw(st.lists(st.sampled_from(before[-1]), unique_by=id)) if before[-1] else []
            plan, whole = plan_of(repository, data.draw(st.permutations([*again, *fresh])))
            steps = {match.seen: match.step for match in whole.matches}
            told = [replace(match, step=steps[match.seen]) for match in plan.tracked.matches]
            assert replace(plan.tracked, matches=tuple(told)) == whole
            raise Rollback
    except Rollback:
        pass


def test_only_what_changed_is_read(repository):
    observations = [seen(RULES[0].key, "k8s/a.yaml", line) for line in range(1, 40)]
    land(repository, observations)
    plan, _ = plan_of(repository, [*observations[1:], replace(observations[0], line=77)])
    assert [row.line for row in plan.book.known()] == [1]
    assert len(plan.book.same) == 38
    assert len(plan.tracked.matches) == 39


def test_a_fingerprint_that_somebody_else_has_too_leaves_equal_words_alone(repository):
    """Two results share one: the first is told as it was, and which the other continues is told by its code."""
    rule = RULES[0].key
    one = seen(rule, "k8s/a.yaml", 1, text="x", message="too few", partial={"p/v1": "7", "q": "1"})
    other = seen(rule, "k8s/a.yaml", 9, text="y", message="too many 3", partial={"p/v1": "8", "q": "2"})
    land(repository, [one, other], coverage=Coverage())
    fresh = replace(other, line=30, line_hash="", block_hash="", shape="", excerpt="", partial={"p/v1": "7", "q": "2"})
    plan, whole = plan_of(repository, [one, replace(fresh, message="")])
    assert [match.finding for match in plan.tracked.matches] == [match.finding for match in whole.matches]
    assert plan.tracked.new == whole.new
    assert plan.book.same == {plan.tracked.matches[0].finding}


def test_words_that_two_places_were_told_in_settle_neither(repository):
    first, second = (seen(RULES[0].key, "k8s/a.yaml", line, text=f"x{line}", message=f"m{line}") for line in (1, 9))
    land(repository, [first, second], coverage=Coverage())
    repeat_stamps(1)
    plan, whole = plan_of(repository, [first])
    assert not plan.book.same
    assert [match.finding for match in plan.tracked.matches] == [match.finding for match in whole.matches]
    assert plan.tracked.closed.keys() == whole.closed.keys()
    [kept] = Occurrence.objects.filter(line=1)
    assert plan.tracked.matches[0].finding == kept.finding_id
