"""Short fingerprints of text. Each carries its algorithm's version, so that a change of method is a change of value."""

import re
from collections.abc import Sequence
from hashlib import blake2b

VERSION = "v1"
BLOCK_RADIUS = 5

_SPACE = re.compile(r"\s+")
_QUOTED = re.compile(r"""(?<!\w)'[^'\n]*'(?!\w)|"[^"\n]*"|`[^`\n]*`|“[^”\n]*”|«[^»\n]*»""")
_NUMBER = re.compile(r"\b0x[0-9a-fA-F]+\b|\d+(?:[.,]\d+)*")


def _digest(content: str) -> str:
    return blake2b(f"{VERSION}|{content}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def line_hash(text: str) -> str:
    """16 hex digits for a line without its white space; empty for a blank line, which identifies nothing."""
    content = _SPACE.sub("", text)
    return _digest(content) if content else ""


def block_hash(lines: Sequence[str], index: int) -> str:
    """16 hex digits for the line at `index` (from 0) and up to five lines on either side; empty where there is none."""
    if not 0 <= index < len(lines):
        return ""
    block = [_SPACE.sub("", line) for line in lines[max(0, index - BLOCK_RADIUS) : index + BLOCK_RADIUS + 1]]
    return _digest("\n".join(block)) if any(block) else ""


def message_shape(text: str) -> str:
    """16 hex digits for a message without its numbers and quoted text, case and spacing; empty for no message."""
    bare = _NUMBER.sub("#", _QUOTED.sub("?", text))
    content = _SPACE.sub(" ", bare).strip().casefold()
    return _digest(content) if content else ""
