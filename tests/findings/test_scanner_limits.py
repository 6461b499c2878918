"""One bad blob costs itself only: its path is not covered, and says why; everything else is scanned."""

import gc
import re
import resource
import signal
import subprocess
import threading
import time
from dataclasses import replace

import pytest

from findings.core.rules import FAMILIES
from findings.git import Mirror
from findings.git.streams import MEMORY, bounded
from findings.scanner import Limits, MemoryStore, scan
from findings.scanner.limits import SELDOM, OutOfTime, Watch, few_collections
from tests.findings.git_repo import Repo
from tests.findings.test_scanner import KEY, REAL

FILES = {"bad.proto": "package shop.bad;\n", "good.proto": "package shop.good;\n", f"{'x' * 9}.txt": "text\n"}


@pytest.fixture
def repo(tmp_path):
    made = Repo(tmp_path / "repo")
    made.commit("one", FILES)
    return made


def scanned(repo, extract, store=None, **limits):
    """A scan whose reader of .proto files is another one."""
    families = FAMILIES | {"protobuf": replace(FAMILIES["protobuf"], extract=extract)}
    mirror = Mirror(repo.path)
    return scan(mirror, mirror.resolve("HEAD"), store or MemoryStore(), KEY, families=families, limits=Limits(**limits))


def on_bad(work):
    """The extractor of .proto files, which does something else in one of them."""

    def extract(blob):
        return work(blob) if b"bad" in blob.data else FAMILIES["protobuf"].extract(blob)

    return extract


def fail(blob):
    raise RuntimeError(f"the text is {blob.text}")


def recurse(blob):
    return [recurse(blob)]


def spin(blob):
    while True:
        pass


def swallow(blob):
    while True:
        try:
            spin(blob)
        except Exception:
            continue


def backtrack(blob):
    return re.match(r"(a+)+$", "a" * 60 + "b")


def paths(result):
    return [seen.path for seen in result.batch.observations]


@pytest.mark.parametrize("work", [fail, recurse], ids=["an error", "endless recursion"])
def test_an_extractor_that_fails_leaves_its_path_uncovered_and_the_rest_as_it_is(repo, work, caplog):
    result = scanned(repo, on_bad(work))
    assert paths(result) == ["good.proto"]
    assert result.batch.coverage.unreadable == {"bad.proto"}
    assert {notice.path: notice.message for notice in result.batch.notices} == {
        "bad.proto": "the rules of 'protobuf' failed on it"
    }
    assert "shop.bad" not in caplog.text
    assert "test_scanner_limits.py" in caplog.text


def test_what_other_families_find_in_a_blob_that_one_fails_on_counts(repo):
    repo.commit("two", {"bad.proto": f'package shop.bad;\n// password: {REAL}\noption (x).db_password = "{REAL}";\n'})
    store = MemoryStore()
    for _ in range(2):
        result = scanned(repo, on_bad(fail), store)
        assert sorted(paths(result)) == ["bad.proto", "good.proto"]
        assert result.batch.coverage.unreadable == {"bad.proto"}


@pytest.mark.parametrize("work", [spin, swallow, backtrack], ids=["a loop", "errors caught", "a pattern"])
def test_a_blob_that_takes_too_long_is_given_up_and_says_so(repo, work):
    began = time.monotonic()
    result = scanned(repo, on_bad(work), seconds=0.3)
    assert time.monotonic() - began < 20
    assert paths(result) == ["good.proto"]
    assert [(n.path, n.message) for n in result.batch.notices] == [
        ("bad.proto", "timed out: reading it takes more than 0.3 seconds")
    ]


def test_a_blob_that_failed_is_read_again_by_a_scan_of_the_whole_tree(repo):
    store = MemoryStore()
    assert paths(scanned(repo, on_bad(fail), store)) == ["good.proto"]
    later = scanned(repo, FAMILIES["protobuf"].extract, store, seconds=11)
    assert (paths(later), later.counts.blobs_read) == (["bad.proto", "good.proto"], 1)


def test_a_failure_of_one_family_leaves_what_others_found_in_the_same_file(repo):
    repo.commit("two", {"bad.proto": f'option (url) = "redis://shop:{REAL}@redis";\npackage shop.bad;\n'})
    result = scanned(repo, on_bad(fail))
    assert sorted((seen.rule, seen.path) for seen in result.batch.observations) == [
        ("protobuf/unversioned-package", "good.proto"),
        ("secrets/plaintext", "bad.proto"),
    ]


def test_the_alarm_is_off_afterwards_and_whoever_had_it_before_has_it_again():
    heard = []
    before = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    try:
        watch = Watch(5)
        with watch.on(), watch.piece():
            pass
        waiting = Watch(0.05)
        with pytest.raises(OutOfTime), waiting.on(), waiting.piece():
            time.sleep(5)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        signal.raise_signal(signal.SIGALRM)
        assert heard == [1]
    finally:
        signal.signal(signal.SIGALRM, before)


def test_what_waits_for_a_busy_machine_has_more_time_than_what_works():
    watch, began = Watch(0.2), time.monotonic()
    with watch.on():
        with watch.piece():
            time.sleep(0.5)
        with pytest.raises(OutOfTime), watch.piece():
            while time.monotonic() - began < 60:
                pass


def test_nothing_rings_between_two_pieces_or_while_it_rests():
    watch = Watch(0.02)
    with watch.on():
        for _ in range(3):
            with watch.piece():
                pass
            time.sleep(0.15)
        watch.rest()
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        with watch.piece():
            assert signal.getitimer(signal.ITIMER_REAL)[0] > 0


def test_outside_the_main_thread_work_is_done_without_a_limit():
    done = []

    def work():
        watch = Watch(0.01)
        with watch.on(), watch.piece():
            time.sleep(0.1)
        done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    assert done == [1]


def test_what_all_blobs_need_is_made_outside_of_their_time(repo):
    made = []

    def slow(path_class):
        time.sleep(0 if made else 1.2)
        made.append(path_class)

    families = FAMILIES | {"protobuf": replace(FAMILIES["protobuf"], ready=slow)}
    mirror = Mirror(repo.path)
    found = scan(mirror, mirror.resolve("HEAD"), MemoryStore(), KEY, families=families, limits=Limits(seconds=1))
    assert made
    assert not found.batch.notices


def test_garbage_is_looked_for_as_often_as_before_once_a_scan_is_over():
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="broken"), few_collections():
        assert gc.get_threshold() == SELDOM
        raise ValueError("broken")
    assert gc.get_threshold() == before


@pytest.mark.parametrize("many", [True, False])
def test_who_made_much_looks_at_all_of_it_and_not_the_next_one(monkeypatch, many):
    looks, counts = [], iter([(0, 0, 8), (0, 0, 14 if many else 13)])  # what others made before counts for nothing
    monkeypatch.setattr("gc.get_count", lambda: next(counts))
    monkeypatch.setattr("gc.collect", lambda: looks.append(1))
    with few_collections():
        assert looks == []
    assert looks == [1] * many


ALLOWED = resource.getrlimit(resource.RLIMIT_DATA)[0]


@pytest.mark.parametrize("command, most", [("diff-tree", MEMORY), ("cat-file", ALLOWED)])
def test_git_may_not_gather_more_than_is_allowed(command: str, most: int):
    with subprocess.Popen(["sleep", "60"]) as process:
        bounded(process, command)
        assert resource.prlimit(process.pid, resource.RLIMIT_DATA)[0] == most
        process.kill()
    bounded(process, command)  # it is over, which is no error
