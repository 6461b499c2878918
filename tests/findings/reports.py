"""SARIF reports as tools write them, and taking them the whole road."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from findings.models import Repository, Run
from remediation.actions.imports import accept_import, preview_file


def result(rule: str, path: str, line: int, message: str, snippet: str = "", **more: Any) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": line}
    if snippet:
        region["snippet"] = {"text": snippet}
    place = {"physicalLocation": {"artifactLocation": {"uri": path}, "region": region}}
    return {"ruleId": rule, "message": {"text": message}, "locations": [place], **more}


def sarif(results: Sequence[dict[str, Any]], tool: str = "linter", rules: Iterable[str] = ()) -> bytes:
    driver = {"name": tool, "rules": [{"id": key} for key in rules]}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}).encode()


def take(repository: Repository, data: bytes, *, actor: str = "ci", anyway: bool = False) -> Run:
    """Hand a report in, look at it, accept it."""
    team = repository.components.get(is_default=True).team
    [(run, _)] = preview_file(repository, team, data, file_name="report.sarif", actor=actor)
    accept_import(run, actor=actor, anyway=anyway)
    run.refresh_from_db()
    return run
