"""State that Kubernetes throws away: data directories of databases, brokers and search engines on `emptyDir`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, levelled, observe
from findings.core.marking import gettext_noop
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.yamls import Node, documents

EPHEMERAL = RuleInfo(
    key="kubernetes/ephemeral-state",
    title=gettext_noop("Data directory on a volume that dies with the pod"),
    priority=Priority.P0,
    version=1,
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

POD_SPECS = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Rollout", "Job"),
        ("spec", "template", "spec"),
    ),
}


@dataclass(frozen=True, slots=True)
class Technology:
    """A stateful program: the word its images carry, and where it keeps its data."""

    word: str
    data: tuple[str, ...]
    priority: Priority = Priority.P0


TECHNOLOGIES = (
    Technology("redis", ("/data", "/var/lib/redis", "/bitnami/redis", "/redis")),
    Technology("valkey", ("/data", "/var/lib/valkey", "/bitnami/valkey")),
    Technology(
        "postgres", ("/var/lib/postgresql", "/bitnami/postgresql", "/pgdata", "/var/lib/pgsql", "/home/postgres")
    ),
    Technology("timescaledb", ("/var/lib/postgresql", "/home/postgres")),
    Technology("mysql", ("/var/lib/mysql", "/bitnami/mysql")),
    Technology("mariadb", ("/var/lib/mysql", "/bitnami/mariadb")),
    Technology("mongo", ("/data/db", "/data", "/bitnami/mongodb", "/var/lib/mongodb")),
    Technology("clickhouse", ("/var/lib/clickhouse", "/bitnami/clickhouse")),
    Technology("zookeeper", ("/data", "/datalog", "/var/lib/zookeeper", "/bitnami/zookeeper")),
    Technology("kafka", ("/var/lib/kafka", "/bitnami/kafka", "/kafka", "/var/kafka", "/var/kafka-logs")),
    Technology("redpanda", ("/var/lib/redpanda",)),
    Technology(
        "elasticsearch", ("/usr/share/elasticsearch/data", "/var/lib/elasticsearch", "/bitnami/elasticsearch/data")
    ),
    Technology("opensearch", ("/usr/share/opensearch/data", "/var/lib/opensearch", "/bitnami/opensearch/data")),
    Technology("rabbitmq", ("/var/lib/rabbitmq", "/bitnami/rabbitmq")),
    Technology("nats", ("/data", "/var/lib/nats", "/jetstream", "/nats")),
    Technology("prometheus", ("/prometheus", "/data", "/var/lib/prometheus", "/bitnami/prometheus"), Priority.P1),
)

_HELPER = re.compile(
    r"export|-ui\b|commander|express|admin|operator|adapter|proxy|bouncer|connect|registry|backup|init|migrat|"
    r"reloader|sidecar|curator|client|gateway|consumer|producer|surveyor|box|dashboard|insight|kowl|console|cli\b"
)
_SCRATCH = re.compile(r"(?:^|/)(?:tmp|temp|cache|caches|logs?|run|sock|sockets?|shm|plugins|config|conf|etc)(?:/|$)")
_GENERIC = re.compile(r"(?:^|/)(?:data|db|storage|store|state)(?:/|$)")
_PART = re.compile(r"[^a-z0-9]+|\d+")


def classify(path: str) -> str:
    """YAML that may be a manifest: not prose, not a folder of documents."""
    return "yaml" if path.endswith((".yaml", ".yml")) and not is_document(path) else ""


def extract(blob: Blob) -> Facts:
    """The pods of a file that matter to the fold: those that hold an `emptyDir`, and those of stateful programs."""
    pods = [pod for root in documents(blob.data) for item in manifests(root) if (pod := _pod(blob, item))]
    return {"pods": pods} if pods else {}


def manifests(root: Node) -> Iterator[Node]:
    """The objects of a document: itself, or the items of a List."""
    if root.get("kind").text == "List":
        yield from root.get("items").items
    else:
        yield root


def _pod(blob: Blob, root: Node) -> dict[str, Any] | None:
    kind = root.get("kind").text
    if kind not in POD_SPECS or root.get("apiVersion").empty:
        return None
    spec = root.get(*POD_SPECS[kind])
    empty = [_volume(blob, node) for node in spec.get("volumes").items if "emptyDir" in node.key_nodes()]
    containers = [container(node) for node in spec.get("containers").items]
    name = root.get("metadata", "name").text
    if not empty and not any(technology(box, name, True) for box in containers):
        return None
    space = root.get("metadata", "namespace").text
    return {"kind": kind, "namespace": space, "name": name, "containers": containers, "empty": empty}


def _volume(blob: Blob, node: Node) -> dict[str, Any]:
    return {"volume": node.get("name").text, **blob.spot(node.line, node.end)}


def container(node: Node) -> dict[str, Any]:
    """What is kept of a container: name, image, [volume, path] of its mounts, and whether a nats in it stores."""
    mounts = [[item.get("name").text, item.get("mountPath").text] for item in node.get("volumeMounts").items]
    words = " ".join(item.text for key in ("command", "args") for item in node.get(key).items)
    stores = bool(re.search(r"(?:^|\s)(?:-js|--jetstream|-sd|--store_dir)\b|jetstream|\.conf\b", words))
    return {"name": node.get("name").text, "image": node.get("image").text, "mounts": mounts, "stores": stores}


def technology(box: Mapping[str, Any], owner: str, alone: bool) -> Technology | None:
    """The stateful program a container runs: by its image; by its name, or its owner's, where that says nothing."""
    image = str(box["image"]).rsplit("@", 1)[0].rsplit("/", 1)[-1].split(":", 1)[0].lower()
    if found := _named(image):
        return found
    if _HELPER.search(image) or _HELPER.search(str(box["name"]).lower()):
        return None
    return _titled(str(box["name"])) or (_titled(owner) if alone else None)


def _named(image: str) -> Technology | None:
    if _HELPER.search(image):
        return None
    return next((tech for tech in TECHNOLOGIES if any(part.startswith(tech.word) for part in _PART.split(image))), None)


def _titled(name: str) -> Technology | None:
    """A name that ends in the program, or in the program and its part in a cluster: `orders-redis`, `kafka-0`."""
    parts = [part for part in _PART.split(name.lower()) if part]
    while parts and parts[-1] in ("server", "master", "primary", "replica", "node", "db", "broker", "cluster", "store"):
        parts.pop()
    last = parts[-1] if parts else ""
    return next((tech for tech in TECHNOLOGIES if last in (tech.word, f"{tech.word}ql", f"{tech.word}db")), None)


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """Volumes joined to mounts, within an object and, for a patch that names only the volume, with its base."""
    bases: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for place in places:
        for pod in place.facts.get("pods", ()):
            bases[pod["kind"], pod["name"]].append(pod)
    return levelled(
        seen
        for place in places
        for pod in place.facts.get("pods", ())
        for volume in pod["empty"]
        if (seen := _judge(place, pod, volume, bases[pod["kind"], pod["name"]])) is not None
    )


def _judge(
    place: Place, pod: Mapping[str, Any], volume: Mapping[str, Any], same: list[Mapping[str, Any]]
) -> Observation | None:
    holders = [pod] if _mounts(pod, volume["volume"]) else same
    for holder in holders:
        for box, path in _mounts(holder, volume["volume"]):
            if verdict := _verdict(pod, holder, box, path):
                word, priority, confidence = verdict
                return _observation(place, pod, volume, (word, path), priority, confidence)
    return None


def _mounts(pod: Mapping[str, Any], volume: str) -> list[tuple[Mapping[str, Any], str]]:
    return [(box, path) for box in pod["containers"] for name, path in box["mounts"] if name == volume]


def _verdict(
    pod: Mapping[str, Any], holder: Mapping[str, Any], box: Mapping[str, Any], path: str
) -> tuple[str, Priority, str] | None:
    """(program, priority, confidence) when this mount is where state lives."""
    path = path.rstrip("/").lower() or "/"
    found = technology(box, pod["name"], len(holder["containers"]) == 1)
    if found is None:
        unknown = pod["kind"] == "StatefulSet" and _GENERIC.search(path) and not _SCRATCH.search(path)
        return ("a StatefulSet", EPHEMERAL.priority, "medium") if unknown and not helper(box) else None
    if found.word == "nats" and not box["stores"]:
        return None
    if any(path == home or path.startswith(f"{home}/") for home in found.data):
        return (found.word, found.priority, "high") if not _SCRATCH.search(path) else None
    if _GENERIC.search(path) and not _SCRATCH.search(path):
        return found.word, found.priority, "medium"
    return None


def helper(box: Mapping[str, Any]) -> bool:
    """Whether a container only serves another: exporters, backups, proxies."""
    return bool(_HELPER.search(f"{box['name']} {str(box['image']).rpartition('/')[2]}".lower()))


def _observation(
    place: Place,
    pod: Mapping[str, Any],
    volume: Mapping[str, Any],
    what: tuple[str, str],
    priority: Priority,
    sure: str,
) -> Observation:
    word, path = what
    subject = f"{pod['kind']} {pod['name']}"
    return observe(
        EPHEMERAL,
        place.path,
        volume,
        f"{subject} keeps {path}, the data of {word}, on emptyDir volume '{volume['volume']}'",
        priority=priority,
        identity=Identity.LOGICAL,
        key="/".join((pod["kind"], pod["namespace"], pod["name"], volume["volume"])),
        properties={"object": subject, "program": word, "mount": path, "confidence": sure},
    )


FAMILY = Family("kubernetes", (EPHEMERAL,), {"yaml": 1}, classify, extract, judge)
