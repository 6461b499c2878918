"""Amounts of money and the tables that hold them."""

from decimal import Decimal

import pytest

from remediation.core.review import parse
from remediation.core.review.money import read_money, uses_comma


@pytest.mark.parametrize(
    ("cell", "low", "high", "currency"),
    [
        ("$73", "73", "73", "USD"),
        ("**$275/月**", "275", "275", "USD"),
        ("$1,234.50/mo", "1234.5", "1234.5", "USD"),
        ("$500–800", "500", "800", "USD"),
        ("$1.5K - $2K", "1500", "2000", "USD"),
        ("~€50", "50", "50", "EUR"),
        ("约 ¥300", "300", "300", "CNY"),
        ("300 元/月", "300", "300", "CNY"),
        ("1.2万元", "12000", "12000", "CNY"),
        ("NT$900", "900", "900", "TWD"),
        ("USD 40", "40", "40", "USD"),
        ("$120/yr", "10", "10", "USD"),
        ("$1,200 per year", "100", "100", "USD"),
        ("free", "0", "0", ""),
    ],
)
def test_an_amount_is_read_per_month(cell, low, high, currency):
    money = read_money(cell)
    assert money is not None
    assert (money.low, money.high, money.currency) == (Decimal(low), Decimal(high), currency)
    assert not money.doubt


@pytest.mark.parametrize("cell", ["TBD", "待定", "-", "?", ""])
def test_an_unknown_amount_is_none_and_not_zero(cell):
    money = read_money(cell)
    assert money is not None and money.low is None


@pytest.mark.parametrize("cell", ["db.t4g", "two nodes"])
def test_a_cell_without_an_amount_is_none(cell):
    assert read_money(cell) is None


@pytest.mark.parametrize(("cell", "low"), [("1.234,50 €", "1234.5"), ("12,5 €", "12.5"), ("€1.234", "1.23")])
def test_what_may_be_read_in_two_ways_is_doubted(cell, low):
    money = read_money(cell)
    assert money is not None
    assert money.low == Decimal(low)
    assert money.doubt


def test_a_table_that_writes_decimal_commas_settles_its_thousands():
    assert uses_comma(["1.234,50 €", "2.000 €"])
    money = read_money("2.000 €", comma=True)
    assert money is not None and money.low == 2000


def test_an_hourly_price_is_not_multiplied_by_a_guess():
    money = read_money("$0.10/h")
    assert money is not None
    assert money.low is None and money.doubt


def costs(table: str, before: str = "## Monthly costs now"):
    return parse(f"# R\n\n{before}\n\n{table}\n", redact=lambda t: t)


def test_a_range_total_between_the_sums_of_its_ends_is_right():
    review = costs("| Service | Cost |\n|---|---|\n| a | $10-20 |\n| b | $5 |\n| Total | $20 |")
    assert review.costs[0].total == 15
    assert not [n for n in review.notices if "add up" in n.message]


def test_subtotals_are_neither_rows_nor_the_total():
    review = costs("| Service | Cost |\n|---|---|\n| a | $10 |\n| Subtotal | $10 |\n| b | $5 |\n| Grand total | $15 |")
    assert [r.service for r in review.costs[0].rows] == ["a", "b"]
    assert review.costs[0].printed == 15


def test_another_currency_in_a_table_is_left_out_and_told():
    review = costs("| Service | Cost |\n|---|---|\n| a | $10 |\n| b | €5 |")
    assert [r.service for r in review.costs[0].rows] == ["a"]
    assert any("EUR" in n.message for n in review.notices)


def test_a_yearly_header_makes_all_rows_monthly():
    review = costs("| Service | Annual cost |\n|---|---|\n| a | $1,200 |")
    assert review.costs[0].rows[0].low == 100


def test_chinese_captions_tell_what_is_from_what_should_be():
    table = "| 资源 | 月成本 |\n|---|---|\n| 库 | ¥100 |\n| **合计** | **¥100** |"
    review = costs(f"**当前月成本**：\n\n{table}\n\n**优化后**：\n\n{table.replace('100', '40')}", "## 成本")
    assert [(t.role, t.currency, t.total, t.printed) for t in review.costs] == [
        ("baseline", "CNY", 100, 100),
        ("target", "CNY", 40, 40),
    ]


def test_a_table_of_other_figures_is_no_cost_table():
    assert not costs("| Metric | Now | Goal |\n|---|---|---|\n| p95 | 120 | 80 |", "## Latency").costs


def test_the_heading_over_the_headings_may_be_the_one_that_speaks_of_costs():
    table = "| Service | Size | Amount |\n|---|---|---|\n| Collectors | 3 | $60 |\n| Backups | 2 TB | $90 |"
    review = costs(f"### Now\n\n{table}\n\n### After\n\n{table.replace('$60', '$20')}", "## Costs")
    assert [(t.role, t.total) for t in review.costs] == [("baseline", 150), ("target", 110)]


def test_figures_without_a_currency_are_no_costs_because_of_a_heading_far_above():
    table = "| Service | Now | Goal |\n|---|---|---|\n| p95 | 120 | 80 |"
    assert not costs(f"### Latency\n\n{table}", "## Costs and speed").costs


def test_amounts_a_month_are_costs():
    review = costs("| Service | A month |\n|---|---|\n| Collectors | $60 |", "## Now")
    assert [t.total for t in review.costs] == [60]
