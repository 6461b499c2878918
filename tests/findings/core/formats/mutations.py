"""Damaged and hostile reports, any number of them, the same for the same seed."""

import copy
import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"
BASES = {file.name: file.read_bytes() for file in sorted(GOLDEN.iterdir()) if not file.name.endswith(".expected.json")}
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) ![p](http://198.51.100.7/p.png)",
    "\x1b[31mred\x1b[0m\x1b]8;;http://198.51.100.7\x07link\x1b]8;;\x07",
    "=cmd|' /C calc'!A0",
    "+1+1\t@SUM(A1)",
    "../../../../etc/passwd",
    "file:///etc/../../root/.ssh/id_rsa",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..\\..\\windows\\system32",
    "C:\\Users\\x",
    "\\\\198.51.100.7\\share",
    "a\0b",
    "\ud800",
    "\u202egnp.exe",
    "x" * 70_000,
    "\n" * 3_000,
    "{{ settings.SECRET_KEY }} {% debug %} ${jndi:ldap://x} %s %n {0}",
    "' OR 1=1; DROP TABLE findings_finding; --",
)
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 10**400, 1e308, -0.0, float("nan"), float("inf"), "", " ", [], {}, [None],
    [[]], [{}], {"a": None}, [[[[[[]]]]]], "9" * 5_000,
)  # fmt: skip


def mutants(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """(name of the file, bytes): each some base, damaged once or a few times."""
    for number in range(count):
        dice = random.Random(f"{seed}:{number}")
        name = dice.choice(list(BASES))
        data = BASES[name]
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            data = dice.choice(WAYS)(dice, data)
        yield name, data


def cut(dice: random.Random, data: bytes) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def flip(dice: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(dice.randint(1, 8)):
        if damaged:
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
    return bytes(damaged)


def doubled(dice: random.Random, data: bytes) -> bytes:
    start = dice.randrange(len(data) + 1)
    end = min(len(data), start + dice.randint(1, 400))
    return data[:end] + data[start:end] * dice.randint(1, 3) + data[end:]


def holed(dice: random.Random, data: bytes) -> bytes:
    start = dice.randrange(len(data) + 1)
    return data[:start] + data[start + dice.randint(1, 200) :]


def inserted(dice: random.Random, data: bytes) -> bytes:
    what = dice.choice((b"\0", b"\xff\xfe", b"\x1f\x8b", b"{", b"]" * 5, b'"', b",", b"\\u0000", b"\r", b" " * 100_000))
    at = dice.randrange(len(data) + 1)
    return data[:at] + what + data[at:]


def deep(dice: random.Random, data: bytes) -> bytes:
    depth = dice.choice((50, 990, 5_000, 60_000))
    opening, closing = dice.choice(((b"[", b"]"), (b'{"a":', b"}")))
    nest = opening * depth + b"1" + (closing * depth if dice.random() < 0.7 else b"")
    at = data.find(b":", dice.randrange(len(data) + 1)) + 1
    return data[:at] + nest + b"," + data[at:] if dice.random() < 0.5 else nest


def encoded(dice: random.Random, data: bytes) -> bytes:
    name = dice.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "utf-7", "cp1252", "shift-jis"))
    return data.decode("utf-8", "replace").encode(name, "replace")


def packed(dice: random.Random, data: bytes) -> bytes:
    whole = gzip.compress(data, 1)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: whole,
        lambda: whole[: dice.randrange(len(whole) + 1)],
        lambda: flip(dice, whole),
        lambda: gzip.compress(whole),
        lambda: whole + whole,
        lambda: whole + b"\0" * 20,
        lambda: gzip.compress(b" " * 3_000_000 + data),
    )
    return dice.choice(ways)()


def replaced(dice: random.Random, data: bytes) -> bytes:
    """Something odd or hostile in some place of the JSON, or in some cell."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return _cell(dice, data)
    places = list(_places(whole))
    if not places:
        return data
    for _ in range(dice.randint(1, 3)):
        of, key = dice.choice(places)
        value = copy.deepcopy(dice.choice(ODD if dice.random() < 0.5 else HOSTILE))
        of[key] = value
    try:
        return json.dumps(whole).encode()
    except (ValueError, RecursionError):
        return data


def twice(dice: random.Random, data: bytes) -> bytes:
    """A member that an object has two times."""
    at = data.find(b'": ', dice.randrange(len(data) + 1))
    begin = data.rfind(b'"', 0, max(at, 0))
    if at < 0 or begin < 0:
        return data
    return data[:begin] + data[begin : at + 3] + b"null, " + data[begin:]


def _cell(dice: random.Random, data: bytes) -> bytes:
    cells = data.split(b",")
    cells[dice.randrange(len(cells))] = dice.choice(HOSTILE).encode("utf-8", "surrogatepass")
    return b",".join(cells)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(steps):
        yield value, key
        yield from _places(inner)


WAYS = (cut, flip, doubled, holed, inserted, deep, encoded, packed, replaced, replaced, replaced, replaced, twice)
