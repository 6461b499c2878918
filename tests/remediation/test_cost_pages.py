"""The costs page: the trend, the sentence, the ledger, and the rows whose sum is the number."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from findings.actions.ledger import Ledger
from remediation.actions.costs import import_costs, read_costs, store_review_costs
from remediation.core.savings import SavingState
from remediation.core.types import CostRow, CostTable
from remediation.models import Checklist, Item, Review
from remediation.reads.costs import cost_trend, money
from remediation.views.costs import sentence
from tests.cast import land, seen

TODAY = date(2025, 11, 5)
BILLS = """month,service,amount,currency
2025-08,Redis,100,USD
2025-08,Search,175,USD
2025-09,Redis,100,USD
2025-09,Search,175,USD
2025-10,Redis,66,USD
2025-10,Search,175,USD
2025-10,Egress,9,EUR
2025-11,Redis,3,USD
"""


def table(role, **services):
    rows = tuple(CostRow(name, Decimal(v), Decimal(v), 1) for name, v in services.items())
    return CostTable(role, role, "USD", rows, None, 1)


@pytest.fixture
def bills(platform):
    import_costs(read_costs(BILLS.encode()), platform, actor="test")


@pytest.fixture
def plan(platform, repository):
    """A review with its cost tables, whose checklist has the one item there is."""
    run = land(repository, [seen()], at=datetime(2025, 9, 1, tzinfo=UTC), category="audit")
    review = Review.objects.create(
        run=run, team=platform, repository=repository, title="Audit", reviewed=date(2025, 8, 1)
    )
    Item.objects.update(checklist=Checklist.objects.create(team=platform, review=review, title="Audit"))
    ledger = Ledger(run)
    tables = [table("baseline", Redis=100, Search=175), table("target", Redis=10, Search=50)]
    store_review_costs(platform, "audit", tables, review.reviewed, actor="test", ledger=ledger)
    ledger.flush()


def test_the_sentence_says_month_baseline_and_target(platform, bills, plan):
    views = money(platform, TODAY, UTC).overviews
    said = [sentence(v).replace("\xa0", " ") for v in views]
    assert said == ["Oct: 241 USD, 34 below baseline; 181 to target.", "Oct: 9 EUR."]


def test_currencies_have_a_trend_each_and_a_month_without_a_bill_is_a_gap(platform, bills, plan):
    dollar, euro = cost_trend(platform, TODAY, UTC)
    assert euro.months == (date(2025, 10, 1),)
    assert [dollar.total(m) for m in dollar.months] == [275, 275, 241, 3]
    assert dollar.layers == ("Search", "Redis")
    assert dollar.goals == (60, 60, 60, 60)


def test_estimates_and_plans_are_in_no_trend(platform):
    text = "month,service,amount,currency,kind\n2025-10,Redis,5,USD,estimate\n"
    import_costs(read_costs(text.encode()), platform, actor="test")
    assert cost_trend(platform, TODAY, UTC) == []


def test_services_beyond_the_dearest_share_a_layer(platform):
    rows = "".join(f"2025-10,s{n},{n},USD\n" for n in range(1, 10))
    import_costs(read_costs(("month,service,amount,currency\n" + rows).encode()), platform, actor="test")
    (trend,) = cost_trend(platform, TODAY, UTC)
    assert trend.layers == ("s9", "s8", "s7", "s6", "s5", None)
    assert trend.cells[date(2025, 10, 1), None] == 1 + 2 + 3 + 4
    assert trend.total(date(2025, 10, 1)) == 45


def saving_item(**over):
    Item.objects.update(title="Costs", saving=Decimal(215), saving_currency="USD", **over)
    return Item.objects.get()


DONE = {
    "promised_at": datetime(2025, 9, 2, tzinfo=UTC),
    "settled_at": datetime(2025, 9, 9, tzinfo=UTC),
    "settled_by": "accepted",
}


def test_an_item_with_the_saving_of_its_reviews_tables_is_judged_service_by_service(platform, bills, plan):
    saving_item(**DONE)
    (saving,) = money(platform, TODAY, UTC).savings
    assert saving.services == ("Redis", "Search")
    assert saving.row.state is SavingState.REALISED
    assert (saving.row.planned, saving.row.realised, saving.row.missed) == (215, 34, 181)


def test_any_other_saving_is_judged_by_the_service_its_item_is_called(platform, bills, plan):
    saving_item(**DONE)
    Item.objects.update(title="Redis", saving=Decimal(90))
    assert money(platform, TODAY, UTC).savings[0].row.realised == 34
    Item.objects.update(title="Fewer caches")
    (saving,) = money(platform, TODAY, UTC).savings
    assert (saving.row.state, saving.row.unbilled) == (SavingState.WAITING, ("Fewer caches",))


def test_every_number_of_the_table_leads_to_rows_whose_sum_it_is(alice, client, platform, bills, plan):
    client.force_login(alice)
    html = client.get(reverse("remediation:costs", args=["platform"])).content.decode()
    links = re.findall(r'<td(?: data-label="[^"]+")?><a href="([^"]+)">([^<]+)</a>', html)
    assert len(links) == 2 + 3 * 3 + 2
    for url, number in links:
        (sums,) = client.get(unescape(url)).context["sums"]
        assert sums["total"] == Decimal(number)


def test_the_page_shows_ledger_and_sources(alice, client, platform, bills, plan):
    saving_item()
    Item.objects.update(title="Redis", saving=Decimal(90))
    client.force_login(alice)
    answer = client.get(reverse("remediation:costs", args=["platform"]))
    (ledger,) = answer.context["ledgers"]
    assert (ledger["planned"], ledger["committed"]) == (90, 0)
    assert {s["kind"] for s in answer.context["sources"]} == {"billed", "plan"}
    (row,) = ledger["rows"]
    sums = {line.unit.role: line.amount for line in client.get(row["plan_url"]).context["page"]}
    assert sums["baseline"] - sums["target"] == 90, "one service of the two"
    assert reverse("remediation:cost_import", args=["platform"]) in answer.content.decode()


def test_long_names_of_services_are_cut_beside_the_chart_but_never_two_to_the_same(platform):
    long, other = "Amazon Elastic Compute Cloud - Compute", "Amazon Elastic Compute Cloud - Storage"
    text = f"month,service,amount,currency\n2025-10,{long},5,USD\n2025-10,{other},4,USD\n2025-10,{'x' * 40},3,USD\n"
    import_costs(read_costs(text.encode()), platform, actor="test")
    (trend,) = cost_trend(platform, TODAY, UTC)
    assert [bar.name for bar in trend.chart.bars] == [long, other, "x" * 25 + "…"]


def test_a_page_without_costs_says_what_to_do(vera, client, platform):
    client.force_login(vera)
    answer = client.get(reverse("remediation:costs", args=["platform"]))
    assert "Nothing is known" in answer.content.decode()
    assert reverse("remediation:cost_import", args=["platform"]) not in answer.content.decode()


@pytest.mark.parametrize("name", ["costs", "cost_lines", "cost_import"])
def test_another_teams_costs_are_not_found(charlie, client, platform, bills, name):
    client.force_login(charlie)
    assert client.get(reverse(f"remediation:{name}", args=["platform"])).status_code == 404


def test_the_page_asks_the_database_as_often_for_many_months_as_for_few(
    alice, client, platform, django_assert_max_num_queries
):
    client.force_login(alice)
    there = reverse("remediation:costs", args=["platform"])
    rows = "".join(f"20{y}-{m:02},s{n},{n},USD\n" for y in (24, 25) for m in range(1, 13) for n in range(20))
    import_costs(read_costs(("month,service,amount,currency\n" + rows).encode()), platform, actor="test")
    with django_assert_max_num_queries(16):
        client.get(there)


def test_a_filter_that_makes_no_sense_is_left_out(alice, client, platform, bills):
    client.force_login(alice)
    there = reverse("remediation:cost_lines", args=["platform"])
    assert client.get(there, {"month": "never", "page": "x", "kind": "billed", "service": "a\0b"}).status_code == 200
