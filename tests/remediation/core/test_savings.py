from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediation.core.savings import Billed, SavingItem, SavingState, TargetLine, ledger, next_month, overview

TODAY = date(2025, 12, 10)
SEP, OCT, NOV, DEC = (date(2025, m, 1) for m in (9, 10, 11, 12))


def item(id="i", service="Compute", baseline=100, target=40, **over):
    return SavingItem(
        id, over.pop("currency", "USD"), (TargetLine(service, Decimal(baseline), Decimal(target)),), **over
    )


def bill(month, amount, service="Compute", currency="USD"):
    return Billed(month, service, currency, Decimal(amount))


def row(one, *billed):
    return ledger([one], billed, TODAY)[0]


def test_a_target_is_a_planned_saving_and_a_promise_commits_it():
    assert (row(item()).state, row(item()).planned, row(item()).committed) == (SavingState.PLANNED, 60, 0)
    promised = row(item(promised=OCT))
    assert (promised.state, promised.committed, promised.since) == (SavingState.COMMITTED, 60, OCT)


def test_the_month_of_closing_and_the_current_month_judge_nothing():
    told = row(item(closed=date(2025, 11, 5)), bill(NOV, 40), bill(DEC, 40))
    assert (told.state, told.committed, told.months) == (SavingState.WAITING, 60, ())


def test_a_full_billed_month_below_the_baseline_realises_the_saving():
    told = row(item(closed=date(2025, 9, 20)), bill(SEP, 100), bill(OCT, 70), bill(NOV, 40))
    assert (told.state, told.realised, told.missed, told.to_date) == (SavingState.REALISED, 60, 0, 90)
    assert [(m.month, m.billed, m.realised) for m in told.months] == [(OCT, 70, 30), (NOV, 40, 60)]
    assert told.since == OCT


def test_a_bill_that_did_not_fall_misses_the_saving():
    told = row(item(closed=SEP), bill(OCT, 100), bill(NOV, 130))
    assert (told.state, told.realised, told.missed) == (SavingState.MISSED, 0, 60)


def test_a_saving_that_vanishes_again_is_missed_but_stays_in_what_was_saved_to_date():
    told = row(item(closed=SEP), bill(OCT, 40), bill(NOV, 100))
    assert (told.state, told.to_date) == (SavingState.MISSED, 60)


def test_a_service_no_bill_ever_named_proves_nothing():
    told = row(item(service="EKS nodes", closed=SEP), bill(OCT, 10), bill(NOV, 10))
    assert (told.state, told.unbilled) == (SavingState.WAITING, ("EKS nodes",))


def test_a_service_that_left_the_bill_saves_all_of_its_target():
    told = row(item(target=0, closed=SEP), bill(SEP, 100), bill(OCT, 5, "Storage"))
    assert (told.state, told.realised) == (SavingState.REALISED, 100)


def test_a_bill_in_another_currency_judges_nothing():
    assert row(item(closed=SEP), bill(OCT, 1, currency="EUR")).state is SavingState.WAITING


def test_two_items_never_share_one_saving_and_the_first_closed_has_it():
    early, late = item("early", target=70, closed=date(2025, 9, 2)), item("late", target=50, closed=date(2025, 9, 9))
    told = ledger([late, early], [bill(OCT, 60)], TODAY)
    assert [(r.item, r.realised) for r in told] == [("late", 10), ("early", 30)]


def test_a_service_meant_to_grow_counts_against_the_saving():
    lines = (TargetLine("Compute", Decimal(100), Decimal(0)), TargetLine("Database", Decimal(0), Decimal(30)))
    told = row(SavingItem("i", "USD", lines, closed=SEP), bill(SEP, 100), bill(OCT, 35, "Database"))
    assert (told.planned, told.realised, told.missed) == (70, 65, 5)


def test_the_overview_gives_the_numbers_of_its_sentence():
    billed = [bill(OCT, 200), bill(OCT, 41, "Storage"), bill(DEC, 9)]
    rows = ledger([item(closed=SEP, baseline=275), item("e", currency="EUR")], billed, TODAY)
    euro, dollar = overview(rows, billed, {"USD": Decimal(275)}, {"USD": Decimal(60)}, TODAY)
    assert (dollar.month, dollar.current, dollar.below_baseline, dollar.to_target) == (OCT, 241, 34, 181)
    assert (dollar.realised, dollar.to_date) == (75, 75)
    assert (euro.currency, euro.month, euro.current, euro.below_baseline, euro.planned) == ("EUR", None, None, None, 60)


@pytest.mark.parametrize(("day", "following"), [(OCT, NOV), (date(2025, 12, 31), date(2026, 1, 1))])
def test_the_next_month_starts_on_its_first(day, following):
    assert next_month(day) == following


days = st.one_of(st.none(), st.dates(date(2025, 7, 1), TODAY))
money = st.integers(0, 200).map(Decimal)
items = st.lists(
    st.builds(
        lambda id, service, baseline, cut, promised, closed: item(
            id, service, baseline, baseline - min(cut, baseline), promised=promised, closed=closed
        ),
        st.integers(0, 99), st.sampled_from("ab"), money, money, days, days,
    ),
    max_size=5,
    unique_by=lambda i: i.id,
)  # fmt: skip
bills = st.lists(st.builds(bill, st.sampled_from([SEP, OCT, NOV, DEC]), money, st.sampled_from("ab")), max_size=8)


@settings(max_examples=100)
@given(items, bills)
def test_every_ledger_row_adds_up(planned, billed):
    for one, told in zip(planned, ledger(planned, billed, TODAY), strict=True):
        assert told.item == one.id
        if one.promised or one.closed:
            assert told.planned == told.committed + told.realised + told.missed
        assert told.to_date == sum(m.realised for m in told.months)
        assert 0 <= told.realised <= told.planned
