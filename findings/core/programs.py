"""Stateful programs as containers run them: which one it is, and where it keeps its data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from findings.core.types import Priority
from findings.core.vocabulary import words
from findings.core.yamlnodes import Node


@dataclass(frozen=True, slots=True)
class Technology:
    """A stateful program: the words its images carry, and where it keeps its data."""

    names: tuple[str, ...]
    data: tuple[str, ...]
    priority: Priority = Priority.P0

    @property
    def word(self) -> str:
        """What people call it."""
        return self.names[0]


_POSTGRES = ("/var/lib/postgresql", "/bitnami/postgresql", "/pgdata", "/var/lib/pgsql", "/home/postgres", "/var/pv")
_MYSQL = ("/var/lib/mysql", "/bitnami/mysql", "/bitnami/mariadb")
TECHNOLOGIES = (
    Technology(("redis",), ("/data", "/var/lib/redis", "/bitnami/redis", "/redis", "/redis-master-data")),
    Technology(("valkey", "keydb", "dragonfly", "dragonflydb"), ("/data", "/var/lib/valkey", "/bitnami/valkey")),
    Technology(("postgres", "postgresql", "postgis", "pgvector", "spilo", "pg"), _POSTGRES),
    Technology(("timescaledb", "timescale"), _POSTGRES),
    Technology(("mysql", "mysqld"), _MYSQL),
    Technology(("mariadb",), _MYSQL),
    Technology(("percona",), (*_MYSQL, "/data/db")),
    Technology(("mssql",), ("/var/opt/mssql",)),
    Technology(("mongo", "mongodb", "mongod"), ("/data", "/bitnami/mongodb", "/var/lib/mongodb")),
    Technology(("cockroach", "cockroachdb"), ("/cockroach",)),
    Technology(("cassandra", "scylla", "scylladb"), ("/var/lib/cassandra", "/var/lib/scylla", "/bitnami/cassandra")),
    Technology(("neo4j",), ("/data", "/bitnami/neo4j")),
    Technology(("couchdb", "couchbase"), ("/opt/couchdb/data", "/opt/couchbase/var")),
    Technology(("influxdb",), ("/var/lib/influxdb", "/var/lib/influxdb2")),
    Technology(("qdrant",), ("/qdrant/storage",)),
    Technology(("weaviate", "milvus"), ("/var/lib/weaviate", "/var/lib/milvus")),
    Technology(("etcd",), ("/var/lib/etcd", "/etcd-data", "/bitnami/etcd", "/var/run/etcd", "/etcd")),
    Technology(("clickhouse",), ("/var/lib/clickhouse", "/bitnami/clickhouse")),
    Technology(("zookeeper",), ("/data", "/datalog", "/var/lib/zookeeper", "/bitnami/zookeeper")),
    Technology(("kafka",), ("/var/lib/kafka", "/bitnami/kafka", "/kafka", "/var/kafka", "/var/kafka-logs")),
    Technology(("redpanda",), ("/var/lib/redpanda",)),
    Technology(("pulsar",), ("/pulsar/data",)),
    Technology(
        ("elasticsearch",), ("/usr/share/elasticsearch/data", "/var/lib/elasticsearch", "/bitnami/elasticsearch/data")
    ),
    Technology(("opensearch",), ("/usr/share/opensearch/data", "/var/lib/opensearch", "/bitnami/opensearch/data")),
    Technology(("solr",), ("/var/solr", "/opt/solr/server/solr")),
    Technology(("meilisearch", "typesense"), ("/meili_data", "/data")),
    Technology(("rabbitmq",), ("/var/lib/rabbitmq", "/bitnami/rabbitmq")),
    Technology(("activemq", "artemis"), ("/var/lib/artemis-instance", "/opt/activemq/data")),
    Technology(("nats",), ("/data", "/var/lib/nats", "/jetstream", "/nats")),
    Technology(("prometheus",), ("/prometheus", "/data", "/var/lib/prometheus", "/bitnami/prometheus"), Priority.P1),
)
_BY_NAME = {name: tech for tech in TECHNOLOGIES for name in tech.names}
_PREFIXES = tuple(name for name in _BY_NAME if len(name) > 4)

_HELPER = re.compile(
    r"export|-ui\b|commander|express|operator|adapter|bouncer|registry|backup|migrat|reloader|sidecar|curator|"
    r"surveyor|dashboard|insight|kowl|console|cli\b|webadmin|phpmyadmin|pgadmin"
)
_SERVANT = words(
    "admin proxy connect connector init client gateway consumer producer box sink source sync bridge job task cron app "
    "apps api service svc test tests tool tools utils dump restore seed schema setup bootstrap hook hooks rest relay "
    "stream streams pipeline etl cdc mcp lib sdk web ui check health watch monitor metrics stats bench perf load lag "
    "pgpool mirror push scripts agent alert msteams blackbox probe ksql topics topic fixtures rotate migrate prune "
    "vacuum reindex"
)
_OWN = words("server cluster master keeper zookeeper container docker timescaledb")
_PART_OF_CLUSTER = words(
    "server master primary replica node db database broker cluster store leader standby slave main keeper "
    "deployment deploy statefulset sts"
)
_PART = re.compile(r"[^a-z0-9]+|(?<=[a-z])\d+(?=[^a-z0-9]|$)|^\d+|(?<=[^a-z0-9])\d+")
_ATTENDANT = re.compile(
    r"export|metrics|reloader|sidecar|backup|proxy|envoy|bouncer|agent|fluent|filebeat|promtail|vector$|logrotate|"
    r"operator|jmx|stunnel|wal-g|backrest|barman|sentinel|curator|cleaner|health"
)
_STORES = re.compile(r"(?:^|\s)(?:-js|--jetstream|-sd|--store_dir)\b|jetstream|\.conf\b")
_HOME_NAME = re.compile(r"^PGDATA$|DATA_?(?:DIR|PATH)|DATADIR|(?:^|_)LOG_?DIRS?$|MNESIA_BASE|DBPATH|path\.data")
_HOME_FLAG = re.compile(
    r"(?:--(?:dir|dbpath|datadir|data-dir|data|storage\.tsdb\.path|store_dir|path\.data|log\.dirs)|-sd|-D|path\.data)"
    r"[= ]+[\"']?(/[\w./-]{1,200})"
)
_ABSOLUTE = re.compile(r"/[\w.-][\w./-]{0,200}")


def container(node: Node) -> dict[str, Any]:
    """What is kept of a container: name, image, [volume, path] of its mounts, whether a nats in it stores, and the
    directories that its settings name as its data.
    """
    mounts = [[item.get("name").text, item.get("mountPath").text] for item in node.get("volumeMounts").items]
    said = " ".join(item.text for key in ("command", "args") for item in node.get(key).items)
    return {
        "name": node.get("name").text,
        "image": node.get("image").text,
        "mounts": mounts,
        "stores": bool(_STORES.search(said)),
        "homes": _homes(node, said) if mounts else [],
    }


def _homes(node: Node, said: str) -> list[str]:
    """The directories that the environment and the flags of a container name as its data."""
    env = [(item.get("name").text, item.get("value").text) for item in node.get("env").items]
    homes = [path for name, value in env if _HOME_NAME.search(name) for path in value.split(",")]
    homes += _HOME_FLAG.findall(said)
    return sorted({path.rstrip("/") for path in homes if _ABSOLUTE.fullmatch(path)})


def technology(box: Mapping[str, Any], owner: str, alone: bool) -> Technology | None:
    """The stateful program a container runs: by its image; by its name, or its owner's, where that says nothing."""
    image, name = image_name(str(box["image"])), str(box["name"]).lower()
    if found := _of_image(image):
        return found
    if _serves(image) or _HELPER.search(name):
        return None
    return _titled(name) or (_titled(owner) if alone else None)


def image_name(image: str) -> str:
    """The last part of an image, without tag and digest; of `mssql/server` and the like both parts."""
    parts = image.rsplit("@", 1)[0].lower().rsplit("/", 2)
    last = parts[-1].split(":", 1)[0]
    return f"{parts[-2]}-{last}" if len(parts) > 1 and last in ("server", "db", "database", "main") else last


@lru_cache(maxsize=4096)
def _of_image(image: str) -> Technology | None:
    if _serves(image):
        return None
    for part in _parts(image):
        prefix = next((name for name in _PREFIXES if part == f"{name}db" or part == f"{name}ql"), part)
        if prefix in _BY_NAME:
            return _BY_NAME[prefix]
    return None


@lru_cache(maxsize=4096)
def _serves(image: str) -> bool:
    """Whether an image is a tool around a program rather than the program: `kafka-exporter`, `orders-redis-writer`."""
    if _HELPER.search(image):
        return True
    return any(
        part in _SERVANT
        or (len(part) > 4 and part.endswith(("er", "or", "ing")) and part not in _OWN | _BY_NAME.keys())
        for part in _parts(image)[1:]
    )


def _parts(name: str) -> list[str]:
    return [part for part in _PART.split(name.lower()) if part]


@lru_cache(maxsize=4096)
def _titled(name: str) -> Technology | None:
    """A name that ends in the program, or in the program and its part in a cluster: `orders-redis`, `kafka-0`."""
    parts = _parts(name)
    while len(parts) > 1 and parts[-1] in _PART_OF_CLUSTER:
        parts.pop()
    return _BY_NAME.get(parts[-1]) if parts and parts[-1] != "pg" else None


def helper(box: Mapping[str, Any]) -> bool:
    """Whether a container only serves another: exporters, backups, proxies."""
    return bool(_ATTENDANT.search(f"{box['name']} {image_name(str(box['image']))}".lower()))


def ruling(boxes: Sequence[Mapping[str, Any]], owner: str) -> tuple[Technology, Mapping[str, Any]] | None:
    """The program a whole pod is there for, with its container: one container is it, and all others attend to it."""
    own = [box for box in boxes if not helper(box)] or list(boxes)
    found = [(technology(box, owner, len(own) == 1), box) for box in own]
    first = next(((tech, box) for tech, box in found if tech), None)
    return first if first and all(tech for tech, _ in found) else None
