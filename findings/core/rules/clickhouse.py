"""ClickHouse: users that anybody on any network may be, and tables that copy those of another database."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from itertools import islice
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, levelled, observe, segments
from findings.core.functions import language
from findings.core.listening import FILES
from findings.core.marking import gettext_noop
from findings.core.rusttext import is_test, source
from findings.core.sqltext import Table, drops, has_clickhouse, in_order, tables, without_comments
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.vocabulary import words
from findings.core.yamlnodes import Node
from findings.core.yamls import documents, inside

OPEN = RuleInfo(
    key="clickhouse/open-network",
    title=gettext_noop("ClickHouse user that may come from anywhere"),
    priority=Priority.P0,
    version=3,
    help=gettext_noop("""\
A user whose `networks` hold `::/0` or `0.0.0.0/0` may sign in from every address that reaches the port. One wrong
firewall rule, one forgotten load balancer, and the warehouse is on the internet with a password as its only door; with
an empty password there is none.

**How to fix**: name the networks that clients really come from, and give each client a user of its own with a password
from the secret store. The `default` user should be reachable from the server itself only.

Before:

```xml
<default>
  <password></password>
  <networks><ip>::/0</ip></networks>
</default>
```

After:

```xml
<default>
  <networks><ip>127.0.0.1</ip></networks>
</default>
<reporter>
  <password from_env="REPORTER_PASSWORD"/>
  <networks><ip>10.20.0.0/16</ip></networks>
</reporter>
```
"""),
)

MIRROR = RuleInfo(
    key="clickhouse/oltp-mirror",
    title=gettext_noop("ClickHouse table that mirrors a table of the main database"),
    priority=Priority.P1,
    version=4,
    help=gettext_noop("""\
A column store is made for many rows that never change. A copy of rows that do change needs deduplication at every read,
flags instead of deletes, and a stream that must never lose an event; and looking up one row by its id is what it is
worst at. Two truths about the same row follow, and somebody has to find out which one is late.

**How to fix**: keep rows that change where they are. Write events (who did what, when) into the warehouse, sorted by
what reports filter on, and reach names and states of rows through a dictionary over the main database.

Before:

```sql
CREATE TABLE orders_cdc (id String, customer_id String, is_deleted UInt8, changed_at DateTime)
ENGINE = ReplacingMergeTree(changed_at) ORDER BY id;
```

After:

```sql
CREATE TABLE order_events (at DateTime, kind LowCardinality(String), order_id UUID, customer_id UUID)
ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (kind, at);
```
"""),
)

DEPTH = 100
LIMIT = 100
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z_][\w.-]{0,63})(?P<more>[^<>]{0,400})>")
_TEXT = re.compile(r"[^<>]{0,200}")
_IP = frozenset({"ip", "ips", "host", "host_regexp"})
_FLAT = re.compile(r"^(?:(?P<user>[\w.-]{1,64})/)?networks/(?:ips?|host_regexp)$")
_BESIDE = words("password profile quota grants access_management allow_databases no_password password_sha256_hex")
_ANY = frozenset({".*", "^.*$", ".+", "^.+$", "::", ".".join("0000")})
_ANY_BYTES = re.compile(rb"/0|::|\.[*+]|0\.0\.0\.0")

_USER = re.compile(
    r"\b(?:CREATE|ALTER)\s{1,20}USER\s{1,20}(?:IF\s{1,20}(?:NOT\s{1,20})?EXISTS\s{1,20}|OR\s{1,20}REPLACE\s{1,20})?"
    r"(?P<user>[\w.`\"'-]{1,100})(?P<rest>[^;]{0,1000})",
    re.I,
)
_HOST = re.compile(
    r"(?:\bHOST\s{1,20}|,\s{0,20})(?:(?P<any>ANY\b|LIKE\s{1,20}'%')|(?:IP|REGEXP)\s{1,20}'(?P<rule>[^'\n]{1,100})')",
    re.I,
)

_REPLACING = re.compile(r"(?:Replacing|Collapsing|VersionedCollapsing)MergeTree", re.I)
_MIRROR_NAME = re.compile(
    r"(?:^|_)cdc(?:_|$)|_mirror(?:ed)?$|^mirror_|_replica$|^replica_|_sync(?:ed)?$|^sync(?:ed)?_|^pg_|^mysql_|"
    r"_from_(?:pg|postgres)"
)
_MIRROR_DATABASE = re.compile(
    r"^(?:mirrors?|mirrored|cdc|replicas?|oltp|pg|postgres(?:ql)?|mysql|debezium|peerdb)$|_(?:cdc|mirror|replica|oltp)$"
)
_AFFIX = re.compile(
    r"_?cdc_?|_mirror(?:ed)?$|^mirror_|_replica$|^replica_|_sync(?:ed)?$|^sync(?:ed)?_|^pg_|^mysql_|_from_\w+$|_raw$"
)
_SOFT = re.compile(
    r"^_{0,2}(?:cdc_)?(?:is_)?del(?:eted)?$|^(?:is_)?del(?:eted?)?_(?:flag|at|mark)$|^_?_?(?:is_)?removed$|^_peerdb_is_deleted$|^tombstone$"
)
_DERIVED = re.compile(
    r"(?:^|_)(?:features?|stats?|statistics|metrics?|agg|aggregates?|summary|scores?|embeddings?|daily|hourly|weekly|"
    r"monthly|counts?|counters?|rollups?|trending|rank(?:ing)?s?|backup|bak|mv|view|state|affinity|signals?)(?:_|$|\d)"
)
_MAKES = FILES.topic(r"(?i)(?:create|drop)[\t-\r ]{1,20}table")
_HOSTS, _NETWORKS, _ENGINES = FILES.topic("(?i)HOST"), FILES.topic("etworks"), FILES.topic("MergeTree")
_STRING = re.compile(r"^(?:Nullable\(|LowCardinality\()*(?:String|FixedString\(\d+\))", re.I)
_CODE = {".rs": "code:rust", ".py": "code:text", ".go": "code:text", ".ts": "code:text", ".sh": "code:text"}


def classify(path: str) -> str:
    """Configuration, manifests, SQL and program text that runs in production; never documents."""
    name = segments(path)[-1]
    if is_document(path):
        return ""
    if name.endswith((".yaml", ".yml")):
        return "yaml"
    if name.endswith(".xml") or ".xml." in name:
        return "conf:xml"
    if name.endswith((".sql", ".ddl")):
        return "code:sql"
    if is_test(path) or (name.endswith((".py", ".go", ".ts")) and not language(path)):
        return ""
    return next((kind for ending, kind in _CODE.items() if name.endswith(ending)), "")


def extract(blob: Blob) -> Facts:
    """{"open": rules that admit everyone, "tables": possible mirrors, "dropped" tables, "sources": those elsewhere}."""
    kind = blob.path_class
    if kind == "conf:xml":
        found = list(islice(_of_xml(blob, blob.text, 0, ""), LIMIT)) if blob.hears(_NETWORKS) else []
        return {"open": found} if found else {}
    if kind == "yaml":
        found = list(islice(_of_yaml(blob), LIMIT)) if blob.hears(_NETWORKS) and _ANY_BYTES.search(blob.data) else []
        return {**({"open": found} if found else {}), **(_of_sql(blob) if blob.hears(_ENGINES) else {})}
    users = list(islice(_of_users(blob), LIMIT)) if kind == "code:sql" and blob.hears(_HOSTS) else []
    return {**({"open": users} if users else {}), **_of_sql(blob)}


def admits_all(value: str) -> bool:
    """Whether an address, or a pattern of host names, lets everybody in."""
    value = value.strip().strip("\"'")
    if value in _ANY:
        return True
    try:
        return ip_network(value, strict=False).prefixlen == 0
    except ValueError:
        return False


def _of_xml(blob: Blob, text: str, first: int, owner: str) -> Iterator[dict[str, Any]]:
    """Open rules of an XML text that begins after line `first` of the file."""
    text = without_xml_comments(text)
    stack: list[str] = []
    offsets: list[int] = []
    for tag in _TAG.finditer(text):
        name, alone = tag["name"], tag["more"].endswith("/")
        if tag["close"]:
            while stack and stack.pop() != name:
                offsets.pop()
            del offsets[len(stack) :]
        elif not alone and len(stack) < DEPTH:
            stack.append(name)
            offsets.append(tag.start())
            inside = _TEXT.match(text, tag.end())
            if name in _IP and stack[-2:-1] == ["networks"] and inside and admits_all(inside.group()):
                user = stack[-3] if len(stack) > 2 else ""
                start = offsets[-3] if len(stack) > 2 else 0
                fact = {"user": user, "owner": owner, "rule": inside.group().strip()}
                line = first + text.count("\n", 0, tag.start()) + 1
                yield {**fact, "bare": _no_password(text, start, user), **blob.spot(line)}


def without_xml_comments(text: str) -> str:
    """The text with comments blank, line ends kept; one that is not closed runs to the end."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start)
        end = len(text) if end < 0 else end + 3
        parts += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def _no_password(text: str, start: int, user: str) -> bool:
    end = text.find(f"</{user}>", start)
    part = text[start : end if end >= 0 else start + 4000]
    return bool(re.search(r"<password>\s*</password>|<password\s*/>|<no_password\s*/?>", part))


def _of_yaml(blob: Blob) -> Iterator[dict[str, Any]]:
    for root in documents(blob.data):
        owner = "/".join(
            root.get(*names).text for names in (("kind",), ("metadata", "namespace"), ("metadata", "name"))
        )
        yield from _of_node(blob, root, owner if not root.get("apiVersion").empty else "")


def _of_node(blob: Blob, root: Node, owner: str, nested: bool = False) -> Iterator[dict[str, Any]]:
    """Rules written as YAML, flat or nested, and files inside of block scalars; aliases are followed once."""
    seen: set[int] = set()
    todo: list[tuple[Node, tuple[str, ...]]] = [(root, ())]
    while todo:
        node, path = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.kind == "scalar" and "networks" in node.text and "\n" in node.text and not nested:
            yield from _inside(blob, node, owner)
        is_user = "users" in path[-2:] or not _BESIDE.isdisjoint(node.key_nodes())
        name = node.get("name").text or (path[-1] if path else "")
        for key, value in node.pairs:
            for user, rule in _rules_at(key.text, value, is_user, name):
                yield from _rules(blob, rule, (user, owner), node)
        todo += [(value, (*path, key.text)[-3:]) for key, value in reversed(node.pairs)]
        todo += [(item, path) for item in reversed(node.items)]


def _inside(blob: Blob, node: Node, owner: str) -> Iterator[dict[str, Any]]:
    """Rules in a file that a block scalar holds."""
    if "<networks" in node.text:
        first = node.line if node.style in ("|", ">") else node.line - 1
        yield from _of_xml(blob, node.text, first, owner)
        return
    for root in inside(node):
        yield from _of_node(blob, root, owner, nested=True)


def _rules_at(key: str, value: Node, is_user: bool, owner: str) -> Iterator[tuple[str, Node]]:
    """(user, rule) under one key: `default/networks/ip`, or `networks` of a user, as a mapping or a list of them."""
    if flat := _FLAT.match(key):
        yield flat["user"] or owner, value
    elif key == "networks" and is_user:
        for node in value.items or [value]:
            for name in sorted(_IP & node.key_nodes().keys()):
                yield owner, node.get(name)


def _rules(blob: Blob, node: Node, subject: tuple[str, str], around: Node) -> Iterator[dict[str, Any]]:
    """The open ones of one rule or a list of them. `subject`: user and owner."""
    user, owner = subject
    for item in node.items or [node]:
        if item.kind == "scalar" and admits_all(item.text):
            passwords = (value for key, value in around.pairs if key.text in ("password", f"{user}/password"))
            bare = any(value.kind == "scalar" and not value.text.strip() for value in passwords)
            fact = {"user": user, "owner": owner, "rule": item.text.strip(), "bare": bare}
            yield {**fact, **blob.spot(item.line)}


def _of_users(blob: Blob) -> Iterator[dict[str, Any]]:
    """Open rules of users that SQL makes: only ClickHouse has `HOST ANY`."""
    for match in _USER.finditer(without_comments(blob.text)):
        if any(word["any"] or admits_all(word["rule"] or "") for word in _HOST.finditer(match["rest"])):
            bare = "NO_PASSWORD" in match["rest"].upper()
            fact = {"user": match["user"].strip("'`\""), "owner": "", "rule": "HOST", "bare": bare}
            yield {**fact, **blob.spot(blob.text.count("\n", 0, match.start()) + 1)}


def _of_sql(blob: Blob) -> Facts:
    if not blob.hears(_MAKES):
        return {}
    rust = source(blob.text) if blob.path_class == "code:rust" else None
    text, sql = rust.uncommented if rust else blob.text, blob.path_class == "code:sql"
    found = [table for table in tables(text, sql) if not (rust and rust.tested(table.start))]
    mirrors = [_mirror(blob, table) for table in islice((t for t in found if _REPLACING.search(t.tail)), LIMIT)]
    sources = {table.name: table.columns for table in found if not has_clickhouse(table.tail)}
    facts: dict[str, Any] = {
        "tables": mirrors,
        "sources": {name: [column for column, kind in columns.items() if "uuid" in kind.lower()]
                    for name, columns in sources.items()},
        "dropped": [[name, at] for name, at in drops(text)] if sql else [],
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value}


def _mirror(blob: Blob, table: Table) -> dict[str, Any]:
    """What of a table speaks for a mirror, as far as the table alone tells."""
    ids = {name: kind for name, kind in table.columns.items() if name == "id" or name.endswith("_id")}
    return {
        "table": table.name,
        "copies": bool(_MIRROR_DATABASE.search(table.database)),
        "at": table.start,
        "strings": sorted(name for name, kind in ids.items() if _STRING.match(kind)),
        "soft": sorted(name for name in table.columns if _SOFT.match(name)),
        "sorted": table.sorted_by,
        "columns": len(table.columns),
        **blob.spot(table.line),
    }


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """Open rules, one finding per user; mirrors, one finding per table."""
    return levelled([*_open(places), *_mirrors(places)])


def _open(places: Sequence[Place]) -> Iterator[Observation]:
    for place in places:
        for fact in place.facts.get("open", ()):
            subject = f"ClickHouse user {fact['user']}" if fact["user"] else "A ClickHouse user"
            bare = " without a password" if fact["bare"] else ""
            yield observe(
                OPEN,
                place.path,
                fact,
                f"{subject}{bare} may come from everywhere: {fact['rule']}",
                identity=Identity.LOGICAL if fact["owner"] else Identity.HINTS,
                key=f"{fact['owner']}/{fact['user']}" if fact["owner"] else "",
                properties={"confidence": "high" if fact["bare"] else "medium", "user": fact["user"]},
            )


def _mirrors(places: Sequence[Place]) -> Iterator[Observation]:
    known: dict[str, set[str]] = defaultdict(set)
    for place in places:
        for name, uuids in place.facts.get("sources", {}).items():
            known[name].update(uuids)
    gone = _dropped(places)
    for place in places:
        for fact in place.facts.get("tables", ()):
            signs = list(_signs(fact, known))
            if len(signs) >= 2 and (place.path, fact["at"]) not in gone:
                yield observe(
                    MIRROR,
                    place.path,
                    fact,
                    f"ClickHouse table {fact['table']} mirrors rows of another database: {'; '.join(signs)}",
                    identity=Identity.LOGICAL,
                    key=fact["table"],
                    properties={"confidence": "high" if len(signs) > 2 else "medium", "signs": signs},
                )


def _dropped(places: Sequence[Place]) -> set[tuple[str, int]]:
    """(path, offset) of tables that a later statement, in the file or in a later file of the folder, drops."""
    gone: set[tuple[str, int]] = set()
    folders: dict[str, list[tuple[str, int, str, bool]]] = defaultdict(list)
    for place in places:
        folder = folders[place.path.rpartition("/")[0]]
        folder += [(place.path, fact["at"], fact["table"], True) for fact in place.facts.get("tables", ())]
        folder += [(place.path, at, name, False) for name, at in place.facts.get("dropped", ())]
    for events in folders.values():
        alive: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for path, at, name, made in sorted(events, key=lambda event: (in_order(event[0]), event[1])):
            if made:
                alive[name].append((path, at))
            else:
                gone.update(alive.pop(name, ()))
    return gone


def _signs(fact: Mapping[str, Any], known: Mapping[str, set[str]]) -> Iterator[str]:
    """The signs of a mirror. A derived table is none, whatever its engine."""
    name = fact["table"]
    base = _AFFIX.sub("", name)
    titled = bool(_MIRROR_NAME.search(name)) or name in known
    if _DERIVED.search(name) and not titled:
        return
    named = titled or fact["copies"]
    if named:
        yield "it is named as a mirror" if name not in known else f"it is named like the table {name}"
    uuids = known.get(base)
    strings = [column for column in fact["strings"] if uuids is None or column in uuids]
    if strings and (uuids is not None or named):
        yield f"ids are strings ({', '.join(strings[:4])})"
    if fact["soft"]:
        yield f"rows are deleted by a flag ({fact['soft'][0]})"
    if fact["sorted"] in {"id", "_id", "uid", "uuid", "guid", "pk", *_row_ids(base)}:
        yield f"it is sorted by the id of the row ({fact['sorted']})"


def _row_ids(table: str) -> Iterator[str]:
    """Names for the id of a table's rows: `stories` has `story_id`, `user_profiles` has `profile_id` or `user_id`."""
    for name in {table, table.rpartition("_")[2], table.partition("_")[0]}:
        for one in (name, name.removesuffix("s"), name.removesuffix("es"), f"{name.removesuffix('ies')}y"):
            yield from (f"{one}_id", f"{one}_uuid")


VERSIONS = {"yaml": 5, "conf:xml": 3, "code:sql": 5, "code:rust": 6, "code:text": 6}
FAMILY = Family("clickhouse", (OPEN, MIRROR), VERSIONS, classify, extract, judge)
