"""Kubernetes manifests as YAML nodes: which files may hold them, their objects, and where those keep their pods."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from findings.core.facts import UTF16, Blob, is_document, segments
from findings.core.listening import FILES
from findings.core.yamlnodes import Node, collections
from findings.core.yamls import check, documents

KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
MANIFEST, JSON, KUSTOMIZATION = "yaml", "code:json", "yaml:kustomization"
POD_SPECS = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(
        (
            "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Rollout", "Job",
            "DeploymentConfig",
        ),
        ("spec", "template", "spec"),
    ),
}  # fmt: skip
_OPERATION = re.compile(rb"path[\"']?:\s*[\"']?/spec/")
LISTS = {"List": "items", "Template": "objects"}
NESTED = 1_000


@lru_cache(maxsize=16)
def classify(path: str) -> str:
    """The path class of a file that may hold manifests, empty for others: documents deploy nothing. Four families ask,
    one after the other.
    """
    name = segments(path)[-1]
    if is_document(path):
        return ""
    if path.rsplit("/", 1)[-1] in KUSTOMIZATIONS:
        return KUSTOMIZATION
    if name.endswith((".yaml", ".yml")):
        return MANIFEST
    return JSON if name.endswith(".json") else ""


_TELLING: list[str] = []


def manifest_topic(pattern: str) -> str:
    """A topic without which a family has nothing to look for in a manifest."""
    _TELLING.append(FILES.topic(pattern))
    return pattern


def manifests(blob: Blob, topic: str) -> list[Node]:
    """The objects of a file; none where it names no kind, or does not speak of a topic. YAML that does not parse is not
    covered, whatever it may hold.
    """
    held = may_hold(blob)
    if held and (blob.hears(topic) or blob.data[:2] in UTF16):
        return list(objects(documents(blob.data)))
    if blob.path_class != JSON:
        check(blob.data, wanted=held and any(map(blob.hears, _TELLING)))
    return []


def may_hold(blob: Blob) -> bool:
    """Whether a file can hold an object at all. Most files of JSON are something else, and need not be YAML."""
    return blob.mentions(b"kind") and (blob.path_class != JSON or blob.mentions(b'"apiVersion"'))


def operations(blob: Blob) -> list[Node]:
    """The operations of a file of JSON patches of a `spec`; none in other files."""
    if not (b"/spec/" in blob.data and _OPERATION.search(blob.data)):
        return []
    return [item for root in documents(blob.data) for item in root.items]


def objects(roots: Sequence[Node]) -> Iterator[Node]:
    """The objects of documents: themselves, or what a List or a Template holds."""
    todo = list(reversed(roots))
    for _ in range(NESTED):
        if not todo:
            return
        node = todo.pop()
        kind = node.get("kind").text
        items = node.get(LISTS.get(kind, "items") if kind.endswith("List") or kind in LISTS else "").items
        if items:
            todo += reversed(items)
        else:
            yield node


def pod_specs(root: Node) -> Iterator[Node]:
    """The pod of a workload; of another object, every mapping in it that reads as one, or as what is added to one."""
    kind = root.get("kind").text
    if kind in POD_SPECS:
        yield root.get(*POD_SPECS[kind])
    elif kind != "CustomResourceDefinition":
        for node in collections(root):
            if node.get("volumes").items:
                yield node


def group(root: Node) -> str:
    """The API group of an object, without its version; "v1" and the like for the core."""
    return root.get("apiVersion").text.partition("/")[0]


def named(root: Node) -> dict[str, str]:
    """Kind, namespace and name of an object."""
    meta = root.get("metadata")
    return {"kind": root.get("kind").text, "namespace": meta.get("namespace").text, "name": meta.get("name").text}


def key(fact: Mapping[str, Any]) -> str:
    """What names an object in the history of a repository."""
    return "/".join((fact["kind"], fact["namespace"], fact["name"]))


def number(node: Node) -> int | None:
    """A count, or None for anything else."""
    return int(node.text) if node.text.isascii() and node.text.isdigit() and len(node.text) < 9 else None
