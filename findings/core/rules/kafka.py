"""Topics that lose data with one broker."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, levelled, observe, segments
from findings.core.marking import gettext_noop
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.yamls import Node, documents

UNDER_REPLICATED = RuleInfo(
    key="kafka/under-replicated-topic",
    title=gettext_noop("Topic that one broker's loss takes down"),
    priority=Priority.P0,
    version=1,
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

REPLICAS = 3
IN_SYNC = 2

_COMPOSE = re.compile(r"^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$")
_BROKER = re.compile(
    r"^KAFKA_(?:CFG_)?(?:DEFAULT_REPLICATION_FACTOR|OFFSETS_TOPIC_REPLICATION_FACTOR|"
    r"TRANSACTION_STATE_LOG_REPLICATION_FACTOR|TRANSACTION_STATE_LOG_MIN_ISR|MIN_INSYNC_REPLICAS)$"
)
_COMMAND = re.compile(r"kafka-topics(?:\.sh)?\b(?P<rest>[^\n;&|]*)")
_FACTOR = re.compile(r"--replication-factor[ =]+[\"']?(\d+)")
_TOPIC = re.compile(r"--topic[ =]+[\"']?([\w.${}-]+)")
_SCRIPTS = (".sh", ".bash", ".zsh", "makefile", "dockerfile", ".mk", "justfile", ".ps1", ".bat")
_KNOWN = frozenset({"partitions", "replicas", "config", "topicName"})


def classify(path: str) -> str:
    """Manifests, compose files and scripts; never documents."""
    name = segments(path)[-1]
    if is_document(path):
        return ""
    if name.endswith((".yaml", ".yml")):
        return "yaml:compose" if _COMPOSE.match(name) else "yaml"
    return "conf:script" if name.endswith(_SCRIPTS) else ""


def extract(blob: Blob) -> Facts:
    """{"topics": KafkaTopic objects, "commands": kafka-topics calls, "brokers": defaults of compose services}."""
    if b"afka" not in blob.data and b"AFKA" not in blob.data:
        return {}
    facts: dict[str, Any] = {"commands": list(_commands(blob))}
    if blob.path_class != "conf:script":
        roots = documents(blob.data)
        facts["topics"] = [_topic(blob, root) for root in roots if root.get("kind").text == "KafkaTopic"]
        facts["brokers"] = list(_brokers(blob, roots)) if blob.path_class == "yaml:compose" else []
    return {name: found for name, found in facts.items() if found}


def _topic(blob: Blob, root: Node) -> dict[str, Any]:
    spec = root.get("spec")
    lines = spec.key_nodes()
    outside = sorted(name for node in (root, spec) for name in node.key_nodes() if "." in name and name not in _KNOWN)
    telling = lines.get("replicas") or lines.get("config") or root.key_nodes().get("spec") or root
    return {
        "topic": spec.get("topicName").text or root.get("metadata", "name").text,
        "cluster": root.get("metadata", "labels", "strimzi.io/cluster").text,
        "replicas": _number(spec.get("replicas")),
        "in_sync": _number(spec.get("config", "min.insync.replicas")),
        "outside": outside,
        **blob.spot(telling.line),
    }


def _number(node: Node) -> int | None:
    return int(node.text) if node.text.isascii() and node.text.isdigit() else None


def _commands(blob: Blob) -> Iterator[dict[str, Any]]:
    """Calls that create topics with too few replicas; a back-slash at a line's end continues the call."""
    joined = blob.text.replace("\\\n", "  ")  # as many characters, so that offsets stay true
    for match in _COMMAND.finditer(joined):
        factor, topic = _FACTOR.search(match["rest"]), _TOPIC.search(match["rest"])
        start = joined.rfind("\n", 0, match.start()) + 1
        if factor is None or "--create" not in match["rest"] or joined[start : match.start()].lstrip().startswith("#"):
            continue
        name = topic[1] if topic else ""
        yield {"topic": name, "factor": int(factor[1]), **blob.spot(blob.text.count("\n", 0, match.start()) + 1)}


def _brokers(blob: Blob, roots: Sequence[Node]) -> Iterator[dict[str, Any]]:
    for root in roots:
        for key, service in root.get("services").pairs:
            found = [
                (name, value, line)
                for name, value, line in _environment(service.get("environment"))
                if _BROKER.match(name) and value.isdigit() and int(value) < (IN_SYNC if _is_minimum(name) else REPLICAS)
            ]
            if found:
                said = {name: int(value) for name, value, _ in found}
                yield {"service": key.text, "settings": said, **blob.spot(min(line for *_, line in found))}


def _is_minimum(name: str) -> bool:
    return name.endswith(("MIN_ISR", "MIN_INSYNC_REPLICAS"))


def _environment(node: Node) -> Iterator[tuple[str, str, int]]:
    """(name, value, line) of a compose environment, written as a mapping or as a list."""
    for key, value in node.pairs:
        yield key.text, value.text.strip(), key.line
    for item in node.items:
        name, _, text = item.text.partition("=")
        yield name.strip(), text.strip(), item.line


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per cluster and topic, an occurrence per copy of it; compose files are P2."""
    return levelled(seen for place in places for seen in _of_place(place))


def _of_place(place: Place) -> Iterator[Observation]:
    compose = bool(_COMPOSE.match(segments(place.path)[-1]))
    for fact in place.facts.get("topics", ()):
        if problems := list(_problems(fact)):
            message = f"Topic {fact['topic']}: {'; '.join(problems)}"
            yield _observation(place, fact, message, f"{fact['cluster']}/{fact['topic']}", compose)
    for fact in place.facts.get("commands", ()):
        if fact["factor"] < REPLICAS:
            message = f"Topic {fact['topic'] or '(unnamed)'} is created with replication factor {fact['factor']}"
            yield _observation(place, fact, message, _script_key(fact["topic"]), compose)
    for fact in place.facts.get("brokers", ()):
        said = ", ".join(f"{name}={value}" for name, value in sorted(fact["settings"].items()))
        message = f"Broker {fact['service']} gives new topics too few replicas: {said}"
        yield _observation(place, fact, message, f"{fact['service']}/(broker defaults)", compose)


def _script_key(topic: str) -> str:
    """A topic whose name the script computes is no subject: such a call is known by its line."""
    return "" if not topic or "$" in topic else f"/{topic}"


def _problems(fact: Mapping[str, Any]) -> Iterator[str]:
    if fact["replicas"] is not None and fact["replicas"] < REPLICAS:
        yield f"{fact['replicas']} of {REPLICAS} replicas"
    if fact["in_sync"] is None:
        yield "no min.insync.replicas"
    elif fact["in_sync"] < IN_SYNC:
        yield f"min.insync.replicas is {fact['in_sync']}"
    if fact["outside"]:
        yield f"ignored because outside config: {', '.join(fact['outside'])}"


def _observation(place: Place, spot: Mapping[str, Any], message: str, key: str, compose: bool) -> Observation:
    return observe(
        UNDER_REPLICATED,
        place.path,
        spot,
        message,
        priority=Priority.P2 if compose else UNDER_REPLICATED.priority,
        identity=Identity.LOGICAL if key else Identity.HINTS,
        key=key,
        properties={"confidence": "high"},
    )


FAMILY = Family(
    "kafka",
    (UNDER_REPLICATED,),
    {"yaml": 1, "yaml:compose": 1, "conf:script": 1},
    classify,
    extract,
    judge,
)
