"""A repository whose problems are known: every line that is a problem carries an id, so the truth about any commit can
be read off without looking at what a scan says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

MUTEX = "rust/mutex-wrapped-connection"
QUERY = "rust/n-plus-one"
TOPIC = "kafka/under-replicated-topic"
SECRET = "secrets/plaintext"
PACKAGE = "protobuf/unversioned-package"
VERSION = "events/version-equality"
STATE = "kubernetes/ephemeral-state"
INDEX = "postgres/low-cardinality-index"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file; `id` names the problem it is ("" = none) and `rule` the rule that has to see it."""

    text: str
    id: str = ""
    rule: str = ""


Block = tuple[Line, ...]
Files = dict[str, tuple[Line, ...]]


def plain(text: str) -> Block:
    """Lines that are no problem."""
    return tuple(Line(one) for one in text.split("\n"))


def noise(n: int, count: int = 1) -> Block:
    """Harmless lines that occur nowhere else."""
    return tuple(Line(f"// remark {n}.{k}") for k in range(count))


def cache(n: int, id: str, fixed: bool = False) -> Block:
    """A struct whose connection is wrapped in a lock. The line itself is the same text in every such struct."""
    field_line = "    pool: ConnectionManager," if fixed else "    pool: Arc<Mutex<ConnectionManager>>,"
    return (
        Line(f"/// The cache of area {n}."),
        Line(f"pub struct Cache{n} {{"),
        Line(f"    name_{n}: String,"),
        Line(field_line) if fixed else Line(field_line, id, MUTEX),
        Line(f"    size_{n}: usize,"),
        Line("}"),
        Line(""),
    )


def load(n: int, id: str, fixed: bool = False) -> Block:
    """A function that asks the database once for each row."""
    call = f'let found = sqlx::query("SELECT * FROM t{n} WHERE id = $1").bind(row.id).fetch_one(pool).await?;'
    loop = (
        (Line(f"    let found = all_of_{n}(pool, rows).await?;"),)
        if fixed
        else (
            Line("    for row in rows {"),
            Line(f"        {call}", id, QUERY),
            Line(f"        keep_{n}(found);"),
            Line("    }"),
        )
    )
    return (
        Line(f"async fn load_{n}(pool: &PgPool, rows: &[Row]) -> Result<()> {{"),
        *loop,
        Line("    Ok(())"),
        Line("}"),
        Line(""),
    )


def topic(name: str, fixed: bool = False) -> Block:
    """A topic of one replica, or of three; a document of its own."""
    replicas = Line("  replicas: 3") if fixed else Line("  replicas: 1", f"topic {name}", TOPIC)
    return (
        Line("---"),
        *plain("apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaTopic\nmetadata:"),
        Line(f"  name: {name}"),
        *plain("spec:\n  partitions: 3"),
        replicas,
        *plain("  config:"),
        Line("    min.insync.replicas: 2"),
    )


def secret(name: str, value: str) -> Block:
    """A credential in an env file."""
    return (Line(f"{name}={value}", f"secret {value}", SECRET),)


def package(name: str) -> Block:
    """A proto file without a version."""
    return (
        Line('syntax = "proto3";'),
        Line(f"package {name};", f"package {name}", PACKAGE),
        Line(f"message {name.capitalize()} {{ string a = 1; }}"),
    )


def cache_server(name: str, kind: str = "Deployment", namespace: str = "main", id: str = "") -> Block:
    """A Redis that keeps its data on an emptyDir, and two replicas."""
    return (
        *plain(f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: {namespace}"),
        *plain("spec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n        - name: redis"),
        *plain("          image: redis:7\n          volumeMounts:\n            - {name: data, mountPath: /data}"),
        Line("      volumes:"),
        Line("        - name: data"),
        Line("          emptyDir: {}", id or f"state {name}", STATE),
    )


@dataclass(slots=True)
class World:
    """The files of a commit, changed in place. `tree` is a copy for later."""

    files: Files = field(default_factory=dict)

    @property
    def tree(self) -> Files:
        return dict(self.files)

    def write(self, path: str, *blocks: Block) -> None:
        self.files[path] = tuple(line for block in blocks for line in block)

    def rename(self, old: str, new: str) -> None:
        self.files[new] = self.files.pop(old)

    def copy(self, old: str, new: str) -> None:
        """A copy is made of other problems than the original, unless their names are keys."""
        self.files[new] = tuple(replace(line, id=copied(line, new)) for line in self.files[old])

    def folder(self, prefix: str) -> list[str]:
        return sorted(path for path in self.files if path.startswith(prefix))

    def edit(self, path: str, old: Block, new: Block) -> None:
        """Put other lines where these stand."""
        lines = self.files[path]
        at = next(n for n in range(len(lines)) if lines[n : n + len(old)] == old)
        self.files[path] = lines[:at] + new + lines[at + len(old) :]

    def texts(self) -> dict[str, str]:
        return {path: "".join(f"{line.text}\n" for line in lines) for path, lines in self.files.items()}


def copied(line: Line, path: str) -> str:
    return f"{line.id} in {path}" if line.id and line.rule in (MUTEX, QUERY, VERSION) else line.id


# The endings of the files that a rule looks at.
SIGHT: dict[str, str | tuple[str, ...]] = {
    "rust/web-framework-split": "Cargo.toml",
    "rust/duplicate-error-conversion": ".rs",
    "rust/oversized-main": "main.rs",
    "clickhouse/open-network": ".xml",
    "clickhouse/oltp-mirror": ".sql",
    "kubernetes/single-replica-state": ".yaml",
    "kubernetes/single-replica-service": ".yaml",
    "kubernetes/inline-shell-job": ".yaml",
    "kustomize/patch-sprawl": "kustomization.yaml",
    MUTEX: ".rs",
    QUERY: ".rs",
    VERSION: ".rs",
    TOPIC: ".yaml",
    STATE: ".yaml",
    PACKAGE: ".proto",
    INDEX: (".sql", ".rs"),
    SECRET: "",
}


def truth(files: Mapping[str, Iterable[Line]]) -> dict[str, set[tuple[str, str, int]]]:
    """Problem -> where it stands, as (rule, path, line), in files that its rule looks at."""
    found: dict[str, set[tuple[str, str, int]]] = {}
    for path, lines in files.items():
        for number, line in enumerate(lines, 1):
            if line.id and path.endswith(SIGHT[line.rule]):
                found.setdefault(line.id, set()).add((line.rule, path, number))
    return found
