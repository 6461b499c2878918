"""Kubernetes: how many of each workload run, and scripts that live inside manifests."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from findings.core.errors import Unreadable
from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, is_local, levelled, lower, observe
from findings.core.kustomizations import Group, Tree, objects, of_kustomization, operations
from findings.core.marking import gettext_noop
from findings.core.rules.kubernetes import POD_SPECS, container, helper, manifests, technology
from findings.core.rules.kustomize import NAMES
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.yamls import Node, documents

STATE = RuleInfo(
    key="kubernetes/single-replica-state",
    title=gettext_noop("Database, broker or search engine with one replica"),
    priority=Priority.P0,
    version=1,
    help=gettext_noop("""\
With a single copy, the loss of one node or one disk stops everything that needs it, and every upgrade is an outage.
If the disk is what was lost, so is what was written since the last backup that somebody has tried to restore.

**How to fix**: let an operator run it (for PostgreSQL, Kafka, Redis, ClickHouse and the search engines there are good
ones) with three members spread over zones, or use a managed service. More replicas in a plain StatefulSet are not
enough: most databases then run as separate, empty servers until replication is set up.

Before:

```yaml
kind: StatefulSet
metadata: {name: postgres}
spec:
  replicas: 1
```

After:

```yaml
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: postgres}
spec:
  instances: 3
```
"""),
)

SERVICE = RuleInfo(
    key="kubernetes/single-replica-service",
    title=gettext_noop("Service that runs once"),
    priority=Priority.P2,
    version=1,
    help=gettext_noop("""\
A service with one replica is away whenever its pod is: at each drained node, eviction and failed probe. A rolling
update hides the planned ones only.

**How to fix**: run two or more, on different nodes, and let a disruption budget keep one of them. A service that must
not run twice says so by electing a leader, not by being alone.

Before:

```yaml
spec:
  replicas: 1
```

After:

```yaml
spec:
  replicas: 2
```
"""),
)

SCRIPT = RuleInfo(
    key="kubernetes/inline-shell-job",
    title=gettext_noop("Job that carries a long shell script"),
    priority=Priority.P2,
    version=1,
    help=gettext_noop("""\
A script inside a manifest has no tests, no linter and no version of its own, and whoever changes it edits a string.
Such scripts install their tools at every run, ignore half of the errors, and often hold the right to restart or change
other workloads. When the script makes or rotates credentials, its failure at night is everybody's outage.

**How to fix**: put the work into a program with tests, built into an image; the job then runs one command. For
credentials use what the platform has: workload identity, an operator that syncs secrets.

Before:

```yaml
command: ["/bin/sh", "-c"]
args:
  - |
    # forty lines of curl, jq and kubectl
```

After:

```yaml
image: registry.example.com/reports:1.4
command: ["reports", "nightly"]
```
"""),
)

SCALED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout"})
STATELESS = frozenset({"Deployment", "Rollout"})
JOBS = frozenset({"CronJob", "Job"})
_OPERATED: dict[tuple[str, str], tuple[tuple[str, ...], ...]] = {
    ("postgresql.cnpg.io", "Cluster"): (("spec", "instances"),),
    ("acid.zalan.do", "postgresql"): (("spec", "numberOfInstances"),),
    ("postgres-operator.crunchydata.com", "PostgresCluster"): (("spec", "instances", "*", "replicas"),),
    ("clickhouse.altinity.com", "ClickHouseInstallation"): (
        ("spec", "configuration", "clusters", "*", "layout", "replicasCount"),
    ),
    ("clickhouse-keeper.altinity.com", "ClickHouseKeeperInstallation"): (
        ("spec", "configuration", "clusters", "*", "layout", "replicasCount"),
    ),
    ("kafka.strimzi.io", "Kafka"): (("spec", "kafka", "replicas"), ("spec", "zookeeper", "replicas")),
    ("kafka.strimzi.io", "KafkaNodePool"): (("spec", "replicas"),),
    ("cluster.redpanda.com", "Redpanda"): (("spec", "clusterSpec", "statefulset", "replicas"),),
    ("databases.spotahome.com", "RedisFailover"): (("spec", "redis", "replicas"),),
    ("redis.redis.opstreelabs.in", "RedisReplication"): (("spec", "clusterSize"),),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): (("spec", "nodeSets", "*", "count"),),
    ("opensearch.opster.io", "OpenSearchCluster"): (("spec", "nodePools", "*", "replicas"),),
    ("opensearch.org", "OpenSearchCluster"): (("spec", "nodePools", "*", "replicas"),),
    ("rabbitmq.com", "RabbitmqCluster"): (("spec", "replicas"),),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity"): (("spec", "members"),),
    ("psmdb.percona.com", "PerconaServerMongoDB"): (("spec", "replsets", "*", "size"),),
    ("pxc.percona.com", "PerconaXtraDBCluster"): (("spec", "pxc", "size"),),
    ("k8s.mariadb.com", "MariaDB"): (("spec", "replicas"),),
    ("zookeeper.pravega.io", "ZookeeperCluster"): (("spec", "replicas"),),
}
_ONE_BY_DEFAULT = frozenset({"RabbitmqCluster", "MariaDB"})
_SHELL = re.compile(r"(?:^|/)(?:ba|da|a|z|k)?sh$")
_OTHER_PROGRAM = re.compile(
    r"(?:^|/)(?:python[\d.]*|node|perl|ruby|php|psql|mysql|clickhouse-client|mongosh?|deno|bun)$"
)
_MINTS = re.compile(
    r"\bsts\s+(?:get-session-token|assume-role\S*|get-federation-token)|\b(?:create|update|delete)-access-key\b|"
    r"\bcreate\s+(?:secret|token)\b|\b(?:apply|patch|annotate|replace|label)\b[^\n]{0,80}\bsecrets?\b|\bput-secret-value\b|"
    r"\brotate-secret\b|\bkeys\s+create\b|\bversions\s+add\b|\bvault\s+(?:write|kv\s+put|token\s+create|lease)|"
    r"\bALTER\s+(?:USER|ROLE)\b[^\n]{0,80}\bPASSWORD\b|/api/v1/namespaces/[^\n]{0,120}/secrets|\bget-login-password\b|"
    r"\bopenssl\s+rand\b|\bcertbot\b|kind:\s*Secret\b",
    re.I,
)


def classify(path: str) -> str:
    """Manifests and kustomizations; not prose, not a folder of documents."""
    if is_document(path):
        return ""
    if path.rsplit("/", 1)[-1] in NAMES:
        return "yaml:kustomization"
    return "yaml" if path.endswith((".yaml", ".yml")) else ""


def extract(blob: Blob) -> Facts:
    """{"objects": workloads, patches and jobs, "operations": JSON patches of replicas}, or a kustomization's."""
    roots = documents(blob.data)
    if blob.path_class == "yaml:kustomization":
        if wrong := next((root for root in roots if root.kind != "map" and not root.empty), None):
            raise Unreadable("a kustomization is a mapping, this is not", wrong.line)
        return of_kustomization(blob, roots)
    found = [fact for root in roots for item in manifests(root) for fact in _object(blob, item)]
    facts: dict[str, Any] = {
        "objects": found,
        "operations": [seen for root in roots for seen in operations(blob, root)],
    }
    return {name: value for name, value in facts.items() if value}


def _object(blob: Blob, root: Node) -> Iterator[dict[str, Any]]:
    kind, group = root.get("kind").text, root.get("apiVersion").text.partition("/")[0]
    fact = {
        "kind": kind,
        "namespace": root.get("metadata", "namespace").text,
        "name": root.get("metadata", "name").text,
    }
    if kind in SCALED and group:
        yield _scaled(blob, root, fact)
    elif kind in JOBS and group:
        yield from _scripts(blob, root, fact)
    elif kind == "HorizontalPodAutoscaler":
        target = root.get("spec", "scaleTargetRef")
        least = _number(root.get("spec", "minReplicas"))
        yield {**fact, "kind": "HPA", "target": [target.get("kind").text, target.get("name").text], "least": least or 1}
    elif paths := _OPERATED.get((group, kind)):
        yield from _operated(blob, root, fact, paths)


def _number(node: Node) -> int | None:
    return int(node.text) if node.text.isascii() and node.text.isdigit() and len(node.text) < 9 else None


def _scaled(blob: Blob, root: Node, fact: dict[str, Any]) -> dict[str, Any]:
    """A workload or a patch of one: `whole` tells how much of one it is."""
    pod = root.get(*POD_SPECS[fact["kind"]])
    boxes = [container(node) for node in pod.get("containers").items]
    own = [box for box in boxes if not helper(box)] or boxes
    found = technology(own[0], fact["name"], len(own) == 1) if own else None
    state = found.word if found and (found.word != "nats" or own[0]["stores"]) else ""
    replicas = root.get("spec", "replicas")
    telling = root.get("spec").key_nodes().get("replicas") or root.get("metadata").key_nodes().get("name") or root
    claims = any("persistentVolumeClaim" in volume.key_nodes() for volume in pod.get("volumes").items)
    count = _number(replicas)
    return {
        **fact,
        "replicas": count,
        "says": not replicas.empty,
        "whole": any(box["image"] for box in boxes) + (not root.get("spec", "selector").empty),
        "state": state,
        "grade": str(found.priority) if found and state else "",
        "claims": claims or not root.get("spec", "volumeClaimTemplates").empty,
        **(blob.spot(telling.line) if count in (None, 1) and (boxes or not replicas.empty) else {}),
    }


def _operated(
    blob: Blob, root: Node, fact: dict[str, Any], paths: Sequence[tuple[str, ...]]
) -> Iterator[dict[str, Any]]:
    """An object of an operator, once for each number in it that is 1."""
    for path in paths:
        found = list(_at(root, path))
        if not found and fact["kind"] in _ONE_BY_DEFAULT:
            found = [root.get("metadata").key_nodes().get("name", root)]
        for node in found:
            if _number(node) in (None, 1):
                yield {**fact, "operated": True, "setting": path[-1], **blob.spot(node.line)}


def _at(node: Node, path: Sequence[str]) -> Iterator[Node]:
    """The scalars under a path; "*" stands for each item of a list."""
    if not path:
        yield from () if node.empty else (node,)
    elif path[0] == "*":
        for item in node.items:
            yield from _at(item, path[1:])
    else:
        yield from _at(node.get(path[0]), path[1:])


def _scripts(blob: Blob, root: Node, fact: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Shell scripts in the commands of a job."""
    pod = root.get(*POD_SPECS[fact["kind"]])
    for box in [*pod.get("initContainers").items, *pod.get("containers").items]:
        words = [item for key in ("command", "args") for item in box.get(key).items or [box.get(key)]]
        shell = any(_SHELL.search(word.text) for word in words)
        if not shell and any(_OTHER_PROGRAM.search(word.text) for word in words):
            continue
        for word in words:
            if (lines := _lines(word)) > 1:
                mints = bool(_MINTS.search(word.text))
                name = box.get("name").text
                yield {**fact, "script": lines, "container": name, "mints": mints, **blob.spot(word.line, word.end)}


def _lines(node: Node) -> int:
    """Lines of a script that are not blank; a folded one counts as it is written."""
    if node.style == ">":
        return max(1, node.end - node.line - 1)
    return sum(bool(line.strip()) for line in node.text.split("\n"))


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """Single replicas, one finding per object, where an overlay that sets the number wins; and long scripts."""
    tree = Tree(places)
    seen = [found for group in objects(places, tree) for found in _single(group, tree)]
    for place in places:
        for fact in place.facts.get("objects", ()):
            if fact.get("operated"):
                seen.append(_of_operator(place, fact))
            elif fact.get("script", 0) > settings.script_lines:
                seen.append(_script(place, fact, tree))
    return levelled(seen)


def _single(group: Group, tree: Tree) -> Iterator[Observation]:
    """The places that leave a workload with one replica."""
    fact = group.whole
    rule = STATE if fact["state"] else SERVICE
    if rule is SERVICE and (fact["kind"] not in STATELESS or fact["claims"]):
        return
    for path, spot in group.single():
        roots = tree.roots(path)
        local = is_local(path) or (bool(roots) and all(is_local(f"{root}/x") for root in roots))
        if rule is SERVICE and local:
            continue
        priority = Priority(fact["grade"]) if rule is STATE else rule.priority
        if local and not is_local(path):
            priority = lower(priority)
        what = f"{fact['state']} in {fact['kind']}" if rule is STATE else fact["kind"]
        said = {"confidence": "high" if group.says else "medium", "object": f"{fact['kind']} {fact['name']}"}
        yield observe(
            rule,
            path,
            spot,
            f"{what} {fact['name']} runs one replica",
            priority=priority,
            identity=Identity.LOGICAL,
            key="/".join((fact["kind"], fact["namespace"], fact["name"])),
            properties={**said, **_unreferenced(path, tree)},
        )


def _of_operator(place: Place, fact: Mapping[str, Any]) -> Observation:
    return observe(
        STATE,
        place.path,
        fact,
        f"{fact['kind']} {fact['name']} runs one replica ({fact['setting']})",
        identity=Identity.LOGICAL,
        key="/".join((fact["kind"], fact["namespace"], fact["name"])),
        properties={"confidence": "high", "object": f"{fact['kind']} {fact['name']}"},
    )


def _script(place: Place, fact: Mapping[str, Any], tree: Tree) -> Observation:
    away = _unreferenced(place.path, tree)
    mints = " that makes or rotates credentials" if fact["mints"] else ""
    said = {"confidence": "high", "lines": fact["script"], "credentials": fact["mints"], **away}
    return observe(
        SCRIPT,
        place.path,
        fact,
        f"{fact['kind']} {fact['name']} carries a shell script of {fact['script']} lines{mints}",
        priority=Priority.P1 if fact["mints"] and not away else Priority.P2,
        identity=Identity.LOGICAL,
        key="/".join((fact["kind"], fact["namespace"], fact["name"])),
        properties=said,
    )


def _unreferenced(path: str, tree: Tree) -> dict[str, Any]:
    return {"unreferenced": True} if tree.unreferenced(path) else {}


FAMILY = Family("workloads", (STATE, SERVICE, SCRIPT), {"yaml": 1, "yaml:kustomization": 1}, classify, extract, judge)
