"""Small reports of every tool, and what each of them reads as. `NOVA_GOLDEN=1` writes the expectations anew."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from findings.core.formats.report import How
from findings.core.formats.table import FORMATS, detect
from findings.core.redaction import find_values, redact
from findings.core.types import Batch, Observation

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(file for file in GOLDEN.iterdir() if not file.name.endswith(".expected.json"))
HOW = How(redact=lambda text: redact(text, find_values(text)), key=b"golden")
SHOWN = (
    "rule", "path", "line", "end_line", "message", "priority", "identity", "tool_id", "partial", "excerpt",
    "excerpt_line", "commit", "properties", "suppressed",
)  # fmt: skip
EMPTY = ("", 0, {}, False)


def shown(seen: Observation) -> dict[str, Any]:
    return {name: value for name in SHOWN if (value := getattr(seen, name)) not in EMPTY}


def read_as(batches: list[Batch]) -> list[dict[str, Any]]:
    return [
        {
            "tool": f"{batch.tool} [{batch.category}] {batch.tool_version}".strip(),
            "from": [batch.origin, batch.branch, batch.commit],
            "rules": {rule.key: [rule.title, rule.priority, rule.help] for rule in batch.rules},
            "observations": [shown(seen) for seen in batch.observations],
            "unreadable": sorted(batch.coverage.unreadable),
            "complete": batch.coverage.complete,
            "notices": [[notice.message, notice.path] for notice in batch.notices],
        }
        for batch in batches
    ]


def read(file: Path) -> tuple[str, list[Batch]]:
    name = detect(file.name, file.read_bytes())
    return name, FORMATS[name].read(file.read_bytes(), HOW)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_report_reads_as_expected(file):
    found = json.loads(json.dumps(read_as(read(file)[1]), ensure_ascii=False))
    expected = file.with_name(f"{file.name}.expected.json")
    if os.environ.get("NOVA_GOLDEN"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    assert found == json.loads(expected.read_text())


def test_every_format_has_a_golden_file_and_is_told_from_the_others():
    assert {read(file)[0] for file in FILES} == set(FORMATS)


def test_one_leaked_value_is_one_finding_wherever_it_stands_and_is_never_kept():
    _, batches = read(GOLDEN / "gitleaks-8.json")
    first, second, hidden = batches[0].observations
    assert first.key == second.key != ""
    assert hidden.key == ""
    for file in FILES:
        assert "qx81-Lmt0-vvEZ-77ab" not in repr(read(file)[1])
        assert "77f0c1a2b3d4" not in repr(read(file)[1])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_report_of_half_its_bytes_is_refused_or_read_in_part_never_worse(file):
    data = file.read_bytes()
    name = detect(file.name, data)
    for cut in range(0, len(data), 7):
        try:
            FORMATS[name].read(data[:cut], HOW)
        except ValueError as error:
            assert str(error)


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_report_is_told_and_read_in_whatever_encoding_a_shell_wrote_it(file, code):
    known, data = detect(file.name, file.read_bytes()), file.read_bytes().decode().encode(code)
    for written in (data, gzip.compress(data)):
        assert detect(file.name, written) == known
        assert read_as(FORMATS[known].read(written, HOW)) == read_as(FORMATS[known].read(file.read_bytes(), HOW))
