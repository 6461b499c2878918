"""Which crate a file is of, by the manifests of the tree; where there are none, by folders."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Protocol

from findings.core.rusttext import crate_of

MANIFEST = "conf:crate"
ENDINGS = (".rs", "Cargo.toml")  # of all that tells of a crate
OWN = ("crate", "self", "super")
_NAME = re.compile(rb"^\s*\[package\][^\[]*?^\s*name\s*=\s*[\"']([\w-]{1,100})[\"']", re.M | re.S)
_LIBRARY = re.compile(rb"^\s*\[lib\][^\[]*?^\s*name\s*=\s*[\"']([\w-]{1,100})[\"']", re.M | re.S)


class Held(Protocol):
    """A path and what is known of it."""

    @property
    def path(self) -> str:
        """The path in the tree."""

    @property
    def facts(self) -> Any:
        """The facts of a manifest, or of something else."""


def is_manifest(path: str) -> bool:
    """Whether a path is the manifest of a crate."""
    return path.rpartition("/")[2] == "Cargo.toml"


def manifest(data: bytes) -> dict[str, Any]:
    """{"crate": the package's name, "library": its name in paths}, or {} for a manifest without a package."""
    package, library = _NAME.search(data), _LIBRARY.search(data)
    if not package:
        return {}
    name = package[1].decode()
    return {"crate": name, "library": (library[1].decode() if library else name).replace("-", "_")}


class Crates:
    """The crates of a tree. A crate is named by its folder; `title` gives the package's name."""

    def __init__(self, places: Iterable[Held]) -> None:
        self._names: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        self.of = lru_cache(maxsize=None)(self._of)
        places = list(places)
        for place in places:
            if "crate" in place.facts:
                folder = place.path.rpartition("/")[0]
                self._names[folder] = place.facts["crate"]
                self._folders.setdefault(place.facts["library"], folder)
        for place in places:
            folder = self.of(place.path)
            if folder and folder not in self._names:
                self._folders.setdefault(folder.rpartition("/")[2].replace("-", "_"), folder)

    def _of(self, path: str) -> str:
        """The folder of the crate of a source file."""
        folder = path.rpartition("/")[0]
        while folder and folder not in self._names:
            folder = folder.rpartition("/")[0]
        return folder if folder in self._names else crate_of(path)

    def has_manifest(self, path: str) -> bool:
        """Whether a manifest says which crate a source file is of."""
        return self.of(path) in self._names

    def title(self, folder: str) -> str:
        """The package's name of a crate, else the name of its folder."""
        return self._names.get(folder) or folder.rpartition("/")[2] or "(root)"

    def named(self, name: str) -> str:
        """The folder of the crate that paths in code call by this name; empty for a crate that is not of the tree."""
        return self._folders.get(name, "")
