"""Made-up monorepos of any size: the mix of a real one, sizes of 1 to 15 kB, and true positives of every rule.

The same size gives the same bytes. Git writes them through one `fast-import` stream.
"""

import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from random import Random

SHARES = {"rs": 27, "yaml": 20, "sql": 8, "proto": 6, "toml": 4, "md": 10, "json": 8, "ts": 13, "png": 4}
TEXT = (
    "order basket price stock user session event ledger invoice parcel route batch queue index shard topic offset "
    "cache ticket limit retry budget window cursor header body query row table field value state worker signal handle"
)
WORDS = TEXT.split()
SERVICES = 40
ENTROPY = 24
DENSE = 40  # of so many manifests one holds passwords

Files = dict[str, bytes]


class Terse(Random):
    """Makes the smallest files there are."""

    def randint(self, a: int, b: int) -> int:
        """The least."""
        return a


def mixed(count: int, random: Random | None = None) -> Files:
    """`count` files of about forty services."""
    random = random or Random(1)
    files = {path: text.encode() for path, text in wrong().items()}
    endings = [ending for ending, share in SHARES.items() for _ in range(share)]
    number = 0
    while len(files) < count:
        ending = endings[number % len(endings)]
        path, text = MAKERS[ending](random, number)
        files[path] = text if isinstance(text, bytes) else text.encode()
        number += 1
    return files


def words(random: Random, count: int = 5) -> str:
    """A few words."""
    return " ".join(random.choices(WORDS, k=count))


def name(random: Random, parts: int = 2) -> str:
    """An identifier."""
    return "_".join(random.choices(WORDS, k=parts))


def secret(random: Random) -> str:
    """A value that reads as a real password."""
    letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return "".join(random.choices(letters, k=ENTROPY))


def rust(random: Random, number: int) -> tuple[str, str]:
    """A module of a service: functions, structs, comments, now and then a query in a loop or a locked pool."""
    service = number % SERVICES
    out = ["use std::collections::HashMap;\nuse std::sync::Arc;\nuse sqlx::PgPool;\nuse crate::error::Error;\n"]
    for part in range(random.randint(4, 26)):
        out.append(f"/// {words(random, 12)}\npub struct {name(random).title().replace('_', '')}{part} {{")
        out += [f"    pub {name(random)}_{field}: Option<String>," for field in range(random.randint(2, 6))]
        out.append("}\n")
        out.append(f"pub async fn {name(random)}_{part}(pool: &PgPool, id: i64) -> Result<i64, Error> {{")
        for line in range(random.randint(3, 10)):
            out.append(
                f'    let {name(random)}_{line} = format!("{words(random, 4)} {{}}", id + {line}); // {words(random)}'
            )
        if random.random() < 0.3:
            out.append(
                f'    let found = sqlx::query("select {name(random)} from {name(random)}").fetch_one(pool).await?;'
            )
        if random.random() < 0.02:
            out.append(
                '    for row in rows {\n        sqlx::query("select 1").bind(row.id).fetch_one(pool).await?;\n    }'
            )
        out.append("    Ok(id)\n}\n")
    if number % 50 == 0:
        out.append("pub struct Shared { pool: Arc<Mutex<ConnectionManager>> }\n")
    if number % 60 == 0:
        out.append("impl From<sqlx::Error> for Error { fn from(e: sqlx::Error) -> Self { Error::Db(e) } }\n")
    return f"services/s{service}/src/m{number}.rs", "\n".join(out)


def manifest(random: Random, number: int) -> tuple[str, str]:
    """A deployment with its service and settings."""
    out = []
    for part in range(random.randint(1, 4)):
        label = f"{random.choice(WORDS)}-{number}-{part}"
        out.append(f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {label}\n  namespace: shop\nspec:")
        out.append(f"  replicas: {random.choice((1, 2, 3, 3, 3))}\n  template:\n    spec:\n      containers:")
        out.append(f"        - name: {label}\n          image: registry.shop.test/{label}:1.{number}\n          env:")
        for line in range(random.randint(4, 40)):
            value = secret(random) if number % DENSE == 0 and line == 3 else words(random, 2)
            key = "DB_PASSWORD" if number % DENSE == 0 and line == 3 else f"{name(random).upper()}_{line}"
            out.append(f'            - name: {key}\n              value: "{value}"')
        out.append("          resources:\n            limits: {cpu: 500m, memory: 256Mi}")
    return f"k8s/base/s{number % SERVICES}/d{number}.yaml", "\n".join(out) + "\n"


def sql(random: Random, number: int) -> tuple[str, str]:
    """A migration with tables and indexes."""
    out = []
    for part in range(random.randint(2, 12)):
        table = f"{name(random)}_{number}_{part}"
        fields = ",\n".join(f"    {name(random)}_{n} text not null" for n in range(random.randint(3, 12)))
        out.append(
            f"-- {words(random, 10)}\nCREATE TABLE {table} (\n    id bigint primary key,\n    done boolean,\n{fields});"
        )
        out.append(f"CREATE INDEX {table}_at ON {table} (id);")
    if number % 30 == 0:
        out.append(f"CREATE INDEX {table}_done ON {table} (done);")
    return f"services/s{number % SERVICES}/migrations/{number:05}_{name(random)}.sql", "\n".join(out) + "\n"


def proto(random: Random, number: int) -> tuple[str, str]:
    """Messages of one package; every fifth has no version."""
    version = "" if number % 5 == 0 else ".v1"
    out = [f'syntax = "proto3";\npackage shop.{random.choice(WORDS)}{number}{version};\n']
    for part in range(random.randint(4, 20)):
        out.append(f"// {words(random, 10)}\nmessage M{part} {{")
        out += [f"  string {name(random)}_{n} = {n + 1};" for n in range(random.randint(2, 10))]
        out.append("}")
    return f"proto/p{number}.proto", "\n".join(out) + "\n"


def toml(random: Random, number: int) -> tuple[str, str]:
    """A crate's manifest."""
    framework = "warp" if number % 17 == 0 else "axum"
    needed = "\n".join(f'{name(random)}_{n} = "1.{n}"' for n in range(random.randint(10, 80)))
    head = f'[package]\nname = "c{number}"\nversion = "0.1.0"\n[[bin]]\nname = "c{number}"\n'
    return f"crates/c{number}/Cargo.toml", f'{head}[dependencies]\n{framework} = "0.7"\n{needed}\n'


def prose(random: Random, number: int) -> tuple[str, str]:
    """A document."""
    parts = [
        f"## {words(random, 3)}\n\n" + "\n".join(words(random, 14) for _ in range(8))
        for _ in range(random.randint(2, 12))
    ]
    return f"docs/d{number % 30}/n{number}.md", f"# Note {number}\n\n" + "\n\n".join(parts) + "\n"


def data(random: Random, number: int) -> tuple[str, str]:
    """A JSON document."""
    rows = ",\n".join(
        f'  {{"id": {n}, "{name(random)}": "{words(random, 5)}", "at": "2026-01-{n % 28 + 1:02}T10:00:00Z"}}'
        for n in range(random.randint(10, 120))
    )
    return f"web/data/j{number}.json", f"[\n{rows}\n]\n"


def script(random: Random, number: int) -> tuple[str, str]:
    """A TypeScript module."""
    out = ["import { useState } from 'react';\n"]
    for part in range(random.randint(5, 30)):
        out.append(f"// {words(random, 9)}\nexport function {name(random)}{part}(input: string): string {{")
        out += [f"  const {name(random)}{n} = `${{input}} {words(random, 4)}`;" for n in range(random.randint(2, 9))]
        out.append("  return input;\n}\n")
    return f"web/src/a{number % 60}/t{number}.ts", "\n".join(out)


def image(random: Random, number: int) -> tuple[str, bytes]:
    """Bytes that are no text."""
    return f"web/img/i{number}.png", b"\x89PNG\r\n\x1a\n\0\0" + random.randbytes(random.randint(1000, 15000))


MAKERS: Mapping[str, Callable[[Random, int], tuple[str, str | bytes]]] = {
    "rs": rust, "yaml": manifest, "sql": sql, "proto": proto, "toml": toml, "md": prose, "json": data, "ts": script,
    "png": image,
}  # fmt: skip


def dense(count: int) -> Files:
    """Manifests of which each holds a password for each of its deployments."""
    random = Random(3)
    made = (manifest(random, DENSE * number) for number in range(count))
    return {path: text.encode() for path, text in made}


def wrong() -> dict[str, str]:
    """One true positive of each rule, at least."""
    redis = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: redis, namespace: shop}\nspec: {template: {spec: {"
    redis += 'containers: [{name: redis, image: "redis:7", volumeMounts: [{name: data, mountPath: /data}]}], '
    redis += "volumes: [{name: data, emptyDir: {}}]}}}\n"
    mirror = "CREATE TABLE a_cdc (id String, is_deleted UInt8) ENGINE = ReplacingMergeTree ORDER BY id;\n"
    job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {containers: [{name: j, "
    job += 'image: i, command: [sh, -c, "' + "echo\\n" * 11 + '"]}]}}}\n'
    topic = "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata: {name: t}\nspec: {replicas: 1}\n"
    return {
        "k8s/base/redis.yaml": redis,
        "k8s/base/topic.yaml": topic,
        "k8s/base/job.yaml": job,
        "k8s/overlays/prod/kustomization.yaml": "patches:\n" + "- path: p.yaml\n" * 6,
        "clickhouse/users.xml": "<users><a><networks><ip>::/0</ip></networks></a></users>\n",
        "clickhouse/cdc.sql": mirror,
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
        "crates/c1/src/main.rs": "fn main() {}\n" * 301,
        "crates/events/src/lib.rs": "pub fn is_compatible(ours: u32, theirs: u32) -> bool { ours == theirs }\n",
        "crates/one/src/error.rs": 'const C: &str = "23505";\n',
        "proto/orders.proto": 'syntax = "proto3";\npackage shop.orders;\n',
    }


def commit(path: Path, changes: Iterable[tuple[str, Mapping[str, bytes | None]]]) -> None:
    """Adds a commit per (subject, files) to `main` of the bare repository, and makes that where there is none."""
    if not path.exists():
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
    at = ["git", "-C", str(path)]
    made = subprocess.run([*at, "rev-list", "--count", "--all"], check=True, capture_output=True).stdout
    with subprocess.Popen([*at, "fast-import", "--quiet"], stdin=subprocess.PIPE) as importing:
        if importing.stdin is None:
            raise RuntimeError("git fast-import has no input")
        importing.stdin.writelines(stream(int(made), changes))
    if importing.returncode:
        raise RuntimeError("git fast-import failed")


def stream(made: int, changes: Iterable[tuple[str, Mapping[str, bytes | None]]]) -> Iterator[bytes]:
    """The commits in git's fast-import format, a minute apart; None as a file's content deletes it."""
    for number, (subject, files) in enumerate(changes, made):
        who = f"Ada Byron <ada@shop.test> {1_700_000_000 + 60 * number} +0000"
        yield f"commit refs/heads/main\ncommitter {who}\ndata {len(subject)}\n{subject}\n".encode()
        if number and number == made:
            yield b"from refs/heads/main^0\n"
        for file, content in files.items():
            yield f"D {file}\n".encode() if content is None else _written(file, content)


def _written(file: str, content: bytes) -> bytes:
    return f"M 100644 inline {file}\ndata {len(content)}\n".encode() + content + b"\n"


def edits(files: Files, commits: int, each: int) -> Iterator[tuple[str, Files]]:
    """Commits that each change a line in some of the text files."""
    random = Random(2)
    now = {path: content for path, content in files.items() if b"\0" not in content}
    paths = sorted(now)
    for number in range(commits):
        changed: Files = {}
        for path in random.sample(paths, each):
            lines = now[path].split(b"\n")
            lines[random.randrange(len(lines))] += f" {random.choice(WORDS)}{number}".encode()
            changed[path] = now[path] = b"\n".join(lines)
        yield f"edit {number}", changed
