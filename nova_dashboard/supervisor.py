"""Keeps processes running: starts them, restarts what dies, stops all of them together, finds orphans of a killed run.

Each child leads a session of its own, so that Ctrl-C reaches only the supervisor, and so that what a killed child
leaves behind can be ended as one group.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

TICK = 0.25  # seconds between two looks at the children
SERVER_LOOK = 1.0  # seconds between two looks at the embedded servers
GRACE = 7.0  # seconds that children get to finish what they do
STEADY = 10.0  # a child that lived this long is restarted at once when it dies
LONGEST_DELAY = 30.0
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """A command that shall run all the time. `due` and `delay` hold a child that keeps dying back; both are seconds."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    delay: float = 0.0

    def start(self) -> None:
        """Start it; on Linux it is told to stop when the supervisor dies, however that dies."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_stop_with_parent
        )
        self.started = time.monotonic()

    def died(self) -> int | None:
        """Its exit code when it is no longer there; what it left behind is ended, and its restart is planned."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        _kill_group(self.process.pid)
        self.process = None
        now = time.monotonic()
        self.delay = 0.0 if now - self.started > STEADY else min(max(1.0, 2 * self.delay), LONGEST_DELAY)
        self.due = now + self.delay
        return code


@dataclass
class Supervisor:
    """Runs `commands` until it is told to stop. `tend` is called now and then to look after what children need."""

    commands: Mapping[str, Sequence[str]]
    record: Path
    say: Callable[[str], None]
    tend: Callable[[], None] = lambda: None
    children: list[Child] = field(default_factory=list)

    def run(self) -> None:
        """Start everything and keep it running; returns never, leaves by SystemExit or KeyboardInterrupt."""
        self.children = [Child(name, command) for name, command in self.commands.items()]
        next_look = time.monotonic() + SERVER_LOOK
        try:
            while True:
                self._revive()
                if time.monotonic() > next_look:
                    self.tend()
                    next_look = time.monotonic() + SERVER_LOOK
                time.sleep(TICK)
        finally:
            self._stop()

    def _revive(self) -> None:
        changed = False
        for child in self.children:
            if (code := child.died()) is not None:
                self.say(f"{child.name} {_ended(code)}; starting it again in {child.delay:.0f} s")
            if child.process is None and time.monotonic() >= child.due:
                child.start()
                changed = True
        if changed:
            self._remember()

    def _remember(self) -> None:
        """Note who runs: process ids are used again, so each is kept with its time of birth."""
        born = [(child.process.pid, _born(child.process.pid)) for child in self.children if child.process]
        draft = self.record.with_suffix(".new")
        draft.write_text(json.dumps(born))
        draft.replace(self.record)

    def _stop(self) -> None:
        """Ask all children to end, wait `GRACE` seconds for them together, then end them."""
        for ignored in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ignored, signal.SIG_IGN)
        alive = [child.process for child in self.children if child.process]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + GRACE
        for process in alive:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            _kill_group(process.pid)
            process.wait()
        self.record.unlink(missing_ok=True)


def end_orphans(record: Path) -> int:
    """End the children of a run that was killed, so that none works beside its successor. How many there were."""
    try:
        noted = [(int(pid), float(born)) for pid, born in json.loads(record.read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return 0
    orphans = [psutil.Process(pid) for pid, born in noted if psutil.pid_exists(pid) and _born(pid) == born]
    for orphan in orphans:
        with suppress(psutil.NoSuchProcess):
            orphan.terminate()
    psutil.wait_procs(orphans, timeout=GRACE)
    for orphan in orphans:
        _kill_group(orphan.pid)
    record.unlink(missing_ok=True)
    return len(orphans)


def _born(pid: int) -> float:
    """When the process started, in seconds of the epoch; 0 when it is gone."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0


def _kill_group(pid: int) -> None:
    """End whatever is left of a child's session, such as the pool process of a worker that was killed."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _stop_with_parent() -> None:
    """In the new child: ask Linux for a SIGTERM when the supervisor dies."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _ended(code: int) -> str:
    """How a process ended, in words."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
