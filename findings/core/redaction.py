"""Taking secrets out of what people see: one mask, and one way to replace known values in any text."""

import base64
import json
import re
from collections.abc import Container, Iterable
from functools import lru_cache
from html import escape as html_escape
from urllib.parse import quote, quote_plus

from findings.core.detect import anything, digests, find, values
from findings.core.hashing import keyed, normalise
from findings.core.lately import lately

DOTS = "•" * 8
SHORT = 12
MULTILINE_PART = 8
BOUNDED = 8
MANY = 500  # values times their writings; beyond, one expression of them all is slower than a walk
HEAD = 4
_WORD = re.compile(r"\w")
HIDDEN = frozenset(
    {values.REAL, values.ORDINARY, values.WEAK, values.DEVELOPMENT, values.YOURS, values.LISTED, values.MANUAL}
)


def mask(value: str) -> str:
    """What people may see of a secret: its length, and of 12 characters or more at most the first four and a quarter.

    >>> mask("orbit481")
    '•••••••• (8 characters)'
    """
    size = len(value)
    shown = value[: min(4, size // 4)] if size >= SHORT and value.isprintable() else ""
    return f"{shown}{DOTS} ({size} characters)"


@lately(8)
def find_values(text: str, path: str = "") -> frozenset[str]:
    """Every text in `text` that must not be shown: real and weak credentials, as written and as meant.

    `path` (or a kind of `detect.KINDS`) tells the format; any other text is taken as notes or configuration. Comments
    count here. Well-known defaults ("postgres") stay: they are in every manual, and hiding them would garble the text.
    """
    if not anything(text, path):
        return frozenset()
    found = {token for token, _ in digests(text, path)}
    for hit in find(text, path):
        if hit.worth in HIDDEN:
            found.update(_meant(hit.value, hit.raw))
    return frozenset(found)


@lru_cache(maxsize=1024)
def _meant(value: str, raw: str) -> tuple[str, ...]:
    return tuple(part for part in (value, raw, normalise(value)) if part.strip())


def redact(text: str, hits: Iterable[str]) -> str:
    """`text` with each of the values, in plain, base64, URL, JSON or XML writing, replaced by dots."""
    return replaced(text, dict.fromkeys(_written(text, hits), DOTS))


def pseudonymise(text: str, hits: Iterable[str], key: bytes) -> str:
    """`text` with each value replaced by its keyed hash: what is hashed on without the key reveals no value."""
    written = _written(text, hits)
    return replaced(text, {form: keyed(key, normalise(value))[:16] for form, value in written.items()})


def _written(text: str, hits: Iterable[str]) -> dict[str, str]:
    """Writing -> value of those that stand in a text; of very many all, since asking for each costs more. Of values
    that share a writing the last in order counts: sets have another order in each process, and hashes are made of this.
    """
    written = {form: value for value in sorted(hits) for form in forms(value)}
    return written if len(written) > MANY else {form: value for form, value in written.items() if form in text}


@lru_cache(maxsize=1024)
def forms(value: str) -> frozenset[str]:
    """The ways one value is written in files. A value of several lines counts line by line, as diffs show it."""
    written = {form for text in {value, value.strip()} if text for form in _forms(text)}
    for part in re.split(r"\n|\\n", value) if "\n" in value or "\\n" in value else ():
        if len(part.strip()) >= MULTILINE_PART and not part.strip().startswith("-----"):
            written.add(part.strip())
    return frozenset(form for form in written if form.strip())


def within_lines(values: Iterable[str]) -> bool:
    """Whether no writing of these values spans lines, so that a text may be redacted line by line."""
    return not any("\n" in form for value in values for form in forms(value))


def _forms(value: str) -> set[str]:
    raw = value.encode("utf-8", "surrogatepass")
    written = {value, quote(raw, safe=""), quote(raw), quote_plus(raw), html_escape(value)}
    written |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    if len(value) >= 4:
        for text in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
            written |= {text, text.rstrip("=")}
    return written


def replaced(text: str, replacements: dict[str, str]) -> str:
    """All at once, longest first; a short value only where it stands alone, for it may be part of any word."""
    if len(replacements) > MANY:
        return _replace_many(text, replacements)
    present = sorted((form for form in replacements if form in text), key=len, reverse=True)
    if not present:
        return text
    if len(present) == 1 and len(present[0]) >= BOUNDED:
        return text.replace(present[0], replacements[present[0]])
    parts = [re.escape(form) if len(form) >= BOUNDED else rf"(?<!\w){re.escape(form)}(?!\w)" for form in present]
    return re.sub("|".join(parts), lambda match: replacements[match.group()], text)


def _replace_many(text: str, replacements: dict[str, str]) -> str:
    """The same in one walk over the text, so that a file of 50,000 values does not cost the square of it."""
    lengths: dict[str, list[int]] = {}
    for length, head in sorted({(len(form), form[:HEAD]) for form in replacements}, reverse=True):
        lengths.setdefault(head, []).append(length)
    short = sorted({len(head) for head in lengths if len(head) < HEAD}, reverse=True)
    parts, kept, at, end = [], 0, 0, len(text)
    while at < end:
        likely = lengths.get(text[at : at + HEAD], ())
        found = next((n for n in (*likely, *short) if _stands(text, at, n, replacements)), 0)
        if found:
            parts += [text[kept:at], replacements[text[at : at + found]]]
            at = kept = at + found
        else:
            at += 1
    return "".join([*parts, text[kept:]])


def _stands(text: str, at: int, length: int, forms: Container[str]) -> bool:
    """Whether one of the forms is here, and alone where it is short."""
    after = at + length
    if after > len(text) or text[at:after] not in forms:
        return False
    alone = (at == 0 or not _WORD.match(text[at - 1])) and (after == len(text) or not _WORD.match(text[after]))
    return length >= BOUNDED or alone
