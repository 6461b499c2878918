"""The triage table in groups, with other columns, and under a name."""

import re
from itertools import groupby, product

import pytest
from django.http import QueryDict
from django.urls import reverse

from findings import actions
from findings.models import Event
from remediation.actions.views import save_view
from remediation.forms.filters import Filter
from remediation.models import View
from tests.cast import land, only, seen

pytestmark = pytest.mark.django_db
URL = reverse("remediation:findings")
SAVE = reverse("remediation:view_save")


@pytest.fixture
def many(repository):
    """Three rules over three files; one finding of a rule with a key is in all of them."""
    rows = [seen(f"custom/{rule}", f"k8s/{n}.yaml", n + 1, text=f"{rule} {n}") for rule in "abc" for n in range(3)]
    places = [seen("kafka/under-replicated-topic", f"k8s/{n}.yaml", 9, key="main/orders") for n in range(3)]
    land(repository, [*rows, *places])


def pages(client, query):
    """Every page: [(heading, count, [titles])]."""
    found, after = [], ""
    while True:
        address = QueryDict(query, mutable=True)
        address["after"] = after
        answer = client.get(f"{URL}?{address.urlencode()}")
        for (label, count), rows in groupby(answer.context["rows"], lambda r: (r.heading.label, r.heading.count)):
            found.append((label, count, [row.title for row in rows]))
        after = answer.context["page"].next
        if not after:
            return found


def joined(found):
    """The groups of all pages, those put together that a page ended in."""
    merged = {}
    for label, count, titles in found:
        merged.setdefault((label, int(count)), []).extend(titles)
    return merged


@pytest.fixture
def bobs(client, bob, alice, many):
    """Bob looks; two of them are Alice's."""
    actions.assign([only(title="custom/a at k8s/1.yaml"), only(key="main/orders")], alice, actor=bob)
    client.force_login(bob)
    return client


@pytest.mark.parametrize("size", [2, 4, 100])
def test_pages_of_groups_follow_without_gap_or_overlap_and_count_what_is_under_them(bobs, monkeypatch, size):
    monkeypatch.setattr(Filter, "size", size)
    labels = {
        "rule": {"custom/a", "custom/b", "custom/c", "Topic with too few replicas"},
        "path": {"k8s/0.yaml", "k8s/1.yaml", "k8s/2.yaml"},
        "owner": {"Alice", "Nobody"},
    }
    for group, sort in product(labels, ["", "&sort=newest", "&sort=oldest"]):
        found = joined(pages(bobs, f"group={group}{sort}"))
        assert all(count == len(titles) for (_, count), titles in found.items()), (group, sort)
        assert sum(map(len, found.values())) == (12 if group == "path" else 10), (group, sort)
        assert labels[group] == {label for label, _ in found}, (group, sort)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_pages_of_groups_go_backward_over_the_same_rows(bobs, monkeypatch, size):
    monkeypatch.setattr(Filter, "size", size)
    for group, sort in product(["rule", "path", "owner"], ["", "&sort=newest"]):
        go_backward(bobs, group, sort)


def go_backward(client, group, sort):
    """To the last page, and back again."""
    ahead, cursor = [], {}
    while cursor is not None:
        answer = client.get(f"{URL}?group={group}{sort}", cursor)
        ahead.append([(row.group, row.pk) for row in answer.context["rows"]])
        page = answer.context["page"]
        cursor = {"group": group, "sort": sort[6:], "after": page.next} if page.next else None
    assert bool(page.previous) == (len(ahead) > 1)
    for seen_before in reversed(ahead[:-1]):
        answer = client.get(URL, {"group": group, "sort": sort[6:], "before": page.previous})
        page = answer.context["page"]
        assert [(row.group, row.pk) for row in answer.context["rows"]] == seen_before
        assert page.next
    assert not page.previous


def test_a_heading_leads_to_its_rows_alone(client, vera, many):
    client.force_login(vera)
    for group in ("rule", "path", "owner"):
        answer = client.get(f"{URL}?group={group}&priority=P2")
        headings = {row.heading for row in answer.context["rows"]}
        for heading in headings:
            alone = client.get(f"{URL}?{heading.query}")
            assert len(alone.context["rows"]) == int(heading.count), heading
            assert Filter.read(QueryDict(heading.query)).priority == ("P2",)


def test_a_group_of_another_teams_places_is_not_told(client, charlie, other_team, repository):
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    secret = {"rule": "secrets/plaintext", "key": "hash"}
    land(repository, [seen(**secret, path="base/env"), seen(**secret, path="delivery/env"), seen(path="base/x")])
    client.force_login(charlie)
    assert [label for label, *_ in pages(client, "group=path")] == ["delivery/env"]
    assert [count for _, count, _ in pages(client, "group=rule")] == ["1"]


@pytest.mark.parametrize(
    "after", ["~", "nonsense~1", "99999999999999999999~1", "none~", "k8s/1.yaml~99999999999999999999"]
)
def test_a_cursor_nobody_gave_out_is_a_page_all_the_same(client, vera, many, after):
    client.force_login(vera)
    for group in ("rule", "path", "owner"):
        assert client.get(URL, {"group": group, "after": after}).status_code == 200


def test_columns_are_those_that_were_chosen(client, vera, many):
    client.force_login(vera)
    heads = re.findall(
        r'<th scope="col"[^>]*>(.*?)</th>', client.get(f"{URL}?columns=rule&columns=age").content.decode()
    )
    assert [re.sub("<[^>]+>", "", head) for head in heads] == ["Priority", "Finding", "Rule", "Age"]
    usual = "&".join(f"columns={name}" for name in ("where", "age", "owner", "due", "state"))
    assert Filter.read(QueryDict(usual)) == Filter()
    assert (
        Filter.read(QueryDict("columns=rule&group=path&columns=age&columns=x")).query() == "group=path&columns=rule.age"
    )


# Named views


def test_a_view_is_kept_under_a_name_and_found_in_the_menu(client, bob, vera, many):
    client.force_login(bob)
    assert client.get(f"{SAVE}?priority=P0&group=rule").status_code == 200
    client.post(SAVE, {"name": "Monday", "filter": "priority=P0&group=rule&nonsense=1"})
    view = View.objects.get()
    assert (view.user, view.team, view.query) == (bob, None, "priority=P0&group=rule")
    menu = client.get(f"{URL}?priority=P0&group=rule").context["named"]
    assert [(row["label"], row["current"]) for row in menu] == [("Monday", True)]
    client.post(SAVE, {"name": "Monday", "filter": "priority=P1"})
    assert View.objects.get().query == "priority=P1"
    client.force_login(vera)
    assert client.get(URL).context["named"] == []
    assert client.post(reverse("remediation:view_remove", args=[view.pk])).status_code == 404


def test_a_teams_view_is_everybodys_and_its_members_may_forget_it(client, bob, vera, charlie, platform, many):
    client.force_login(bob)
    client.post(SAVE, {"name": "Ours", "filter": "state=any", "team": platform.pk})
    view = View.objects.get()
    assert view.team == platform
    client.force_login(vera)
    [row] = client.get(URL).context["named"]
    assert (row["label"], row["team"], row["remove"]) == ("Ours", "Platform", "")
    assert client.post(reverse("remediation:view_remove", args=[view.pk])).status_code == 403
    client.force_login(charlie)
    assert client.get(URL).context["named"] == []
    assert client.post(SAVE, {"name": "Theirs", "team": platform.pk}).status_code == 422
    client.force_login(bob)
    client.post(reverse("remediation:view_remove", args=[view.pk]))
    assert not View.objects.exists()
    assert set(Event.objects.filter(label="Ours").values_list("verb", flat=True)) == {"saved view", "removed view"}


def test_two_people_may_use_one_name(bob, alice, platform):
    for user in (bob, alice):
        save_view(user, "Monday", "")
    save_view(bob, "Monday", "priority=P0", team=platform)
    save_view(alice, "Monday", "priority=P1", team=platform)
    assert View.objects.filter(team=None).count() == 2
    assert View.objects.get(team=platform).query == "priority=P1"
