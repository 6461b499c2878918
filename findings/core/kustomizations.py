"""What kustomizations of a tree refer to, and how many replicas their overlays leave each workload."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Any

from findings.core.errors import Unreadable
from findings.core.facts import Blob, Place, is_local
from findings.core.yamls import Node, documents

_FILES = ("resources", "bases", "components", "crds", "generators", "transformers", "configurations")
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
_OVERLAY = re.compile(r"(?:^|/)(?:overlays?|envs?|environments?|clusters?|stages?|patches)/")
_REPLICAS = "/spec/replicas"
STEPS = 10_000
UNKNOWN = "?"


def of_kustomization(blob: Blob, roots: Sequence[Node]) -> dict[str, Any]:
    """{"refers": files and folders, "patched": patch files with their target, "sets": replicas it sets itself}."""
    refers, patched, sets = [], [], []
    for root in roots:
        refers += [item.text for key in _FILES for item in root.get(key).items if item.text]
        for entry in (item for key in _PATCHES for item in root.get(key).items):
            found, own = _patch(blob, entry)
            patched += found
            sets += own
        for item in root.get("replicas").items:
            node = item.get("count")
            sets.append(_setter(blob, "", item.get("name").text, node.text, node.line))
    return {"refers": refers, "patched": patched, "sets": [fact for fact in sets if fact], "kustomization": True}


def _patch(blob: Blob, entry: Node) -> tuple[list[list[str]], list[dict[str, Any]]]:
    """(files with kind and name of their target, replicas set inline) of one entry of a list of patches."""
    kind, name = _target(entry.get("target"))
    inline = entry if entry.kind == "scalar" else entry.get("patch")
    file = entry.text if entry.kind == "scalar" and "\n" not in entry.text else entry.get("path").text
    if "\n" not in inline.text:
        return ([[file, kind, name]] if file else []), []
    try:
        roots = documents(inline.text.encode("utf-8", "replace"))
    except Unreadable:
        return [], []
    first = inline.line if inline.style in ("|", ">") else inline.line - 1
    found = []
    for root in roots:
        node = root.get("spec", "replicas")
        if not node.empty:
            target = root.get("kind").text or kind, root.get("metadata", "name").text or name
            found.append(_setter(blob, *target, node.text, first + node.line))
        found += [_setter(blob, kind, name, text, first + line) for text, line in _operations(root)]
    return [], found


def _target(node: Node) -> tuple[str, str]:
    """(kind, name) that a patch is for, empty for any. A choice by labels or a pattern cannot be told: it hits none."""
    kind, name = node.get("kind").text, node.get("name").text
    if not node.get("labelSelector").empty or not node.get("annotationSelector").empty:
        return kind, UNKNOWN
    return kind, "" if name == ".*" else name


def _setter(blob: Blob, kind: str, name: str, text: str, line: int) -> dict[str, Any]:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        return {}
    fact = {"kind": kind, "name": name, "replicas": int(text)}
    return {**fact, **blob.spot(line)} if int(text) == 1 else fact


def operations(blob: Blob, root: Node) -> Iterator[dict[str, Any]]:
    """Replicas that a file of JSON patch operations sets; its target stands in the kustomization."""
    for text, line in _operations(root):
        if fact := _setter(blob, "", "", text, line):
            yield fact


def _operations(root: Node) -> Iterator[tuple[str, int]]:
    for item in root.items:
        if item.get("path").text == _REPLICAS and item.get("op").text in ("replace", "add"):
            yield item.get("value").text, item.get("value").line


class Tree:
    """Who refers to whom among kustomizations and manifests."""

    def __init__(self, places: Sequence[Place]) -> None:
        own = [place for place in places if place.facts.get("kustomization")]
        self.folders = {_folder(place.path): place.facts for place in own}
        self.patched: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._above: dict[str, set[str]] = defaultdict(set)
        for folder, facts in self.folders.items():
            for name in facts["refers"]:
                self._above[_join(folder, name)].add(folder)
            for name, kind, target in facts["patched"]:
                self.patched[_join(folder, name)].append((kind, target))
                self._above[_join(folder, name)].add(folder)
        self._roots: dict[str, frozenset[str]] = {}

    def roots(self, path: str) -> frozenset[str]:
        """The folders of the outermost kustomizations that bring a file in; none for a file nobody refers to."""
        if path not in self._roots:
            seen, todo, found = {path}, [path], set()
            while todo and len(seen) < STEPS:
                above = self._above.get(todo.pop(), set())
                found |= {folder for folder in above if not self._above.get(folder)}
                todo += above - seen
                seen |= above
            self._roots[path] = frozenset(found)
        return self._roots[path]

    def unreferenced(self, path: str) -> bool:
        """Whether a manifest lies under a kustomization, and none refers to it."""
        folder = _folder(path)
        under = any(folder == name or not name or folder.startswith(f"{name}/") for name in self.folders)
        return under and path not in self._above


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    found = normpath(f"{folder}/{name}" if folder else name)
    return "" if found == "." else found


@dataclass(slots=True)
class Group:
    """A workload with all that sets its replicas: `whole` the manifest that describes it best, as (path, fact) lists of
    `own` manifests and of `overlays`; `least` what an autoscaler keeps running.
    """

    whole: Mapping[str, Any]
    own: list[tuple[str, Mapping[str, Any]]]
    overlays: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    least: int = 0

    @property
    def says(self) -> bool:
        """Whether a number is written anywhere."""
        return bool(self.overlays) or any(fact["says"] for _, fact in self.own)

    def single(self) -> list[tuple[str, Mapping[str, Any]]]:
        """(path, place) of what leaves one replica: overlays where one that is not local counts, else the base."""
        if self.least > 1:
            return []
        wins = [(path, fact) for path, fact in self.overlays if not is_local(path)]
        local = [(path, fact) for path, fact in self.overlays if is_local(path)]
        chosen = (wins or self.own) + local
        found = [(path, fact) for path, fact in chosen if fact["replicas"] == 1 or not fact.get("says", True)]
        return [entry for entry in found if not is_local(entry[0])] or found


def objects(places: Sequence[Place], tree: Tree) -> Iterator[Group]:
    """The workloads of a tree, each once."""
    named: dict[tuple[str, str], list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    least: dict[tuple[str, str], int] = {}
    for place in places:
        for fact in place.facts.get("objects", ()):
            if fact["kind"] == "HPA":
                least[tuple(fact["target"])] = max(fact["least"], least.get(tuple(fact["target"]), 0))
            elif "whole" in fact:
                named[fact["kind"], fact["name"]].append((place.path, fact))
    setters = list(_setters(places, tree))
    for (kind, name), found in named.items():
        most = max((fact["whole"] for path, fact in found if path not in tree.patched), default=0)
        whole = [(path, fact) for path, fact in found if fact["whole"] == most and most and path not in tree.patched]
        others = [(path, fact) for path, fact in found if (path, fact) not in whole and fact["says"]]
        patches = [(path, fact) for path, fact in others if not tree.unreferenced(path)]
        patches += [(path, fact) for path, fact in setters if fact["kind"] in ("", kind) and fact["name"] in ("", name)]
        for space in sorted({fact["namespace"] for _, fact in whole}):
            yield _group(space, whole, patches, least.get((kind, name), 0))


def _group(space: str, whole: Sequence[Any], patches: Sequence[Any], least: int) -> Group:
    own = [(path, fact) for path, fact in whole if fact["namespace"] == space]
    bases = [(path, fact) for path, fact in own if not _OVERLAY.search(path)]
    copies = [(path, fact) for path, fact in own if _OVERLAY.search(path) and fact["says"]] if bases else []
    fitting = [(path, fact) for path, fact in patches if fact.get("namespace", "") in ("", space) or not space]
    return Group((bases or own)[0][1], bases or own, copies + fitting, least)


def _setters(places: Sequence[Place], tree: Tree) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Replicas that kustomizations set themselves or by files of JSON patches."""
    for place in places:
        for fact in place.facts.get("sets", ()):
            yield place.path, fact
        for fact in place.facts.get("operations", ()):
            for kind, name in tree.patched.get(place.path, ()):
                yield place.path, {**fact, "kind": kind, "name": name}
