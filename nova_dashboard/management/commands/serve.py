"""`make run`: everything in one terminal."""

import fcntl
import http.client
import io
import ipaddress
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections

from nova_dashboard.servers import Server, ServerError, borrowed, embedded_servers, make_directory
from nova_dashboard.supervisor import Supervisor, end_orphans

CELERY = (sys.executable, "-m", "celery", "-A", "nova_dashboard.celery:app", "--quiet")
WORKER = (*CELERY, "worker", "--loglevel=WARNING", "--concurrency=1", "--without-gossip", "--without-mingle")


class Command(BaseCommand):
    """Starts database and broker (unless their URLs are set), prepares them, and runs web, two workers and beat."""

    help = (
        "Run everything: database, broker, web, two workers, beat. Ctrl-C stops it.\n\n"
        "  make run\n"
        "  PORT=8080 NOVA_DEMO=0 make run\n"
        "  DATABASE_URL=postgresql://nova:…@db/nova REDIS_URL=redis://cache BASE_URL=https://nova.example make run"
    )
    requires_system_checks = ()
    needs_servers = False  # it holds them itself, and looks after them
    waiting = True

    def handle(self, *args: Any, **options: Any) -> None:
        """Everything from a fresh data directory to the printed address, then supervise until told to stop."""
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job starts with it ignored
        var = make_directory(settings.VAR)
        if not shutil.which("git"):
            raise CommandError("git is not installed, and repositories are read with it: apt-get install git")
        servers = embedded_servers(var)
        with only_one(var / "serve.lock"):
            if orphans := end_orphans(var / "children.json"):
                self.say(f"Ended {orphans} processes of an earlier run that was killed.")
            check_port(settings.BIND, settings.PORT)
            with borrowed(var, servers):
                self.prepare()
                self.supervise(servers)

    def prepare(self) -> None:
        """Bring the database and the static files up to date, and load the demo once."""
        self.say("Preparing the database and the static files ...")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if settings.NOVA_DEMO:
            self.say("Loading the demo, if it is not there yet ...")
            call_command("demo", stdout=io.StringIO())
        connections.close_all()

    def supervise(self, servers: list[Server]) -> None:
        """Run the processes; returns when told to stop, with everything stopped."""
        supervisor = Supervisor(
            commands={
                "web": web_command(),
                "worker 1": (*WORKER, "-n", "worker1@%h"),
                "worker 2": (*WORKER, "-n", "worker2@%h"),
                "beat": (*CELERY, "beat", "--loglevel=WARNING", "--pidfile="),
            },
            record=settings.VAR / "children.json",
            say=self.say,
            tend=lambda: self.tend(servers),
        )
        try:
            supervisor.run()
        except (KeyboardInterrupt, SystemExit):
            self.say("Stopped.")

    def tend(self, servers: list[Server]) -> None:
        """Say once that the page is there; start a server again that went away."""
        if self.waiting and web_answers():
            self.waiting = False
            self.announce()
        for server in servers:
            if not server.running():
                self.say(f"{type(server).__name__} went away; starting it again")
                try:
                    server.start()
                except ServerError as error:
                    self.say(str(error))

    def announce(self) -> None:
        """The address, and who can sign in to the demo."""
        self.say(f"\nNova Dashboard {settings.VERSION} is ready: {settings.BASE_URL}   (Ctrl-C stops it)")
        if settings.NOVA_DEMO:
            call_command("demo")  # the second time it only prints who can sign in
        else:
            self.say("First account: `manage.py create_team SLUG --lead EMAIL` prints a link to set its password.")

    def say(self, text: str) -> None:
        """A line for the person at the terminal, at once."""
        self.stdout.write(text)
        self.stdout.flush()


def web_command() -> tuple[str, ...]:
    """gunicorn with threads: a page that waits for the database does not hold the others up."""
    host = f"[{settings.BIND}]" if ":" in settings.BIND else settings.BIND
    return (
        sys.executable, "-m", "gunicorn", "nova_dashboard.wsgi:application",
        "--bind", f"{host}:{settings.PORT}", "--preload", "--worker-class=gthread", "--workers=2", "--threads=4",
        "--timeout=60", "--graceful-timeout=5", "--log-level=warning", "--no-control-socket",
        "--limit-request-line=8190",
    )  # fmt: skip


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the data directory's lock: two supervisors on one directory would fight."""
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(
                f"It already runs on this data directory: {lock.read().strip()}. Stop that one, "
                "or set NOVA_VAR and PORT to run a second."
            ) from None
        lock.truncate(0)
        lock.write(f"{settings.BASE_URL} (process {os.getpid()})")
        lock.flush()
        yield


def check_port(host: str, port: int) -> None:
    """Say so when the port cannot be used, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Choose another one: PORT={port + 1} make run"
            ) from error


def web_answers() -> bool:
    """Whether the web process answers at all; what it says is for /healthz to judge."""
    local = "localhost" if ipaddress.ip_address(settings.BIND).is_unspecified else settings.BIND
    connection = http.client.HTTPConnection(local, settings.PORT, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return bool(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
