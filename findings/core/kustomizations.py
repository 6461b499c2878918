"""What the kustomizations of a tree refer to, what they patch, and who is deployed through whom."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from posixpath import normpath
from typing import Any

from findings.core.errors import Unreadable
from findings.core.facts import Blob, is_local
from findings.core.manifests import objects
from findings.core.narrowing import Ask, Changed, Held, Narrow, tied
from findings.core.vocabulary import words
from findings.core.yamlnodes import Node
from findings.core.yamls import documents, inside

REFERS = ("resources", "bases", "components", "crds", "generators", "transformers", "configurations")
PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
STEPS = 10_000
UNKNOWN = "?"
ALL = "*"  # marks kustomizations

_PATTERN = re.compile(r"[\w.*|()^$-]{1,500}")
_LABEL = re.compile(r"(?P<key>[\w./-]{1,300})(?:={1,2}(?P<value>[\w.-]{0,100}))?")

_TOP = re.compile(r"(?P<key>[A-Za-z][\w]{0,60}):")
_ENTRY = re.compile(r"\s*-\s+[\"']?(?P<file>[\w./@-]{1,300})[\"']?\s*(?:#.*)?$")
_PATH = re.compile(r"\s*(?:-\s+)?path:\s*[\"']?(?P<file>[\w./@-]{1,300})[\"']?\s*(?:#.*)?$")
_STAGES = words("prod production live staging stage stg preprod uat qa canary")
_LAYERS = words("base bases overlay overlays component components env envs environments cluster clusters")

Target = Mapping[str, Any]


def mappings(roots: Sequence[Node]) -> Sequence[Node]:
    """The documents of a kustomization. Raises `Unreadable` where one is no mapping."""
    if wrong := next((root for root in roots if root.kind != "map" and not root.empty), None):
        raise Unreadable("a kustomization is a mapping, this is not", wrong.line)
    return roots


def links(roots: Sequence[Node]) -> dict[str, Any]:
    """{"refers": files and folders, "patched": [file, target of its patch], "component": whether it is one}."""
    refers, patched = [], []
    for root in mappings(roots):
        refers += [item.text for name in REFERS for item in root.get(name).items if item.kind == "scalar" and item.text]
        for entry in _entries(root):
            file = entry.text if entry.kind == "scalar" else entry.get("path").text
            if file.strip() and "\n" not in file:
                patched.append([file, _target(entry.get("target"))])
    component = any(root.get("kind").text == "Component" for root in roots)
    return {"kustomization": True, "refers": refers, "patched": patched, **({"component": True} if component else {})}


def read(blob: Blob) -> tuple[Node, ...]:
    """The documents of a kustomization. Where they cannot be read, what its lines say of other files goes along with
    the reason: files that it still lists are no less deployed.
    """
    try:
        roots = documents(blob.data)
        mappings(roots)
    except Unreadable as error:
        raise Unreadable(error.reason, error.line, _salvaged(blob.text)) from None
    return roots


def _salvaged(text: str) -> dict[str, Any]:
    """`links` by lines alone: entries begin with a dash, and belong to the key above them that is not indented."""
    refers: list[str] = []
    patched: list[list[Any]] = []
    section = ""
    for line in text.split("\n")[:STEPS]:
        if top := _TOP.match(line):
            section = top["key"]
        entry = _ENTRY.match(line)
        if entry and section in REFERS:
            refers.append(entry["file"])
        elif section in PATCHES and (found := _PATH.match(line) or (entry if section == PATCHES[1] else None)):
            patched.append([found["file"], {"kind": "", "name": ""}])
    return {"kustomization": True, "refers": refers, "patched": patched}


def patches(roots: Sequence[Node]) -> Iterator[tuple[Target, Node]]:
    """(target, document) of the patches that stand inside of a kustomization. A list is one of JSON operations."""
    for root in mappings(roots):
        for entry in _entries(root):
            target = _target(entry.get("target"))
            for found in inside(entry if entry.kind == "scalar" else entry.get("patch")):
                yield from ((_aimed(target, node), node) for node in objects([found]))


def _entries(root: Node) -> Iterator[Node]:
    for name in PATCHES:
        yield from root.get(name).items


def _target(node: Node) -> Target:
    """What a patch is for: kind and name (patterns, empty for any) and labels. What cannot be told hits nothing."""
    kind, name, labels = node.get("kind").text, node.get("name").text, node.get("labelSelector").text
    if not node.get("annotationSelector").empty:
        name = UNKNOWN
    return {"kind": kind, "name": name, **({"labels": labels} if labels else {})}


def _aimed(target: Target, patch: Node) -> Target:
    """The target of a patch; one without a target is for the object that it names."""
    if target["kind"] or target["name"] or "labels" in target:
        return target
    return {"kind": patch.get("kind").text, "name": patch.get("metadata", "name").text}


def hits(target: Mapping[str, Any], subject: Mapping[str, Any]) -> bool:
    """Whether a patch with this target changes this object."""
    if not (_fits(target["kind"], subject["kind"]) and _fits(target["name"], subject["name"])):
        return False
    return all(_has(part.strip(), subject.get("labels", {})) for part in target.get("labels", "").split(",") if part)


def _fits(pattern: str, text: str) -> bool:
    """Kustomize takes kind and name as patterns that fit the whole; of those the simple ones are understood."""
    if pattern in ("", text):
        return True
    if not _PATTERN.fullmatch(pattern):
        return False
    return any(fnmatchcase(text, part.replace(".*", "*")) for part in pattern.strip("^()$").split("|"))


def _has(part: str, labels: Mapping[str, str]) -> bool:
    found = _LABEL.fullmatch(part)
    if found is None or found["key"] not in labels:
        return False
    return found["value"] is None or labels[found["key"]] == found["value"]


class Tree:
    """Who refers to whom among kustomizations and manifests."""

    def __init__(self, places: Sequence[Held]) -> None:
        own = [place for place in places if place.facts.get("kustomization")]
        self.folders: dict[str, Mapping[str, Any]] = {folder(place.path): place.facts for place in own}
        self.patched: dict[str, list[Target]] = defaultdict(list)
        self._above: dict[str, set[str]] = defaultdict(set)
        self._below: dict[str, list[str]] = {}
        for name, facts in self.folders.items():
            self._below[name] = [_join(name, other) for other in facts["refers"]]
            for other in self._below[name]:
                self._above[other].add(name)
            for file, target in facts["patched"]:
                self.patched[_join(name, file)].append({**target, "folder": name})
                self._above[_join(name, file)].add(name)
        self._roots: dict[str, frozenset[str]] = {}
        self._depths: dict[str, dict[str, int]] = {}
        self._realms = {_realm(name) for name in self.folders}

    def above(self, path: str) -> set[str]:
        """The folders of all kustomizations that bring a file in, directly or through others."""
        seen, todo = {path}, [path]
        while todo and len(seen) < STEPS:
            more = self._above.get(todo.pop(), set()) - seen
            todo += more
            seen |= more
        return seen - {path}

    def roots(self, path: str) -> frozenset[str]:
        """The folders of the outermost kustomizations that bring a file in; none for a file nobody refers to."""
        if path not in self._roots:
            above = self.above(path)
            outer = {name for name in above if not self._above.get(name)}
            if all(is_local(f"{name}/x") for name in outer):  # production with a laptop's overlay on top of it
                outer |= {name for name in above if self._deployed(name)}
            self._roots[path] = frozenset(outer or above)
        return self._roots[path]

    def _deployed(self, name: str) -> bool:
        """Whether a kustomization is deployed as it is, though others build on it."""
        facts = self.folders.get(name, {})
        return not facts.get("component") and not _STAGES.isdisjoint(name.lower().split("/")[-2:])

    def depths(self, root: str) -> dict[str, int]:
        """Folder -> how far below a kustomization it is. A component is applied after all that stands beside it."""
        if root not in self._depths:
            found, todo = {root: 0}, [root]
            for name in todo:
                for other in self._below.get(name, ()):
                    if other in self.folders and other not in found and len(found) < STEPS:
                        found[other] = found[name] + (1 if self.folders[other].get("component") else 2)
                        todo.append(other)
            self._depths[root] = found
        return self._depths[root]

    def applied(
        self, root: str, path: str, subject: Mapping[str, Any], changes: Sequence[tuple[str, str, Target, Any]]
    ) -> list[tuple[str, Any]]:
        """(path, fact) of the changes that a kustomization makes to an object of this file, the last one last.

        A change is (its path, the folder of its kustomization, its target, its fact).
        """
        depths = self.depths(root) if root in self.folders else {}
        above = self.above(path)
        fitting = [
            (-depths[name], index, other, fact)
            for index, (other, name, target, fact) in enumerate(changes)
            if name in depths and (name in above or self.folders[name].get("component")) and hits(target, subject)
        ]
        return [(other, fact) for _, _, other, fact in sorted(fitting, key=lambda entry: entry[:2])]

    def local(self, path: str) -> bool:
        """Whether a file is of a local overlay, or only such overlays bring it in."""
        if is_local(path):
            return True
        roots = self.roots(path)
        return bool(roots) and all(is_local(f"{root}/x") for root in roots)

    def unlisted(self, path: str) -> bool:
        """Whether a kustomization stands in the folder of a file, or above, and none refers to the file."""
        own = folder(path)
        under = any(own == name or not name or own.startswith(f"{name}/") for name in self.folders)
        return under and path not in self._above

    def unreferenced(self, path: str) -> bool:
        """Whether a manifest lies where kustomizations say what is deployed, and none refers to it."""
        own = folder(path)
        under = any(own == realm or not realm or own.startswith(f"{realm}/") for realm in self._realms)
        return under and path not in self._above


def _realm(name: str) -> str:
    """The folder that a kustomization speaks for: `k8s` for `k8s/base` and `k8s/overlays/prod`; itself at the top."""
    parts = name.split("/")
    layer = next((number for number, part in enumerate(parts) if number and part in _LAYERS), len(parts) - 1)
    return "/".join(parts[:layer]) or name


def narrowed(subjects: Callable[[Any], Iterable[str]]) -> Narrow:
    """For rules that join manifests by the names of their objects (`subjects`: facts -> names), and look at
    kustomizations besides. A change of a kustomization, or of a patch that one applies, may reach anything.
    """

    def marks(place: Held) -> Iterable[str]:
        return [ALL] if place.facts.get("kustomization") else subjects(place.facts)

    def around(changed: Changed, ask: Ask) -> list[Held] | None:
        own = ask.marked([ALL])
        patched = Tree(own).patched
        if any(place.facts.get("kustomization") or place.path in patched for place in changed):
            return None
        known = {place.path for place in own}
        return tied(changed, ask, marks, [*own, *ask.at([path for path in patched if path not in known])])

    return Narrow(marks, around)


def folder(path: str) -> str:
    """The folder of a file; empty for the root."""
    return path.rpartition("/")[0]


def _join(name: str, other: str) -> str:
    found = normpath(f"{name}/{other}" if name else other)
    return "" if found == "." else found
