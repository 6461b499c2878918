"""Functions, loops and awaited calls of a Rust file, by brackets and words: no parser, one walk each."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from findings.core.rusttext import Source
from findings.core.vocabulary import words

READ, WRITE = "read", "write"

_FUNCTION = re.compile(r"\bfn\s+(?P<name>\w{1,120})")
_OPENING = re.compile(r"[{;(\[]")
_OWNER = re.compile(r"\b(?P<what>impl|trait)\b(?P<head>[^{};]{1,600})\{")
_LOOP = re.compile(r"\b(?:for\s+(?P<each>[^;{}]{1,300}?)\s+in\b|while\s+let\s+(?P<some>[^;{}=]{1,300})=(?!=))")
_ASYNC = re.compile(r"\basync\s+(?:move\s*)?(?:\|[^|]{0,200}\|\s*)?(?:->\s*[^{;]{1,200})?\{")
_AWAIT = re.compile(r"\.\s*await\b")
_TYPED = re.compile(r"\b(?P<name>[a-z_]\w{0,60})\s*:(?!:)\s*(?P<type>[^=;{}()\n]{1,160})")
_CAMEL = re.compile(r"\b[A-Z]\w*[a-z]\w*")
_GENERIC = frozenset(
    {"Arc", "Rc", "Box", "Option", "Vec", "Result", "State", "Data", "Mutex", "RwLock", "Cow", "Extension"}
)
CHAIN = 60
MOST = 3_000  # of each kind in one file: what holds more is generated
WIDTH = 200

_FETCH = words("fetch_one fetch_all fetch_optional fetch_many query_async query_one query_opt query_row load_stream")
_MAYBE = words(
    "execute one all insert update save delete count exec exec_with_returning get_result get_results load first query "
    "exec_without_returning begin_insert execute_many insert_many"
)
_ORM_WRITES = words("insert update save delete exec exec_with_returning exec_without_returning insert_many")
_HANDLE = re.compile(r"\b(?:\w*pool|\w*conn(?:ection)?|\w*db|database|tx|txn|transaction|executor|pg|postgres)\b", re.I)
_REDIS = re.compile(r"redis|cache|valkey|(?:^|_)con(?:n|nection)?(?:$|_)|manager", re.I)
_REDIS_READS = words(
    "get hget hgetall hexists hkeys hvals hlen exists ttl pttl lrange llen lindex smembers sismember scard zrange "
    "zrevrange zscore zrank zrevrank zcard zcount strlen keys type_ getbit zrangebyscore zrange_withscores get_ex"
)
_REDIS_WRITES = words(
    "set set_ex set_nx pset_ex set_options del unlink expire expire_at persist incr decr hset hset_nx hdel hincr lpush "
    "rpush lpop rpop ltrim lrem sadd srem spop zadd zrem zincr setbit append getset get_del rename publish pexpire "
    "hset_multiple"
)
_WRITES = re.compile(
    r"\s*(?:/\*.*?\*/\s*)?(?:WITH\b.*\b)?(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|UPSERT)\b", re.I | re.S
)
_NEW_DATA = re.compile(
    r"\b(?:insert_into|diesel::(?:insert_into|update|delete)|SET|HSET|DEL|INCR|LPUSH|SADD|ZADD|EXPIRE)\b"
)

_FEW = re.compile(
    r"^[&\s]*(?:mut\s+)?(?:vec!\s*)?\[|^[&\s]*(?:\w+\s*::\s*)*[A-Z][A-Z0-9_]*\b(?!\s*::)(?:\s*\.\s*\w+\(\))*\s*$|::(?:iter|variants|all|values)\(\)|^\s*\(\s*$"
)
_RANGE = re.compile(r"\.\.")
_BATCH = re.compile(
    r"\bchunks|chunks_exact|\.windows\(|\bbatches\b|\bretries\b|\bbackoff|_stream\b|\bstream\b|consumer|receiver|\brx\b|subscription|\bshards\b|\bpools\b|\breplicas\b|\bmigrations\b|_chunks\b"
)
_NOT_ROW = re.compile(
    r"^\W*(?:mut\s+)?\(?\s*(?:attempt|retry|retries|try_|tries|page|offset|batch|chunk|shard|replica|delay|backoff|migration|pool|round|iteration)\w*\b"
)
_STREAM = re.compile(
    r"\b(?:rx|recv|consumer|receiver|subscription|socket|ws|listener|interval)\b|recv\(|\.message\(|\.accept\(|\.poll|messages?\b|events?\b|_rx\b|_stream\b|\bstream\b"
)
_ROWS = re.compile(r"\b(?:rows?|cursor|records|results?)\b")
_FETCHED = re.compile(r"\.\s*(?:fetch|stream|load_stream|query_raw)\s*\(")


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop over rows: what it goes over, and its body."""

    over: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Awaited:
    """An awaited call: its name, what it is called on (a variable, a field or the path before it), and whether it is
    itself a query that reads or writes.
    """

    name: str
    receiver: str
    start: int
    end: int
    kind: str = ""


@dataclass(slots=True)
class Function:
    """A function with a body: the types and traits it is a method of, and what it awaits itself."""

    name: str
    owners: tuple[str, ...]
    head: str
    start: int
    end: int
    awaits: list[Awaited] = field(default_factory=list)


class Rust:
    """What a file holds, tests left out."""

    def __init__(self, source: Source) -> None:
        self.source, self.code = source, source.production

    @cached_property
    def functions(self) -> list[Function]:
        """The functions that have a body, in order; what is awaited belongs to the innermost."""
        owners = list(self._owners())
        found = []
        for match in islice(_FUNCTION.finditer(self.code), MOST):
            start = self._body(match.end())
            end = self.source.pairs.get(start, -1)
            if end > start:
                own = next((names for first, last, names in reversed(owners) if first < match.start() < last), ())
                found.append(Function(match["name"], own, self.code[match.end() : start], start, end))
        starts = [function.start for function in found]
        for awaited in self._awaits():
            index = bisect_right(starts, awaited.start) - 1
            while index >= 0 and found[index].end < awaited.start:
                index -= 1
            if index >= 0:
                found[index].awaits.append(awaited)
        return found

    def _body(self, at: int) -> int:
        """The brace that opens the body of a function or loop, brackets before it stepped over; -1 for none."""
        for _ in range(CHAIN):
            match = _OPENING.search(self.code, at, at + 20 * WIDTH)
            if match is None or match.group() == ";":
                return -1
            if match.group() == "{":
                return match.start()
            at = self.source.pairs.get(match.start(), match.start()) + 1
        return -1

    def _owners(self) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        for match in islice(_OWNER.finditer(self.code), MOST):
            end = self.source.pairs.get(match.end() - 1, -1)
            if end > 0:
                yield match.end(), end, _owner_names(match["what"], match["head"])

    @cached_property
    def _loops(self) -> list[Loop]:
        """Loops over rows: what repeats for another reason is left out."""
        found = []
        for match in islice(_LOOP.finditer(self.code), MOST):
            start = self._body(match.end())
            end = self.source.pairs.get(start, -1)
            if end < 0:
                continue
            over = " ".join(self.code[match.end() : start].split())
            each = match["each"]
            if self._over_rows(each, over, match.start()) if each else self._while_rows(over, match.start()):
                found.append(Loop(over, start, end))
        return found

    def _over_rows(self, each: str, over: str, at: int) -> bool:
        if _NOT_ROW.match(each) or _BATCH.search(over) or _FEW.search(over):
            return False
        if _RANGE.search(over):
            return ".len()" in over
        name = re.match(r"^[&\s]*(?:mut\s+)?(\w+)(?:\.(?:iter|into_iter|iter_mut)\(\))?$", over)
        return not (name and self._is_fixed(name[1], at))

    def _is_fixed(self, name: str, at: int) -> bool:
        """Whether a name was bound to an array written out, or has an array's type."""
        before = self.code[max(0, at - 20 * WIDTH) : at]
        bound = re.compile(
            rf"\b(?:let\s+(?:mut\s+)?)?{re.escape(name)}\s*(?::\s*&?\s*\[[^\];]{{1,80}};|(?::[^=;]{{1,80}})?=\s*&?\s*(?:vec!\s*)?\[)"
        )
        found = list(bound.finditer(before))
        return bool(found) and not re.search(rf"\b{re.escape(name)}\s*\.\s*(?:push|extend)", before[found[-1].end() :])

    def _while_rows(self, over: str, at: int) -> bool:
        """`while let`: queues and rows count, streams of messages do not."""
        if re.search(r"\.\s*pop(?:_front|_back)?\(\)", over):
            return True
        if "next()" not in over or not (name := re.search(r"(\w+)\s*\.\s*(?:try_)?next\(\)", over)):
            return False
        before = self.code[max(0, at - 20 * WIDTH) : at]
        bound = list(re.finditer(rf"\blet\s+(?:mut\s+)?{re.escape(name[1])}\b[^;]{{0,1000}}", before))
        if bound and _FETCHED.search(bound[-1].group()):
            return True
        return bool(_ROWS.search(over)) or ("await" not in over and not _STREAM.search(over))

    @cached_property
    def _asyncs(self) -> list[tuple[int, int]]:
        """Blocks that run on their own: what they await is not awaited by the loop around them."""
        found = []
        for match in islice(_ASYNC.finditer(self.code), MOST):
            start = match.end() - 1
            if (end := self.source.pairs.get(start, -1)) > 0:
                found.append((start, end))
        return found

    def loop_around(self, awaited: Awaited, function: Function) -> Loop | None:
        """The innermost loop over rows that awaits this call each time, in this function."""
        inner = [start for start, end in self._asyncs if start < awaited.start < end]
        floor = max([function.start, *inner])
        around = [loop for loop in self._loops if floor <= loop.start < awaited.start < loop.end]
        return around[-1] if around else None

    def types(self, awaited: Awaited, function: Function) -> set[str]:
        """Types that what a call is made on may have; of a path, its last part."""
        receiver = awaited.receiver.removesuffix("::")
        if receiver in ("self", "Self"):
            return set(function.owners)
        if receiver[:1].isupper():
            return {receiver}
        return self._typed.get(receiver, set())

    @cached_property
    def _typed(self) -> dict[str, set[str]]:
        """Name -> types, of every parameter, field and annotated variable of the file."""
        found: dict[str, set[str]] = {}
        for match in _TYPED.finditer(self.code):
            if names := set(_CAMEL.findall(match["type"])) - _GENERIC:
                found.setdefault(match["name"], set()).update(names)
        return found

    def _awaits(self) -> Iterator[Awaited]:
        for match in islice(_AWAIT.finditer(self.code), MOST):
            chain = self._chain(match.start())
            if chain:
                yield self._awaited(chain, match.end())

    def _chain(self, end: int) -> list[tuple[str, int, int]]:
        """(word, start, end with its arguments) from the awaited call back to the root of its expression.

        A word of a path keeps its colons: `sqlx::query(…)` is "query" and "sqlx::".
        """
        found: list[tuple[str, int, int]] = []
        at, joint = end, ""
        while len(found) < CHAIN:
            at, last = self._back(at), at
            while at and self.code[at - 1] in ")]?>":
                mark = self.code[at - 1]
                opened = (
                    at - 1 if mark == "?" else self._angle(at) if mark == ">" else self.source.pairs.get(at - 1, -1)
                )
                if opened < 0:
                    return found
                at = self._back(opened)
            word = self._word(at)
            if not word:
                if self.code[at - 2 : at] == "::":
                    at -= 2
                    continue
                return found
            found.append((word + joint, at - len(word), last))
            at = self._back(at - len(word))
            if self.code[at - 2 : at] == "::":
                at, joint = at - 2, "::"
            elif self.code[at - 1 : at] == "." and self.code[at - 2 : at] != "..":
                at, joint = at - 1, ""
            else:
                return found
        return found

    def _back(self, at: int) -> int:
        """The offset behind the last character before `at` that is no space; a word's length of spaces at most."""
        floor = max(0, at - WIDTH)
        while at > floor and self.code[at - 1].isspace():
            at -= 1
        return at

    def _word(self, at: int) -> str:
        """The name, or the macro's name with its mark, that ends at an offset."""
        start, floor = at - (self.code[at - 1 : at] == "!"), max(0, at - WIDTH)
        while start > floor and (self.code[start - 1].isalnum() or self.code[start - 1] == "_"):
            start -= 1
        return self.code[start:at].rstrip("!") and self.code[start:at]

    def _angle(self, at: int) -> int:
        """The opening of a `::<…>` that ends at an offset, or -1."""
        opened = self.code.rfind("::<", max(0, at - WIDTH), at)
        return opened if opened >= 0 else -1

    def _awaited(self, chain: list[tuple[str, int, int]], end: int) -> Awaited:
        name, start = chain[0][0], chain[-1][1]
        receiver = next(
            (word for word, *_ in chain[1:] if word not in ("clone", "await", "as_ref", "as_mut", "lock")), ""
        )
        return Awaited(name, receiver, start, end, self._query(chain, name, start, end))

    def _query(self, chain: list[tuple[str, int, int]], name: str, start: int, end: int) -> str:
        """READ or WRITE where the chain is itself a query of sqlx, an ORM or Redis."""
        names = {word.rstrip("!:") for word, *_ in chain}
        root = chain[-1][0]
        called = self.code[chain[0][1] : chain[0][2]]
        arguments = called[len(name) :]
        if name in _FETCH or (name in _MAYBE and _HANDLE.search(arguments)):
            return self._direction(name, start, end)
        if name in ("execute", "query") and (names & {"query", "sqlx", "bind"} or _HANDLE.search(root)):
            return self._direction(name, start, end)
        holders = " ".join(word for word, *_ in chain[1:] if word not in ("self", "clone", "lock", "await", "get_conn"))
        if name in _REDIS_READS | _REDIS_WRITES and _REDIS.search(holders):
            return READ if name in _REDIS_READS else WRITE
        return ""

    def _direction(self, name: str, start: int, end: int) -> str:
        """What a query does, by the SQL in it where that can be seen."""
        sql = [text for text in self.source.strings(start, end) if " " in text.strip() or text.isupper()]
        if sql:
            return WRITE if _WRITES.match(sql[0]) or _NEW_DATA.match(sql[0]) else READ
        if name in _ORM_WRITES or name == "execute" or _NEW_DATA.search(self.code, start, end):
            return WRITE
        return READ


def _owner_names(what: str, head: str) -> tuple[str, ...]:
    """The type and the trait of an `impl`, or the trait itself."""
    head = re.sub(r"\bwhere\b.*", "", head, flags=re.S)
    parts = re.split(r"\bfor\b", head) if what == "impl" else [head.split(":")[0]]
    names = [re.findall(r"[A-Z]\w*", re.sub(r"<[^<>]*>", "", part)) for part in parts]
    return tuple(found[-1] for found in names if found)
