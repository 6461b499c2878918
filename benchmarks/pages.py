"""The pages people triage with, from a production server with two workers over databases of many findings.

10,000 and 100,000 findings; `NOVA_BENCH_MILLION=1` adds a million. All are visible to the lead who asks.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.table import show
from findings.models import Finding, Sweep
from nova_dashboard.servers import Postgres

ROUNDS = 30
CHILD = "import django; django.setup(); from benchmarks.{} import main; main()"
HEAD = ("page", "cold ms", "median ms", "worst ms", "queries", "bytes", "bar ms", "bar queries", "bar bytes")


@dataclass(frozen=True, slots=True)
class Asked:
    """A page, and its bars: milliseconds at 10,000 and at a million, statements, bytes."""

    name: str
    path: str
    few: int
    many: int
    queries: int
    size: int
    part: bool = False


LIST = (25, 60, 8, 80_000)
FACETS = (40, 400, 8, 20_000)
SEARCH = (40, 150, 8, 80_000)
PLAN = (30, 60, 12, 80_000)
FILTERS = {
    "list": "",
    "priority": "priority=P0",
    "fixed": "state=fixed",
    "any state, newest": "state=any&sort=newest",
    "one rule": "rule=family-3/rule-3",
    "a repository": "repository=depot",
    "a team": "team=data",
    "new, nobody's": "age=7&owner=none",
    "mine": "owner=me",
    "overdue": "due=overdue",
    "due this week": "due=week",
    "came back": "mark=back",
    "flapping": "mark=flapping",
    "a path": "path=services/cart/module7/",
}
PAGES = (
    *(Asked(name, f"/findings/?{query}", *LIST) for name, query in FILTERS.items()),
    Asked("facets", "/findings/facets/", *FACETS),
    Asked("facets, narrowed", "/findings/facets/?owner=none&rule=family-3/rule-3&state=any", *FACETS),
    Asked("facets, new", "/findings/facets/?age=30", *FACETS),
    Asked("facets of a search", "/findings/facets/?q=redis", *FACETS),
    Asked("search, common", "/findings/?q=redis", *SEARCH),
    Asked("search, rare", "/findings/?q=creator+4242", *SEARCH),
    Asked("search, Chinese", "/findings/?q=持久", *SEARCH),
    Asked("finding", "/findings/{finding}/", 25, 25, 10, 60_000),
    Asked("this week", "/week/platform/", *PLAN),
    Asked("board", "/board/platform/", *PLAN),
    Asked("team", "/teams/platform/", *PLAN),
)


def bench_pages() -> None:
    """Each page by one client, after another; `cold` is the first answer of a page from a server just started."""
    sizes = [10_000, 100_000, *([1_000_000] if os.environ.get("NOVA_BENCH_MILLION") else [])]
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="nova-bench-") as place, database(Path(place), size) as made:
            with server(place) as port:
                rows = [_row(page, port, made, size) for page in PAGES]
            counted = _child(place, "pages", json.dumps(made))
        show(f"Pages at {size:,} findings", HEAD, [(*row[:4], counted[row[0]], *row[5:]) for row in rows])
        show("All that match, at once (bar: 1 s)", ("verb", "findings", "seconds", "queries"), counted["bulk"])


@contextmanager
def database(place: Path, size: int) -> Iterator[dict[str, Any]]:
    """A PostgreSQL with so many findings; answers what `benchmarks.crowd` tells of it."""
    postgres = Postgres(place)
    postgres.start()
    try:
        yield _child(str(place), "crowd", str(size))
    finally:
        postgres.stop()


@contextmanager
def server(place: str) -> Iterator[int]:
    """The web server of `manage.py serve`, alone; answers its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = _environment(place) | {"PORT": str(port)}
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], env=environment, check=True)
    command = "from nova_dashboard.management.commands.serve import web_command as c; import os; os.execv(c()[0], c())"
    running = subprocess.Popen([sys.executable, "-c", f"import django; django.setup(); {command}"], env=environment)
    try:
        _await(port)
        yield port
    finally:
        running.terminate()
        running.wait()


def _await(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise TimeoutError("the web server does not answer")


def _row(page: Asked, port: int, made: dict[str, Any], size: int) -> tuple[Any, ...]:
    answers = [_ask(page, port, made) for _ in range(ROUNDS + 1)]
    cold, times = answers[0][0], sorted(seconds for seconds, _ in answers[1:])
    bar = page.few if size <= 10_000 else page.many
    median = statistics.median(times)
    return (
        page.name,
        f"{cold:.0f}",
        f"{median:.1f}",
        f"{times[-1]:.0f}",
        "",
        answers[0][1],
        bar,
        page.queries,
        page.size,
    )


def _ask(page: Asked, port: int, made: dict[str, Any]) -> tuple[float, int]:
    """(milliseconds, bytes) of one answer."""
    headers = {"Cookie": f"sessionid={made['session']}"} | ({"HX-Request": "true"} if page.part else {})
    client = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    client.request("GET", path_of(page, made), headers=headers)
    answer = client.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - began
    client.close()
    assert answer.status == 200, (page.name, answer.status)
    return seconds * 1000, len(body)


def path_of(page: Asked, made: dict[str, Any]) -> str:
    return quote(page.path.format(finding=made["finding"]), safe="/?&=+")


def _environment(place: str) -> dict[str, str]:
    own = {"NOVA_VAR": place, "DJANGO_SETTINGS_MODULE": "nova_dashboard.settings", "DEBUG": "0"}
    return os.environ | own


def _child(place: str, module: str, *words: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(module), *words],
        env=_environment(place),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def main() -> None:
    """How many statements each page takes, and what a change of 10,000 findings costs, as JSON: asked in this process,
    with the settings' database.
    """
    made, counts = json.loads(sys.argv[1]), dict[str, Any]()
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies["sessionid"] = made["session"]
    for page in PAGES:
        with CaptureQueriesContext(connection) as captured:
            client.get(path_of(page, made), headers={"HX-Request": "true"} if page.part else {})
        counts[page.name] = len(captured)
    counts["bulk"] = _bulk(client)
    print(json.dumps(counts))


def _bulk(client: Client) -> list[tuple[str, int, float, int]]:
    """(verb, findings, seconds, statements) of each change of many, and of its undo."""
    some = {10_000: "", 100_000: rules(4), 1_000_000: rules(2) + "&priority=P1"}  # which are about 10,000
    size = min(some, key=lambda size: abs(size - Finding.objects.count()))
    asked = {"everything": "1", "filter": "state=any" + some[size], "confirmed": "1"}
    said = asked | {"reason": "Only tests read it", "verdict": "accepted", "due": "2999-01-01"}
    rows = []
    for verb in ("accept", "undo", "due", "undo"):
        path = "/findings/undo/" if verb == "undo" else "/findings/bulk/"
        data = {} if verb == "undo" else said | {"verb": verb}
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            assert client.post(path, data).status_code == 302
            seconds = time.perf_counter() - began
        sweep = Sweep.objects.first()
        rows.append((verb, len(sweep.keys) if sweep else rows[-1][1], seconds, len(captured)))
    return rows


def rules(n: int) -> str:
    """The first rules there are, as a filter."""
    return "".join(f"&rule=family-{one % 7}/rule-{one}" for one in range(n))
