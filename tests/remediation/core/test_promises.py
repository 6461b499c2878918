"""What became of a promise, and whose hours a week asks for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from remediation.core.promises import Fate, Outcome, loads, outcome, result

OVER = datetime(2026, 3, 9, tzinfo=UTC)
BEFORE, AFTER = OVER - timedelta(hours=1), OVER + timedelta(hours=1)
EARLIER = OVER - timedelta(days=2)


@pytest.mark.parametrize(
    ("fate", "expected"),
    [
        (Fate("proven", BEFORE), Outcome.PROVEN),
        (Fate("attested", BEFORE), Outcome.ATTESTED),
        (Fate("accepted", BEFORE), Outcome.DROPPED),
        (Fate("proven", AFTER), Outcome.CARRIED),
        (Fate("proven", AFTER, claimed=BEFORE), Outcome.CLAIMED),
        (Fate("proven", BEFORE, claimed=EARLIER), Outcome.PROVEN),
        (Fate(claimed=BEFORE), Outcome.CLAIMED),
        (Fate(claimed=AFTER), Outcome.CARRIED),
        (Fate(claimed=EARLIER, refuted=BEFORE), Outcome.CARRIED),
        (Fate(claimed=BEFORE, refuted=EARLIER), Outcome.CLAIMED),
        (Fate(claimed=BEFORE, refuted=AFTER), Outcome.CLAIMED),
        (Fate(), Outcome.CARRIED),
    ],
)
def test_a_promise_comes_to_what_was_so_when_its_week_was_over(fate, expected):
    assert outcome(fate, OVER, running=False) is expected


def test_while_the_week_runs_nothing_is_carried_over():
    assert outcome(Fate(), OVER, running=True) is Outcome.OPEN
    assert outcome(Fate("proven", BEFORE), OVER, running=True) is Outcome.PROVEN


def test_what_was_added_later_is_no_part_of_the_promise():
    rows = [(Outcome.PROVEN, False), (Outcome.CARRIED, False), (Outcome.ATTESTED, True), (Outcome.OPEN, True)]
    found = result(rows)
    assert (found.promised, found.kept, found.added, found.added_kept) == (2, 1, 2, 1)


def test_hours_are_counted_for_each_person_and_for_nobody():
    found = loads([(1, Decimal(8)), (1, Decimal(5)), (None, Decimal(2)), (2, None)], {1: Decimal(10), 2: Decimal(4)})
    assert (found[1].asked, found[1].over) == (Decimal(13), Decimal(3))
    assert (found[2].asked, found[2].over, found[2].unknown) == (Decimal(0), Decimal(0), 1)
    assert (found[None].asked, found[None].capacity, found[None].over) == (Decimal(2), None, Decimal(0))
