"""State that Kubernetes throws away: data directories of databases, brokers and search engines on `emptyDir`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, levelled, observe
from findings.core.kustomizations import Tree, links, narrowed, patches, read
from findings.core.manifests import (
    JSON,
    KUSTOMIZATION,
    MANIFEST,
    classify,
    key,
    manifest_topic,
    manifests,
    named,
    operations,
    pod_specs,
)
from findings.core.marking import gettext_noop
from findings.core.operators import operated
from findings.core.programs import container, helper, technology
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.vocabulary import words
from findings.core.yamlnodes import Node

EPHEMERAL = RuleInfo(
    key="kubernetes/ephemeral-state",
    title=gettext_noop("Data directory on a volume that dies with the pod"),
    priority=Priority.P0,
    version=2,
    help=gettext_noop("""\
An `emptyDir` lives exactly as long as its pod. A drained node, an eviction or a new image empties it, and with it
whatever the database, broker or search engine kept there. Nothing warns you: the pod comes back healthy, and empty.

**How to fix**: give the workload a claim that outlives the pod (in a StatefulSet: `volumeClaimTemplates`), or use a
managed service. Then try it: delete the pod and look for the data.

Before:

```yaml
volumes:
  - name: data
    emptyDir: {}
```

After:

```yaml
volumes:
  - name: data
    persistentVolumeClaim:
      claimName: redis-data
```
"""),
)

_TELLING = manifest_topic("emptyDir|volumeMounts|ephemeral")
_SCRATCH = re.compile(
    r"(?:^|/)(?:tmp|temp|scratch|caches?|[\w.-]*-cache|logs?|run|sock|sockets?|shm|plugins|modules|config|conf|configs|etc|"
    r"certs?|tls|ssl|secrets?|scripts?|init|docker-entrypoint[\w.-]*|bootstrap|lib64|bin|extensions|preprocessed_configs)"
    r"(?:/|$)"
)
_GENERIC = re.compile(r"(?:^|/)[\w.-]*(?:data|db|storage|store|state)(?:/|$)|^/var/lib/[\w.-]+(?:/|$)")
_DATA_VOLUME = re.compile(
    r"(?:^|[-_])(?:data|datadir|storage|db|database|pgdata|store|state)(?:[-_]?(?:vol|volume|dir|\d+))?$"
)
_NO_STORAGE = words("template podTemplate volumes sentinel exporter entityOperator cruiseControl")
DEEP = 4
JOBS = frozenset({"Job", "CronJob"})
_VOLUMES = re.compile(r"^/spec/(?:jobTemplate/spec/)?(?:template/spec/)?volumes(?:/[\d-]+)?$")


def extract(blob: Blob) -> Facts:
    """{"pods": those that hold an `emptyDir`, and those of stateful programs, which a patch may join to one}; of a
    kustomization also what it refers to; of a file of JSON patches the volumes that it adds.
    """
    if blob.path_class == KUSTOMIZATION:
        return _of_kustomization(blob)
    found = manifests(blob, _TELLING)
    facts = {
        "pods": [pod for root in found for pod in _pods(blob, root)],
        "added": list(_added(blob, operations(blob))) if blob.mentions(b"emptyDir") else [],
    }
    return {name: value for name, value in facts.items() if value}


def _of_kustomization(blob: Blob) -> Facts:
    roots = read(blob)
    pods = []
    for target, root in patches(roots) if blob.mentions(b"emptyDir") else ():
        name = {"kind": target["kind"], "namespace": "", "name": target["name"]}
        pods += list(_pods(blob, root)) or [
            {**name, "containers": [], "empty": [volume], "claims": [], "operator": ""}
            for volume in _added(blob, root.items)
        ]
    return {**links(roots), **({"pods": pods} if pods else {})}


def _pods(blob: Blob, root: Node) -> Iterator[dict[str, Any]]:
    if root.get("kind").empty or root.get("apiVersion").empty:
        return
    subject, operator = named(root), operated(root)
    claims = [item.get("metadata", "name").text for item in root.get("spec", "volumeClaimTemplates").items]
    for spec in pod_specs(root):
        empty = [_volume(blob, node) for node in spec.get("volumes").items if _is_empty(node)]
        boxes = [container(node) for node in spec.get("containers").items]
        if empty or any(box["mounts"] and technology(box, subject["name"], True) for box in boxes):
            yield {**subject, "containers": boxes, "empty": empty, "claims": claims, "operator": operator}
    for path, node in _operator_storage(root) if operator else ():
        volume = {"volume": path, **blob.spot(node.line)}
        yield {**subject, "containers": [], "empty": [volume], "claims": [], "operator": operator}


def _is_empty(volume: Node) -> bool:
    """Whether a volume is an `emptyDir`. One that is null beside another source is what a patch takes away."""
    keys = volume.key_nodes()
    return "emptyDir" in keys and (not volume.get("emptyDir").empty or keys.keys() <= {"name", "emptyDir"})


def _volume(blob: Blob, node: Node) -> dict[str, Any]:
    telling = node.key_nodes()["emptyDir"]
    return {"volume": node.get("name").text, **blob.spot(telling.line, node.end)}


def _operator_storage(root: Node) -> Iterator[tuple[str, Node]]:
    """Storage of an operator's object that is an `emptyDir` without a pod around it."""
    todo: list[tuple[tuple[str, ...], Node]] = [((), root.get("spec"))]
    for path, node in todo:
        for name, value in node.pairs if len(path) < DEEP else ():
            if name.text.lower().endswith("storage"):
                yield from _storage(".".join((*path, name.text)), value)
            elif value.pairs and name.text not in _NO_STORAGE:
                todo.append(((*path, name.text), value))


def _storage(name: str, storage: Node) -> Iterator[tuple[str, Node]]:
    """What says that a storage, or a volume of it, is an `emptyDir`."""
    for node in (storage, *storage.get("volumes").items):
        keys = node.key_nodes()
        if "emptyDir" in keys:
            yield name, keys["emptyDir"]
        elif node.get("type").text == "ephemeral":
            yield name, keys["type"]


def _added(blob: Blob, items: Sequence[Node]) -> Iterator[dict[str, Any]]:
    """Volumes that JSON patch operations add."""
    for item in items:
        if item.get("op").text in ("add", "replace") and _VOLUMES.match(item.get("path").text):
            value = item.get("value")
            yield from (_volume(blob, node) for node in value.items or [value] if _is_empty(node))


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """Volumes joined to mounts, within an object and, for a patch that names only the volume, with its base."""
    tree = Tree(places)
    pods = [(place.path, pod) for place in places for pod in _all_pods(place, tree)]
    bases: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for _, pod in pods:
        bases[pod["kind"], pod["name"]].append(pod)
    return levelled(
        (
            seen
            for path, pod in pods
            for volume in pod["empty"]
            if (seen := _judge(path, pod, volume, bases[pod["kind"], pod["name"]])) is not None
        ),
        tree.local,
    )


def _all_pods(place: Place, tree: Tree) -> Iterator[dict[str, Any]]:
    """The pods of a file. A file of JSON patches has those that kustomizations aim it at."""
    yield from place.facts.get("pods", ())
    for target in tree.patched.get(place.path, ()) if "added" in place.facts else ():
        name = {"kind": target["kind"], "namespace": "", "name": target["name"]}
        yield {**name, "containers": [], "empty": place.facts["added"], "claims": [], "operator": ""}


def _judge(
    path: str, pod: Mapping[str, Any], volume: Mapping[str, Any], same: list[Mapping[str, Any]]
) -> Observation | None:
    if volume["volume"] in pod["claims"]:
        return None  # a claim of that name takes the volume's place
    if pod["kind"] in JOBS:
        return None  # a client that ends, whatever image it has
    for holder in [pod] if _mounts(pod, volume["volume"]) else same:
        for box, mount in _mounts(holder, volume["volume"]):
            if verdict := _verdict(pod, holder, box, mount, volume["volume"]):
                return _observation(path, pod, volume, (verdict[0], mount.rstrip("/") or "/"), *verdict[1:])
    if pod["operator"] and (_DATA_VOLUME.search(volume["volume"]) or "storage" in volume["volume"]):
        priority = Priority.P1 if pod["operator"] == "prometheus" else EPHEMERAL.priority
        return _observation(path, pod, volume, (pod["operator"], "its storage"), priority, "medium")
    return None


def _mounts(pod: Mapping[str, Any], volume: str) -> list[tuple[Mapping[str, Any], str]]:
    return [(box, path) for box in pod["containers"] for name, path in box["mounts"] if name == volume]


def _verdict(
    pod: Mapping[str, Any], holder: Mapping[str, Any], box: Mapping[str, Any], path: str, volume: str
) -> tuple[str, Priority, str] | None:
    """(program, priority, confidence) when this mount is where state lives."""
    path = path.rstrip("/").lower() or "/"
    alone = sum(not helper(other) for other in holder["containers"]) == 1 and not helper(box)
    found = technology(box, pod["name"], alone)
    scratch = bool(_SCRATCH.search(path))
    if found is None:
        likely = _GENERIC.search(path) or _DATA_VOLUME.search(volume)
        unknown = pod["kind"] == "StatefulSet" and likely and not scratch and not helper(box)
        return ("a StatefulSet", EPHEMERAL.priority, "medium") if unknown else None
    if found.word == "nats" and not box["stores"]:
        return None
    if any(_within(path, home.lower()) or _within(home.lower(), path) for home in box["homes"]):
        return found.word, found.priority, "high"
    if any(_within(path, home) for home in found.data):
        return (found.word, found.priority, "high") if not scratch or path in found.data else None
    if not scratch and (_GENERIC.search(path) or _DATA_VOLUME.search(volume)):
        return found.word, found.priority, "medium"
    return None


def _within(path: str, home: str) -> bool:
    return path == home or path.startswith(f"{home}/")


def _observation(
    path: str,
    pod: Mapping[str, Any],
    volume: Mapping[str, Any],
    what: tuple[str, str],
    priority: Priority,
    sure: str,
) -> Observation:
    word, mount = what
    subject = f"{pod['kind']} {pod['name']}"
    return observe(
        EPHEMERAL,
        path,
        volume,
        f"{subject} keeps {mount}, the data of {word}, on emptyDir volume '{volume['volume']}'",
        priority=priority,
        identity=Identity.LOGICAL,
        key=key(pod),
        properties={"object": subject, "program": word, "mount": mount, "confidence": sure},
    )


def _subjects(facts: Facts) -> Iterator[str]:
    return (f"{pod['kind']}/{pod['name']}" for pod in facts.get("pods", ()))


VERSIONS = {MANIFEST: 6, JSON: 5, KUSTOMIZATION: 3}
FAMILY = Family("kubernetes", (EPHEMERAL,), VERSIONS, classify, extract, judge, part=str, narrow=narrowed(_subjects))
