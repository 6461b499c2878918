"""Repositories that nobody would make by accident, written straight into git's objects."""

import hashlib
import os
import subprocess
import zlib
from collections.abc import Iterable
from pathlib import Path

from tests.findings.git_repo import WHO, Repo

Entry = tuple[bytes, bytes, str]  # mode, name, object


def filled(folder: Path, files: Iterable[tuple[bytes, bytes]]) -> Repo:
    """A bare-bones repository of one commit with these (path, content), by `git fast-import`: 200,000 take seconds."""
    repo = Repo(folder)
    command = ["git", "fast-import", "--quiet", "--force"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, env=os.environ | WHO) as process:
        assert process.stdin is not None
        write = process.stdin.write
        marks: dict[bytes, int] = {}
        places = []
        for path, data in files:
            name = hashlib.blake2b(data).digest()
            if name not in marks:
                marks[name] = len(marks) + 1
                write(b"blob\nmark :%d\ndata %d\n%s\n" % (marks[name], len(data), data))
            places.append((quoted(path), marks[name]))
        write(b"commit refs/heads/main\ncommitter Ada Byron <ada@shop.test> 1709280000 +0000\ndata 3\none\n")
        for path, mark in places:
            write(b"M 100644 :%d %s\n" % (mark, path))
        write(b"done\n")
        process.stdin.close()
        assert process.wait() == 0
    return repo


def quoted(path: bytes) -> bytes:
    r"""A path as `fast-import` takes it: bytes that could end it as `\ooo`."""
    plain = all(32 < byte < 127 and byte not in b'"\\' for byte in path)
    return path if plain else b'"%s"' % b"".join(b"\\%03o" % byte for byte in path)


def tree_of(repo: Repo, *entries: Entry) -> str:
    """A tree of exactly these entries, in this order, whatever git thinks of it."""
    raw = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(sha) for mode, name, sha in entries)
    return repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", data=raw)


def blob_of(repo: Repo, data: bytes) -> str:
    return repo.git("hash-object", "-w", "--stdin", data=data)


def committed(repo: Repo, tree: str, subject: str = "odd") -> str:
    """Make a tree the head of main."""
    name = repo.git("commit-tree", tree, "-m", subject)
    repo.git("update-ref", "refs/heads/main", name)
    return name


def zeros(repo: Repo, size: int) -> str:
    """A blob of zeros that is small on disk and `size` bytes when read, without ever being in our memory."""
    head = f"blob {size}\0".encode()
    sha, packer, packed = hashlib.sha1(head), zlib.compressobj(9), []
    packed.append(packer.compress(head))
    chunk = bytes(1 << 20)
    for left in range(size, 0, -len(chunk)):
        part = chunk[: min(left, len(chunk))]
        sha.update(part)
        packed.append(packer.compress(part))
    packed.append(packer.flush())
    name = sha.hexdigest()
    place = repo.path / ".git" / "objects" / name[:2] / name[2:]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"".join(packed))
    return name


def spoiled(repo: Repo, sha: str) -> None:
    """Damage a loose object."""
    place = repo.path / ".git" / "objects" / sha[:2] / sha[2:]
    place.chmod(0o644)
    place.write_bytes(b"x\x9cno longer an object")
