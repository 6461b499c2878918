"""Topics as files state them: objects of operators, patches of those, calls that create some, and brokers' defaults."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from findings.core.facts import Blob
from findings.core.manifests import group, named, number, pod_specs
from findings.core.rusttext import source
from findings.core.yamlnodes import Node, collections

REPLICAS = 3
IN_SYNC = 2

_SETTING = re.compile(r"[a-z]+(?:\.[a-z]+)+")
_CHANGED = {"/spec/replicas": "replicas", "/spec/replicationFactor": "replicas"}
_IN_SYNC = "min.insync.replicas"
_BROKER = re.compile(
    r"^KAFKA_(?:CFG_)?(?:DEFAULT_REPLICATION_FACTOR|OFFSETS_TOPIC_REPLICATION_FACTOR|"
    r"TRANSACTION_STATE_LOG_REPLICATION_FACTOR|TRANSACTION_STATE_LOG_MIN_ISR|MIN_INSYNC_REPLICAS)$|"
    r"^(?:default\.replication\.factor|offsets\.topic\.replication\.factor|transaction\.state\.log\.replication\.factor|"
    r"transaction\.state\.log\.min\.isr|min\.insync\.replicas)$"
)
_COMMAND = re.compile(r"(?P<tool>kafka-topics(?:\.sh|\.bat)?|rpk\s+topic\s+create)(?=[\s\"']|$)(?P<rest>[^\n;&|]*)")
_FACTOR = re.compile(
    r"(?P<flag>--replication-factor|--replicas|(?<=\s)-r)[\s=]+[\"']?"
    r"(?:(?P<count>\d{1,4})|\$\{?(?P<name>\w{1,100})(?::?-(?P<default>\d{1,4}))?)"
)
_TOPIC = re.compile(r"--topic[ =]+[\"']?([\w.${}-]+)")
_RPK_TOPIC = re.compile(r"^\s+[\"']?([A-Za-z][\w.${}-]*)")
_QUIET = re.compile(r"(?:^|[;&|])\s*(?:echo|printf|log|info)\b[^;&|]*$|(?:^|\s)#[^\n]*$|^\s*(?:rem|::)\s", re.I)
_TOOL = re.compile(r"(?:^|/)kafka-topics(?:\.sh)?$|^rpk$")
_RESOURCE = re.compile(r"^resource\s+\"kafka_topic\"\s+\"[^\"\n]*\"\s*\{(?P<body>(?:(?!^\}).*\n){0,200})", re.M)
_RESOURCE_FACTOR = re.compile(r"^\s*replication_factor\s*=\s*(?P<factor>\d{1,4})\b", re.M)
_RESOURCE_NAME = re.compile(r"^\s*name\s*=\s*\"([^\"\n]+)\"", re.M)
_NEW_TOPIC = re.compile(
    r"NewTopic\s*::\s*new\s*\([^;]{1,300}?TopicReplication\s*::\s*Fixed\s*\(\s*(?P<factor>\d{1,4})\s*\)"
)
_CREATED = re.compile(r"(?P<topic>[\w.-]+):\d+:(?P<factor>\d+)")


def is_topic(root: Node) -> bool:
    """Whether an object is a topic of an operator."""
    return root.get("kind").text == "KafkaTopic" or _is_redpanda(root)


def _is_redpanda(root: Node) -> bool:
    return root.get("kind").text == "Topic" and group(root).endswith("redpanda.com")


def of_object(blob: Blob, root: Node) -> dict[str, Any]:
    """A topic, or a patch of one. `confirms`: whether it lacks `min.insync.replicas`; Redpanda has none."""
    spec, redpanda = root.get("spec"), _is_redpanda(root)
    beside = {name: key for node in (root, spec) for name, key in node.key_nodes().items() if _SETTING.fullmatch(name)}
    count = spec.get("replicationFactor" if redpanda else "replicas")
    replicas, in_sync = number(count), number(spec.get("config", _IN_SYNC))
    if replicas is not None and replicas < REPLICAS:
        line = count.line
    else:
        line = spec.get("config").key_nodes().get(_IN_SYNC, root.get("kind")).line
    return {
        **named(root),
        "topic": spec.get("topicName").text or named(root)["name"],
        "cluster": root.get("metadata", "labels", "strimzi.io/cluster").text
        or spec.get("cluster", "clusterRef", "name").text,
        "replicas": replicas,
        "in_sync": in_sync,
        "confirms": not redpanda and spec.get("config", _IN_SYNC).empty and _IN_SYNC not in beside,
        "outside": [{"setting": name, **blob.spot(key.line)} for name, key in sorted(beside.items())],
        **blob.spot(line),
    }


def changes(blob: Blob, operations: Sequence[Node]) -> Iterator[dict[str, Any]]:
    """What JSON patch operations say about a topic's replicas."""
    for item in operations:
        path = item.get("path").text
        name = _CHANGED.get(path) or ("in_sync" if path == f"/spec/config/{_IN_SYNC}" else "")
        value = item.get("value")
        if name and item.get("op").text in ("add", "replace"):
            yield {"replicas": None, "in_sync": None, name: number(value), **blob.spot(value.line)}


def of_script(blob: Blob) -> Iterator[dict[str, Any]]:
    """Calls in a script. A back-slash at a line's end continues a call."""
    for topic, factor, at in _calls(blob.text):
        yield {"topic": topic, "factor": factor, **blob.spot(blob.text.count("\n", 0, at) + 1)}


def of_yaml(blob: Blob, roots: Sequence[Node]) -> Iterator[dict[str, Any]]:
    """Calls in the commands of manifests, compose files and pipelines: in texts, and word by word in lists."""
    for node in (found for root in roots for found in collections(root)):
        if any(_TOOL.search(item.text) for item in node.items):
            yield from _of_words(blob, node.items)
        for part in (*node.items, *(value for _, value in node.pairs)):
            if part.kind == "scalar" and ("kafka-topics" in part.text or "rpk" in part.text):
                for topic, factor, at in _calls(part.text):
                    yield {"topic": topic, "factor": factor, **blob.spot(_line(blob, part, at))}


def _of_words(blob: Blob, items: Sequence[Node]) -> Iterator[dict[str, Any]]:
    text, starts = "", []
    for item in items:
        starts.append(len(text))
        text += item.text.replace("\n", " ") + " "
    for topic, factor, at in _calls(text):
        item = next(item for start, item in zip(reversed(starts), reversed(items), strict=True) if start <= at)
        yield {"topic": topic, "factor": factor, **blob.spot(item.line)}


def _line(blob: Blob, node: Node, at: int) -> int:
    """The line of an offset in a scalar. A folded one has lost its lines: the flag is looked for where it stands."""
    if node.style == "|":
        return node.line + 1 + node.text.count("\n", 0, at)
    before = node.text.count("--replication-factor", 0, at)
    lines = blob.text.split("\n")[node.line - 1 : node.end]
    for index, line in enumerate(lines):
        before -= line.count("--replication-factor")
        if before < 0:
            return node.line + index
    return node.line


def of_terraform(blob: Blob) -> Iterator[dict[str, Any]]:
    """Resources of Terraform that are topics."""
    for resource in _RESOURCE.finditer(blob.text):
        factor, name = _RESOURCE_FACTOR.search(resource["body"]), _RESOURCE_NAME.search(resource["body"])
        if factor:
            line = blob.text.count("\n", 0, resource.start("body") + factor.start("factor")) + 1
            yield {"topic": name[1] if name else "", "factor": int(factor["factor"]), **blob.spot(line)}


def of_rust(blob: Blob) -> Iterator[dict[str, Any]]:
    """Topics that a program makes through an admin client."""
    rust = source(blob.text)
    for made in _NEW_TOPIC.finditer(rust.production):
        names = list(rust.strings(made.start(), made.end()))
        yield {"topic": names[0] if names else "", "factor": int(made["factor"]), **blob.spot(rust.line(made.start()))}


def _calls(text: str) -> Iterator[tuple[str, int, int]]:
    """(topic, factor, offset of the factor) of the calls in a text that create topics."""
    joined = text.replace("\\\n", "  ")  # as many characters, so that offsets stay true
    for match in _COMMAND.finditer(joined):
        rest, rpk = match["rest"], match["tool"].startswith("rpk")
        found = next((one for one in _FACTOR.finditer(rest) if rpk or one["flag"] == "--replication-factor"), None)
        before = joined[joined.rfind("\n", 0, match.start()) + 1 : match.start()]
        if found is None or _QUIET.search(before) or not (rpk or "--create" in rest):
            continue
        factor = found["count"] or found["default"] or _assigned(text, found["name"])
        topic = (_RPK_TOPIC if rpk else _TOPIC).search(rest)
        if factor:
            yield (topic[1] if topic else ""), int(factor), match.start("rest") + found.start()


def _assigned(text: str, name: str) -> str:
    """The number that a script gives a variable, also as a default."""
    found = re.search(rf"(?:^|\s){name}=[\"']?(?:\$\{{\w{{1,100}}:?-)?(\d{{1,4}})\b", text, re.M)
    return found[1] if found else ""


def brokers(blob: Blob, objects: Sequence[Node]) -> Iterator[dict[str, Any]]:
    """Settings of brokers that give new topics too few replicas: {"broker", "setting", "value"}, each line once."""
    seen: set[int] = set()
    for root in objects:
        for broker, name, value, line in _settings(root):
            least = IN_SYNC if name.upper().replace(".", "_").endswith(("MIN_ISR", "MIN_INSYNC_REPLICAS")) else REPLICAS
            few = _BROKER.match(name) and value.isdigit() and int(value) < least
            if name == "KAFKA_CREATE_TOPICS":
                few = any(int(topic["factor"]) < REPLICAS for topic in _CREATED.finditer(value))
            if few and line not in seen:
                seen.add(line)
                yield {"broker": broker, "setting": name, "value": value[:80], **blob.spot(line)}


def _settings(root: Node) -> Iterator[tuple[str, str, str, int]]:
    """(broker, name, value, line) of what compose services, pods and Kafka objects say to brokers."""
    for key, service in root.get("services").pairs:
        yield from ((key.text, *setting) for setting in _environment(service.get("environment")))
    if root.get("apiVersion").empty:
        return
    name = named(root)["name"]
    for spec in pod_specs(root):
        for item in (item for box in spec.get("containers").items for item in box.get("env").items):
            yield name, item.get("name").text, item.get("value").text, item.get("value").line
    if root.get("kind").text == "Kafka":
        yield from ((name, *setting) for setting in _environment(root.get("spec", "kafka", "config")))


def _environment(node: Node) -> Iterator[tuple[str, str, int]]:
    """(name, value, line) of settings, written as a mapping, also by reference, or as a list."""
    for key, value in node.pairs:
        if key.text == "<<":
            for merged in value.items or [value]:
                yield from ((name.text, each.text.strip(), name.line) for name, each in merged.pairs)
        yield key.text, value.text.strip(), key.line
    for item in node.items:
        name, _, text = item.text.partition("=")
        yield name.strip(), text.strip(), item.line
