"""Files of no kind that is read: what they seem to be, and what to do instead, so that nobody has to guess."""

import re
from dataclasses import dataclass

from findings.core.formats import plain
from findings.core.types import FormatError

_GZIP = b"\x1f\x8b"
FEW = 2  # cells that any sentence may have
SHOWN, WIDTH = 12, 40  # columns of a table that are named, and characters of each


@dataclass(frozen=True, slots=True)
class _Stranger:
    """A kind of file: how it begins (`starts`), or all of these words near its beginning."""

    what: str
    do: str
    starts: bytes = b""
    words: tuple[bytes, ...] = ()

    def is_this(self, start: bytes) -> bool:
        if self.starts:
            return start[: len(self.starts)].lower() == self.starts
        return all(b'"' + word + b'"' in start for word in self.words)


_PACKED = "the report itself, unpacked or packed by gzip"
_BINARY = (
    _Stranger("a ZIP archive", _PACKED, b"pk\x03\x04"),
    _Stranger("an archive of xz", _PACKED, b"\xfd7zxz"),
    _Stranger("an archive of bzip2", _PACKED, b"bzh"),
    _Stranger("an archive of zstd", _PACKED, b"\x28\xb5\x2f\xfd"),
    _Stranger("a file packed by gzip again and again", _PACKED, b"\x1f\x08"),  # as far as it decodes
    _Stranger("a PDF document", "the report as the tool writes it", b"%pdf-"),
)
_TEXT = (
    _Stranger("a web page", "the report; such a page often asks to sign in first", b"<!doctype html"),
    _Stranger("a web page", "the report; such a page often asks to sign in first", b"<html"),
    _Stranger("XML", "SARIF, which most tools write beside XML", b"<"),
    _Stranger("a list of SARIF logs", "each of them in a file of its own", words=(b"runs", b"results", b"driver")),
    _Stranger("JSON of Bandit", "SARIF: bandit -f sarif", words=(b"results", b"metrics", b"generated_at")),
    _Stranger("JSON of gosec", "SARIF: gosec -fmt sarif", words=(b"Issues", b"Stats", b"GosecVersion")),
    _Stranger("JSON of golangci-lint", "SARIF: --output.sarif.path", words=(b"Issues", b"Report")),
    _Stranger("JSON of Grype", "SARIF: grype -o sarif", words=(b"matches", b"vulnerability", b"artifact")),
    _Stranger("JSON of Snyk", "SARIF: --sarif-file-output", words=(b"vulnerabilities", b"packageManager")),
    _Stranger("JSON of KICS", "SARIF: --report-formats sarif", words=(b"kics_version", b"queries")),
    _Stranger("JSON of ESLint", "SARIF: @microsoft/eslint-formatter-sarif", words=(b"filePath", b"messages")),
    _Stranger("messages of Cargo", "SARIF: clippy-sarif", words=(b"reason", b"package_id")),
    _Stranger("JSON of tfsec", "SARIF: tfsec --format sarif", words=(b"results", b"long_id", b"rule_provider")),
    _Stranger("JSON of OSV-Scanner", "SARIF: --format sarif", words=(b"results", b"packages", b"source")),
    _Stranger("JSON of detect-secrets", "SARIF or CSV", words=(b"plugins_used", b"results", b"generated_at")),
    _Stranger("JSON of Brakeman", "SARIF: brakeman -f sarif", words=(b"scan_info", b"warnings")),
    _Stranger("a list of components (SBOM)", "the report of a scanner", words=(b"bomFormat", b"components")),
    _Stranger("a list of components (SBOM)", "the report of a scanner", words=(b"spdxVersion", b"packages")),
)


def refusal(name: str, packed: bytes, start: bytes, known: str) -> FormatError:
    """Why a file is not read. `packed` is how it begins, `start` how it does unpacked; `known` are all formats."""
    text = start.lstrip()
    if not text and packed.startswith(_GZIP):
        return FormatError("nothing in it but gzip's packing, or damaged gzip data", name, "an intact report")
    if not text:
        return FormatError("an empty file", name, "a report: where a tool found nothing, it still says that it ran")
    begins = text if packed.startswith(_GZIP) else packed
    for one in (*_BINARY, *_TEXT):
        if one.is_this(begins if one in _BINARY else text):
            return FormatError(f"{one.what} is not read", name, one.do)
    if text.rstrip() in (b"[]", b"{}"):
        return FormatError("an empty list, which any tool may have written", name, f"a format that is named: {known}")
    if text[:1] not in (b"{", b"["):
        columns = plain.columns(start)
        if len(columns) > FEW and all(map(str.isprintable, columns)) and "\ufffd" not in "".join(columns):
            wanted = f"the columns rule and path (may be there too: {', '.join(sorted(plain.COLUMNS - plain.NEEDED))})"
            return FormatError(f"a table of {_named(columns)}", f"{name}, line 1", wanted)
    return FormatError("not a known kind of file", name, known)


def _named(columns: list[str]) -> str:
    shown = [re.sub(r"\W+", " ", column).strip()[:WIDTH] or "?" for column in columns[:SHOWN]]
    return ", ".join(shown) + (" and more" if len(columns) > SHOWN else "")
