"""Children run all the time: restarted when they die, stopped together, found again after a killed run."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from nova_dashboard import supervisor
from nova_dashboard.supervisor import Supervisor, end_orphans

# A supervisor over children that write their process id and sleep; one of them does not listen to SIGTERM.
PROGRAM = """
import signal, sys
from pathlib import Path
from nova_dashboard.supervisor import Supervisor
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job starts with it ignored
place = Path(sys.argv[1])
note = "open(sys.argv[1], 'a').write(f'{os.getpid()}\\\\n'); "
deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " if "deaf" in sys.argv else ""
needs = "import os, signal, sys, time; "
commands = {n: (sys.executable, "-c", needs + deaf + note + "time.sleep(600)", str(place / n)) for n in ("one", "two")}
Supervisor(commands, place / "children.json", lambda text: print(text, flush=True)).run()
"""


def until(happened: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class Run:
    """The program above, running in `place`."""

    def __init__(self, place: Path, *words: str) -> None:
        self.place = place
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(place), *words], stdout=subprocess.PIPE, text=True
        )
        until(lambda: all(self.pids(name) for name in ("one", "two")))

    def pids(self, name: str) -> list[int]:
        file = self.place / name
        return [int(line) for line in file.read_text().split()] if file.exists() else []


@pytest.fixture
def run(tmp_path):
    runs: list[Run] = []

    def start(*words: str) -> Run:
        runs.append(Run(tmp_path, *words))
        return runs[-1]

    yield start
    for each in runs:
        each.process.kill()
    end_orphans(tmp_path / "children.json")


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_killed_child_is_started_again(run):
    running = run()
    os.kill(running.pids("one")[0], signal.SIGKILL)
    until(lambda: len(running.pids("one")) == 2)
    assert len(running.pids("two")) == 1


def test_a_child_that_keeps_dying_is_held_back(tmp_path):
    child = supervisor.Child("short", (sys.executable, "-c", "raise SystemExit(3)"))
    delays = []
    for _ in range(7):
        child.start()
        until(lambda: (code := child.died()) is not None and delays.append((code, child.delay)) is None)
    assert delays == [(3, 1.0), (3, 2.0), (3, 4.0), (3, 8.0), (3, 16.0), (3, 30.0), (3, 30.0)]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_every_child(run, signum):
    running = run()
    running.process.send_signal(signum)
    running.process.wait(supervisor.GRACE + 3)
    assert not any(alive(pid) for name in ("one", "two") for pid in running.pids(name))
    assert not (running.place / "children.json").exists()


def test_a_deaf_child_is_ended_after_the_grace(run, monkeypatch):
    running = run("deaf")
    start = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    running.process.wait(15)
    assert time.monotonic() - start < 10
    assert not any(alive(pid) for name in ("one", "two") for pid in running.pids(name))


def test_children_of_a_killed_run_are_ended_by_the_next(run):
    running = run("deaf")
    running.process.kill()
    running.process.wait()
    assert end_orphans(running.place / "children.json") == 2
    until(lambda: not any(alive(pid) for name in ("one", "two") for pid in running.pids(name)))


def test_a_process_that_only_has_the_number_of_an_orphan_is_left_alone(tmp_path):
    record = tmp_path / "children.json"
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    record.write_text(json.dumps([[stranger.pid, 1.0], [4_000_000, 1.0]]))
    assert end_orphans(record) == 0
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("text", ["", "{", "[1]", '[["a", "b"]]'])
def test_a_record_that_a_crash_cut_short_is_no_obstacle(tmp_path, text):
    (tmp_path / "children.json").write_text(text)
    assert end_orphans(tmp_path / "children.json") == 0


def test_the_servers_are_looked_after(tmp_path, monkeypatch):
    looks = []

    def tend() -> None:
        looks.append(1)
        if len(looks) == 2:
            raise SystemExit

    monkeypatch.setattr(supervisor, "SERVER_LOOK", 0.05)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit):
        Supervisor({}, tmp_path / "children.json", print, tend).run()
