"""Owners that a report names are proposed in its preview, and never go before what a person chose."""

import pytest

from findings import actions
from findings.models import Event, Finding
from remediation.actions.imports import accept_import, preview_file
from remediation.actions.items import give
from remediation.models import Item

pytestmark = pytest.mark.django_db
REPORT = """# Review of the shop

## P0 Blockers

### P0-1: Topics live on one broker

**Owner**: @bob

Kafka topics have replicas 1.

### P0-2: Nobody is on call

**负责人**：佐伊

Nights are long.

## Checklist

### Week 1 (P0)

- [ ] Kafka topics: replicas 1 to 3 (P0-1)
- [ ] Agree on an on-call rota (P0-2)
"""


@pytest.fixture
def run(repository, platform, alice, bob):
    return upload(repository, platform, alice)


def upload(repository, platform, actor, text=REPORT):
    return preview_file(repository, platform, text.encode(), file_name="review.md", actor=actor)[0][0]


def owners() -> dict[str, object]:
    rows = [*Finding.objects.filter(rule__tool="review").select_related("owner"), *Item.objects.select_related("owner")]
    return {row.title.split()[0]: row.owner and row.owner.email for row in rows}


def row_of(client, run, kind, anchor):
    return client.get(f"/imports/{run.pk}/{kind}/{anchor}/").context["form"]


def test_the_preview_says_whose_each_row_will_be_and_which_names_no_account_answers_to(client, alice, run):
    client.force_login(alice)
    page = client.get(run.get_absolute_url())
    text = page.content.decode()
    assert [row["owner"] for row in page.context["findings"]] == ["Bob", "“佐伊”, no account"]
    assert page.context["strangers"] == [{"name": "佐伊", "lines": "11, 22"}]
    assert "owner Bob" in text and "Owners that no account answers to" in text


def test_accepting_gives_them_to_those_accounts_and_the_log_says_so(alice, bob, run):
    accept_import(run, actor=alice)
    assert owners() == {"P0-1:": bob.email, "P0-2:": None, "Kafka": bob.email, "Agree": None}
    told = Event.objects.filter(verb="assigned").values_list("actor", "after__owner")
    assert set(told) == {(alice.email, bob.email)}


def test_a_lead_chooses_somebody_else_or_nobody_in_the_row(client, alice, bob, run):
    client.force_login(alice)
    form = row_of(client, run, "findings", "p0-1")
    assert form.initial | {"owner": form["owner"].value()} == form.initial | {"owner": str(bob.pk)}
    assert form["owner"].help_text == "The report says: @bob"
    said = {"version": 1, "priority": "P0", "owner": ""}
    assert client.post(f"/imports/{run.pk}/findings/p0-1/", said).status_code == 302
    said = {"version": 2, "priority": "P0", "owner": alice.pk}
    assert client.post(f"/imports/{run.pk}/findings/p0-2/", said).status_code == 302
    assert row_of(client, run, "findings", "p0-1")["owner"].value() == ""
    run.refresh_from_db()
    accept_import(run, actor=alice)
    assert owners() == {"P0-1:": None, "P0-2:": alice.email, "Kafka": bob.email, "Agree": None}


def test_who_only_looks_at_a_row_keeps_the_proposal(client, alice, bob, run):
    client.force_login(alice)
    said = {"version": 1, "priority": "P1", "owner": bob.pk}
    client.post(f"/imports/{run.pk}/findings/p0-1/", said)
    run.refresh_from_db()
    assert "owner" not in run.payload["choices"]["findings"]["p0-1"]


def test_nobody_of_another_team_and_no_viewer_is_ever_named(client, alice, bob, run, charlie, vera):
    client.force_login(alice)
    names = [label for _pk, label in row_of(client, run, "findings", "p0-1").fields["owner"].choices]
    assert names == ["Nobody", "Alice", "Bob"]
    said = {"version": 1, "priority": "P0", "owner": charlie.pk}
    assert client.post(f"/imports/{run.pk}/findings/p0-1/", said).status_code == 422


def test_a_new_version_overwrites_no_choice_of_a_person(repository, platform, alice, bob, run):
    accept_import(run, actor=alice)
    kafka = Item.objects.get(title__startswith="Kafka")
    give(kafka, alice, actor=alice)
    give(Item.objects.get(title__startswith="Agree"), bob, actor=alice)
    give(Item.objects.get(title__startswith="Agree"), None, actor=alice)
    text = REPORT.replace("佐伊", "alice").replace("Nights", "Long nights")
    accept_import(upload(repository, platform, alice, text), actor=alice)
    assert owners() == {"P0-1:": bob.email, "P0-2:": alice.email, "Kafka": alice.email, "Agree": None}


def test_undo_takes_the_owners_back_with_the_rest(alice, run):
    accept_import(run, actor=alice)
    actions.undo(run, actor=alice)
    assert owners() == {}


def test_a_second_version_tells_in_its_preview_whom_it_names_now(client, run, repository, platform, alice):
    accept_import(run, actor=alice)
    text = REPORT.replace("**Owner**: @bob", "**Owner**: @carol").replace(
        "\nNights are long.", "\n**Owner**: @bob\n\nNights are long."
    )
    again = upload(repository, platform, alice, text.replace("**负责人**：佐伊\n\n", ""))
    client.force_login(alice)
    page = client.get(again.get_absolute_url())
    [rows] = [group["rows"] for group in page.context["changes"] if group["title"] == "Given to somebody"]
    assert [(row["title"].partition(":")[0], row["owner"], row["was"]) for row in rows if row["kind"] == "finding"] == [
        ("P0-1", "@carol", "@bob"),
        ("P0-2", "@bob", "佐伊"),
    ]
    assert "owner @carol" in page.content.decode()


def test_a_version_that_names_the_same_owners_changes_nothing(client, run, repository, platform, alice):
    accept_import(run, actor=alice)
    again = upload(repository, platform, alice, f"{REPORT}\n")
    client.force_login(alice)
    assert client.get(again.get_absolute_url()).context["changes"] == []
