"""Compiled patterns on disk. Best effort: where nothing can be kept, every process compiles its own."""

import os
import stat
from contextlib import suppress
from pathlib import Path


class Folder:
    """A cache in a folder that only this user may write: what is loaded from it is trusted like code."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, name: str) -> bytes | None:
        """The file of this name, if the folder and the file are ours alone."""
        file = self.path / name
        try:
            return file.read_bytes() if _ours(self.path) and _ours(file) else None
        except OSError:
            return None

    def place(self, name: str) -> str:
        """Where the file of this name is, if the folder and the file are ours alone."""
        file = self.path / name
        try:
            return str(file) if _ours(self.path) and _ours(file) else ""
        except OSError:
            return ""

    def put(self, name: str, data: bytes) -> None:
        """Writes a file, whole or not at all."""
        draft = self.path / f"{name}.{os.getpid()}"
        with suppress(OSError):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _ours(self.path):
                draft.write_bytes(data)
                draft.chmod(0o600)
                draft.replace(self.path / name)


def _ours(path: Path) -> bool:
    found = path.lstat()
    writable = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return found.st_uid == os.getuid() and not writable and not stat.S_ISLNK(found.st_mode)
