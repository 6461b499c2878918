"""Costs come in: new, replaced, unchanged; kinds and currencies apart; by page, by command and with a review."""

import gzip
import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from findings import actions
from findings.actions.ledger import Ledger
from findings.core.types import FormatError
from findings.models import Event
from remediation.actions.costs import hash_of, import_costs, plan_import, read_costs, remove_costs, store_review_costs
from remediation.core.costs.wire import pack, unpack
from remediation.core.types import CostRow, CostTable
from remediation.models import CostLine, CostUnit
from remediation.reads.costs import lines_of, service_plans
from tests.cast import land, seen

HEAD = "month,service,amount,currency\n"
SEPTEMBER = HEAD + "2025-09,Redis,60,USD\n2025-09,Search,100.10,USD\n"
BOTH = SEPTEMBER + "2025-10,Redis,41,USD\n"


def take(text, team, **over):
    data = text.encode()
    return import_costs(read_costs(data, **over), team, actor="test", file_hash=hash_of(data))


def fates(plan):
    return [(f"{u.month:%Y-%m}", u.fate) for u in plan.units]


def test_the_same_file_twice_changes_nothing(platform):
    take(BOTH, platform)
    before = list(CostLine.objects.values_list("pk", flat=True))
    plan = take(BOTH, platform)
    assert not plan.changes
    assert list(CostLine.objects.values_list("pk", flat=True)) == before
    assert Event.objects.filter(verb="imported costs").count() == 1


def test_a_restated_month_replaces_its_predecessor_and_leaves_the_others(platform):
    take(BOTH, platform)
    plan = take(HEAD + "2025-10,Redis,44,USD\n2025-11,Redis,45,USD\n", platform)
    assert fates(plan) == [("2025-10", "replaced"), ("2025-11", "new")]
    amounts = CostLine.objects.order_by("month", "service").values_list("amount", flat=True)
    assert list(amounts) == [Decimal(60), Decimal("100.1"), Decimal(44), Decimal(45)]


def test_another_source_or_account_or_kind_replaces_nothing(platform):
    take(SEPTEMBER, platform)
    take(SEPTEMBER, platform, source="hosting")
    take("month,service,amount,currency,account\n2025-09,Redis,60,USD,eu\n", platform)
    take("month,service,amount,currency,kind\n2025-09,Redis,50,USD,plan\n", platform)
    assert CostUnit.objects.count() == 4


def test_planning_writes_nothing_and_says_what_would_be(platform):
    take(SEPTEMBER, platform)
    plan = plan_import(read_costs((BOTH + "2025-10,Redis,3,EUR\n").encode()), platform)
    assert fates(plan) == [("2025-09", "unchanged"), ("2025-10", "new")]
    assert plan.totals == (
        (date(2025, 9, 1), "USD", Decimal("160.1")),
        (date(2025, 10, 1), "EUR", Decimal(3)),
        (date(2025, 10, 1), "USD", Decimal(41)),
    )
    assert CostUnit.objects.count() == 1


def test_an_estimate_with_unknown_amounts_says_at_least(platform):
    resources = [{"name": "aws_instance.a", "monthlyCost": "10.5"}, {"name": "aws_instance.b", "monthlyCost": None}]
    text = json.dumps(
        {"version": "0.2", "currency": "USD", "projects": [{"name": "p", "breakdown": {"resources": resources}}]}
    )
    plan = take(text, platform, month=date(2025, 10, 1))
    assert plan.lower_bound and plan.kind == "estimate"
    assert CostLine.objects.filter(amount=None).count() == 1
    assert not take(text, platform, month=date(2025, 10, 1)).changes


def test_amounts_beyond_the_column_are_refused_with_their_line(platform):
    with pytest.raises(FormatError, match="line 2"):
        read_costs((HEAD + "2025-09,Redis,1000000000000,USD\n").encode())


def test_a_preview_carries_exactly_what_was_read():
    found = read_costs((BOTH + "2025-10,\0Redis,0.1234567,EUR\n").encode())
    assert unpack(json.loads(json.dumps(pack(found)))) == found


def test_removing_a_source_leaves_the_others(platform):
    take(BOTH, platform)
    take(SEPTEMBER, platform, source="hosting")
    assert remove_costs(platform, source="plain", account="", kind="billed", actor="test") == 2
    assert CostUnit.objects.get().source == "hosting"


# With a review


BASELINE = CostTable("baseline", "Now", "USD", (CostRow("Redis", Decimal(60), Decimal(60), 5),), None, 4)
TARGET = CostTable("target", "Then", "USD", (CostRow("Redis", Decimal(20), Decimal(30), 9, "spot"),), None, 8)


def review(team, run, *tables):
    ledger = Ledger(run)
    units = store_review_costs(team, "audit", tables, date(2025, 9, 17), actor="test", ledger=ledger)
    ledger.flush()
    return units


def test_a_reviews_tables_become_plans_of_its_month_and_go_with_an_undo(platform, repository, alice):
    run = land(repository, [seen()])
    units = review(platform, run, BASELINE, TARGET)
    assert [(u.kind, u.role, u.month) for u in units] == [
        ("plan", "baseline", date(2025, 9, 1)),
        ("plan", "target", date(2025, 9, 1)),
    ]
    line = units[1].lines.get()
    assert (line.amount, line.high, line.report_line, line.note) == (Decimal(20), Decimal(30), 9, "spot")
    actions.undo(run, actor=alice)
    assert not CostUnit.objects.exists()


def test_the_newest_version_of_a_report_speaks_and_its_undo_gives_the_word_back(platform, repository, alice):
    review(platform, land(repository, [seen()]), BASELINE, TARGET)
    second = land(repository, [seen()])
    cheaper = CostTable("target", "Then", "USD", (CostRow("Redis", Decimal(5), Decimal(5), 9),), None, 8)
    review(platform, second, BASELINE, cheaper)
    assert [(p.baseline, p.target) for p in service_plans(lines_of(platform))] == [(Decimal(60), Decimal(5))]
    actions.undo(second, actor=alice)
    assert [(p.baseline, p.target) for p in service_plans(lines_of(platform))] == [(Decimal(60), Decimal(20))]


# The command


def test_the_command_previews_in_json_and_then_imports(platform, tmp_path, capsys):
    file = tmp_path / "bill.csv.gz"
    file.write_bytes(gzip.compress(BOTH.encode()))
    call_command("import_costs", str(file), team="platform", preview=True, json=True)
    said = json.loads(capsys.readouterr().out)
    assert [u["fate"] for u in said["units"]] == ["new", "new"]
    assert said["totals"][0] == {"month": "2025-09", "currency": "USD", "amount": "160.100000"}
    assert not CostUnit.objects.exists()
    call_command("import_costs", str(file), team="platform")
    assert "2025-10 billed: 41 USD" in capsys.readouterr().out
    assert CostUnit.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "team", "words"),
    [
        ("", "platform", "empty"),
        (HEAD + "2025-09,Redis,lots,USD\n", "platform", "line 2, column amount"),
        (BOTH, "nobody", "no team nobody"),
    ],
)
def test_the_command_says_what_is_wrong_and_where(platform, tmp_path, text, team, words):
    file = tmp_path / "bill.csv"
    file.write_text(text)
    with pytest.raises(CommandError, match=words):
        call_command("import_costs", str(file), team=team)


def test_a_file_that_is_not_there_is_a_clear_error(platform):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_costs", "/nowhere/bill.csv", team="platform")


# The page


def upload(client, text, **over):
    file = SimpleUploadedFile("bill.csv", text.encode())
    return client.post(reverse("remediation:cost_import", args=["platform"]), {"file": file} | over)


def test_an_upload_is_shown_first_and_written_when_it_is_accepted(alice, client, platform):
    client.force_login(alice)
    shown = upload(client, BOTH)
    assert "2 months new" in shown.content.decode()
    assert not CostUnit.objects.exists()
    there = reverse("remediation:cost_import", args=["platform"])
    assert client.post(there, {"preview": shown.context["preview"]}).status_code == 302
    assert CostUnit.objects.count() == 2
    assert CostUnit.objects.first().imported_by == "alice@example.com"


def test_a_preview_of_another_person_or_a_changed_one_is_not_accepted(alice, bob, client, platform):
    client.force_login(alice)
    preview = upload(client, BOTH).context["preview"]
    actions.set_role(platform.memberships.get(user=bob), "lead", actor=alice)
    client.force_login(bob)
    for text in (preview, preview[:-1], "x"):
        client.post(reverse("remediation:cost_import", args=["platform"]), {"preview": text})
    assert not CostUnit.objects.exists()


def test_a_file_that_cannot_be_read_is_an_error_on_the_form(alice, client, platform):
    client.force_login(alice)
    answer = upload(client, HEAD + "2025-09,Redis,hunter2,USD\n")
    assert answer.status_code == 422
    assert "line 2, column amount" in answer.content.decode()
    assert "hunter2" not in answer.content.decode()


def test_only_a_lead_imports_and_strangers_find_nothing(bob, charlie, client, platform):
    for user, status in ((bob, 403), (charlie, 404)):
        client.force_login(user)
        assert upload(client, BOTH).status_code == status
        assert client.post(reverse("remediation:cost_remove", args=["platform"])).status_code == status
    assert not CostUnit.objects.exists()


def test_who_accepts_second_is_told_who_imported_what_and_sees_what_it_would_do_now(alice, bob, client, platform):
    actions.set_role(platform.memberships.get(user=bob), "lead", actor=alice)
    there = reverse("remediation:cost_import", args=["platform"])
    client.force_login(alice)
    preview = upload(client, BOTH).context["preview"]
    import_costs(read_costs((HEAD + "2025-09,Redis,7,USD\n").encode()), platform, actor=bob, file_name="other.csv")
    told = client.post(there, {"preview": preview})
    assert "Bob imported “other.csv” meanwhile. Nothing was written." in told.content.decode()
    assert [line.amount for line in CostLine.objects.all()] == [7]
    assert dict(told.context["fates"]) == {"new": 1, "replaced": 1}
    assert client.post(there, {"preview": told.context["preview"]}).status_code == 302
    assert CostUnit.objects.count() == 2


def test_what_another_source_says_meanwhile_stops_nobody(alice, client, platform):
    client.force_login(alice)
    preview = upload(client, BOTH).context["preview"]
    import_costs(read_costs(BOTH.encode(), source="elsewhere"), platform, actor=alice)
    client.post(reverse("remediation:cost_import", args=["platform"]), {"preview": preview})
    assert CostUnit.objects.count() == 4


@pytest.mark.parametrize("mark", ["", "x", None])
def test_a_source_that_changed_since_the_page_was_made_is_not_removed(alice, bob, client, platform, mark):
    client.force_login(alice)
    import_costs(read_costs(BOTH.encode()), platform, actor=alice)
    page = client.get(reverse("remediation:cost_import", args=["platform"]))
    [said] = [source["remove"] for source in page.context["sources"]]
    import_costs(read_costs((HEAD + "2025-09,Redis,7,USD\n").encode()), platform, actor=bob, file_name="other.csv")
    there = reverse("remediation:cost_remove", args=["platform"])
    answer = client.post(there, said if mark is None else said | {"mark": mark}, follow=True)
    assert "Bob imported “other.csv” meanwhile. Nothing was removed." in answer.content.decode()
    assert CostUnit.objects.count() == 2
    client.post(there, answer.context["sources"][0]["remove"])
    assert not CostUnit.objects.exists()
