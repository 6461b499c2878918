"""`create_team` and `track`: what they print, what they keep, and how they say no."""

import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from findings.models import Component, Repository, Scan, Team, User
from tests.findings.git_repo import Repo

pytestmark = pytest.mark.django_db


def run(capsys, *words: object) -> str:
    call_command(*map(str, words))
    return capsys.readouterr().out


@pytest.fixture
def repo(tmp_path):
    made = Repo(tmp_path / "The Shop")
    made.commit("one", {"a.proto": "package shop;\n"})
    return made


# create_team


def test_a_team_and_its_lead_who_sets_a_password_with_the_link_once(capsys):
    said = run(capsys, "create_team", "platform", "--lead", "Ada@Example.com", "--timezone", "Europe/Berlin")
    user = User.objects.get(email="ada@example.com")
    assert [(m.team.slug, m.role) for m in user.memberships.all()] == [("platform", "lead")]
    assert user.timezone == "Europe/Berlin"
    path = re.search(r"http://127.0.0.1:\d+(/\S+)", said)[1]
    client = Client()
    form = client.get(path, follow=True)
    answer = client.post(
        form.request["PATH_INFO"], {"new_password1": "long enough 4711", "new_password2": "long enough 4711"}
    )
    assert answer.status_code == 302
    assert client.login(username="ada@example.com", password="long enough 4711")
    assert "new_password1" not in Client().get(path, follow=True).content.decode()


def test_somebody_who_signs_in_already_gets_no_link(capsys, alice):
    said = run(capsys, "create_team", "second", "--lead", alice.email)
    assert "as before" in said
    assert "reset" not in said
    alice.refresh_from_db()
    assert alice.check_password("correct horse")


def test_a_second_team_of_that_name_changes_nothing(platform):
    with pytest.raises(CommandError, match="a team 'platform' already"):
        call_command("create_team", "platform", "--lead", "ada@example.com")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a b"], "'a b'"),
        (["x" * 51], "too long"),
        (["x", "--name", "n" * 101], "name is too long"),
        (["x", "--lead", "nobody"], "'nobody': Enter a valid email"),
        (["x", "--timezone", "Mars/Base"], "no time zone 'Mars/Base'"),
        (["x", "--language", "tlh"], "'tlh' is not a language"),
    ],
)
def test_what_cannot_be_a_team_is_one_clear_line(words, said):
    with pytest.raises(CommandError, match=said) as error:
        call_command("create_team", *words)
    assert "\n" not in str(error.value)
    assert not Team.objects.exists()


# track


def test_a_path_is_kept_whole_with_its_webhook_and_a_first_scan(capsys, platform, repo, monkeypatch):
    monkeypatch.chdir(repo.path)
    said = json.loads(run(capsys, "track", ".", "--team", "platform", "--json"))
    made = Repository.objects.get()
    assert (made.slug, made.url) == ("the-shop", str(repo.path))
    assert said["webhook_url"].endswith(f"/webhooks/github/{made.hook_token}/")
    assert said["webhook_secret"] == made.hook_secret
    assert Component.objects.get(is_default=True).team == platform
    assert (Scan.objects.get().kind, Scan.objects.get().pk) == ("manual", said["scan"])


def test_an_address_is_kept_with_slug_name_and_branch(capsys, platform):
    words = ["--slug", "s", "--name", "The shop", "--branch", "release/2", "--no-scan"]
    said = run(capsys, "track", "git@git.example.com:x/shop.git", "--team", "platform", *words)
    made = Repository.objects.get()
    assert (made.slug, made.name, made.default_branch) == ("s", "The shop", "release/2")
    assert made.hook_secret in said
    assert not Scan.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ext::sh -c touch% owned"], "helper programs"),
        (["--", "--upload-pack=touch owned"], "is an option"),
        (["https://a:b@git.example.com/x"], "holds a password"),
        (["file:///srv/x"], "file:// is not allowed"),
        (["{tmp}"], "is not a git repository"),
        (["{tmp}/nothing"], "is not a git repository"),
        (["{tmp}/" + "x" * 300], "cannot be read"),
        (["{repo}", "--branch", "nothing"], "no branch 'nothing'"),
        (["{repo}", "--slug", "a/b"], "'a/b' is not a usable slug"),
        (["https://git.example.com/商店.git"], "--slug gives another"),
        (["https://git.example.com/x", "--branch=--upload-pack=x"], "not a name of a branch"),
        (["https://git.example.com/x", "--name", "n" * 201], "name is too long"),
    ],
)
def test_what_cannot_be_followed_is_one_clear_line_and_leaves_nothing(platform, repo, tmp_path, words, said):
    (tmp_path / "empty").mkdir()
    filled = [word.format(tmp=tmp_path / "empty", repo=repo.path) for word in words]
    with pytest.raises(CommandError, match=said) as error:
        call_command("track", "--team=platform", *filled)
    assert "\n" not in str(error.value)
    assert not Repository.objects.exists()
    assert not (tmp_path / "owned").exists()


def test_a_slug_that_is_taken_and_a_team_that_is_not_there(repository, repo):
    with pytest.raises(CommandError, match="a repository 'shop' already"):
        call_command("track", str(repo.path), "--team", "platform", "--slug", "shop")
    with pytest.raises(CommandError, match="no team 'nobody'"):
        call_command("track", str(repo.path), "--team", "nobody")
    assert not Scan.objects.exists()
