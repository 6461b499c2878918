"""The path menu: the folders below what was chosen, and how many findings each would leave."""

import pytest
from django.urls import reverse

from tests.cast import land, seen

pytestmark = pytest.mark.django_db
URL, FOLDERS = reverse("remediation:findings"), reverse("remediation:folders")


@pytest.fixture
def reader(client, vera, repository):
    paths = ["k8s/base/a.yaml", "k8s/base/b.yaml", "k8s/prod/a.yaml", "K8S/odd.yaml", "docs/k8s/notes.md", "Makefile"]
    places = [seen("kafka/under-replicated-topic", path, 9, key="main/orders") for path in paths[1:3]]
    land(repository, [*(seen(path=path, line=n) for n, path in enumerate(paths, 1)), *places])
    client.force_login(vera)
    return client


def told(client, query=""):
    return {choice.label: choice.shown for choice, _ in client.get(f"{FOLDERS}?{query}").context["folders"]}


def test_the_first_folders_and_files_are_told_with_what_each_would_leave(reader):
    assert told(reader) == {"k8s/": "5", "K8S/": "1", "docs/": "1", "Makefile": "1"}


@pytest.mark.parametrize("query", ["", "path=k8s/", "path=k8s", "path=base/", "priority=P0", "q=notes", "group=path"])
def test_every_count_is_what_its_link_shows(reader, query):
    for choice, link in reader.get(f"{FOLDERS}?{query}").context["folders"]:
        rows = reader.get(f"{URL}?{link}").context["rows"]
        assert len({row.pk for row in rows}) == choice.count, choice.label


def test_below_a_folder_stand_its_own(reader):
    assert told(reader, "path=k8s/") == {
        "k8s/base/": "3",
        "k8s/prod/": "2",
        "docs/k8s/notes.md": "1",
    }
    assert told(reader, "path=k8s/base/a.yaml") == {}
    assert "Any path" in reader.get(f"{FOLDERS}?path=k8s/base/a.yaml").content.decode()


def test_what_leaves_most_stands_first_wherever_it_is_in_the_paths(reader, repository):
    land(repository, [seen(path=path) for path in ("src/a.rs", "x/src/1.rs", "x/src/2.rs")], tool="ruff")
    assert [*told(reader)][:3] == ["k8s/", "src/", "x/"]


def test_of_very_many_it_says_that_there_may_be_more(reader, monkeypatch):
    monkeypatch.setattr("remediation.reads.folders.FIRST", 2)
    assert all(shown.endswith("+") for shown in told(reader).values())


def test_nobody_learns_of_paths_that_are_not_theirs(reader, charlie):
    reader.force_login(charlie)
    assert told(reader) == {}


def test_without_scripts_they_come_with_the_counts(reader):
    page = reader.get(f"{URL}?counts=1").content.decode()
    assert 'href="/findings/?path=docs%2F"' in page
    assert (
        'hx-get="/findings/folders/" hx-trigger="click from:previous summary" hx-target="#folders"'
        in reader.get(URL).content.decode()
    )
