"""Many blobs are read by two processes: with the answers of one, whatever becomes of the other."""

import errno
import os

import pytest
from billiard import Process

from findings.git import Mirror
from findings.scanner import Limits, MemoryStore, scan
from findings.scanner import together as module
from findings.scanner.together import pays, together
from tests.findings.git_repo import Repo
from tests.findings.test_scanner import KEY, REAL

NAMES = [f"blob {number}" for number in range(400)]
HERE = os.getpid


def in_turns(end, after: int):
    """Work of which this process begins its second piece when the other has begun piece `after` and met its end there,
    and the other its first when this one waits for that.
    """
    first, (met, meets), (waits, waiting) = HERE(), os.pipe(), os.pipe()
    ends = [meets]

    def work(names):
        for number, name in enumerate(names):
            if first == HERE() and number == 1 and ends:
                os.close(ends.pop())
                os.write(waiting, b".")
                os.read(met, 1)  # until nobody can write any more
            if first != HERE() and number == 0:
                os.read(waits, 1)
            if first != HERE() and number == after:
                end()
                os.close(meets)
            yield name, HERE()

    return work


def test_each_name_is_answered_once_and_whoever_is_quicker_does_more():
    answers = [*together(NAMES, in_turns(lambda: None, 397))]
    assert sorted(name for name, _ in answers) == sorted(NAMES)
    assert [name for name, who in answers if who == HERE()] == NAMES[:2]
    assert [name for name, who in answers if who != HERE()] == NAMES[:1:-1]


def test_answers_that_fill_the_pipe_are_taken_in_meanwhile():
    assert sum(map(len, together(NAMES, lambda names: ("x" * 100_000 for _ in names)))) == 100_000 * len(NAMES)


@pytest.mark.parametrize("end", [lambda: os._exit(3), lambda: os.kill(HERE(), 9), lambda: {}["no such thing"]])
@pytest.mark.parametrize("after", [0, 60])
def test_what_a_copy_that_died_owes_is_worked_out_here(end, after: int):
    answers = [*together(NAMES, in_turns(end, after))]
    assert sorted(name for name, _ in answers) == sorted(NAMES)
    assert sum(who != HERE() for _, who in answers) in range(after // 2, after + 1)


def test_where_no_process_can_be_made_all_is_read_here(monkeypatch):
    def fork():
        raise BlockingIOError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(os, "fork", fork)
    assert [*together(NAMES, iter)] == NAMES


def test_an_error_is_met_here_as_if_there_were_no_copy():
    def work(names):
        yield from names[:3]
        raise LookupError

    with pytest.raises(LookupError):
        list(together(NAMES, work))


def test_nobody_is_left_when_the_answers_are_wanted_no_more(monkeypatch):
    def work(names):
        while True:
            yield "again"

    made, fork = [], os.fork
    monkeypatch.setattr(os, "fork", lambda: made.append(fork()) or made[-1])
    answers = together(NAMES, work)
    assert next(answers) == "again"
    answers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(made[0], 0)


def test_a_worker_of_celery_may_make_a_copy():
    def scan_as_a_worker():
        assert sorted(together(NAMES, iter)) == sorted(NAMES)

    worker = Process(target=scan_as_a_worker)
    worker.daemon = True
    worker.start()
    worker.join()
    assert worker.exitcode == 0


def test_a_second_process_is_made_for_many_and_where_there_is_a_processor_for_it(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    assert pays(module.MANY)
    assert not pays(module.MANY - 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    assert not pays(module.MANY)


@pytest.fixture
def repo(tmp_path):
    made = Repo(tmp_path / "repo")
    for number in range(30):
        made.commit(f"{number}", {f"k8s/d{number % 4}.env": f"DB_PASSWORD={REAL}{number}\n", "large.txt": "x" * number})
    return made


@pytest.mark.parametrize("session", [False, True])
def test_history_read_by_two_is_history_read_by_one(repo, monkeypatch, session: bool):
    def scanned():
        store = MemoryStore()
        mirror = Mirror(repo.path)
        limits = Limits(blob_bytes=60)
        if not session:
            return scan(mirror, mirror.resolve("HEAD"), store, KEY, limits=limits), store
        with mirror.session() as kept:
            return scan(kept, kept.resolve("HEAD"), store, KEY, limits=limits), store

    alone, one = scanned()
    monkeypatch.setattr(module, "MANY", 4)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    made = []
    real = module.together
    monkeypatch.setattr("findings.scanner.reading.together", lambda *words: made.append(words) or real(*words))
    both, two = scanned()
    assert [len(names) for names, _ in made] == [alone.counts.history_blobs]
    assert (both.batch, both.counts) == (alone.batch, alone.counts)
    assert (two.facts, two.read) == (one.facts, one.read)
    assert alone.counts.rules["secrets/plaintext"] > 20
