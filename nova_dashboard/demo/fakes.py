"""Passwords for the demo's tree: invented, the same on every build, and written down nowhere in this project.

A text of the tree names one as `@@secret:NAME@@`, or in another dress as `@@secret:NAME:base64@@`; the others are
`url`, `sha256` and `plain` (letters and digits only).
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 26
TOKEN = re.compile(r"@@secret:(?P<name>[a-z-]+)(?::(?P<dress>[a-z0-9]+))?@@")
DASHES = "-" * 5
KEY = "RSA PRIVATE " + "KEY"
FIXED = {
    "@@pem-begin@@": f"{DASHES}BEGIN {KEY}{DASHES}",
    "@@pem-end@@": f"{DASHES}END {KEY}{DASHES}",
}
DRESSES: Mapping[str | None, Callable[[str], str]] = {
    None: lambda value: value,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "url": lambda value: quote(value, safe=""),
    "plain": lambda value: value.replace("/", "").replace("+", ""),
    "sha256": lambda value: hashlib.sha256(value.encode()).hexdigest(),
}


def value(name: str) -> str:
    """The password called `name`; its slash and plus look different in a URL."""
    digest = hashlib.sha512(f"ternpost/{name}".encode()).digest()
    letters = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])
    return f"{letters[:9]}/{letters[9:17]}+{letters[17:]}"


def fill(text: str) -> str:
    """The text with every token replaced by what it stands for."""
    for token, written in FIXED.items():
        text = text.replace(token, written)
    return TOKEN.sub(lambda found: DRESSES[found["dress"]](value(found["name"])), text)
