"""Where a SARIF result is: artifact locations, their bases, and the relative path that comes of them."""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from findings.core.formats.document import Node
from findings.core.paths import escape
from findings.core.types import FormatError

MAX_PATH = 2048  # characters
MAX_BASES = 16  # a chain of bases longer than this goes in a circle

_SCHEME = re.compile(r"(?:file:|[A-Za-z][A-Za-z0-9+.-]+:(?=//))", re.IGNORECASE)
_AUTHORITY = re.compile(r"\A//[^/]*")
_DRIVE = re.compile(r"\A/*[A-Za-z]:(?=/)")


class Locator:
    """The paths of one run. A base with an absolute address stands for the root of the tree; bases that are relative
    to another one are folders in it (`originalUriBaseIds`). Of several roots that hold a file the outermost counts.
    """

    def __init__(self, run: Node) -> None:
        self._bases = run["originalUriBaseIds"]
        self._artifacts = list(run["artifacts"].items())
        names = self._bases.names()
        addresses = [self._address(self._bases[name]) for name in names]
        addresses += [self._address(one["workingDirectory"]) for one in run["invocations"].items()]
        roots = {root for address in addresses if _absolute(address) and len(root := _plain(address)) > 1}
        self._roots = sorted((root.rstrip("/") + "/" for root in roots), key=len)

    def path(self, location: Node) -> str:
        """Escaped path relative to the root, without a leading slash or `..`; empty where no file is named."""
        if not location["uri"] and (index := location["index"].integer(-1)) >= 0:
            location = self._artifact(index, location["index"].where)
        address = self._address(location)
        if not _absolute(address):
            return _relative(address, location.where)
        plain = _plain(address)
        root = next((root for root in self._roots if plain.startswith(root)), "")
        return _relative(plain[len(root) :], location.where)

    def _artifact(self, index: int, where: str) -> Node:
        if index >= len(self._artifacts):
            raise FormatError(f"no artifact {index}", where, f"an index below {len(self._artifacts)}")
        return self._artifacts[index]["location"]

    def _address(self, location: Node) -> str:
        """The URI with its bases before it, outermost first."""
        address = location["uri"].text().strip().replace("\\", "/")
        for _ in range(MAX_BASES):
            name = location["uriBaseId"].text()
            if _absolute(address) or not name:
                return address
            location = self._bases[name]
            base = location["uri"].text().strip().replace("\\", "/")
            address = f"{base.rstrip('/')}/{address}" if base else address
        raise FormatError("bases that refer to each other", self._bases.where, "a chain that ends")


def file_path(name: str, where: str) -> str:
    """The escaped, relative path that a tool's name of a file means: no address, so nothing is percent-encoded."""
    name = _DRIVE.sub("", name.strip().replace("\\", "/"), count=1)
    return _bounded(escape(b"/".join(_steps(name.encode("utf-8", "replace").split(b"/")))), where)


def _absolute(address: str) -> bool:
    return address.startswith("/") or bool(_SCHEME.match(address) or _DRIVE.match(address))


def _plain(address: str) -> str:
    """The path part of an absolute address, still percent-encoded, without scheme, host or drive."""
    if scheme := _SCHEME.match(address):
        address = _AUTHORITY.sub("", address[scheme.end() :], count=1)
    return "/" + _DRIVE.sub("", address, count=1).lstrip("/")


def _relative(address: str, where: str) -> str:
    return _bounded(escape(b"/".join(_steps(unquote_to_bytes(address).split(b"/")))), where)


def _bounded(path: str, where: str) -> str:
    if len(path) > MAX_PATH:
        raise FormatError(f"a path of {len(path)} characters", where, f"at most {MAX_PATH}")
    return path


def _steps(parts: Iterable[bytes]) -> list[bytes]:
    steps: list[bytes] = []
    for part in parts:
        if part == b"..":
            del steps[-1:]
        elif part not in (b"", b"."):
            steps.append(part)
    return steps
