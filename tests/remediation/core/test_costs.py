import gzip
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from findings.core.types import FormatError
from remediation.core.costs import FORMATS, CostKind, CostUnit, detect, read
from remediation.core.costs.review import from_table
from remediation.core.costs.table import MAX_BYTES, amount, decode, month
from remediation.core.types import CostRow, CostTable

OCT, NOV = date(2025, 10, 1), date(2025, 11, 1)

PLAIN = """month,service,amount,currency,account
2025-10,Compute,100.10,USD,prod
2025-10-14,Compute,0.20,USD,prod
2025-10,Storage,41.20,EUR,prod
2025-11,Compute,-3,USD,
"""

FOCUS_HEAD = "BillingPeriodStart,ChargePeriodStart,ChargeCategory,ChargeClass,BilledCost,EffectiveCost,BillingCurrency,"
FOCUS_HEAD += "ServiceName,BillingAccountId,SubAccountName\n"
FOCUS = (
    FOCUS_HEAD
    + """2025-11-01T00:00:00Z,2025-11-01T00:00:00Z,Purchase,,1200,0,USD,Compute,acc,web
2025-11-01T00:00:00Z,2025-11-02T00:00:00Z,Usage,,0,3.30,USD,Compute,acc,web
2025-11-01T00:00:00Z,2025-11-03T00:00:00Z,Usage,,0,3.30,USD,Compute,acc,web
2025-11-01T00:00:00Z,2025-10-05T00:00:00Z,Usage,Correction,-1,-1,USD,Compute,acc,web
2025-11-01T00:00:00Z,2025-11-01T00:00:00Z,Tax,,0.5,0.5,USD,Compute,acc,web
"""
)

AWS = """"Service","EC2-Instances($)","S3($)","Total costs($)"
"Service total","30","5","35"
"2025-10-01","10.5","2","12.5"
"2025-11-01","19.5","3","99"
"""


def resource(name="aws_instance.web", cost="10.5", **over):
    return {"name": name, "monthlyCost": cost, "costComponents": [{"name": "c", "monthlyCost": cost}], **over}


def infracost(*resources, **over):
    project = {"name": "prod", "metadata": {}, "breakdown": {"resources": list(resources)}, "summary": {}}
    root = {"version": "0.2", "currency": "USD", "projects": [project], "timeGenerated": "2025-10-31T23:30:00-04:00"}
    return json.dumps(root | over).encode()


def refused(data, **options):
    with pytest.raises(FormatError) as caught:
        read(data if isinstance(data, bytes) else data.encode(), **options)
    return caught.value


@pytest.mark.parametrize(
    ("text", "name"), [(PLAIN, "plain"), (FOCUS, "focus"), (AWS, "aws"), (infracost().decode(), "infracost")]
)
def test_a_format_is_recognised_by_its_contents(text, name):
    assert detect(text) == name
    assert name in FORMATS


def test_plain_rows_that_say_the_same_are_summed_and_currencies_are_not():
    batch = read(PLAIN.encode())
    assert [(e.month, e.service, e.amount, e.currency, e.rows) for e in batch.lines] == [
        (OCT, "Compute", Decimal("100.30"), "USD", 2),
        (OCT, "Storage", Decimal("41.20"), "EUR", 1),
        (NOV, "Compute", Decimal("-3"), "USD", 1),
    ]
    assert batch.totals() == {"USD": Decimal("97.30"), "EUR": Decimal("41.20")}
    assert batch.units == (CostUnit("plain", "", NOV), CostUnit("plain", "prod", OCT))
    assert batch.kind is CostKind.BILLED


def test_semicolons_a_byte_order_mark_gzip_and_capitals_are_fine():
    text = "\ufeffMonth;Service;Amount;Currency;Note\r\n2025-10;Compute;1;usd;x\r\n"
    batch = read(gzip.compress(text.encode()))
    assert batch.lines[0].currency == "USD"
    assert [n.message for n in batch.notices] == ["column note is not used"]


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("2025-13,Compute,1,USD", "line 3, column month"),
        ("2025-10,Compute,1.234,5,USD", "line 3"),
        ("2025-10,Compute,hunter2,USD", "line 3, column amount"),
        ("2025-10,Compute,nan,USD", "line 3, column amount"),
        ("2025-10,Compute,1,Dollar", "line 3, column currency"),
        ("2025-10,,1,USD", "line 3, column service"),
        ("2025-10,Compute,1", "line 3"),
        ("2025-10,Compute,1e40,USD", "line 3, column amount"),
        ('2025-10,Compute,"1,234",USD', "line 3, column amount"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_line_and_never_repeated(row, where):
    error = refused(f"month,service,amount,currency\n2025-10,Compute,1,USD\n{row}\n")
    assert error.where == where
    assert error.expected
    assert "hunter2" not in str(error)


def test_a_quoted_line_break_does_not_shift_the_line_of_an_error():
    error = refused('month,service,amount,currency\n2025-10,"Com\npute",1,USD\n2025-10,Compute,x,USD\n')
    assert error.where == "line 4, column amount"


def test_kinds_are_never_mixed_in_one_file():
    head = "month,service,amount,currency,kind\n2025-10,Compute,1,USD,estimate\n"
    assert read(head.encode()).kind is CostKind.ESTIMATE
    assert refused(head + "2025-10,Compute,1,USD,plan\n").where == "line 3, column kind"
    assert refused(head + "2025-10,Compute,1,USD,guess\n").expected == "billed, estimate or plan"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"month,service,amount,currency\n", "no costs"),
        (b",,\n", "not a cost file"),
        (b"hello\n", "not a cost file"),
        (b"month,service,amount\n2025-10,x,1\n", "currency is missing"),
        (b"month,amount,amount,service,currency\n2025-10,1,1,x,USD\n", "there twice"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"identity_line_item_id,line_item_unblended_cost\n1,2\n", "Cost and Usage Report"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-9], "ends too early"),
        (b"\x1f\x8bnonsense", "damaged"),
        (b'{"projects": [], "currency": "USD"', "not JSON"),
        (b'{"projects": {}, "currency": "USD", "timeGenerated": "2025-10-01"}', "no costs"),
        (b'{"projects": 3, "currency": "USD", "timeGenerated": "2025-10-01"}', "not a list"),
        (b'{"projects": [7], "currency": "USD", "timeGenerated": "2025-10-01"}', "not an object"),
        (b'{"projects": [], "currency": "dollar"}', "no currency"),
        (b"{" + b'"a":{' * 100_000 + b'"projects" "currency"', "nested too deeply"),
        (b'{"results": [' + b'"x"' * 100_000 + b"]}", "not a cost file"),
    ],
)
def test_what_is_no_cost_file_is_refused_with_the_reason(data, words):
    assert words in str(refused(data))


def test_an_unknown_format_name_is_refused():
    assert "one of infracost" in str(refused(PLAIN, form="excel"))


def test_a_small_file_that_unpacks_without_end_is_stopped():
    with pytest.raises(FormatError, match="too large"):
        decode(gzip.compress(b"0" * (MAX_BYTES + 2)))


def test_focus_spreads_prepayments_and_puts_a_correction_in_the_month_it_corrects():
    batch = read(FOCUS.encode())
    assert [(e.month, e.category, e.amount, e.correction) for e in batch.lines] == [
        (OCT, "usage", Decimal("-1"), True),
        (NOV, "purchase", Decimal("0"), False),
        (NOV, "tax", Decimal("0.5"), False),
        (NOV, "usage", Decimal("6.60"), False),
    ]
    assert {e.sub_account for e in batch.lines} == {"web"}


def test_a_correction_replaces_nothing_of_the_month_it_corrects():
    assert read(FOCUS.encode()).units == (CostUnit("focus", "acc", NOV),)


@pytest.mark.parametrize(
    ("column", "version"), [("x_own", "1.0"), ("SkuMeter", "1.1"), ("InvoiceId", "1.2"), ("ServiceProviderName", "1.3")]
)
def test_the_focus_version_shows_in_its_columns(column, version):
    text = f"BillingPeriodStart,BilledCost,BillingCurrency,{column}\n2025-10-01,4,USD,\n"
    batch = read(text.encode())
    assert batch.version == version
    assert batch.totals() == {"USD": Decimal(4)}
    assert "as invoiced" in batch.notices[0].message


def test_focus_without_a_currency_says_which_column_is_missing():
    text = "BillingPeriodStart,BilledCost,EffectiveCost,ChargeCategory\n2025-10-01,4,4,Usage\n"
    assert "BillingCurrency is missing" in str(refused(text))


def test_slashed_focus_dates_are_read_month_first_and_said_so():
    text = FOCUS_HEAD + '4/1/25,4/1/25,Usage,,"$10,000.00 ","$10,000.00 ",USD,Compute,acc,\n'
    batch = read(text.encode())
    assert (batch.lines[0].month, batch.lines[0].amount) == (date(2025, 4, 1), Decimal("10000.00"))
    assert "month/day/year" in batch.notices[0].message
    assert "two ways" in str(refused(text.replace("4/1/25", "1/4/25")))


def test_an_infracost_estimate_is_dated_in_utc_and_named_by_type():
    batch = read(infracost(resource('module.a["x.y"].aws_instance.web[0]'), resource("r", "1", resourceType="aws_s3")))
    assert batch.kind is CostKind.ESTIMATE
    assert [(e.month, e.service, e.account, e.amount) for e in batch.lines] == [
        (NOV, "aws_instance", "prod", Decimal("10.5")),
        (NOV, "aws_s3", "prod", Decimal("1")),
    ]
    assert not batch.lower_bound


@pytest.mark.parametrize(
    "unsure",
    [
        resource("aws_lambda.f", None),
        resource(costComponents=[{"name": "requests", "monthlyCost": None, "usageBased": True}]),
        resource(subresources=[{"costComponents": [{"monthlyCost": "0", "priceNotFound": True}]}]),
    ],
)
def test_a_cost_that_is_not_known_is_no_zero_but_makes_the_total_a_lower_bound(unsure):
    batch = read(infracost(resource(), unsure))
    assert batch.lower_bound
    assert "not known" in batch.notices[0].message
    assert sum(e.rows for e in batch.lines) == 1 + (unsure["monthlyCost"] is not None)


def test_infracost_errors_and_unpriced_resources_are_counted_and_not_quoted():
    project = {
        "name": "dev",
        "metadata": {"errors": [{"message": "password=hunter2"}]},
        "breakdown": {"resources": [resource()]},
        "summary": {"totalUnsupportedResources": 2},
    }
    batch = read(infracost(projects=[project]))
    assert batch.lower_bound
    assert len(batch.notices) == 2
    assert "hunter2" not in str(batch)


def test_an_undated_estimate_takes_the_month_it_is_given():
    assert read(infracost(resource(), timeGenerated=None), month=date(2025, 10, 9)).lines[0].month == OCT
    assert "does not say when" in str(refused(infracost(resource(), timeGenerated=None)))


def test_aws_totals_are_left_out_and_checked():
    batch = read(AWS.encode())
    assert batch.totals() == {"USD": Decimal("35.0")}
    assert [n.line for n in batch.notices] == [4]


def test_aws_days_become_months_and_an_empty_cell_is_nothing():
    text = "Linked account,111 (€),222 (€)\n2025-10-01,1,\n2025-10-02,2,5\n"
    batch = read(text.encode())
    assert [(e.account, e.amount, e.currency) for e in batch.lines] == [
        ("111", Decimal(3), "EUR"),
        ("222", Decimal(5), "EUR"),
    ]


def test_aws_may_have_its_dates_across():
    batch = read(b"Service,2025-10-01($),2025-11-01($),Total($)\nS3,1,2,3\nTotal,1,2,3\n")
    assert [(e.month, e.service, e.amount) for e in batch.lines] == [(OCT, "S3", Decimal(1)), (NOV, "S3", Decimal(2))]


def test_an_aws_table_in_two_currencies_is_refused():
    assert "no single currency" in str(refused("Service,EC2($),S3(EUR)\n2025-10-01,1,2\n"))


def test_a_reviews_tables_are_an_estimate_and_a_plan():
    rows = (
        CostRow("nodes", Decimal(90), Decimal(90), 10),
        CostRow("db", Decimal(50), Decimal(80), 11),
        CostRow("queue", None, None, 12),
    )
    batch = from_table(CostTable("baseline", "Now", "USD", rows, None, 9), date(2025, 10, 20))
    assert (batch.kind, batch.lower_bound, batch.totals()) == (CostKind.ESTIMATE, True, {"USD": Decimal(140)})
    assert [n.line for n in batch.notices] == [11, 12]
    assert from_table(CostTable("target", "Then", "USD", rows[:1], None, 9), OCT).kind is CostKind.PLAN


@pytest.mark.parametrize(
    ("text", "value"),
    [("1234.5", "1234.5"), ("$1,234.50 ", "1234.50"), ("(12.00)", "-12.00"), ("-.5", "-0.5"), ("1.2E-7", "0.00000012")],
)
def test_an_amount_is_read_exactly(text, value):
    assert amount(text, "here") == Decimal(value)


@settings(max_examples=100)
@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_a_clear_error(text):
    try:
        assert amount(text, "here").is_finite()
    except FormatError as error:
        assert error.where == "here"


@settings(max_examples=100)
@given(st.one_of(st.text(max_size=24), st.dates().map(str), st.datetimes().map(str), st.from_regex(r"\d{1,4}[-/]\d+")))
def test_any_text_is_a_month_or_a_clear_error(text):
    try:
        assert month(text, "here").day == 1
    except FormatError as error:
        assert error.where == "here"


@settings(max_examples=100)
@example(b",,\n,", "aws")
@given(st.binary(max_size=200), st.sampled_from(["", *FORMATS]))
def test_no_bytes_make_more_than_a_clear_error(data, form):
    try:
        assert read(data, form).lines
    except FormatError as error:
        assert str(error)
