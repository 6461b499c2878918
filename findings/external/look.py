"""What a scanner says about a commit, as batches for the one road: its words cleaned, its places read by us."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from findings.core.detect import kind_of
from findings.core.facts import Blob
from findings.core.formats.hiding import about_secrets
from findings.core.formats.report import How
from findings.core.formats.table import FORMATS
from findings.core.hashing import keyed, message_shape
from findings.core.redaction import DOTS, find_values, redact
from findings.core.scanners import Scanner
from findings.core.types import Batch, FormatError, Observation
from findings.external import cage
from findings.external.cage import MEGABYTE, Failed
from findings.external.copy import Copy, copied, private_folder
from findings.external.places import relative, spans
from findings.git import Mirror

MOST_COMPLAINT = 300
KEPT_BLOBS = 64


@dataclass(frozen=True, slots=True)
class Report:
    """The batches of one report, the SHA-256 of its bytes, and path -> why it was not there to be looked at."""

    batches: tuple[Batch, ...]
    file_hash: str
    missing: Mapping[str, str]


def look(
    scanner: Scanner, mirror: Mirror, commit: str, *, home: Path, key: bytes, blob_bytes: int, unwalled: bool
) -> Report:
    """Run a scanner over a commit. `home`: where private folders may be made. Raises `Failed`, `GitError`."""
    tree = mirror.tree(commit)
    with private_folder(home) as folder:
        copy = copied(mirror, tree, folder / "tree", blob_bytes)
        report = folder / "report.sarif"
        outcome = cage.run(scanner, folder, report, unwalled=unwalled)
        if outcome.code not in scanner.exit_codes:
            raise _ended(scanner, outcome, folder)
        data = _bytes(scanner, report)
        paths = frozenset([entry.path for entry in tree.entries] + [path for path, _ in tree.skipped])
        found = tuple(_Reading(scanner, copy, key).batches(data, commit, paths))
        return Report(found, sha256(data).hexdigest(), copy.missing)


def bare(hunk: str) -> str:
    """A patch of which only its places are shown, for what no pattern of ours may know how to hide."""
    lines = hunk.split("\n")
    kept = (text if text.startswith("@@") or not text else f"{text[0]}{DOTS}" for text in lines)
    return "\n".join(kept)


def _ended(scanner: Scanner, outcome: cage.Outcome, folder: Path) -> Failed:
    """Why a run failed. A scanner of credentials may complain with what it found, so it is not quoted."""
    how = f"it was ended by signal {-outcome.code}" if outcome.code < 0 else f"it ended with exit code {outcome.code}"
    if scanner.secrets or not outcome.complaint:
        return Failed(how)
    said = relative(outcome.complaint.encode(), folder / "tree", folder).decode()
    return Failed(how, redact(said, find_values(said))[:MOST_COMPLAINT])


def _bytes(scanner: Scanner, report: Path) -> bytes:
    limit = scanner.output_mb * MEGABYTE
    if report.is_symlink() or not report.is_file():
        raise Failed("it wrote no report")
    if report.stat().st_size >= limit:
        raise Failed(f"its report is larger than {scanner.output_mb} MB")
    return report.read_bytes()


class _Reading:
    """One report, beside the files it speaks of."""

    def __init__(self, scanner: Scanner, copy: Copy, key: bytes) -> None:
        self.scanner, self.copy, self.key = scanner, copy, key
        self.blob = lru_cache(KEPT_BLOBS)(self._blob)

    def batches(self, data: bytes, commit: str, paths: frozenset[str]) -> Iterator[Batch]:
        """The batches, in the order of the report. Raises `Failed` where it is no SARIF."""
        data = relative(data, self.copy.root, self.copy.root.parent)
        try:
            values = self._values(json.loads(data))
            found = FORMATS["sarif"].read(data, How(lambda text: redact(text, values | find_values(text))))
        except (FormatError, RecursionError, ValueError) as error:
            said = str(error)
            raise Failed("its report cannot be read", redact(said, find_values(said))) from None
        if not found:
            raise Failed("its report has no run in it")
        several = len({batch.tool for batch in found}) > 1
        for batch in found:
            parts = (self.scanner.category, batch.tool if several else "", batch.category)
            yield self._placed(replace(batch, category="/".join(filter(None, parts))), commit, paths)

    def _values(self, document: Any) -> frozenset[str]:
        """What the report quotes and must not be kept: all that a scanner of credentials points at, and what the files
        that are named hold themselves.
        """
        values: set[str] = set()
        for rule, path, quoted, region in spans(document):
            if self.copy.read(path):
                values |= find_values(self.blob(path).text, kind_of(path))
            if self.scanner.secrets or about_secrets(rule):
                values |= {quoted.strip(), self._pointed(path, region)} - {""}
        return frozenset(values)

    def _pointed(self, path: str, region: tuple[int, int, int, int]) -> str:
        """The text of a region of one line; without columns, the whole line."""
        line, end, first, last = region
        lines = self.blob(path).text.split("\n")
        if not 0 < line <= len(lines) or end > line:
            return ""
        text = lines[line - 1]
        return (text[first - 1 : last - 1] if first and last > first else text).strip()

    def _placed(self, batch: Batch, commit: str, paths: frozenset[str]) -> Batch:
        covered = batch.coverage
        missing = frozenset(self.copy.missing)
        return replace(
            batch,
            tool=self.scanner.title,
            commit=commit,
            observations=tuple(self._seen(one) for one in batch.observations),
            coverage=replace(covered, unreadable=covered.unreadable | missing, paths=paths),
        )

    def _seen(self, one: Observation) -> Observation:
        """An observation with the hashes and the excerpt of the file itself; of a credential, nothing of its lines."""
        clean = replace(one, shape=message_shape(one.message), excerpt="", excerpt_line=0)
        if one.path not in self.copy.paths or not one.line:
            return clean
        spot = self.blob(one.path).spot(one.line, one.end_line)
        hashes = {"line_hash": spot["line_hash"], "block_hash": spot["block_hash"]}
        shown, first = spot["excerpt"].split("\n"), spot["first"]
        if self.scanner.secrets or about_secrets(one.rule):
            whole = self._pointed(one.path, (one.line, one.line, 0, 0))
            hashes = {"line_hash": keyed(self.key, whole)[:16] if whole else "", "block_hash": ""}
            hidden = range(one.line - first, max(one.line, one.end_line) - first + 1)
            shown = [DOTS if number in hidden else text for number, text in enumerate(shown)]
        return replace(clean, **hashes, excerpt="\n".join(shown), excerpt_line=first)

    def _blob(self, path: str) -> Blob:
        return Blob(self.copy.read(path), kind_of(path), self.key)
