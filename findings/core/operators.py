"""Objects of operators that stand for a database, a broker or a search engine, and where those say how many run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from findings.core.facts import Blob
from findings.core.manifests import group, number
from findings.core.yamlnodes import Node

SUM, EACH = "+", "*"
SCALED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout", "DeploymentConfig"})
REPLICAS = "spec/replicas"


@dataclass(frozen=True, slots=True)
class Operated:
    """What an operator runs: the program, the paths of its numbers ("*": each item of a list, "+": the sum over it),
    and whether one runs where no number is given.
    """

    program: str
    paths: tuple[str, ...] = (REPLICAS,)
    one: bool = False


_CHI = "spec/configuration/clusters/*/layout/replicasCount"
OPERATED: dict[tuple[str, str], Operated] = {
    ("postgresql.cnpg.io", "Cluster"): Operated("postgres", ("spec/instances",), one=True),
    ("acid.zalan.do", "postgresql"): Operated("postgres", ("spec/numberOfInstances",)),
    ("postgres-operator.crunchydata.com", "PostgresCluster"): Operated(
        "postgres", ("spec/instances/+/replicas",), one=True
    ),
    ("pgv2.percona.com", "PerconaPGCluster"): Operated("postgres", ("spec/instances/+/replicas",), one=True),
    ("stackgres.io", "SGCluster"): Operated("postgres", ("spec/instances",)),
    ("clickhouse.altinity.com", "ClickHouseInstallation"): Operated("clickhouse", (_CHI,), one=True),
    ("clickhouse-keeper.altinity.com", "ClickHouseKeeperInstallation"): Operated("clickhouse", (_CHI,), one=True),
    ("kafka.strimzi.io", "Kafka"): Operated("kafka", ("spec/kafka/replicas", "spec/zookeeper/replicas")),
    ("kafka.strimzi.io", "KafkaNodePool"): Operated("kafka"),
    ("cluster.redpanda.com", "Redpanda"): Operated("redpanda", ("spec/clusterSpec/statefulset/replicas",)),
    ("redpanda.vectorized.io", "Cluster"): Operated("redpanda"),
    ("databases.spotahome.com", "RedisFailover"): Operated("redis", ("spec/redis/replicas",)),
    ("redis.redis.opstreelabs.in", "Redis"): Operated("redis", (), one=True),
    ("redis.redis.opstreelabs.in", "RedisReplication"): Operated("redis", ("spec/clusterSize",)),
    ("redis.redis.opstreelabs.in", "RedisCluster"): Operated("redis", ("spec/clusterSize",)),
    ("dragonflydb.io", "Dragonfly"): Operated("dragonfly"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): Operated("elasticsearch", ("spec/nodeSets/+/count",)),
    ("opensearch.opster.io", "OpenSearchCluster"): Operated("opensearch", ("spec/nodePools/+/replicas",)),
    ("opensearch.org", "OpenSearchCluster"): Operated("opensearch", ("spec/nodePools/+/replicas",)),
    ("rabbitmq.com", "RabbitmqCluster"): Operated("rabbitmq", one=True),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity"): Operated("mongo", ("spec/members",)),
    ("psmdb.percona.com", "PerconaServerMongoDB"): Operated("mongo", ("spec/replsets/*/size",)),
    ("pxc.percona.com", "PerconaXtraDBCluster"): Operated("mysql", ("spec/pxc/size",)),
    ("ps.percona.com", "PerconaServerMySQL"): Operated("mysql", ("spec/mysql/size",)),
    ("mysql.oracle.com", "InnoDBCluster"): Operated("mysql", ("spec/instances",), one=True),
    ("k8s.mariadb.com", "MariaDB"): Operated("mariadb", one=True),
    ("cassandra.datastax.com", "CassandraDatacenter"): Operated("cassandra", ("spec/size",)),
    ("crdb.cockroachlabs.com", "CrdbCluster"): Operated("cockroach", ("spec/nodes",)),
    ("zookeeper.pravega.io", "ZookeeperCluster"): Operated("zookeeper"),
    ("solr.apache.org", "SolrCloud"): Operated("solr"),
    ("monitoring.coreos.com", "Prometheus"): Operated("prometheus", one=True),
}


def operated(root: Node) -> str:
    """The program that an operator runs for an object, or an empty text."""
    found = OPERATED.get((group(root), root.get("kind").text))
    return found.program if found else ""


def numbers(blob: Blob, root: Node, whole: bool) -> list[dict[str, Any]]:
    """How many of an object run: {"at": path of the setting, "count": number or None where it cannot be read}, with
    the place where that is one. A `whole` object that says nothing runs once, told at its kind.
    """
    kind = root.get("kind")
    paths: tuple[str, ...]
    if kind.text in SCALED:
        paths, one = (REPLICAS,), True
    elif found := OPERATED.get((group(root), kind.text)):
        paths, one = found.paths or ("spec",), found.one and _is_listed(root, found)
    else:
        return []
    said = [_said(blob, at, nodes) for path in paths for at, nodes in _at(root, path.split("/")) if nodes]
    if said or not (whole and one):
        return said
    return [{"at": paths[0].replace(EACH, "0"), "count": 1, "absent": True, **blob.spot(kind.line)}]


def _is_listed(root: Node, found: Operated) -> bool:
    """Whether what is counted item by item has an item, and none that lists its replicas one by one."""
    before, each, _ = found.paths[0].partition(f"/{EACH}/") if found.paths else ("", "", "")
    items = root.get(*before.split("/")).items if each else ()
    return not each or (
        bool(items) and not any({"shards", "replicas"} & item.get("layout").key_nodes().keys() for item in items)
    )


def _said(blob: Blob, at: str, nodes: Sequence[Node]) -> dict[str, Any]:
    counts = [number(node) for node in nodes]
    total = None if None in counts else sum(count for count in counts if count)
    return {"at": at, "count": total, **(blob.spot(nodes[0].line) if total == 1 else {})}


def _at(node: Node, path: Sequence[str], before: str = "") -> Iterator[tuple[str, list[Node]]]:
    """(path, numbers) of the settings under a path. `number` tells what is none."""
    if not path:
        yield before, [] if node.empty or (node.kind != "scalar" and not node.pairs) else [node]
    elif path[0] == EACH:
        for index, item in enumerate(node.items):
            yield from _at(item, path[1:], f"{before}/{index}")
    elif path[0] == SUM:
        found = [nodes for item in node.items for _, nodes in _at(item, path[1:])]
        yield f"{before}/{SUM}", [each for nodes in found for each in nodes] if all(found) else []
    else:
        yield from _at(node.get(path[0]), path[1:], f"{before}/{path[0]}".lstrip("/"))
