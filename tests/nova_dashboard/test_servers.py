"""The embedded servers: started by whoever needs them, shared, stopped by the last, found again after a crash."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from nova_dashboard import embedded
from nova_dashboard import servers as servers_module
from nova_dashboard.servers import Postgres, Redis, ServerError, borrowed, embedded_servers, make_directory, running

QUICK = ("fsync=off", "synchronous_commit=off")


@pytest.fixture
def servers(tmp_path):
    """Both servers over a directory of their own, stopped whatever the test did."""
    both = [Postgres(tmp_path / "var", QUICK), Redis(tmp_path / "var")]
    yield both
    for server in both:
        server.stop()


def test_only_what_nobody_else_provides_is_embedded(tmp_path):
    def names(**environ: str) -> list[str]:
        return [type(server).__name__ for server in embedded_servers(tmp_path, environ)]

    assert names() == ["Postgres", "Redis"]
    assert names(DATABASE_URL="postgresql://db/nova") == ["Redis"]
    assert names(REDIS_URL="redis://cache", DATABASE_URL="") == ["Postgres"]
    assert names(REDIS_URL="redis://cache", DATABASE_URL="postgresql://db/nova") == []


def test_borrowed_servers_answer_and_are_stopped_by_the_last_borrower(tmp_path, servers):
    var = tmp_path / "var"
    with borrowed(var, servers):
        with borrowed(var, servers):
            assert running(servers)
        assert running(servers), "the first borrower still uses them"
        with psycopg.connect(embedded.database_url(var)) as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
            assert connection.execute("SELECT upper('ä') = 'Ä', '持久' < '持久化'").fetchone() == (True, True)
        assert redis.Redis.from_url(embedded.redis_url(var)).ping()
    assert not any(server.running() for server in servers)


def test_data_is_still_there_after_a_restart(tmp_path, servers):
    var = tmp_path / "var"
    with borrowed(var, servers), psycopg.connect(embedded.database_url(var)) as connection:
        connection.execute("CREATE TABLE kept (word text)")
    with borrowed(var, servers), psycopg.connect(embedded.database_url(var)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_postgres_has_room_for_large_imports_and_stays_durable(tmp_path):
    var = tmp_path / "var"
    with borrowed(var, [Postgres(var)]), psycopg.connect(embedded.database_url(var)) as connection:
        told = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
    assert int(told["shared_buffers"]) * int(told["block_size"]) == 256 * 2**20
    assert (told["fsync"], told["synchronous_commit"], told["full_page_writes"]) == ("on", "on", "on")


def test_postgres_comes_back_after_kill_9(servers):
    postgres = servers[0]
    make_directory(postgres.var)
    postgres.start()
    pid = int((postgres.directory / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    postgres.start()
    assert postgres.running()


def test_a_pid_file_that_names_a_stranger_does_not_keep_postgres_down(servers):
    postgres = servers[0]
    make_directory(postgres.var)
    postgres.start()
    pid_file = postgres.directory / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    postgres.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert not postgres.running()
    postgres.start()
    assert postgres.running()


def test_a_first_start_that_was_interrupted_leaves_no_half_made_cluster(servers):
    postgres = servers[0]
    half = make_directory(postgres.var / "postgres.new")
    (half / "PG_VERSION").write_text("18")
    postgres.start()
    assert postgres.running()


def test_redis_comes_back_after_kill_9(servers):
    cache = servers[1]
    make_directory(cache.var)
    cache.start()
    info = redis.Redis.from_url(embedded.redis_url(cache.var)).info("server")
    os.kill(info["process_id"], signal.SIGKILL)
    cache.start()
    assert cache.running()


def test_stopping_what_never_ran_is_no_error(servers):
    for server in servers:
        server.stop()
        assert not server.running()


def test_a_data_directory_that_cannot_be_made_is_named():
    with (
        pytest.raises(ServerError, match="/dev/null/var cannot be made"),
        borrowed(Path("/dev/null/var"), [Redis(Path("/dev/null/var"))]),
    ):
        pass


def test_two_commands_at_once_share_and_clean_up(tmp_path):
    """Both run a query through `manage.py`; the servers that the first one starts must not vanish under the other."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"NOVA_VAR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "nova_dashboard.settings"}
    command = [sys.executable, "manage.py", "showmigrations", "findings"]
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in "ab"]
    answers = [process.communicate(timeout=60)[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert all("0001_initial" in answer for answer in answers)
    assert not running(embedded_servers(tmp_path / "var", {}))


def test_without_a_wheel_redis_comes_from_the_system(tmp_path, monkeypatch):
    monkeypatch.setattr(servers_module, "_shipped", lambda *_: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError, match=r"No redis-server or valkey-server found.* set REDIS_URL"):
        Redis._binary()
    system = tmp_path / "valkey-server"
    system.touch(mode=0o755)
    assert Redis._binary() == str(system)
