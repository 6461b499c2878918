"""A command inside bounds: clock, processor, memory, processes, output, network; every process of it ends with it."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

from findings.core.scanners import HOME, REPORT, TREE, Scanner

STEP = 0.1  # seconds between two looks
GRACE = 5.0  # seconds for the kernel to clear up
MEGABYTE = 1024 * 1024
ADDRESSES = 4  # runtimes reserve addresses that they never touch, so those may be this many times the memory
FILES = 4096
TAIL = 4000

# Where the kernel lets us, a scanner sees no network and no process but its own; its death, or ours, ends them all.
_ALONE = ("--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc")
_OFFLINE = ((*_ALONE, "--net"), ("--user", "--map-root-user", "--net"), ("--net",))
_ONLINE = (_ALONE,)


class Failed(Exception):
    """A scanner that said nothing we can use: why, in plain words; `complaint` is its own last word, redacted."""

    def __init__(self, why: str, complaint: str = "") -> None:
        self.complaint = complaint
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: its code, and the last of what it wrote to standard error."""

    code: int
    complaint: str


def run(scanner: Scanner, folder: Path, report: Path, *, unwalled: bool) -> Outcome:
    """Run a scanner over `folder/tree`. Its SARIF is in `report` then. Raises `Failed`."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    errors = folder / "stderr"
    words, walls = _words(scanner, folder, report), _walls(scanner, unwalled)
    command = [*walls, *_limits(scanner, own="--user" in walls), "--", *words]
    to_file = any(REPORT in word for word in scanner.command)
    output = folder / "stdout" if to_file else report
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=_environment(scanner, home),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            _watch(process, scanner)
        finally:
            _end(process)
    return Outcome(process.returncode, _tail(errors))


def _words(scanner: Scanner, folder: Path, report: Path) -> list[str]:
    program = scanner.command[0]
    found = shutil.which(program)
    if found is None:
        raise Failed(f"{program} is not installed, or not on PATH")
    values = {TREE: str(folder / "tree"), REPORT: str(report), HOME: str(folder / "home")}
    words = list(scanner.command[1:])
    for name, value in values.items():
        words = [word.replace(name, value) for word in words]
    return [found, *words]


def _walls(scanner: Scanner, unwalled: bool) -> list[str]:
    """The words before a command that take its network and its neighbours away."""
    for name in ("setpriv", "prlimit"):
        if shutil.which(name) is None:
            raise Failed(f"{name} (of util-linux) is not installed, so its limits cannot be kept")
    mortal = ["setpriv", "--pdeathsig", "KILL", "--"]
    options = next((words for words in (_ONLINE if scanner.network else _OFFLINE) if _possible(words)), None)
    if options is not None:
        return [*mortal, "unshare", *options, "--"]
    if not scanner.network and not unwalled:
        raise Failed(
            "its network cannot be taken away on this machine (no user namespaces), so it was not run; "
            "NOVA_SCANNERS_UNWALLED=1 runs it all the same"
        )
    return mortal


@cache
def _possible(options: tuple[str, ...]) -> bool:
    """Whether the kernel lets us make these namespaces."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", *options, "--", "true"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
    )
    return tried.returncode == 0


def _limits(scanner: Scanner, own: bool) -> list[str]:
    """`own`: a namespace of its own. Without one, the kernel would count all processes of our account."""
    return [
        "prlimit",
        f"--as={scanner.memory_mb * MEGABYTE * ADDRESSES}",
        f"--cpu={scanner.seconds}",
        f"--fsize={scanner.output_mb * MEGABYTE}",
        *([f"--nproc={scanner.processes}"] if own else []),
        f"--nofile={FILES}",
        "--core=0",
    ]


def _environment(scanner: Scanner, home: Path) -> dict[str, str]:
    """What the command finds around it: none of our addresses and keys."""
    own = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **own, **scanner.environment}


def _watch(process: "subprocess.Popen[bytes]", scanner: Scanner) -> None:
    """Wait for the end, and look at what all its processes use together. Raises `Failed`."""
    until = time.monotonic() + scanner.seconds
    while True:
        try:
            process.wait(STEP)
        except subprocess.TimeoutExpired:
            if time.monotonic() > until:
                raise Failed(f"it took longer than {scanner.seconds} seconds") from None
            _weigh(process.pid, scanner)
        else:
            return


def _weigh(pid: int, scanner: Scanner) -> None:
    used, family = 0, []
    with suppress(psutil.Error):
        family = [one := psutil.Process(pid), *one.children(recursive=True)]
    for one in family:
        with suppress(psutil.Error):
            used += one.memory_info().rss
    if used > scanner.memory_mb * MEGABYTE:
        raise Failed(f"it used more than {scanner.memory_mb} MB of memory")
    if len(family) > scanner.processes:
        raise Failed(f"it started more than {scanner.processes} processes")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End whatever of it still runs: its session, and who left the session but is its child."""
    left: list[psutil.Process] = []
    with suppress(psutil.Error):
        left = psutil.Process(process.pid).children(recursive=True)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for one in left:
        with suppress(psutil.Error):
            one.kill()
    process.wait(GRACE)


def _tail(file: Path) -> str:
    """The last thing a command complained about, in one line."""
    with file.open("rb") as errors:
        errors.seek(max(0, file.stat().st_size - TAIL))
        text = errors.read().decode("utf-8", "replace")
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return "".join(char for char in (lines or [""])[-1] if char.isprintable())
