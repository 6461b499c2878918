"""The database keeps facts while the next files are read: nothing is lost, nothing comes late, and errors are heard."""

import pytest
from django.db import DataError, connection

from findings.facts import DatabaseStore
from findings.git import Mirror
from findings.models import Fact, Reading
from findings.scanner import FactKey, MemoryStore, Read, scan
from findings.scanner import Reading as Found
from tests.findings.git_repo import Repo

KEY = b"a key for tests"
SEVERAL = 450  # files: two batches and a part


def read(name: str, fact: str = "seen") -> Read:
    return Read(name, "kind", Found(1), {FactKey(name, "some:yaml", "1"): {"said": fact}})


@pytest.mark.django_db
def test_a_scan_keeps_the_same_facts_in_the_database_as_in_memory(tmp_path, repository):
    repo = Repo(tmp_path / "repo")
    commit = repo.commit("all", {f"k8s/f{n}.env": f"DB_PASSWORD=tR4vel-hush{n}\n" for n in range(SEVERAL)})
    mirror, memory, database = Mirror(repo.path), MemoryStore(), DatabaseStore(repository.pk)
    seen = [scan(mirror, commit, store, KEY).batch.observations for store in (memory, database)]
    assert seen[0] == seen[1]
    assert len(seen[0]) == SEVERAL
    assert DatabaseStore().get_many(memory.facts.keys()) == memory.facts
    assert Reading.objects.count() == len(memory.read)


@pytest.mark.django_db
def test_when_it_ends_all_is_kept_and_the_connection_is_as_before():
    store = DatabaseStore()
    with store.ahead():
        for name in "abc":
            store.keep([read(name)])
    assert set(Fact.objects.values_list("blob", flat=True)) == {"a", "b", "c"}
    store.keep([read("d")])
    assert set(DatabaseStore().readings("kind", ["a", "d", "e"])) == {"a", "d"}


@pytest.mark.django_db(transaction=True)
def test_what_breaks_off_loses_the_last_batch_at_most():
    store = DatabaseStore()
    with pytest.raises(KeyError), store.ahead():
        for name in "abc":
            store.keep([read(name)])
        raise KeyError
    assert {"a", "b"} <= set(Fact.objects.values_list("blob", flat=True))


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_is_heard():
    store = DatabaseStore()
    with pytest.raises(DataError), store.ahead():
        store.keep([read("a", fact="\0")])
    assert not Fact.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
