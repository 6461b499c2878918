"""The formats that a file may have: a line each, with how it is told from others and how it is read."""

from collections.abc import Callable
from dataclasses import dataclass

from findings.core.formats import checkov, gitleaks, plain, sarif, semgrep, strangers, trivy
from findings.core.formats.report import How
from findings.core.formats.source import Source, head, pieces
from findings.core.types import Batch

HEAD = 64 * 1024  # bytes that are enough to tell formats apart


@dataclass(frozen=True, slots=True)
class Format:
    """`title` is a proper name; `matches` is asked in the order of the table, with a file's name and its start."""

    title: str
    matches: Callable[[str, bytes], bool]
    read: Callable[[Source, How], list[Batch]]


FORMATS: dict[str, Format] = {
    "sarif": Format("SARIF 2.1.0", sarif.matches, sarif.read_how),
    "trivy": Format("Trivy JSON", trivy.matches, trivy.read),
    "checkov": Format("Checkov JSON", checkov.matches, checkov.read),
    "gitleaks": Format("Gitleaks JSON", gitleaks.matches, gitleaks.read),
    "json": Format("Nova JSON", plain.matches_json, plain.read_json),
    "csv": Format("CSV", plain.matches_csv, plain.read_csv),
    "semgrep": Format("Semgrep JSON", semgrep.matches, semgrep.read),
}


def detect(name: str, source: Source) -> str:
    """The key in `FORMATS` of a file, by its name and its first bytes; a `FormatError` where none fits."""
    start = head(source, HEAD)
    for key, form in FORMATS.items():
        if form.matches(name, start):
            return key
    packed = next(pieces(source), b"")
    raise strangers.refusal(name, packed, start, ", ".join(form.title for form in FORMATS.values()))
