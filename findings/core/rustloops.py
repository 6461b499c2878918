"""Loops of a Rust file that go over rows, told apart from loops that repeat for another reason."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from findings.core.listening import RUST
from findings.core.rustcalls import MOST, WIDTH, Awaited, Function, Rust

_FOR = re.compile(r"for\s+(?=(?P<each>(?:[^;{}]|\w\s*\{[^{};]{0,200}\}){1,300}?)\s+in\b)")
_WHILE = re.compile(r"while\s+let\s+(?P<some>[^;=]{1,300}?)=(?![=>])")
_KINDS = (RUST.topic(r"for\W"), _FOR, "each"), (RUST.topic(r"while\W"), _WHILE, "some")
_NO_PATTERN = re.compile(r"\b(?:fn|impl|for|pub|struct|mod|let|where)\b")
_BLOCK_FIRST = re.compile(r"\s*(?:match|if|unsafe|loop|async)\b")
_GOES_ON = re.compile(r"\s*(?:else\b|[{.?])")
_FEW = re.compile(
    r"^[&\s]*(?:mut\s+)?(?:vec!\s*)?\[|^[&\s]*(?:\w+\s*::\s*)*[A-Z][A-Z0-9_]*\b(?!\s*::)(?:\s*\.\s*\w+\(\))*\s*$"
    r"|::(?:iter|variants|all|values)\(\)|\barray::IntoIter"
)
_CONFIGURED = re.compile(
    r"^[&*\s]*(?:mut\s+)?(?:self\s*\.\s*)?(?:\w*_)?(?:config|configuration|settings|cfg|conf|opts)\s*\.\s*\w+"
)
_JOINED = re.compile(r"\.\s*(?:concat|flatten|flat_map)\b")
_NESTING = re.compile(r"[()\[\]]|\.\.")
_BATCH = re.compile(
    r"chunks\w*\b|\.\s*(?:array_)?windows\(|\bbatches\b|\bretries\b|\bbackoff|\bstep_by\b|_stream\b|\bstream\b|\bconsumer"
    r"|\breceiver\b|\brx\b|\bsubscription\b|\bshards\b|\bpools\b|\breplicas\b|\bmigrations\b|\bmigrator\b|\bpages\b"
)
_NOT_ROW = re.compile(
    r"^\W*(?:(?:mut|ref|Some|Ok)\W+)*(?:attempt|retry|retries|try_|tries|page|offset|batch|chunk|shard|replica|delay|"
    r"backoff|migration|pool|round|iteration)(?!_id)\w*\b"
)
_STREAM = re.compile(
    r"\b(?:rx|recv|consumer|receiver|subscription|socket|ws|listener|interval)\b|recv\(|\.message\(|\.accept\(|\.poll|"
    r"\bmessages?\b|\bevents?\b|_rx\b|_stream\b|\bstream\b|deliver"
)
_ROWS = re.compile(r"\b(?:rows?|cursor|records|results?)\b")
_FETCHED = re.compile(r"\.\s*(?:fetch|stream|load_stream|query_raw|query_stream)\s*(?:::<[^()]{0,80}>)?\(\s*[^)\s]")
_POPPED = re.compile(r"\.\s*pop(?:_front|_back|_first|_last)?\(\)(?!\s*\.\s*await)")
_NEXT = re.compile(r"(\w+)\s*\.\s*(?:try_)?next\(\)")
_PLAIN = re.compile(r"^[&*\s]*(?:mut\s+)?(\w+)(?:\s*\.\s*(?:iter|into_iter|iter_mut|clone|enumerate)\(\))*$")
_ARRAY = re.compile(r"\s*(?::\s*&?\s*(?:'\w+\s+)?\[[^\];]{1,80};|(?::[^=;]{1,80})?=\s*&?\s*(?:vec!\s*)?\[(?!\s*\]))")
_GROWS = re.compile(r"\s*\.\s*(?:push|extend|append|insert)\b")
_AWAITED_NEXT = re.compile(r"\s*(?:\.\s*\w+\s*(?:::<[^()]{0,80}>)?\([^()]{0,200}\)\s*)*\.\s*await\b")
_TOGETHER = re.compile(
    r"(?:try_)?join(?:_all)?!?|buffer(?:ed|_unordered)|(?:try_)?for_each(?:_concurrent)?|Futures\w*::|collect|map|then"
)


BACK = 4_000  # how far before a loop its list is looked for


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop over rows: what it goes over, and its body."""

    over: str
    start: int
    end: int


class Loops:
    """The loops over rows of a file."""

    def __init__(self, rust: Rust) -> None:
        self.rust, self.code, self.source = rust, rust.code, rust.source

    @property
    def some(self) -> bool:
        """Whether there is any."""
        return bool(self._loops)

    def around(self, awaited: Awaited, function: Function) -> Loop | None:
        """The innermost loop over rows that awaits this call each time, in this function."""
        floor, apart = 0, False
        for loop in self._enclosing(awaited.at):
            if loop.start <= function.start:
                return None
            if not apart:
                floor = max([0, *(start for start, _ in self._apart(awaited, function))])
                apart = True
            if loop.start < floor:
                return None
            if self._over_rows(loop, function):
                return loop
        return None

    def _enclosing(self, at: int) -> Iterator[Loop]:
        """The loops around an offset, the innermost first: each is among those that the last one begun is inside of."""
        index = bisect_right(self._starts, at) - 1
        while index >= 0:
            if self._loops[index].end > at:
                yield self._loops[index]
            index = self._outer[index]

    @cached_property
    def _starts(self) -> list[int]:
        return [loop.start for loop in self._loops]

    @cached_property
    def _outer(self) -> list[int]:
        """For each loop the index of the one it is inside of, or -1."""
        found: list[int] = []
        stack: list[int] = []
        for index, loop in enumerate(self._loops):
            while stack and self._loops[stack[-1]].end < loop.start:
                stack.pop()
            found.append(stack[-1] if stack else -1)
            stack.append(index)
        return found

    @cached_property
    def _loops(self) -> list[Loop]:
        """Every `for` and `while let`, in order. `over` starts with the pattern: `Some(row) = rows.next()`."""
        found = []
        for topic, pattern, name in _KINDS:
            for match in islice(pattern.finditer(self.code), MOST) if self.source.speaks(topic) else ():
                if (match.start() and self.code[match.start() - 1].isalnum()) or _NO_PATTERN.search(match[name]):
                    continue
                head = match.end(name) + len(" in") if name == "each" else match.end()
                start = self._body(head)
                if (end := self.source.braces.get(start, -1)) > 0:
                    over = " ".join(self.code[head:start].split())
                    found.append(Loop(f"{match[name].strip()}{' in ' if name == 'each' else ' = '}{over}", start, end))
        return sorted(found, key=lambda loop: loop.start)

    def _body(self, at: int) -> int:
        """Where the body of a loop opens; the braces of an expression such as `match x { … }` are stepped over."""
        start = self.source.body(at)
        if _BLOCK_FIRST.match(self.code, at):
            while start > 0 and (end := self.source.braces.get(start, -1)) > 0 and _GOES_ON.match(self.code, end + 1):
                start = self.source.body(end + 1)
        return start

    def _apart(self, awaited: Awaited, function: Function) -> list[tuple[int, int]]:
        """Asynchronous blocks around a call that nobody awaits one by one where they stand."""
        around = [block for block in self.rust.asyncs if function.start < block[0] < awaited.at < block[1]]
        return [(start, end) for start, end in around if not self._awaited_there(start, end, function)]

    def _awaited_there(self, start: int, end: int, function: Function) -> bool:
        """Whether a block is itself awaited, or handed to a call that is, and not to one that runs many at once."""
        if _AWAITED_NEXT.match(self.code, end + 1):
            return True
        over = [call for call in function.awaits if call.start < start and end < call.end]
        return bool(over) and not any(_TOGETHER.fullmatch(word.text) for call in over for word in call.chain)

    def _over_rows(self, loop: Loop, function: Function) -> bool:
        each, sign, over = loop.over.partition(" in ")
        if not sign:
            return self._while_rows(loop, function)
        if _NOT_ROW.match(each) or _BATCH.search(over) or _is_few(over):
            return False
        if _is_range(over):
            return ".len()" in over
        name = _PLAIN.match(over)
        return not (name and (self._is_fixed(name[1], loop, function) or self._is_of_few(name[1], loop)))

    def _is_of_few(self, name: str, loop: Loop) -> bool:
        """Whether a name is a part of what a loop further out takes from a fixed list: the columns of known tables."""
        for outer in self._enclosing(loop.start - 1):
            each, _, over = outer.over.partition(" in ")
            if re.search(rf"\b{re.escape(name)}\b", each):
                return _is_few(over)
        return False

    def _is_fixed(self, name: str, loop: Loop, function: Function) -> bool:
        """Whether a name was bound to an array written out, or has an array's type, and did not grow since."""
        fixed, at = False, self.code.find(name, max(function.head, loop.start - BACK), loop.start)
        while at >= 0:
            end = at + len(name)
            if not self.code[at - 1].isalnum() and self.code[at - 1] not in "_.":
                if _ARRAY.match(self.code, end, end + WIDTH):
                    fixed = True
                elif _GROWS.match(self.code, end):
                    fixed = False
            at = self.code.find(name, end, loop.start)
        return fixed

    def _while_rows(self, loop: Loop, function: Function) -> bool:
        """`while let`: queues and rows count, streams of messages do not."""
        some, _, over = loop.over.partition(" = ")
        if _NOT_ROW.match(some):
            return False
        if _POPPED.search(over):
            return True
        if not (name := _NEXT.search(over)):
            return False
        before = self.code[max(function.head, loop.start - BACK) : loop.start]
        bound = list(re.finditer(rf"\blet\s+(?:mut\s+)?{re.escape(name[1])}\b[^;]{{0,1000}}", before))
        if bound and _FETCHED.search(bound[-1].group()):
            return "chunks" not in bound[-1].group()
        return bool(_ROWS.search(over)) or (
            "await" not in over and not _STREAM.search(over) and not _BATCH.search(over)
        )


def _is_few(over: str) -> bool:
    """Whether a loop goes over what is written out or configured."""
    return bool(_FEW.search(over) or _CONFIGURED.search(over)) and not _JOINED.search(over)


def _is_range(over: str) -> bool:
    """Whether a loop counts: `0..n`, `(1..=n).rev()`; a slice `rows[1..]` is no count."""
    depth = 0
    for match in _NESTING.finditer(over):
        mark = match.group()
        if mark == "..":
            if depth == 0 or (depth == 1 and over.startswith("(") and ")" not in over[: match.start()]):
                return True
        else:
            depth += 1 if mark in "([" else -1
    return False
