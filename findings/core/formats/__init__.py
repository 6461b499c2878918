"""The formats that a file may have: one module each, with `read(data, redact) -> list[Batch]` and `matches`."""

from collections.abc import Callable

from findings.core.formats import sarif
from findings.core.types import Batch, FormatError

HEAD = 4096  # bytes that are enough to tell formats apart

FORMATS: dict[str, Callable[..., list[Batch]]] = {"sarif": sarif.read}
_MATCHES: dict[str, Callable[[str, bytes], bool]] = {"sarif": sarif.matches}


def detect(name: str, data: bytes) -> str:
    """The key in `FORMATS` of a file, by its name and its first bytes; a `FormatError` where none fits."""
    for key, matches in _MATCHES.items():
        if matches(name, data[:HEAD]):
            return key
    raise FormatError("not a known kind of file", name, ", ".join(sorted(FORMATS)))
