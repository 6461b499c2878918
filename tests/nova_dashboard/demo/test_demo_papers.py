"""The demo's reviews and bills fit its repository and each other."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nova_dashboard.demo import costs, plan, repository, reviews
from nova_dashboard.demo.changes import DemoError
from tests.nova_dashboard.demo.helpers import TODAY, filled_lines, patches, show

DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31))

# Reviews


PLACE = re.compile(r"`([\w./-]+\.[a-z]+)`(?: ?\((?:lines?|第) ?(\d+)(?:-(\d+))?)?")


@pytest.mark.parametrize("number", [0, 1])
def test_every_location_of_a_review_existed_on_its_day(
    demo: repository.BuiltDemo, planned: tuple[plan.Planned, ...], number: int
) -> None:
    spec, review = reviews.REVIEWS[number], demo.reviews[number]
    tree = plan.tree_on(planned, spec.day)
    locations = [line for line in review.text.splitlines() if re.match(r"\*\*(Location|位置)\*\*", line)]
    places = [place for line in locations for place in PLACE.findall(line)]
    assert len(places) >= 9
    for path, first, last in places:
        lines = tree[path].splitlines()
        assert int(last or first or 1) <= len(lines)


def test_a_line_of_a_review_is_the_line_it_speaks_of(demo: repository.BuiltDemo) -> None:
    redis = re.search(r"`deploy/base/redis.yaml` \(lines (\d+)-(\d+)\)", demo.reviews[0].text)
    assert redis is not None
    text = show(demo, f"{demo.named['fix_commit']}^", "deploy/base/redis.yaml").splitlines()
    first, last = int(redis[1]), int(redis[2])
    assert "volumes:" in text[first - 1]
    assert "emptyDir" in text[last - 1]


def test_a_review_that_names_what_is_not_there_is_refused() -> None:
    with pytest.raises(DemoError, match=r"'volumes:' in gone.yaml"):
        reviews.line_of({}, "gone.yaml", "volumes:")


def test_the_first_review_counts_the_patches_wrong_and_the_gateway_right(
    demo: repository.BuiltDemo, planned: tuple[plan.Planned, ...]
) -> None:
    tree = plan.tree_on(planned, reviews.REVIEWS[0].day)
    assert patches(tree) == 12
    assert "14 patches" in demo.reviews[0].text
    assert f"{filled_lines(tree['services/gateway/src/main.rs'])} lines, most of them handlers" in demo.reviews[0].text


def test_reviews_are_dated_eight_and_four_weeks_back_and_complete(demo: repository.BuiltDemo) -> None:
    english, chinese = demo.reviews
    assert 56 <= (TODAY - english.reviewed).days <= 58
    assert 28 <= (TODAY - chinese.reviewed).days <= 30
    for review in demo.reviews:
        assert review.reviewed.isoformat() in review.text
        assert "@@" not in review.text
    assert len(re.findall(r"^### P[012]-\d+:", english.text, re.M)) == 17
    assert len(re.findall(r"^### P[012]-\d+:", chinese.text, re.M)) == 7
    assert english.text.count("\n- [") == 21
    assert chinese.text.count("\n- [") == 10


# Bills


def bills(demo: repository.BuiltDemo, team: str) -> dict[str, Decimal]:
    months: dict[str, Decimal] = {}
    for row in csv.DictReader(io.StringIO(demo.costs[team])):
        months[row["month"]] = months.get(row["month"], Decimal(0)) + Decimal(row["amount"])
    return months


def tables(text: str) -> list[tuple[Decimal, Decimal]]:
    """(sum of the rows, printed total) of each cost table of a review."""
    found: list[tuple[Decimal, Decimal]] = []
    total = Decimal(0)
    for cell in re.findall(r"\| (?:\*\*)?\$(\d+)(?:/[^ |]+)?(?:\*\*)? \|", text):
        total += Decimal(cell)
        if f"**${cell}/" in text and total == 2 * Decimal(cell):
            found.append((total - Decimal(cell), Decimal(cell)))
            total = Decimal(0)
    return found


def test_bills_are_six_months_that_end_with_the_last_one(demo: repository.BuiltDemo) -> None:
    for team in ("platform", "delivery"):
        assert list(bills(demo, team)) == ["2025-05", "2025-06", "2025-07", "2025-08", "2025-09", "2025-10"]


def test_bills_fall_after_the_repairs(demo: repository.BuiltDemo) -> None:
    for team in ("platform", "delivery"):
        months = list(bills(demo, team).values())
        assert months[-1] < min(months[:-1])
        assert months[-1] < months[0] * Decimal("0.96")


@settings(max_examples=60)
@given(today=DAYS)
def test_whatever_the_day_the_last_bill_is_below_the_first(today: date) -> None:
    for team in costs.PRICES:
        rows = list(csv.DictReader(io.StringIO(costs.csv_text(team, today))))
        totals: dict[str, Decimal] = {}
        for row in rows:
            totals[row["month"]] = totals.get(row["month"], Decimal(0)) + Decimal(row["amount"])
        assert len(totals) == 6
        assert max(totals) < f"{today:%Y-%m}"
        assert list(totals.values())[-1] < next(iter(totals.values()))


def test_printed_totals_are_the_sums_and_the_baseline_is_what_was_billed(demo: repository.BuiltDemo) -> None:
    for review in demo.reviews:
        pairs = tables(review.text)
        assert len(pairs) == 2
        assert all(total == printed for total, printed in pairs)
        saving = pairs[0][1] - pairs[1][1]
        assert f"${saving}" in review.text
    baseline = tables(demo.reviews[0].text)[0][1]
    assert abs(bills(demo, "platform")["2025-08"] - baseline) <= baseline * Decimal("0.03")


def test_bills_and_reviews_name_services_alike(demo: repository.BuiltDemo) -> None:
    for review in demo.reviews:
        for service in costs.PRICES[review.team]:
            assert review.text.count(f"| {service} |") == 2
