"""How many of each workload run after the overlays of a tree: who sets the number last, and where that stands."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from findings.core.facts import Blob, Place, is_local
from findings.core.kustomizations import Target, Tree, folder, patches
from findings.core.manifests import number
from findings.core.operators import REPLICAS, numbers
from findings.core.yamlnodes import Node

_OVERLAY = re.compile(r"(?:^|/)(?:overlays?|envs?|environments?|clusters?|stages?|patches)/")
_COUNTED = re.compile(
    r"/(spec(?:/\w+){0,6}/(?:replicas|replicasCount|instances|numberOfInstances|members|size|count|clusterSize)"
    r"|spec/minReplica(?:s|Count))"
)
SCALERS = {"HorizontalPodAutoscaler": "minReplicas", "ScaledObject": "minReplicaCount"}
_SCALABLE = "Deployment|StatefulSet|ReplicaSet|ReplicationController"

Fact = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Single:
    """A place that leaves an object with one replica. `local`: in local overlays only."""

    subject: Fact
    path: str
    fact: Fact
    local: bool


def of_kustomization(blob: Blob, roots: Sequence[Node]) -> list[dict[str, Any]]:
    """The numbers that a kustomization sets itself: its `replicas`, and patches that stand in it."""
    found: list[dict[str, Any]] = []
    for root in roots:
        for item in root.get("replicas").items:
            scaled = {"kind": _SCALABLE, "name": item.get("name").text}
            found.append({"target": scaled, **_count(blob, REPLICAS, item.get("count"))})
    for target, patch in patches(roots):
        said = (*numbers(blob, patch, False), *counted(blob, patch.items), *kept(blob, patch))
        found += [{"target": target, **one} for one in said]
    return found


def kept(blob: Blob, root: Node) -> Iterator[dict[str, Any]]:
    """The number that an autoscaler, or a patch of one, keeps at least."""
    least = SCALERS.get(root.get("kind").text, "")
    if least and not root.get("spec", least).empty:
        yield _count(blob, f"spec/{least}", root.get("spec", least))


def counted(blob: Blob, operations: Sequence[Node]) -> Iterator[dict[str, Any]]:
    """Numbers that JSON patch operations set."""
    for item in operations:
        at = _COUNTED.fullmatch(item.get("path").text)
        if at and item.get("op").text in ("replace", "add"):
            yield _count(blob, at[1], item.get("value"))


def _count(blob: Blob, at: str, node: Node) -> dict[str, Any]:
    count = number(node)
    return {"at": at, "count": count, **(blob.spot(node.line) if count == 1 else {})}


def _says(fact: Fact) -> bool:
    """Whether a manifest writes a number."""
    return any("absent" not in said for said in fact["numbers"])


def subjects(facts: Any) -> Iterator[str]:
    """Kind and name of the objects that a manifest says a number of, or keeps one for."""
    for fact in facts.get("objects", ()):
        if "least" in fact:
            yield "/".join(fact["target"])
        elif "numbers" in fact:
            yield f"{fact['kind']}/{fact['name']}"


class Replicas:
    """The numbers of a tree: manifests, patches, what kustomizations set, and what autoscalers keep."""

    def __init__(self, places: Sequence[Place], tree: Tree) -> None:
        self.tree = tree
        self.named: dict[tuple[str, str], list[tuple[str, Fact]]] = defaultdict(list)
        self.scalers: dict[tuple[str, str], list[tuple[str, Fact]]] = defaultdict(list)
        self.changes: dict[str, list[tuple[str, str, Target, Fact]]] = defaultdict(list)
        for place in places:
            for fact in place.facts.get("objects", ()):
                if "numbers" in fact:
                    self._take(place.path, fact)
            for fact in place.facts.get("sets", ()):
                self.changes[fact["at"]].append((place.path, folder(place.path), fact["target"], fact))
            for fact in place.facts.get("operations", ()):
                for target in tree.patched.get(place.path, ()):
                    self.changes[fact["at"]].append((place.path, target["folder"], target, fact))

    def _take(self, path: str, fact: Fact) -> None:
        """A manifest, or a patch that kustomizations apply."""
        if path not in self.tree.patched:
            if "least" in fact:
                self.scalers[fact["target"][0], fact["target"][1]].append((path, fact))
            else:
                self.named[fact["kind"], fact["name"]].append((path, fact))
            return
        for target in self.tree.patched[path]:
            named = target["kind"] or target["name"] or "labels" in target
            aimed = target if named else {"kind": fact["kind"], "name": fact["name"]}
            for said in fact["numbers"]:
                if not said.get("absent"):
                    self.changes[said["at"]].append((path, target["folder"], aimed, said))

    def singles(self) -> Iterator[Single]:
        """What runs once, each object with all places that leave it so."""
        for found in self.named.values():
            most = max(fact["whole"] for _, fact in found)
            whole = [(path, fact) for path, fact in found if fact["whole"] == most and most]
            loose = [
                (path, said)
                for path, fact in found
                if fact["whole"] != most and not self.tree.unlisted(path)
                for said in fact["numbers"]
                if not said.get("absent")
            ]
            for space in sorted({fact["namespace"] for _, fact in whole}):
                own = [(path, fact) for path, fact in whole if fact["namespace"] == space]
                yield from self._of_object(own, loose)

    def _kept(self, subject: Fact, root: str) -> bool:
        """Whether autoscalers keep more than one of an object in what a kustomization deploys. One that no
        kustomization brings in counts everywhere, and so does each for an object that none brings in.
        """
        for path, fact in self.scalers.get((subject["kind"], subject["name"]), ()):
            roots = self.tree.roots(path) or {root}
            changes = self.changes[f"spec/{SCALERS[fact['kind']]}"]
            for each in roots & {root} if root else roots:
                applied = self.tree.applied(each, path, fact, changes)
                if ((applied[-1][1]["count"] if applied else fact["least"]) or 1) > 1:
                    return True
        return False

    def _of_object(self, own: list[tuple[str, Fact]], loose: list[tuple[str, Fact]]) -> Iterator[Single]:
        for at in dict.fromkeys(said["at"] for _, fact in own for said in fact["numbers"]):
            found: dict[tuple[str, int], Single] = {}
            for single in self._at(own, loose, at):
                place = single.path, single.fact["line"]
                found[place] = single if place not in found or found[place].local else found[place]
            yield from found.values()

    def _at(self, own: list[tuple[str, Fact]], loose: list[tuple[str, Fact]], at: str) -> Iterator[Single]:
        """The places for one setting. A copy in an overlay's folder, or a patch there whose kustomization cannot be
        read, speaks for the base beside it, unless another overlay brings that base in.
        """
        bases = [(path, fact) for path, fact in own if not _OVERLAY.search(path)]
        copies = [path for path, fact in own if _OVERLAY.search(path) and _says(fact)]
        stray = [(path, said) for path, said in loose if said["at"] == at]
        spoken = (bool(copies) and bool(bases)) or any(not is_local(path) for path, _ in stray)
        for path, fact in own:
            said = next((said for said in fact["numbers"] if said["at"] == at), None)
            if said is None:
                continue
            deployed = any(not f"{path}/".startswith(f"{root}/") and root for root in self.tree.roots(path))
            if deployed or not spoken or (path in copies and bases):
                yield from self._deployed(path, fact, said)
        subject = (bases or own)[0][1]
        ones = [(path, said) for path, said in stray if said["count"] == 1]
        if ones and not (at == REPLICAS and self._kept(subject, "")):
            yield from (Single(subject, path, said, is_local(path)) for path, said in ones)

    def _deployed(self, path: str, fact: Fact, said: Fact) -> Iterator[Single]:
        """A manifest as each outermost kustomization deploys it: the number that is set last counts."""
        roots = self.tree.roots(path)
        if not roots and said["count"] == 1 and not (said["at"] == REPLICAS and self._kept(fact, "")):
            yield Single(fact, path, said, is_local(path))
        for root in sorted(roots):
            applied = self.tree.applied(root, path, fact, self.changes[said["at"]])
            place, last = applied[-1] if applied else (path, said)
            if last["count"] == 1 and not (said["at"] == REPLICAS and self._kept(fact, root)):
                yield Single(fact, place, last, is_local(f"{root}/x") or is_local(place))
