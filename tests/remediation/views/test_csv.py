"""CSV of what is seen: the columns that somebody chose for the list, and links that keep up with the filter."""

import csv
import io

import pytest

from tests.cast import land, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client, alice, repository):
    land(repository, [seen("kafka/under-replicated-topic", key="a", message="=HYPERLINK(1)"), seen(path="=k8s/b.yaml")])
    client.force_login(alice)
    return client


def rows(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_the_file_has_the_columns_that_were_chosen_in_the_order_of_the_list(reader):
    found = rows(reader.get("/findings/export/csv/?columns=state.where.rule"))
    assert list(found[0]) == ["id", "priority", "title", "rule", "path", "line", "places", "state"]
    assert {row["state"] for row in found} == {"open"}
    every = rows(reader.get("/findings/export/csv/?columns=rule&columns=part&columns=age&columns=owner&columns=due"))
    assert list(every[0])[3:] == ["rule", "component", "first_seen", "owner", "due", "overdue"]


def test_without_a_choice_it_has_all_there_are(reader):
    bare, usual = (
        rows(reader.get(f"/findings/export/csv/{query}")) for query in ("", "?columns=where.age.owner.due.state")
    )
    assert list(bare[0]) == list(usual[0])
    assert {"first_seen_commit", "fixed_commit", "tool", "repository"} < set(bare[0])


def test_no_cell_is_a_formula_whatever_the_columns(reader):
    found = rows(reader.get("/findings/export/csv/?columns=where"))
    texts = [text for row in found for text in row.values()]
    assert "'=HYPERLINK(1)" in texts and "'=k8s/b.yaml" in texts
    assert not any(text.startswith(("=", "+", "@")) for text in texts)


def test_the_other_kinds_stay_whole(reader):
    assert b"fixed_commit" in b"".join(reader.get("/findings/export/json/?columns=rule").streaming_content)


def test_its_link_and_that_of_saving_the_view_follow_a_filter_that_htmx_changed(reader):
    part = reader.get("/findings/?priority=P0&columns=rule", headers={"HX-Request": "true"}).content.decode()
    assert 'id="files" hx-swap-oob="true"' in part
    assert "/findings/export/csv/?priority=P0&amp;columns=rule" in part
    assert 'id="save-view" hx-swap-oob="true" href="/findings/views/save/?priority=P0&amp;columns=rule"' in part
    whole = reader.get("/findings/?priority=P0").content.decode()
    assert "hx-swap-oob" not in whole
    assert (whole.count('id="files"'), whole.count('id="save-view"')) == (1, 1)


@pytest.mark.parametrize("group", ["rule", "path", "owner"])
def test_groups_of_the_list_are_those_of_the_file(reader, repository, group, monkeypatch):
    places = [seen("kafka/under-replicated-topic", f"k8s/{n}.yaml", key="b") for n in range(3)]
    land(repository, [*places, *(seen(path=f"k8s/{n}.yaml", line=n) for n in range(2, 9))], tool="ruff")
    monkeypatch.setattr("findings.exports.CHUNK", 4)
    shown = reader.get(f"/findings/?group={group}&state=any").context["rows"]
    found = rows(reader.get(f"/findings/export/csv/?group={group}&state=any&columns=where"))
    assert list(found[0]) == ["group", "id", "priority", "title", "path", "line", "places"]
    assert [(row["group"].lstrip("'"), int(row["id"])) for row in found] == [(r.heading.label, r.pk) for r in shown]
    if group == "path":
        assert all(row["path"] == row["group"] for row in found)
    assert "group" not in rows(reader.get("/findings/export/csv/"))[0]
