"""Bytes of an uploaded report -> text, saying what had to be done to get there."""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterable

from findings.core.types import FormatError, Notice, notice
from remediation.core.review.notes import NOT_UTF8, NUL, REPAIRED, REPLACED, UNMARKED

LIMIT = 5_000_000
"""Bytes. A report of 1,500 lines has about 100,000."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NAMES = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp932": "Shift-JIS",
    "cp1252": "Windows-1252",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16 (big-endian)",
}
"""Encodings that a report may be in without saying so, as people call them."""

WIDE = ("utf-16-le", "utf-16-be")
LIKELY = 0.7
ACCENTED = re.compile("(?<![^\\x01-\\x7f])(?:(?<=[A-Za-z])[À-ÿ]|[À-ÿ](?=[A-Za-z])|[‘-„•–—…€«»§°·])(?![^\\x01-\\x7f])")
FOREIGN = re.compile("[^\\x01-\\x7f]")
# What UTF-8 looks like after it was read as Latin-1 or Windows-1252: a lead byte's letter and continuation bytes.
MOJIBAKE = re.compile("[Â-ô](?:[\x80-¿]|[ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™])")
CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f]")


def decode(data: bytes, encoding: str = "") -> tuple[str, list[Notice]]:
    """The text of a report, lines ended by "\\n", and notices of each repair. FormatError for what is not text.

    Read in the likeliest encoding, or in one of `encodings`.
    """
    if len(data) > LIMIT:
        raise FormatError(f"The file has {len(data):,} bytes", expected=f"a report of at most {LIMIT:,} bytes")
    text, notices = _text(data, encoding or encodings(data)[0])
    if "\0" in text:
        text = text.replace("\0", "")
        notices.append(notice(NUL))
    if len(CONTROL.findall(text)) * 20 > len(text):
        raise FormatError("The file is not text", expected="Markdown in UTF-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("﻿")
    return _repaired(text, notices)


def encodings(data: bytes) -> list[str]:
    """In what a report may be written, the likeliest first; one only where it says so itself or is good UTF-8."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return [encoding]
    if b"\0" not in data and _decoded(data, "utf-8") is not None:
        return ["utf-8"]
    likely = {name: judge(text) if (text := _decoded(data, name)) else 0 for name, judge in JUDGES.items()}
    wide = sorted((name for name in WIDE if likely[name] >= LIKELY), key=lambda name: -likely[name])
    if wide or data.count(0) * 100 > len(data):
        return wide or ["utf-8"]
    found = sorted((name for name in likely if likely[name] > 0 and name not in WIDE), key=lambda name: -likely[name])
    return sorted(["utf-8", *found], key=lambda name: name == "utf-8" or likely[name] < LIKELY)


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _text(data: bytes, encoding: str) -> tuple[str, list[Notice]]:
    for mark, name in MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], name), []
    if encoding != "utf-8":
        return _strict(data, encoding), [notice(UNMARKED if encoding in WIDE else NOT_UTF8, name=NAMES[encoding])]
    if data.count(0) * 100 > len(data):
        raise FormatError("The file is binary", expected="Markdown in UTF-8")
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return _replaced(data, error)


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"The file says it is {encoding.upper()}, but is not", f"byte {error.start}") from error


def _replaced(data: bytes, error: UnicodeDecodeError) -> tuple[str, list[Notice]]:
    text = data.decode("utf-8", "replace")
    lost = text.count("�")
    if lost * 50 > len(text):
        raise FormatError("The file is not UTF-8 text", f"byte {error.start}", "Markdown in UTF-8, UTF-16 or GB18030")
    line = data[: error.start].count(b"\n") + 1
    return text, [notice(REPLACED, line=line, n=lost)]


# How likely it is that a text was written in an encoding, from 0 to 1: each has a part for what is written often, and
# text of another seldom comes out in there.


def _common(codec: str, leads: Iterable[int]) -> Callable[[str], float]:
    """Judges by the share of letters beyond ASCII whose first byte in `codec` is one of `leads`."""
    often = frozenset(leads)

    def judge(text: str) -> float:
        letters = Counter(char for char in text if char > "\x7f")
        known = (n for char, n in letters.items() if (raw := char.encode(codec, "ignore"))[1:] and raw[0] in often)
        return sum(known) / max(letters.total(), 1)

    return judge


def _western(text: str) -> float:
    """The share of letters beyond ASCII that stand alone within a word, and of quotes and dashes about one."""
    return len(ACCENTED.findall(text)) / max(len(FOREIGN.findall(text)), 1)


def _wide(text: str) -> float:
    """UTF-16 read with its bytes the other way round, and what is none, has neither words nor common characters."""
    plain = sum(char < "\x7f" or char in "　、。，：" for char in text) / max(len(text), 1)
    return 0 if "\0" in text else plain + (1 - plain) * max(JUDGES[name](text) for name in ("gb18030", "big5", "cp932"))


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
        notices.append(notice(REPAIRED, line=done[0], n=len(done)))
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


JUDGES: dict[str, Callable[[str], float]] = {
    "gb18030": _common("gb2312", (*range(0xA1, 0xA4), *range(0xB0, 0xD8))),
    "big5": _common("cp950", range(0xA1, 0xC7)),
    "cp932": _common("cp932", (*range(0x81, 0x84), *range(0x88, 0x98))),
    "cp1252": _western,
    "utf-16-le": _wide,
    "utf-16-be": _wide,
}
