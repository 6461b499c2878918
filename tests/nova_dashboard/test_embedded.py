"""Where the embedded servers answer."""

import stat
import tempfile
from pathlib import Path

import pytest
from celery import Celery
from psycopg.conninfo import conninfo_to_dict

from nova_dashboard import embedded
from nova_dashboard.servers import make_private


def test_sockets_live_in_the_data_directory():
    assert embedded.socket_directory(Path("/srv/nova/var")) == Path("/srv/nova/var/run")


def test_a_long_data_directory_gets_short_sockets_of_its_own():
    deep = Path("/srv") / ("x" * 120)
    directory = embedded.socket_directory(deep)
    assert len(str(directory / ".s.PGSQL.5432.lock")) < 103
    assert directory.parent == Path(tempfile.gettempdir())
    assert directory != embedded.socket_directory(deep / "other")


def test_limit_counts_bytes_not_letters():
    assert embedded.socket_directory(Path("/srv") / ("数" * 30)).parent == Path(tempfile.gettempdir())


def test_libpq_reads_the_database_url():
    words = conninfo_to_dict(embedded.database_url(Path("/srv/My Data/var")))
    assert words == {"user": "nova", "dbname": "nova", "host": "/srv/My Data/var/run", "port": "5432"}


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("unix:///srv/var/run/redis.sock", "redis+socket:///srv/var/run/redis.sock"),
        ("unix:///srv/redis.sock?db=3", "redis+socket:///srv/redis.sock?virtual_host=3"),
        ("unix://:word@/srv/redis.sock", "redis+socket://:word@/srv/redis.sock"),
        ("redis://cache:6380/2", "redis://cache:6380/2"),
        ("rediss://cache/0", "rediss://cache/0"),
    ],
)
def test_celery_is_told_of_redis_in_its_own_words(url, broker):
    assert embedded.broker_url(url) == broker


def test_celery_finds_the_socket_behind_the_broker_url():
    app = Celery(broker=embedded.broker_url(embedded.redis_url(Path("/srv/My Data/var"))), set_as_current=False)
    with app.connection_for_write() as connection:
        parameters = connection.transport.Channel._connparams(
            type(
                "Channel",
                (connection.transport.Channel,),
                {"__init__": lambda self: None, "connection": connection.transport},
            )()
        )
    assert parameters["path"] == "/srv/My Data/var/run/redis.sock"


def test_private_directories_are_closed_to_others(tmp_path):
    assert stat.S_IMODE(make_private(tmp_path / "run").stat().st_mode) == 0o700
