"""The demo, built once for all tests that only read it."""

import pytest

from nova_dashboard.demo import catalogue, plan, repository
from nova_dashboard.demo.changes import Catalogue
from nova_dashboard.demo.history import STEPS
from tests.nova_dashboard.demo.helpers import TODAY


@pytest.fixture(scope="session")
def texts() -> Catalogue:
    return catalogue.load()


@pytest.fixture(scope="session")
def planned(texts: Catalogue) -> tuple[plan.Planned, ...]:
    return plan.plan(STEPS, texts, TODAY)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> repository.BuiltDemo:
    return repository.build(tmp_path_factory.mktemp("demo"), TODAY)
