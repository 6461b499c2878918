"""A small repository with real commits, made by git itself."""

import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

FIRST = datetime.fromisoformat("2024-03-01T10:00:00+02:00")

WHO = {
    "GIT_AUTHOR_NAME": "Ada Byron",
    "GIT_AUTHOR_EMAIL": "ada@shop.test",
    "GIT_COMMITTER_NAME": "Ada Byron",
    "GIT_COMMITTER_EMAIL": "ada@shop.test",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Repo:
    """A repository at a path. Each commit is a minute after the one before."""

    def __init__(self, path: Path) -> None:
        self.path, self.commits = path, 0
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, data: bytes = b"") -> str:
        """Output of a git command."""
        when = (FIRST + timedelta(minutes=self.commits)).isoformat()
        environment = {**os.environ, **WHO, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        done = subprocess.run(["git", *words], cwd=self.path, env=environment, input=data, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(self, subject: str = "change", files: dict[str, str | bytes | None] | None = None) -> str:
        """Write these files (None deletes), commit everything, and say the commit's name."""
        for name, text in (files or {}).items():
            path = self.path / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.git("add", "-A")
        self.commits += 1
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")
