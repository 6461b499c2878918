"""Pages of repositories: who sees what of them, and what may be added."""

import re

import pytest
from django.urls import reverse

from findings import actions
from findings.models import Delivery, Event, Repository, Scan
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
LIST = reverse("findings:repositories")
ADD = reverse("findings:add_repository")
EDIT = reverse("findings:edit_repository", args=["shop"])


@pytest.fixture
def shared(repository, other_team):
    """The platform's repository, a part of which belongs to the other team."""
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    return repository


def page(repository):
    return reverse("findings:repository", args=[repository.slug])


def text(response):
    return response.content.decode()


def test_somebody_without_repositories_is_shown_the_ways_in(client, alice):
    client.force_login(alice)
    said = text(client.get(LIST))
    assert ADD in said
    assert "import_findings" in said


def test_the_list_says_where_each_repository_stands(client, alice, repository):
    land(repository, [seen(), seen("kafka/under-replicated-topic", key="a/b")])
    client.force_login(alice)
    said = text(client.get(LIST))
    assert "proven at the newest commit" in said or "not proven at the newest commit" in said
    assert repository.name in said
    assert said.count('class="prio p0"') == 1


def test_another_teams_repository_is_not_listed_and_not_found(client, charlie, repository):
    client.force_login(charlie)
    assert repository.url not in text(client.get(LIST))
    assert client.get(page(repository)).status_code == 404


@pytest.mark.parametrize(
    "url",
    ["https://git.example.com/team/shop.git", "git@git.example.com:team/shop.git", "ssh://git@git.example.com/shop"],
)
def test_a_lead_adds_a_repository_by_its_address_and_a_scan_is_asked_for(client, alice, platform, url):
    client.force_login(alice)
    answer = client.post(ADD, {"url": url, "team": platform.pk})
    made = Repository.objects.get(url=url)
    assert answer["Location"] == page(made)
    assert made.slug == "shop"
    assert Scan.objects.get(repository=made).state == "queued"


def test_two_repositories_of_one_name_get_two_slugs(client, alice, platform, repository):
    client.force_login(alice)
    client.post(ADD, {"url": "https://elsewhere.example.com/shop", "team": platform.pk})
    assert sorted(Repository.objects.values_list("slug", flat=True)) == ["shop", "shop-2"]


@pytest.mark.parametrize(
    "url",
    [
        "/srv/git/shop.git",
        "../shop",
        "file:///srv/git/shop.git",
        "ext::sh -c touch% /tmp/x",
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=x",
        "https://",
        "https://user:hunter2@git.example.com/shop.git",
        "https://git.example.com/shop.git\nfile:///etc",
        "ftp://git.example.com/shop",
        "shop\0",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_and_nothing_is_written(client, alice, platform, url):
    client.force_login(alice)
    answer = client.post(ADD, {"url": url, "team": platform.pk})
    assert answer.status_code == 422
    assert not Repository.objects.exists()


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "a~1", "refs/", "a\\b", "@{u}x@{"])
def test_a_branch_that_git_could_misread_is_refused(client, alice, platform, branch):
    client.force_login(alice)
    data = {"url": "https://git.example.com/a", "team": platform.pk, "branch": branch}
    assert client.post(ADD, data).status_code == 422


def test_a_team_one_does_not_lead_cannot_be_given_a_repository(client, alice, other_team):
    client.force_login(alice)
    assert client.post(ADD, {"url": "https://git.example.com/a", "team": other_team.pk}).status_code == 422


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_only_leads_add_repositories_and_see_the_webhook(client, request, repository, name):
    client.force_login(request.getfixturevalue(name))
    assert client.get(ADD).status_code == 403
    assert repository.hook_secret not in text(client.get(page(repository)))
    assert client.post(reverse("findings:rotate_secret", args=["shop"])).status_code == 403


def test_a_lead_sees_the_exact_values_and_a_command_that_really_is_accepted(client, alice, repository, settings):
    settings.BASE_URL = "https://nova.example.com"
    client.force_login(alice)
    said = client.get(page(repository)).context["hook"]
    path = reverse("findings:webhook", args=["github", repository.hook_token])
    assert said["url"] == f"https://nova.example.com{path}"
    assert said["secret"] == repository.hook_secret
    signature = re.search(r"sha256=[0-9a-f]{64}", said["try"])[0]
    body = re.search(r"-d '([^']*)'", said["try"])[1]
    headers = {"X-Hub-Signature-256": signature, "X-GitHub-Event": "ping", "X-GitHub-Delivery": "1"}
    answer = client.post(path, body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    assert Delivery.objects.get().outcome == "ping"
    assert "A ping arrived" in text(client.get(page(repository)))


def edit(**said: str) -> dict[str, str]:
    return {"url": "https://git.example.com/tide.git", "name": "Tide", "branch": "main", **said}


def test_a_lead_corrects_a_mistyped_address_and_a_scan_is_asked_for(client, alice, repository):
    client.force_login(alice)
    shown = client.get(EDIT)
    assert repository.url in text(shown)
    assert EDIT in text(client.get(page(repository)))
    answer = client.post(EDIT, edit(seen=shown.context["form"].initial["seen"]))
    assert answer.url == page(repository)
    now = Repository.objects.get()
    assert (now.url, now.name, now.default_branch) == ("https://git.example.com/tide.git", "Tide", "main")
    assert Scan.objects.get().actor == alice.email
    (told,) = Event.objects.filter(verb="moved repository")
    assert told.before["url"] == repository.url


@pytest.mark.parametrize("url", ["file:///etc", "ext::sh -c id", "--upload-pack=x", ""])
def test_an_address_is_corrected_to_none_that_may_not_be_cloned(client, alice, repository, url):
    client.force_login(alice)
    assert client.post(EDIT, edit(url=url)).status_code == 422
    assert Repository.objects.get().url == repository.url
    assert not Scan.objects.exists()


def test_a_repository_in_a_folder_of_the_server_is_called_otherwise_and_stays_there(client, alice, repository):
    Repository.objects.update(url="/srv/git/tide.git")
    client.force_login(alice)
    assert client.post(EDIT, edit(url="/srv/git/ebb.git")).status_code == 422
    assert client.post(EDIT, edit(url="/srv/git/tide.git", name="Ebb")).status_code == 302
    now = Repository.objects.get()
    assert (now.url, now.name) == ("/srv/git/tide.git", "Ebb")


def test_who_corrects_an_address_second_is_told_what_it_is_now(client, alice, repository):
    client.force_login(alice)
    seen = client.get(EDIT).context["form"].initial["seen"]
    client.post(EDIT, edit(seen=seen, branch="trunk"))
    second = client.post(EDIT, edit(seen=seen, name="Ebb"))
    assert second.status_code == 422
    assert "branch trunk" in text(second)
    assert 'value="Ebb"' in text(second)
    assert Repository.objects.get().name == "Tide"
    client.post(EDIT, edit(seen=second.context["form"].data["seen"], name="Ebb"))
    assert Repository.objects.get().name == "Ebb"


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_only_leads_correct_an_address(client, request, repository, name):
    client.force_login(request.getfixturevalue(name))
    assert client.post(EDIT, edit()).status_code == 403
    assert EDIT not in text(client.get(page(repository)))


def test_a_new_secret_leaves_the_one_before_it_valid(client, alice, repository):
    client.force_login(alice)
    client.post(reverse("findings:rotate_secret", args=["shop"]))
    now = Repository.objects.get()
    assert now.hook_secret != repository.hook_secret
    assert now.hook_secret_previous == repository.hook_secret


def test_a_member_asks_for_a_scan_and_a_viewer_does_not(client, bob, vera, repository):
    url = reverse("findings:scan_now", args=["shop"])
    client.force_login(vera)
    assert client.post(url).status_code == 403
    client.force_login(bob)
    client.post(url)
    client.post(url)
    assert Scan.objects.get().actor == bob.email


def test_of_a_shared_repository_each_team_sees_its_own_parts_and_figures(client, bob, charlie, shared):
    land(shared, [seen(path="k8s/a.yaml"), seen(path="delivery/b.yaml"), seen(path="delivery/c.yaml")])
    for person, team, count in ((bob, "Platform", 1), (charlie, "Delivery", 2)):
        client.force_login(person)
        shown = client.get(page(shared)).context
        assert [part["team"] for part in shown["components"]] == [team]
        assert [part["open"] for part in shown["components"]] == [count]
        assert shown["scans"][0]["text"] == f"{count} new"


def test_the_lead_of_a_shared_repository_sees_who_owns_the_rest_but_not_how_it_stands(client, alice, shared):
    land(shared, [seen(path="delivery/b.yaml")])
    client.force_login(alice)
    rows = client.get(page(shared)).context["components"]
    assert [(row["team"], row["open"], row["subject"] != "") for row in rows] == [
        ("Platform", 0, True),
        ("Delivery", "—", False),
    ]


def test_who_leads_no_team_is_told_who_brings_the_first_repository_in(client, alice, bob):
    for address in (LIST, "/", "/findings/"):
        client.force_login(bob)
        said = text(client.get(address))
        assert ADD not in said
        assert "A lead of your team adds a repository" in said
        client.force_login(alice)
        assert ADD in text(client.get(address))
