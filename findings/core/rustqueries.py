"""Which awaited calls of Rust ask a database or a cache, and whether they read or write."""

import re

from findings.core.rustcalls import Awaited, Rust
from findings.core.vocabulary import words

READ, WRITE = "read", "write"

_FETCH = words(
    "fetch_one fetch_all fetch_optional fetch_many query_async query_one query_opt query_row query_typed load_stream "
    "find_one find_one_and_update find_one_and_delete find_one_and_replace insert_one update_one delete_one "
    "replace_one count_documents query_raw fetch_page num_items"
)
_MAYBE = words(
    "execute one all insert update save delete count exec exec_with_returning get_result get_results load first query "
    "exec_without_returning begin_insert execute_many insert_many fetch batch_execute into_model stream exists"
)
_WRITERS = words(
    "insert update save delete exec exec_with_returning exec_without_returning insert_many insert_one update_one "
    "delete_one replace_one find_one_and_update find_one_and_delete find_one_and_replace batch_execute"
)
_FINDS = words("find find_by_id find_related find_by_statement find_with_related find_also_related")
_ENDS = words("one all count")
_DIESEL = words("execute load first get_result get_results")
_LONE = re.compile(r"\(\s*&?\s*(?:mut\s+)?[a-z]\w*\s*\)")  # whatever a connection is called
HANDLE = re.compile(
    r"\b(?:\w*pool|\w*conn(?:ection)?|\w*db|database|\w*tx|txn|transaction|executor|\w*pg|postgres|con)\b(?!\s*::)",
    re.I,
)
_CLIENT = re.compile(
    r"\b(?:\w*client|\w*pool|\w*conn(?:ection)?|\w*db|database|\w*tx|txn|transaction|\w*pg|postgres)$", re.I
)
_REDIS = re.compile(
    r"redis|cache|valkey|(?:^|_)con(?:n|nection)?$|^(?:con(?:n|nection)?|r)_|^manager$|kv(?:_store)?$|^(?:Async)?Commands::$",
    re.I,
)
_REDIS_TYPE = re.compile(r"Redis|Valkey|ConnectionManager|MultiplexedConnection|ClusterConnection|Cache(?!d)")
_REDIS_READS = words(
    "get hget hgetall hget_all hexists hkeys hvals hlen hmget exists ttl pttl lrange llen lindex smembers sismember "
    "scard zrange zrevrange zscore zrank zrevrank zcard zcount strlen keys type_ getbit zrangebyscore "
    "zrange_withscores get_ex mget scan_match"
)
_REDIS_WRITES = words(
    "set set_ex setex set_nx setnx pset_ex set_options del unlink expire expire_at persist incr decr hset hset_nx hdel "
    "hincr lpush rpush lpop rpop ltrim lrem sadd srem spop zadd zrem zincr setbit append getset get_del rename publish "
    "pexpire hset_multiple xadd mset"
)
_WRITES = re.compile(
    r"\s*(?:(?:/\*.*?\*/|--[^\n]*)\s*)*(?:WITH\b.*\b)?(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|UPSERT|COPY|CALL|DROP|CREATE|ALTER|REFRESH)\b",
    re.I | re.S,
)
_COMMANDS = re.compile(
    r"(?:P?SET\w*|GETSET|GETDEL|H(?:M?SET|DEL|INCR)\w*|DEL|UNLINK|INCR\w*|DECR\w*|[LR]PUSH\w*|[LR]POP\w*|S(?:ADD|REM|POP)|"
    r"Z(?:ADD|REM|INCR)\w*|P?EXPIRE\w*|X(?:ADD|ACK|DEL)|PUBLISH|RENAME\w*|APPEND|LTRIM|LREM)",
    re.I,
)
_NEW_DATA = re.compile(
    r"\b(?:insert_into|diesel::(?:insert_into|update|delete)|insert_many|update_many|delete_many|delete_by_id)\b"
)
_SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|CALL|MERGE)\b", re.I)
_SET_TO = re.compile(r"\s*(?::[^=;{}()]{1,40})?=")
_NAMED_SQL = re.compile(r"\(\s*&?\s*(?P<name>[A-Za-z_]\w*)\s*[,)]")
NEAR = 3_000  # how far before a query its text is looked for


def kind_of(awaited: Awaited, rust: Rust) -> str:
    """READ or WRITE where an awaited chain is itself a query of sqlx, an ORM or Redis; empty where it is none."""
    if awaited.at not in rust.kinds:
        rust.kinds[awaited.at] = _kind(awaited, rust)
    return rust.kinds[awaited.at]


def _kind(awaited: Awaited, rust: Rust) -> str:
    chain, name = awaited.chain, awaited.name
    if name in _FETCH:
        return _direction(awaited, rust)
    names = {word.text.rstrip("!:") for word in chain}
    arguments = rust.code[chain[0].start + len(name) : chain[0].end]
    if name in _MAYBE and (HANDLE.search(arguments) or (name in _ENDS and names & _FINDS)):
        return _direction(awaited, rust)
    if name in _DIESEL and "diesel" in rust.code and _LONE.fullmatch(arguments.strip()):
        return _direction(awaited, rust)
    if name in ("execute", "query", "fetch") and _on_client(awaited, names, rust):
        return _direction(awaited, rust)
    if (name in _REDIS_READS or name in _REDIS_WRITES) and arguments.strip("() \n") and _on_redis(awaited, rust):
        return READ if name in _REDIS_READS else WRITE
    return ""


def _on_client(awaited: Awaited, names: set[str], rust: Rust) -> bool:
    """Whether `execute` or `query` is called on a query of sqlx, or with SQL on a connection."""
    rest = {word.text.rstrip("!:") for word in awaited.chain[1:]}
    if rest & {"query", "query_as", "query_scalar", "query_with", "sqlx", "bind", "sql_query"}:
        return True
    sql = any(_SQL.match(text) for text in rust.source.strings(awaited.at, awaited.end))
    return bool(_CLIENT.search(awaited.receiver)) or sql


def _on_redis(awaited: Awaited, rust: Rust) -> bool:
    if _REDIS.search(awaited.receiver):
        return True
    if awaited.receiver in ("self", "", "Self::"):
        return False
    if awaited.receiver == "get":  # a connection out of a pool
        return any(word.text.endswith("pool") for word in awaited.chain)
    return any(_REDIS_TYPE.search(name) for name in rust.declared_types(awaited.receiver))


def _direction(awaited: Awaited, rust: Rust) -> str:
    """What a query does, by the SQL in it where that can be seen."""
    start, end = awaited.start, awaited.end
    if any(word.text == "cmd" for word in awaited.chain):
        command = next(rust.source.strings(start, end), "")
        return WRITE if _COMMANDS.fullmatch(command.strip()) else READ
    sql = next((text for text in rust.source.strings(start, end) if " " in text.strip()), "") or _named(awaited, rust)
    if sql:
        return WRITE if _WRITES.match(sql) else READ
    if awaited.name in _WRITERS or awaited.name == "execute" or _NEW_DATA.search(rust.code, start, end):
        return WRITE
    return READ


def _named(awaited: Awaited, rust: Rust) -> str:
    """The SQL behind a constant or variable that is given to the query."""
    for word in awaited.chain:
        if word.text.startswith(("query", "execute", "prepare")):
            argument = _NAMED_SQL.search(rust.code, word.start, word.end)
            name = argument["name"] if argument else ""
            if name and (text := _set_before(name, word.start, rust) or _set_first(name, rust)):
                return text
    return ""


def _set_before(name: str, end: int, rust: Rust) -> str:
    """The text that a name was last set to shortly before: functions of one file all call theirs `query`."""
    start = max(0, end - NEAR)
    at = rust.code.rfind(name, start, end)
    while at >= 0:
        if text := _set_at(at + len(name), rust):
            return text
        at = rust.code.rfind(name, start, at)
    return ""


def _set_first(name: str, rust: Rust) -> str:
    """The first text of a file that a name is set to: that of a constant."""
    if name not in rust.sql:
        at = rust.code.find(name)
        while at >= 0 and not (text := _set_at(at + len(name), rust)):
            at = rust.code.find(name, at + len(name))
        rust.sql[name] = text if at >= 0 else ""
    return rust.sql[name]


def _set_at(end: int, rust: Rust) -> str:
    found = _SET_TO.match(rust.code, end)
    return next(rust.source.strings(found.end(), found.end() + 40), "") if found else ""
