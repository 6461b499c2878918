"""`manage.py serve`: what it refuses, in one clear line, before it starts anything."""

import fcntl
import os
import socket
import subprocess
import sys

import pytest


@pytest.fixture
def serve(tmp_path):
    def run(**environ: str) -> "subprocess.CompletedProcess[str]":
        places = {"NOVA_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "nova_dashboard.settings", "NOVA_DEMO": "0"}
        return subprocess.run(
            [sys.executable, "manage.py", "serve"],
            env=os.environ | places | environ, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_a_port_in_use_is_named_with_the_way_out(serve):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = serve(PORT=str(port))
    assert answer.returncode == 1
    assert answer.stderr == (
        f"CommandError: Port {port} on 127.0.0.1 cannot be used (Address already in use). "
        f"Choose another one: PORT={port + 1} make run\n"
    )


def test_a_second_start_says_where_the_first_one_is(serve, tmp_path):
    with (tmp_path / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("http://127.0.0.1:8000 (process 42)")
        lock.flush()
        answer = serve()
    assert answer.returncode == 1
    assert "already runs on this data directory: http://127.0.0.1:8000 (process 42)" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_missing_git_is_said_before_anything_starts(serve, tmp_path):
    answer = serve(PATH="/nowhere")
    assert answer.returncode == 1
    assert "git is not installed" in answer.stderr
    assert not (tmp_path / "postgres").exists()
