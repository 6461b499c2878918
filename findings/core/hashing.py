"""Short fingerprints of text, and the keyed hash that names a secret.

Each fingerprint carries its algorithm's version, so that a change of method is a change of value.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import unquote

VERSION = "v1"
BLOCK_RADIUS = 5
REMEMBERED = 2_000  # values, for the versions of a file hold the same

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_SALT = f"{VERSION}|".encode()
_WHITE = bytes(code for code in range(128) if chr(code).isspace() and code != ord("\n"))
_QUOTES = re.compile("['\"`“«]")
_QUOTED = re.compile(r"""(?<!\w)'[^'\n]*'(?!\w)|"[^"\n]*"|`[^`\n]*`|“[^”\n]*”|«[^»\n]*»""")
_NUMBER = re.compile(r"\d(?:(?<=\b0)x[0-9a-fA-F]+\b|\d*(?:[.,]\d+)*)")  # begins with a digit, which is fast


def _digest(content: str) -> str:
    return _digest_of(content.encode("utf-8", "surrogatepass"))


def _digest_of(content: bytes) -> str:
    return blake2b(_SALT + content, digest_size=8).hexdigest()


_digest_again = lru_cache(maxsize=4096)(_digest)  # messages of one rule mostly have one shape


def line_hash(text: str) -> str:
    """16 hex digits for a line without its white space; empty for a blank line, which identifies nothing."""
    content = "".join(text.split())
    return _digest(content) if content else ""


def block_hash(lines: Sequence[str], index: int) -> str:
    """16 hex digits for the line at `index` (from 0) and up to five lines on either side; empty where there is none."""
    if not 0 <= index < len(lines):
        return ""
    block = lines[max(0, index - BLOCK_RADIUS) : index + BLOCK_RADIUS + 1]
    text = "\n".join(block)
    if text.isascii() and text.count("\n") == len(block) - 1:  # nearly all: taken together at a fifth of the price
        content = text.encode().translate(None, _WHITE)
    else:
        content = "\n".join(["".join(line.split()) for line in block]).encode("utf-8", "surrogatepass")
    return _digest_of(content) if content.strip(b"\n") else ""


def message_shape(text: str) -> str:
    """16 hex digits for a message without its numbers and quoted text, case and spacing; empty for no message."""
    bare = _NUMBER.sub("#", _QUOTED.sub("?", text) if _QUOTES.search(text) else text)
    content = " ".join(bare.split()).casefold()
    return _digest_again(content) if content else ""


def stamp(*parts: str) -> int:
    """64 bits that are equal for equal parts, to see at a glance that nothing changed; 0 is never the answer."""
    content = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), signed=True) or 1


@lru_cache(maxsize=REMEMBERED)
def keyed(key: bytes, value: str) -> str:
    """HMAC-SHA256 of the text under the key, 64 hex digits: who lacks the key learns only which values are equal."""
    return hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256").hex()


def key_id(key: bytes) -> str:
    """Eight hex digits that tell two hash keys apart; kept beside facts, so that a new key reads everything again."""
    return keyed(key, "nova: name of this key")[:8]


@lru_cache(maxsize=REMEMBERED)
def normalise(value: str) -> str:
    """A secret's value without its wrapping: trimmed, URL encoding and base64 of printable text undone, up to thrice.

    The same value written plainly, in a URL and in a Kubernetes `Secret` comes out equal.
    """
    for _ in range(3):
        plain = decode_text(unquote(value.strip()) if _PERCENT.search(value) else value.strip())
        if plain == value:
            break
        value = plain
    return value


def decode_text(value: str) -> str:
    """The text that `value` is the base64 of, or `value` itself where it is not base64 of printable ASCII."""
    if not _BASE64.fullmatch(value):
        return value
    try:
        raw = base64.b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4), validate=True)
        text = raw.decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return value
    return text.strip() if len(text) >= 4 and all(char.isprintable() or char in "\r\n\t" for char in text) else value
