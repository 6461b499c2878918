"""Whatever a report holds, it is read or refused, with the place and what was expected; what is read can be kept."""

import gzip
import json
import re
import time
import tracemalloc
from dataclasses import asdict

import pytest

from findings.core import serial
from findings.core.formats.report import How
from findings.core.formats.table import FORMATS, detect
from findings.core.redaction import find_values, redact
from findings.core.tracking import track
from findings.core.types import Batch, FormatError
from tests.findings.core.formats.mutations import mutants

HOW = How(redact=lambda text: redact(text, find_values(text)), key=b"mutations")
ENDLESS = 2**28
_STEPS = re.compile(r"(?:^|/)\.{1,2}(?:/|$)")


def taken(name: str, data: bytes) -> list[Batch]:
    """What a file reads as; nothing where it is refused, which it must be in a useful way."""
    try:
        return FORMATS[detect(name, data)].read(data, HOW)
    except FormatError as error:
        assert error.where
        assert error.expected
        str(error).encode()
        assert len(str(error)) < 1_000
        return []


def check(batch: Batch) -> None:
    """It goes into the database, and leads nowhere outside the tree."""
    assert serial.unpack(serial.pack(batch)) == batch
    rows = [asdict(one) for one in (*batch.observations, *batch.rules, *batch.notices)]
    text = json.dumps(rows, ensure_ascii=False, allow_nan=False)
    text.encode()
    assert not re.search(r"\\u00[01]", text.replace("\\\\", ""))
    assert 0 < len(batch.tool) <= 100
    assert len(batch.category) <= 300
    for seen in batch.observations:
        assert 0 < len(seen.rule) <= 300
        assert len(seen.path) <= 2048
        assert not seen.path.startswith("/")
        assert not _STEPS.search(seen.path)
        assert 0 <= seen.line < 2**31
        assert seen.line <= seen.end_line < 2**31
        assert len(seen.message) <= 4_000
        assert len(seen.excerpt) <= 20 * 401
        assert len(seen.tool_id) <= 300
    track([], batch.observations, batch.coverage)


def survive(seed: int, count: int) -> int:
    read = 0
    for name, data in mutants(seed, count):
        for batch in taken(name, data):
            check(batch)
            read += 1
    return read


def test_damaged_reports_are_read_or_refused():
    assert survive(1, 400) > 20


@pytest.mark.chaos
def test_ten_thousand_damaged_reports_are_read_or_refused():
    assert survive(2, 10_000) > 1_000


def spaces(packed: bool):
    """A file of 256 MiB of spaces, a megabyte at a time; packed, it is a small one."""
    piece = b" " * 2**20
    if packed:
        small = gzip.compress(piece, 9)
        return lambda: (small for _ in range(ENDLESS // 2**20))
    return lambda: (piece for _ in range(ENDLESS // 2**20))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("form", ["sarif", "semgrep", "json", "csv"])
def test_a_quarter_of_a_gigabyte_of_spaces_is_refused_in_little_time_and_memory(form, packed):
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(FormatError) as caught:
        FORMATS[form].read(spaces(packed), HOW)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.where
    assert peak < 64 * 2**20
    assert time.process_time() - began < 10


def test_one_endless_string_is_refused_before_it_fills_the_memory():
    piece = b"a" * 2**20
    with pytest.raises(FormatError, match="too large"):
        FORMATS["sarif"].read(lambda: iter([b'{"version": "', *[piece] * 300]), HOW)
