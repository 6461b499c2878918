"""Kubernetes: how many of each workload run, and scripts that live inside manifests."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, levelled, lowered, observe
from findings.core.kustomizations import Tree, links, narrowed, patches, read
from findings.core.manifests import (
    JSON,
    KUSTOMIZATION,
    MANIFEST,
    POD_SPECS,
    classify,
    group,
    key,
    manifest_topic,
    manifests,
    named,
    operations,
)
from findings.core.marking import gettext_noop
from findings.core.operators import OPERATED, SCALED, numbers, operated
from findings.core.programs import container, ruling
from findings.core.replicas import SCALERS, Replicas, Single, counted, kept, of_kustomization, subjects
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.yamlnodes import Node

STATE = RuleInfo(
    key="kubernetes/single-replica-state",
    title=gettext_noop("Database, broker or search engine with one replica"),
    priority=Priority.P0,
    version=2,
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
    version=2,
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
    version=3,
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

STATELESS = frozenset({"Deployment", "Rollout", "DeploymentConfig"})
JOBS = frozenset({"CronJob", "Job"})
_TELLING = manifest_topic("|".join(sorted({*SCALED, *JOBS, *SCALERS, *(kind for _, kind in OPERATED)})))
_SHELL = re.compile(r"(?:^|/)(?:ba|da|a|z|k)?sh$")
_OTHER_PROGRAM = re.compile(
    r"(?:^|/)(?:python[\d.]*|node|perl|ruby|php|psql|mysql|clickhouse-client|clickhouse|mongosh?|deno|bun|pwsh|"
    r"powershell|redis-cli|awk|jq)$"
)
_SHEBANG = re.compile(r"\s*#!\s*\S*?(?:/env\s+(?:-\S+\s+)*)?(?P<program>[\w./-]+)")
_MINTS = re.compile(
    r"\bsts\s+(?:get-session-token|assume-role\S*|get-federation-token)|\b(?:create|update|delete|rotate)-access-key\b|"
    r"\b(?:create|rotate|put|update)-(?:secret|secret-value|service-specific-credential)\b|"
    r"\bcreate\s+(?:secret|token)\b|\b(?:apply|patch|annotate|replace|label|edit|set)\b[^\n]{0,80}\bsecrets?\b|"
    r"\bkeys\s+create\b|\bsecrets\s+(?:create|update)\b|\bversions\s+add\b|"
    r"\bvault\s+(?:write|kv\s+put|token\s+create|lease)|\bcredential\s+(?:reset|create)\b|"
    r"\bkeyvault\s+(?:secret|key)\s+(?:set|create|rotate)\b|\bprint-(?:access|identity)-token\b|"
    r"\bgenerate-db-auth-token\b|\bget-login-password\b|/access_tokens\b|\bgrant_type=|\bget-authorization-token\b|"
    r"\b(?:ALTER|CREATE)\s+(?:USER|ROLE)\b[^\n]{0,120}\b(?:PASSWORD|IDENTIFIED)\b|\bACL\s+SETUSER\b|"
    r"\bCONFIG\s+SET\s+requirepass\b|/api/v1/namespaces/[^\n]{0,120}/secrets|\bchange_password\b|"
    r"\bopenssl\s+(?:rand|genrsa|genpkey|req|ecparam)\b|\bssh-keygen\b|\bhtpasswd\b|\bpwgen\b|\bkeytool\s+-gen|"
    r"\bcertbot\b|\bcfssl\s+gencert\b|\bstep\s+ca\s+(?:certificate|renew)\b|\bwg\s+genkey\b|"
    r"kind[\"']?:\s*[\"']?Secret\b",
    re.I,
)
_MINTING_NAME = re.compile(
    r"(?:rotat|renew|refresh|mint|issue)\w*-(?:\w+-){0,3}(?:cred|secret|token|password|passwd|key|cert)|"
    r"(?:cred|secret|token|password|passwd|key|cert)\w*-(?:\w+-){0,3}(?:rotat|renew|refresh|mint|issu)",
    re.I,
)


def extract(blob: Blob) -> Facts:
    """{"objects": workloads, patches, autoscalers and jobs, "operations": JSON patches of numbers}; of a kustomization
    also what it refers to, and "sets", the numbers that it sets.
    """
    if blob.path_class == KUSTOMIZATION:
        roots = read(blob)
        found = [fact for _, patch in patches(roots) for fact in _object(blob, patch) if "script" in fact]
        return {**links(roots), "objects": found, "sets": of_kustomization(blob, roots)}
    facts = {
        "objects": [fact for root in manifests(blob, _TELLING) for fact in _object(blob, root)],
        "operations": list(counted(blob, operations(blob))),
    }
    return {name: value for name, value in facts.items() if value}


def _object(blob: Blob, root: Node) -> Iterator[dict[str, Any]]:
    kind, fact = root.get("kind").text, named(root)
    if not group(root):
        return
    if kind in SCALED:
        yield _scaled(blob, root, fact)
    elif kind in JOBS:
        yield from _scripts(blob, root, fact)
    elif kind in SCALERS:
        target, said = root.get("spec", "scaleTargetRef"), list(kept(blob, root))
        aimed = [target.get("kind").text or "Deployment", target.get("name").text]
        yield {**fact, "target": aimed, "least": said[0]["count"] if said else 1, "numbers": said}
    elif program := operated(root):
        grade = Priority.P1 if program == "prometheus" else STATE.priority
        yield {
            **fact,
            "whole": 1,
            "state": program,
            "operated": True,
            "grade": str(grade),
            "numbers": numbers(blob, root, True),
        }


def _scaled(blob: Blob, root: Node, fact: dict[str, Any]) -> dict[str, Any]:
    """A workload or a patch of one: `whole` tells how much of one it is."""
    pod = root.get(*POD_SPECS.get(fact["kind"], ("spec", "template", "spec")))
    boxes = [container(node) for node in pod.get("containers").items]
    found = ruling(boxes, fact["name"])
    state = found[0] if found and (found[0].word != "nats" or found[1]["stores"]) else None
    claims = any("persistentVolumeClaim" in volume.key_nodes() for volume in pod.get("volumes").items)
    whole = any(box["image"] for box in boxes) + (not root.get("spec", "selector").empty)
    labels = {name.text: value.text for name, value in root.get("metadata", "labels").pairs}
    return {
        **fact,
        "labels": labels,
        "whole": whole,
        "state": state.word if state else "",
        "grade": str(state.priority) if state else "",
        "claims": claims or not root.get("spec", "volumeClaimTemplates").empty,
        "numbers": numbers(blob, root, bool(boxes)),
    }


def _scripts(blob: Blob, root: Node, fact: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Shell scripts in the commands of a job, each from the `command` or `args` that holds it."""
    pod = root.get(*POD_SPECS[fact["kind"]])
    for box in [*pod.get("initContainers").items, *pod.get("containers").items]:
        words = [(at, item) for at in ("command", "args") for item in box.get(at).items or [box.get(at)]]
        if not _is_shell([word.text for _, word in words]):
            continue
        for at, word in words:
            if (lines := _lines(blob, word)) > 1:
                mints = bool(_MINTS.search(word.text) or _MINTING_NAME.search(fact["name"]))
                told = {"script": lines, "container": box.get("name").text, "mints": mints}
                yield {**fact, **told, **blob.spot(box.key_nodes()[at].line, word.end)}


def _is_shell(words: Sequence[str]) -> bool:
    """Whether a command runs a shell, or may for all it says: an image has an entry point of its own."""
    if script := next((found for word in words if "\n" in word and (found := _SHEBANG.match(word))), None):
        return bool(_SHELL.search(script["program"]))
    programs = [word for word in words if "\n" not in word]
    return any(map(_SHELL.search, programs)) or not any(map(_OTHER_PROGRAM.search, programs))


def _lines(blob: Blob, node: Node) -> int:
    """Lines of a script that are not blank; a folded one counts as it is written."""
    lines = blob.text.split("\n")[node.line : node.end] if node.style == ">" else node.text.split("\n")
    return sum(bool(line.strip()) for line in lines)


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """Single replicas, one finding per object, where an overlay that sets the number wins; and long scripts."""
    tree = Tree(places)
    seen = [found for single in Replicas(places, tree).singles() for found in _single(single, tree)]
    for place in places:
        for fact in place.facts.get("objects", ()):
            if fact.get("script", 0) > settings.script_lines:
                seen.append(_script(place, fact, tree))
    return levelled(seen, tree.local)


def _single(single: Single, tree: Tree) -> Iterator[Observation]:
    """The observation for a place that leaves a workload with one replica."""
    subject, name = single.subject, f"{single.subject['kind']} {single.subject['name']}"
    rule = STATE if subject["state"] else SERVICE
    if rule is SERVICE and (single.local or subject["kind"] not in STATELESS or subject["claims"]):
        return
    what = f"{subject['state']} in {name}" if rule is STATE and "operated" not in subject else name
    sure = "medium" if single.fact.get("absent") else "high"
    found = observe(
        rule,
        single.path,
        single.fact,
        f"{what} runs one replica",
        priority=Priority(subject["grade"]) if rule is STATE else rule.priority,
        identity=Identity.LOGICAL,
        key=key(subject),
        properties={"confidence": sure, "object": name, **_unreferenced(single.path, tree)},
    )
    # What only local overlays deploy so is theirs, though others use the same file.
    yield lowered(found) if single.local and not tree.local(single.path) else found


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
        key=key(fact),
        properties=said,
    )


def _unreferenced(path: str, tree: Tree) -> dict[str, Any]:
    return {"unreferenced": True} if tree.unreferenced(path) else {}


VERSIONS = {MANIFEST: 7, JSON: 6, KUSTOMIZATION: 6}
FAMILY = Family(
    "workloads", (STATE, SERVICE, SCRIPT), VERSIONS, classify, extract, judge, part=str, narrow=narrowed(subjects)
)
