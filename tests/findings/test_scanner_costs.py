"""What a scan costs, counted: blobs read, git processes, statements. A slow machine cannot falsify a count."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from findings.core.rules import FAMILIES
from findings.facts import DatabaseStore
from findings.git import Mirror
from findings.models import Fact, Reading
from findings.scanner import MemoryStore, scan
from tests.findings.git_repo import Repo
from tests.findings.test_scanner import KEY, REDIS, TOPIC, TREE

pytestmark = pytest.mark.django_db
MANY = {f"d{number % 30}/f{number}.yaml": f"a: {number}\n" for number in range(600)}
PUSH = {"d1/f1.yaml": f"# pushed\n{REDIS}", "k8s/base/topic.yaml": TOPIC.replace("name: t", "name: u")}


@pytest.fixture
def repo(tmp_path):
    made = Repo(tmp_path / "repo")
    made.commit("all", TREE | MANY)
    return made


@pytest.fixture
def started(monkeypatch):
    """The git commands that were started, in order."""
    commands = []
    for name in ("_started", "_run", "_stream"):
        real = getattr(Mirror, name)

        def counted(self, *words, real=real, **more):
            commands.append(words[0])
            return real(self, *words, **more)

        monkeypatch.setattr(Mirror, name, counted)
    return commands


def head(repo):
    return repo.git("rev-parse", "HEAD")


def statements(work):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        answer = work()
    return answer, [query["sql"].split("(")[0][:60] for query in caught.captured_queries]


def test_a_push_of_two_files_reads_two_blobs_with_few_statements_and_processes(repo, repository, started):
    store = DatabaseStore(repository.pk)
    before = head(repo)
    first = scan(Mirror(repo.path), before, store, KEY, all_refs=True)
    assert first.counts.blobs_read == len(TREE | MANY)
    after = repo.commit("push", PUSH)
    for known in (store, DatabaseStore(repository.pk)):
        started.clear()
        with Mirror(repo.path).session() as mirror:
            push, asked = statements(
                lambda mirror=mirror, known=known: scan(mirror, after, known, KEY, since=before, all_refs=True)
            )
        assert push.counts.files == len(TREE | MANY)
        assert sorted(set(started)) == ["cat-file", "diff-tree", "for-each-ref", "merge-base", "rev-list", "rev-parse"]
        assert len(started) <= 9
        assert len(asked) <= 40
        assert push.counts.blobs_read == (2 if known is store else 0)  # then they are known


def test_a_scan_of_the_whole_tree_starts_two_processes_however_many_files_there_are(repo, started):
    scan(Mirror(repo.path), head(repo), MemoryStore(), KEY, history=False)
    assert started == ["ls-tree", "cat-file"]


def test_what_many_unreadable_files_said_earlier_is_asked_of_few_processes_and_read_once(repo, started):
    for number in range(25):
        repo.commit("break", {f"d{number}/f{number}.yaml": "a: [\n"})
        repo.commit("again", {f"d{number}/f{number}.yaml": "b: [\n"})
    store = MemoryStore()
    result = scan(Mirror(repo.path), head(repo), store, KEY, history=False)
    assert len(result.batch.coverage.unreadable) == 25
    assert sorted(started) == ["cat-file"] * 7 + ["diff-tree", "ls-tree", "rev-list"]
    assert (
        len({blob for blob, _ in store.read}) == len(TREE | MANY) + 2
    )  # two broken texts, and what stood there before


def test_a_new_version_of_an_extractor_reads_its_own_path_class_again_and_nothing_else(repo, repository):
    store = DatabaseStore(repository.pk)
    scan(Mirror(repo.path), head(repo), store, KEY)
    proto = FAMILIES["protobuf"]
    newer = replace(proto, versions={name: version + 1 for name, version in proto.versions.items()})
    again = scan(
        Mirror(repo.path), head(repo), DatabaseStore(repository.pk), KEY, families=FAMILIES | {"protobuf": newer}
    )
    assert again.counts.blobs_read == len([path for path in TREE if path.endswith(".proto")]) == 1


def test_a_blob_without_facts_is_two_rows_however_many_rules_looked_at_it(repo, repository):
    """One for what looks at history too, one for all other rules."""
    scan(Mirror(repo.path), head(repo), DatabaseStore(repository.pk), KEY, history=False)
    empty = [repo.git("rev-parse", f"HEAD:{path}") for path in MANY]
    rows = Reading.objects.filter(blob__in=empty)
    assert [(row.found, row.failed) for row in rows] == [(0, {})] * 2 * len(MANY)
    assert not Fact.objects.filter(blob__in=empty).exists()


def test_history_is_one_walk_and_one_read_and_later_only_what_is_new(repo, repository, started):
    repo.commit("leak", {"a.env": "API_TOKEN=Zr8mT2wQ5yB1nV7c\n"})
    first = repo.commit("fix", {"a.env": None})
    repo.git("checkout", "-qb", "side")
    repo.commit("elsewhere", {"side.txt": "side\n"})
    repo.git("checkout", "-q", "main")
    store = DatabaseStore(repository.pk)
    scan(Mirror(repo.path), first, store, KEY, history=False)
    started.clear()
    result = scan(Mirror(repo.path), first, store, KEY, all_refs=True)
    assert result.counts.history_blobs == 2
    assert started.count("rev-list") == started.count("diff-tree") == 1
    assert started.count("cat-file") == 2
    last = repo.commit("later", {"later.txt": "later\n"})
    started.clear()
    later = scan(Mirror(repo.path), last, DatabaseStore(repository.pk), KEY, since=first, all_refs=True)
    assert (later.counts.blobs_read, later.counts.history_blobs) == (1, 0)
    assert [seen.path for seen in later.batch.observations if not seen.at_head] == ["a.env"]
