"""Whether a text was made by a generator, or to be hard to guess: by its form, never by entropy."""

import re

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_RUN = re.compile(r"[A-Za-z0-9]{10,}")
_CHANGE = re.compile(r"(?<=[a-z])[^a-z]|(?<=[A-Z])[^A-Z]|(?<=[0-9])[^0-9]")
_BASE64 = re.compile(r"(?=[^+/]*\d|.*[+/])(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/]{16,}={0,2}")
_SHAPED = re.compile(r"(?=.*[A-Za-z])(?=.*\d)(?:[\w!$%^&.-]*[!$%^&][\w!@$%^&.-]*|\w+@\d{3,})")
_ISSUED = re.compile(
    r"(?:sk-(?:proj|ant|svcacct|admin|or)-|sk_live_|rk_live_|gh[pousr]_|github_pat_|glpat-|xox[abpr]-|SG\.|hf_|AIza|npm_"
    r"|dop_v1_|shpat_|pypi-|lin_api_|key-[0-9a-f]{32})[\w.-]{16,}"
)
_HEX_DIGITS = frozenset("0123456789abcdef")
_CLUSTER = re.compile(r"[^aeiouy]{5}")
_VOWEL = re.compile(r"[aeiouy]")


def is_issued(value: str) -> bool:
    """Whether a key has the form that its issuer gives to all but those for tries."""
    return bool(_ISSUED.match(value))


def is_made(value: str) -> bool:
    """Whether a generator made a text, or somebody who wants it hard to guess: no name, path or sentence looks so."""
    if len(value) < 8 or len(value) > 512 or _UUID.fullmatch(value):
        return False
    if len(value) <= 64 and _SHAPED.fullmatch(value):
        return True
    if len(value) >= 20 and value.islower() and is_jumble(value, fewest=8):
        return True
    runs = [value.replace("+", "").replace("/", "").rstrip("=")] if _is_base64(value) else _RUN.findall(value)
    return any(_is_random(run) for run in runs)


def is_jumble(value: str, fewest: int = 4) -> bool:
    """Whether letters of one size make no word: too many consonants in a row, and of `fewest` letters no vowel."""
    if len(value) < 16 or not (value.isascii() and value.isalpha() and (value.islower() or value.isupper())):
        return False
    letters = value.lower()
    return len(_VOWEL.findall(letters)) * fewest <= len(letters) and bool(_CLUSTER.search(letters))


def _is_base64(value: str) -> bool:
    return len(value) % 4 == 0 and bool(_BASE64.fullmatch(value))


def is_key_material(value: str) -> bool:
    """Whether a text is base64 of bytes, which may begin with a slash as a path does, or look like code."""
    return _is_base64(value) and is_made(value)


def _is_random(run: str) -> bool:
    """Whether letters and digits change too often for words: in base 62, 36 or 16, at least 80 bits of it."""
    if run.isalpha() or run.isdigit() or len(run) < 16:
        return False
    changes = len(_CHANGE.findall(run))
    if not run.islower() and not run.isupper():
        return changes >= 0.42 * len(run)
    return changes >= 0.2 * len(run) and len(run) >= (32 if set(run.lower()) <= _HEX_DIGITS else 20)
