"""Topics that lose data with one broker."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from findings.core import manifests, topics
from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, levelled, observe, segments
from findings.core.kustomizations import Tree, links, patches, read
from findings.core.listening import FILES
from findings.core.marking import gettext_noop
from findings.core.rusttext import is_source, is_test
from findings.core.topics import IN_SYNC, REPLICAS
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.yamls import documents

UNDER_REPLICATED = RuleInfo(
    key="kafka/under-replicated-topic",
    title=gettext_noop("Topic that one broker's loss takes down"),
    priority=Priority.P0,
    version=2,
    help=gettext_noop("""\
With one replica, a lost disk is lost data. With three replicas and no `min.insync.replicas`, a write is acknowledged
when a single broker has it, so the loss is only rarer. Three replicas, two of which must confirm, survive any broker.

**How to fix**: set both, in `spec.config` (the operator ignores settings that stand beside it without a word), and
let producers use `acks=all`. Raising the replication of a topic that exists needs a reassignment of its partitions.

Before:

```yaml
spec:
  partitions: 12
  replicas: 1
```

After:

```yaml
spec:
  partitions: 12
  replicas: 3
  config:
    min.insync.replicas: 2
```
"""),
)

SCRIPT, TERRAFORM, RUST = "conf:script", "code:terraform", "code:rust"
_SCRIPTS = (".sh", ".bash", ".zsh", "makefile", "dockerfile", ".mk", "justfile", ".ps1", ".bat", ".cmd")
_WORTH_READING = FILES.topic(
    r"Topic\b|kafka-topics|rpk[\t-\r ]|REPLICATION_FACTOR|MIN_ISR|MIN_INSYNC|replication\.factor|min\.insync|"
    "KAFKA_CREATE_TOPICS"
)
_PIPELINE = re.compile(
    r"^(?:\.github/|\.circleci/|\.gitlab-ci|\.woodpecker|\.buildkite/|azure-pipelines|bitbucket-pipelines)"
)


_CALLS = {
    SCRIPT: (_WORTH_READING, topics.of_script),
    TERRAFORM: (FILES.topic('"kafka_topic"'), topics.of_terraform),
    RUST: (FILES.topic("TopicReplication"), topics.of_rust),
}


def classify(path: str) -> str:
    """Manifests, compose files, scripts, Terraform and Rust that runs in production; never documents."""
    if found := manifests.classify(path):
        return found
    if is_document(path):
        return ""
    if path.endswith(".rs"):
        return RUST if is_source(path) and not is_test(path) else ""
    if path.endswith(".tf"):
        return TERRAFORM
    return SCRIPT if segments(path)[-1].endswith(_SCRIPTS) else ""


def extract(blob: Blob) -> Facts:
    """{"topics": topic objects, "changes": patches of some, "commands": calls that create topics, "brokers": defaults
    of brokers, "compose": whether it is a compose file}; of a kustomization also what it refers to.
    """
    if blob.path_class in _CALLS:
        mark, read_calls = _CALLS[blob.path_class]
        found = list(read_calls(blob)) if blob.hears(mark) else []
        return {"commands": found} if found else {}
    if blob.path_class == manifests.KUSTOMIZATION:
        roots = read(blob)
        changes = []
        for target, root in patches(roots) if blob.mentions(b"replica") or blob.mentions(b"insync") else ():
            said = [topics.of_object(blob, root)] if topics.is_topic(root) else topics.changes(blob, root.items)
            changes += [{**change, "target": target} for change in said]
        return {**links(roots), "changes": changes}
    if changed := list(topics.changes(blob, manifests.operations(blob))):
        return {"changes": changed}
    if (blob.path_class == manifests.JSON and not manifests.may_hold(blob)) or not blob.hears(_WORTH_READING):
        return {}
    roots = documents(blob.data)
    objects = list(manifests.objects(roots))
    facts: dict[str, Any] = {
        "topics": [topics.of_object(blob, root) for root in objects if topics.is_topic(root)],
        "commands": list(topics.of_yaml(blob, roots)),
        "brokers": list(topics.brokers(blob, objects)),
        "compose": any(root.get("services").pairs and root.get("kind").empty for root in roots),
    }
    return {name: found for name, found in facts.items() if found}


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per cluster and topic, an occurrence per copy of it; compose files and pipelines are P2."""
    tree = Tree(places)
    changes = _changes(places, tree)
    seen = [
        found
        for place in places
        for fact in place.facts.get("topics", ())
        for found in _topic(place, fact, tree, changes)
    ]
    return levelled([*seen, *(found for place in places for found in _of_place(place))], tree.local)


Change = tuple[str, str, Mapping[str, Any], Mapping[str, Any]]


def _changes(places: Sequence[Place], tree: Tree) -> list[Change]:
    """(path, folder of the kustomization, target, what it says) of all patches of topics."""
    found: list[Change] = []
    for place in places:
        for fact in place.facts.get("changes", ()):
            if "target" in fact:
                found.append((place.path, place.path.rpartition("/")[0], fact["target"], fact))
            else:
                found += [(place.path, target["folder"], target, fact) for target in tree.patched.get(place.path, ())]
        for fact in place.facts.get("topics", ()):
            for target in tree.patched.get(place.path, ()):
                aimed = target if target["kind"] or target["name"] else {"kind": fact["kind"], "name": fact["name"]}
                found.append((place.path, target["folder"], aimed, fact))
    return found


def _topic(place: Place, fact: Mapping[str, Any], tree: Tree, changes: Sequence[Change]) -> Iterator[Observation]:
    """A topic as it is deployed: by itself, or by each outermost kustomization with the patches of that one."""
    if place.path in tree.patched:
        return
    said: dict[tuple[str, int], Observation] = {}
    name, subject = f"Topic {fact['topic']}", f"{fact['cluster']}/{fact['topic']}"
    for root in sorted(tree.roots(place.path)) or ("",):
        path, spot, merged = place.path, fact, dict(fact)
        for other, change in tree.applied(root, place.path, fact, changes):
            merged.update({part: change[part] for part in ("replicas", "in_sync") if change.get(part) is not None})
            if list(_problems(change, partial=True)):
                path, spot = other, change
        if problems := list(_problems(merged)):
            said[path, spot["line"]] = _observation(path, spot, f"{name}: {'; '.join(problems)}", subject)
    yield from said.values()
    for setting in fact["outside"]:
        message = f"{name}: {setting['setting']} is ignored because it stands outside of config"
        yield _observation(place.path, setting, message, subject)


def _of_place(place: Place) -> Iterator[Observation]:
    trial = "compose" in place.facts or bool(_PIPELINE.match(place.path))
    for fact in place.facts.get("commands", ()):
        if fact["factor"] < REPLICAS:
            message = f"Topic {fact['topic'] or '(unnamed)'} is created with replication factor {fact['factor']}"
            yield _observation(place.path, fact, message, _script_key(fact["topic"]), trial)
    for fact in place.facts.get("brokers", ()):
        message = f"Broker {fact['broker']} gives new topics too few replicas: {fact['setting']}={fact['value']}"
        yield _observation(place.path, fact, message, f"{fact['broker']}/(broker defaults)", True)


def _script_key(topic: str) -> str:
    """A topic whose name the script computes is no subject: such a call is known by its line."""
    return "" if not topic or "$" in topic else f"/{topic}"


def _problems(fact: Mapping[str, Any], partial: bool = False) -> Iterator[str]:
    """What is wrong with a topic. A `partial` one is a patch: what it does not say is fine."""
    if fact["replicas"] is not None and fact["replicas"] < REPLICAS:
        yield f"{fact['replicas']} of {REPLICAS} replicas"
    if fact["in_sync"] is None:
        if not partial and fact["confirms"]:
            yield "no min.insync.replicas"
    elif fact["in_sync"] < IN_SYNC:
        yield f"min.insync.replicas is {fact['in_sync']}"


def _observation(path: str, spot: Mapping[str, Any], message: str, key: str, trial: bool = False) -> Observation:
    return observe(
        UNDER_REPLICATED,
        path,
        spot,
        message,
        priority=Priority.P2 if trial else UNDER_REPLICATED.priority,
        identity=Identity.LOGICAL if key else Identity.HINTS,
        key=key,
        properties={"confidence": "high"},
    )


VERSIONS = {manifests.MANIFEST: 3, manifests.JSON: 2, manifests.KUSTOMIZATION: 2, SCRIPT: 2, TERRAFORM: 1, RUST: 1}
FAMILY = Family("kafka", (UNDER_REPLICATED,), VERSIONS, classify, extract, judge)
