"""What every test may use. Servers start only when a test needs them, so core tests stay instant."""

import shutil
from collections.abc import Generator, Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from xdist.scheduler import LoadScopeScheduling

from nova_dashboard.servers import Postgres, Redis, embedded_servers

pytest_plugins = ["tests.cast", "tests.laws"]
# A time limit for one example says how loaded the machine is.
hypothesis.settings.register_profile("nova", deadline=None)
hypothesis.settings.load_profile("nova")

BROWSER = "tests/browser"
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class ByFile(LoadScopeScheduling):
    """Where several processes share the tests, a file stays in one of them, and all that reads one product, too."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return BROWSER if path.startswith(f"{BROWSER}/") else path

    def _assign_work_unit(self, node: Any) -> None:
        """The browser's tests first: none take as long, and as the last they would keep one process busy alone."""
        if BROWSER in self.workqueue:
            self.workqueue.move_to_end(BROWSER, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than there are cores: many a test waits for a browser or a server, and a core would wait with it."""
    return (yield) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Asked once, by the process that gives out the tests."""
    return ByFile(config, log)


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(settings.VAR, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a Redis that answers: `REDIS_URL` when that is set, else a throw-away one."""
    ours = [server for server in embedded_servers(settings.VAR) if isinstance(server, Redis)]
    for server in ours:
        server.start()
    yield settings.REDIS_URL
    for server in ours:
        server.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Have PostgreSQL up before pytest-django makes the test database in it, unless `DATABASE_URL` names one."""
    ours = [
        Postgres(settings.VAR, NOT_DURABLE) for server in embedded_servers(settings.VAR) if isinstance(server, Postgres)
    ]
    for server in ours:
        server.start()
    yield
    for server in ours:
        server.stop()
