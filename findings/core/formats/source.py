"""The bytes of a report as text, piece by piece: unpacked, decoded, and never all of it in memory."""

import codecs
import json
import zlib
from collections.abc import Callable, Iterable, Iterator

from findings.core.types import FormatError

MAX_BYTES = 512 * 1024 * 1024  # of the text, after unpacking
PIECE = 1024 * 1024  # bytes that are looked at together
MAX_PACKED = 2  # times that a file is unpacked
_GZIP = b"\x1f\x8b"
_WINDOW = 31  # zlib: 15 bits, and a gzip header

# A file in memory, or what opens one: each call gives its pieces from the start.
Source = bytes | Callable[[], Iterable[bytes]]


def pieces(source: Source) -> Iterator[bytes]:
    """The file as it lies there."""
    if isinstance(source, bytes):
        return (source[at : at + PIECE] for at in range(0, len(source), PIECE))
    return iter(source())


def head(source: Source, size: int) -> bytes:
    """How a file begins, in UTF-8 without a mark, unpacked where it is packed by gzip; empty where that is damaged."""
    start = next(pieces(source), b"")
    for _ in range(MAX_PACKED):
        if start.startswith(_GZIP):
            try:
                start = zlib.decompressobj(_WINDOW).decompress(start, size)
            except zlib.error:
                return b""
    return start[:size].decode(json.detect_encoding(start[:size]), "ignore").encode("utf-8", "ignore")


def texts(source: Source) -> Iterator[str]:
    """The text of a file: UTF-8, UTF-16 or UTF-32, with or without a byte order mark, packed by gzip or not.

    Raises `FormatError` where it is larger than `MAX_BYTES`, damaged, or in another encoding.
    """
    size, decoder, name = 0, None, "utf-8"
    for piece in unpacked(source):
        if decoder is None:
            name = json.detect_encoding(piece)
            decoder = codecs.getincrementaldecoder(name)()
        yield _decoded(decoder, name, piece, size)
        size += len(piece)
    if decoder:
        yield _decoded(decoder, name, b"", size, last=True)


def _decoded(decoder: codecs.IncrementalDecoder, name: str, piece: bytes, before: int, *, last: bool = False) -> str:
    waiting = len(decoder.getstate()[0])
    try:
        return decoder.decode(piece, last)
    except UnicodeDecodeError as error:
        raise FormatError(f"not {name} text", f"byte {before - waiting + error.start}", "UTF-8 or UTF-16") from error


def unpacked(source: Source) -> Iterator[bytes]:
    """The bytes without their gzip packing, where they have one or were packed again on their way. No more than
    `MAX_BYTES`, in pieces of some size.
    """
    stream, size = pieces(source), 0
    start = _start(stream)
    for _ in range(MAX_PACKED):
        if start.startswith(_GZIP):
            stream = _gunzipped(_chain(start, stream))
            start = _start(stream)
    if start.startswith(_GZIP):
        raise FormatError(f"packed by gzip more than {MAX_PACKED} times", "the file", "a file packed once")
    for piece in _chain(start, stream):
        size += len(piece)
        if size > MAX_BYTES:
            raise FormatError(f"larger than {MAX_BYTES // 2**20} MiB", "the file", "a smaller file, or several")
        yield piece


def _start(stream: Iterator[bytes]) -> bytes:
    """As much of a stream as packing and encoding can be told by."""
    start = next(stream, b"")
    while 0 < len(start) < 4:
        following = next(stream, b"")
        if not following:
            break
        start += following
    return start


def _chain(start: bytes, stream: Iterator[bytes]) -> Iterator[bytes]:
    if start:
        yield start
    yield from stream


def _gunzipped(packed: Iterator[bytes]) -> Iterator[bytes]:
    """A gzip file may have several members, one after the other."""
    unpacker, fresh = zlib.decompressobj(_WINDOW), True
    for data in packed:
        while data:
            if unpacker.eof:
                if not data.startswith(_GZIP[:1]):
                    return  # padding behind the last member
                unpacker, fresh = zlib.decompressobj(_WINDOW), True
            try:
                piece = unpacker.decompress(data, PIECE)
            except zlib.error as error:
                raise FormatError("damaged gzip data", "the file", "an intact gzip file") from error
            fresh = False
            if piece:
                yield piece
            data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if not unpacker.eof and not fresh:
        raise FormatError("gzip data that stops in the middle", "the end of the file", "an intact gzip file")
