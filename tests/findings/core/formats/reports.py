"""Small SARIF reports, and what reading them gives."""

import json
from typing import Any

import pytest

from findings.core.formats import sarif
from findings.core.types import Batch, FormatError, Observation


def place(uri: str = "src/a.c", line: int = 7, **more: Any) -> dict[str, Any]:
    region = {"startLine": line} | more.pop("region", {})
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region} | more}


def result(rule: str = "R1", **more: Any) -> dict[str, Any]:
    return {"ruleId": rule, "message": {"text": "careful"}, "locations": [place()]} | more


def run(*results: dict[str, Any], rules: Any = (), tool: str = "Tool", **more: Any) -> dict[str, Any]:
    return {"tool": {"driver": {"name": tool, "rules": list(rules)}}, "results": list(results)} | more


def report(*runs: dict[str, Any]) -> bytes:
    return json.dumps({"version": "2.1.0", "runs": list(runs)}).encode()


def batch(*results: dict[str, Any], **more: Any) -> Batch:
    return sarif.read(report(run(*results, **more)))[0]


def one(**more: Any) -> Observation:
    return batch(result(**more)).observations[0]


def refused(data: bytes) -> FormatError:
    with pytest.raises(FormatError) as caught:
        sarif.read(data)
    return caught.value
