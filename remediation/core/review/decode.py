"""Bytes of an uploaded report -> text, saying what had to be done to get there."""

import codecs
import re

from findings.core.types import FormatError, Notice

LIMIT = 5_000_000
"""Bytes. A report of 1,500 lines has about 100,000."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What UTF-8 looks like after it was read as Latin-1 or Windows-1252: a lead byte's letter and continuation bytes.
MOJIBAKE = re.compile("[Â-ô](?:[\x80-¿]|[ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™])")
CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f]")


def decode(data: bytes) -> tuple[str, list[Notice]]:
    """The text of a report, lines ended by "\\n", and notices of each repair. FormatError for what is not text."""
    if len(data) > LIMIT:
        raise FormatError(f"The file has {len(data):,} bytes", expected=f"a report of at most {LIMIT:,} bytes")
    text, notices = _text(data)
    if "\0" in text:
        text = text.replace("\0", "")
        notices.append(Notice("NUL characters were removed"))
    if len(CONTROL.findall(text)) * 20 > len(text):
        raise FormatError("The file is not text", expected="Markdown in UTF-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("﻿")
    return _repaired(text, notices)


def _text(data: bytes) -> tuple[str, list[Notice]]:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding), []
    if encoding := _unmarked_utf16(data):
        return _strict(data, encoding), [Notice("The file was read as UTF-16 without a byte-order mark")]
    if data.count(0) * 100 > len(data):
        raise FormatError("The file is binary", expected="Markdown in UTF-8")
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return _legacy(data, error)


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"The file says it is {encoding.upper()}, but is not", f"byte {error.start}") from error


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 is told by NULs that stand on one side of nearly every pair, as ASCII punctuation and spaces make them."""
    pairs = len(data) // 2
    if pairs < 8 or len(data) % 2:
        return ""
    high, low = data[0::2].count(0), data[1::2].count(0)
    if low * 5 > pairs and high * 50 < pairs:
        return "utf-16-le"
    return "utf-16-be" if high * 5 > pairs and low * 50 < pairs else ""


def _legacy(data: bytes, error: UnicodeDecodeError) -> tuple[str, list[Notice]]:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    letters = [c for c in text if c > "\x7f"]
    if (
        letters
        and sum("一" <= c <= "鿿" or c in "，。：；（）、！？《》“”—…·" for c in letters) * 10 >= len(letters) * 7
    ):
        return text, [Notice("The file was read as GB18030, not UTF-8")]
    text = data.decode("utf-8", "replace")
    lost = text.count("�")
    if lost * 50 > len(text):
        raise FormatError("The file is not UTF-8 text", f"byte {error.start}", "Markdown in UTF-8, UTF-16 or GB18030")
    line = data[: error.start].count(b"\n") + 1
    return text, [Notice(f"{lost} bytes are not UTF-8 and were replaced by �", line=line)]


def _repaired(text: str, notices: list[Notice]) -> tuple[str, list[Notice]]:
    """The text with lines that were encoded twice set right; a line that does not come out whole stays as it is."""
    lines = text.split("\n")
    broken = [i for i, line in enumerate(lines) if MOJIBAKE.search(line)]
    done = []
    for i in broken:
        better = _undo(lines[i])
        if better != lines[i]:
            lines[i] = better
            done.append(i + 1)
    if done:
        notices.append(Notice(f"{len(done)} lines were garbled (UTF-8 read as Latin-1) and are repaired", line=done[0]))
    return "\n".join(lines), notices


def _undo(line: str) -> str:
    """The line with its second encoding undone; only if all of it comes out as good UTF-8 with fewer letters."""
    raw = bytearray()
    for char in line:
        try:
            raw += char.encode("cp1252")
        except UnicodeEncodeError:
            if char > "\xff":
                return line
            raw.append(ord(char))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return line
