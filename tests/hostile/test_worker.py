"""Small forms of hostile repositories, through the worker: it survives, finds what can be found, and says what it skipped."""

from pathlib import Path

import pytest

from findings import actions
from findings.core.paths import escape
from findings.git import Mirror
from findings.models import Finding, Occurrence, Scan, ScanState
from findings.scanner import MemoryStore, scan
from nova_dashboard import pipeline
from tests.findings.git_repo import Repo
from tests.hostile import making, trap
from tests.hostile.trees import filled

pytestmark = pytest.mark.django_db
LIMIT = 200_000


@pytest.fixture
def worker(platform, settings, tmp_path):
    """Scans a repository as a worker does; it must not be in debt to anybody afterwards."""
    settings.NOVA_BLOB_LIMIT = LIMIT
    settings.VAR = tmp_path / "var"

    def scanned(path: Path | str) -> Scan:
        repository = actions.track(str(path), team=platform, actor="test", slug="odd")
        scan, _ = actions.request_scan(repository, actor="test")
        assert pipeline.run_scan(scan.pk) or Scan.objects.get(pk=scan.pk).state == ScanState.FAILED
        scan.refresh_from_db()
        return scan

    return scanned


def skipped(scan: Scan) -> dict[str, str]:
    return {notice["path"]: notice["message"] for notice in scan.notices}


def leaked() -> set[str]:
    """Paths in which the credential was seen."""
    return set(Occurrence.objects.filter(finding__rule__key="secrets/plaintext").values_list("path", flat=True))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (making.of(lambda: making.yaml_files(5_000)), {"deep/list.yaml": "nested", "deep/open.yaml": "nested"}),
        (making.of(lambda: making.nested_files(5_000)), {"deep/Cargo.toml": "nested"}),
        (making.of(lambda: making.long_files(LIMIT - 20)), {}),
        (making.of(lambda: making.long_files(LIMIT + 20)), {"one.js": "larger than", "quotes.sql": "larger than"}),
        (making.of(lambda: making.secret_files(3_000)), {}),
        (making.of(lambda: making.packed_bombs(3)), {"z0.txt": "larger than"}),
        (lambda folder: making.large_blob(folder, 20_000_000), {"other.yaml": "larger than", "big.yaml": "of history"}),
        (lambda folder: filled(folder, [*making.cases(300), (b"secret.env", making.SECRET)]), {}),
        (making.odd_tree, {"link.env": "symbolic link", "module": "submodule"}),
    ],
    ids=[
        "yaml",
        "nesting",
        "long lines",
        "too long lines",
        "secrets",
        "packed bombs",
        "large blob",
        "cases",
        "odd tree",
    ],
)
def test_it_is_scanned_to_the_end_and_what_was_skipped_is_said(worker, tmp_path, make, said):
    scan = worker(make(tmp_path / "odd").path)
    assert (scan.state, scan.error) == ("done", "")
    assert "secret.env" in leaked()
    found = skipped(scan)
    assert {path: word for path, word in said.items() if word not in found.get(path, "")} == {}
    assert not Path("/tmp/owned-by-yaml").exists()


def test_names_of_every_kind_are_kept_apart_and_shown(worker, tmp_path, alice, client):
    scan = worker(filled(tmp_path / "odd", making.name_files()).path)
    assert (scan.state, scan.notices) == ("done", [])
    assert leaked() == {escape(name) for name in making.NAMES}
    client.force_login(alice)
    page = client.get(Finding.objects.get().get_absolute_url())
    assert page.status_code == 200
    assert "<script>.env" not in page.content.decode()


@pytest.mark.parametrize("make", [making.damaged, making.lacking])
def test_an_object_that_cannot_be_had_costs_the_scan_and_not_the_worker(worker, tmp_path, make):
    scan = worker(make(tmp_path / "odd").path)
    assert scan.state == "failed"
    assert scan.error.startswith("git fetch: ")


@pytest.mark.parametrize(("make", "path"), [(making.damaged, "damaged.env"), (making.lacking, "lost.env")])
def test_once_it_is_here_an_object_that_is_missing_costs_only_itself(tmp_path, make, path):
    whole = Mirror(make(tmp_path / "odd").path)
    with whole.apart() as mirror:
        batch = scan(mirror, whole.resolve("refs/heads/main"), MemoryStore(), b"k" * 32).batch
    assert {one.path for one in batch.observations} == {"secret.env"}
    assert path in batch.coverage.unreadable


@pytest.mark.parametrize(
    "url",
    ["ext::sh -c 'touch {owned}'", "--upload-pack=touch {owned}", "-oProxyCommand=touch {owned}", "file:///etc", "a\nb", "",
     "ssh://-oProxyCommand=touch {owned}/x", "fd::17/foo", "https://127.0.0.1:1/no.git"],
)  # fmt: skip
def test_an_address_that_is_an_order_is_refused(worker, tmp_path, url):
    owned = tmp_path / "owned"
    scan = worker(url.format(owned=owned))
    assert scan.state == "failed"
    assert "\n" not in scan.error
    assert not owned.exists()


@pytest.mark.parametrize(
    "branch", ["--upload-pack=touch owned", "-x", "a..b", "refs/heads/*", "HEAD~1", "a b", "@{-1}", "\x1b[0m"]
)
def test_a_branch_that_is_an_order_is_no_branch(platform, tmp_path, settings, branch):
    settings.VAR = tmp_path / "var"
    repo = Repo(tmp_path / "odd")
    repo.commit("one", {"secret.env": making.SECRET})
    repository = actions.track(str(repo.path), team=platform, actor="test", slug="odd", branch=branch)
    scan, _ = actions.request_scan(repository, actor="test")
    pipeline.run_scan(scan.pk)
    scan.refresh_from_db()
    assert scan.state == "failed"
    assert scan.error


def test_a_repository_that_wants_to_run_things_runs_nothing(worker, tmp_path):
    path, owned = trap(tmp_path)
    assert worker(path).state == "done"
    assert not owned.exists()


def test_no_commits_shallow_and_partial_clones_each_have_their_words(worker, tmp_path):
    assert "no commit yet" in worker(Repo(tmp_path / "empty").path).error
    repo = Repo(tmp_path / "whole")
    repo.commit("one", {"a.env": making.SECRET})
    repo.commit("two", {"a.env": "A=1\n", "b.env": making.SECRET + b"B=1\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    source = f"file://{repo.path}"
    repo.git("clone", "-q", "--depth", "1", source, str(tmp_path / "shallow"))
    repo.git("clone", "-q", "--bare", "--filter=blob:none", source, str(tmp_path / "partial"))
    actions.repositories.Repository.objects.all().delete()
    shallow = worker(tmp_path / "shallow")
    assert (shallow.state, shallow.error, "shallow" in str(shallow.notices)) == ("done", "", True)
    actions.repositories.Repository.objects.update(slug="shallow")
    partial = worker(tmp_path / "partial")
    assert (partial.state, partial.error.partition(" ")[0], partial.error.count("\n")) == ("failed", "git", 0)
