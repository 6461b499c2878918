"""The formats that a file may have: one module each, with `read(data, redact) -> list[Batch]` and `matches`."""

import zlib
from collections.abc import Callable

from findings.core.formats import sarif
from findings.core.types import Batch, FormatError

HEAD = 4096  # bytes that are enough to tell formats apart

FORMATS: dict[str, Callable[..., list[Batch]]] = {"sarif": sarif.read}
_MATCHES: dict[str, Callable[[str, bytes], bool]] = {"sarif": sarif.matches}


def detect(name: str, data: bytes) -> str:
    """The key in `FORMATS` of a file, by its name and its first bytes; a `FormatError` where none fits."""
    head = _head(data)
    for key, matches in _MATCHES.items():
        if matches(name, head):
            return key
    raise FormatError("not a known kind of file", name, ", ".join(sorted(FORMATS)))


def _head(data: bytes) -> bytes:
    """How a file begins, unpacked where it is packed by gzip."""
    if not data.startswith(b"\x1f\x8b"):
        return data[:HEAD]
    try:
        return zlib.decompressobj(31).decompress(data[:HEAD], HEAD)  # 31: 15 bits of window, and a gzip header
    except zlib.error:
        return b""
