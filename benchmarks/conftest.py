"""The throw-away servers and the cast of the tests."""

from tests.conftest import django_db_modify_db_settings, redis_server

__all__ = ["django_db_modify_db_settings", "redis_server"]

pytest_plugins = ["tests.cast"]
