"""Candidates that need no key: passwords in URLs, defaults in `${VAR:-…}`, private keys, bare hashes."""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote

from findings.core.detect import values
from findings.core.detect.hit import Hit
from findings.core.vocabulary import words

DEFAULT = re.compile(r"\$\{(?P<key>[A-Za-z_][\w.\-]*?)(?::?[-=]|:(?![-=?+]))(?P<value>[^{}\n]*)\}")
# What a script takes where no argument is given.
ARGUMENT = re.compile(r"\b(?P<key>[A-Za-z_]\w*)=[\"']?\$\{\d:?-(?P<value>[^{}$\n]+)\}")
ENCODED = re.compile(r"(?<![A-Za-z0-9+/_-])(?:eyJ|eyA|ewo|ew0|W3s|LS0t)[A-Za-z0-9+/_-]{37,}={0,2}")  # {" { [{ ---
DIGEST = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{64}(?![0-9A-Za-z])")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}$")
_USER = re.compile(
    r"(?P<user>[^\s/:@\"'<>]{0,128}):(?P<value>[^\s/@\"'<>]{1,256}(?:@[^\s/@\"'<>?&=,;:.]{0,64})*)@(?P<host>[\w.\-\[\]]*)"
)
_PEM = re.compile(
    r"-----BEGIN (?P<kind>[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----"
    r"(?P<body>(?:(?!-----)[\s\S]){0,16384}?)-----END (?P=kind)-----"
)
_BETWEEN = re.compile(r"\\[nr]|[\"']\s*\+\s*[\"']|[\s\"',\\]")  # what joins the rows of a key inside strings
_HEADERS = re.compile(r"\A\s*(?:[A-Za-z-]+:[^\n]*\n)+\s*\n|\n=[A-Za-z0-9+/]{4}\s*\Z")  # of PGP, and its checksum
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "host.docker.internal"})
_ANYBODY = words("user username usr login name foo test password passwd pass pwd secret token key apikey mypass")
_ENDINGS = (
    ("_username", "_password"),
    ("_user", "_password"),
    ("-user", "-password"),
    ("user", "password"),
    ("user", "-secret"),
    ("", "-secret"),
)
_MADE_UP = re.compile(r"(?:^|[.-])(?:abc123|abcde?f?|xyz|x{3,})(?=[.-])")  # a part that stands for any
_MANUALS = (".company.com", "example.com", "example.org", "example.net", ".example", ".test", ".invalid")


def urls(text: str, line: int) -> Iterator[Hit]:
    """Passwords in the URLs of a line."""
    at = text.find("://")
    while at >= 0:
        match = _USER.match(text, at + 3)
        if match and _SCHEME.search(text, max(0, at - 31), at) and not match["value"].startswith(("$", "{", "%(")):
            yield _url(match, line)
        at = text.find("://", at + 3)


def _url(match: re.Match[str], line: int) -> Hit:
    value, host = unquote(match["value"]), match["host"].lower()
    worth = values.judge("passphrase", value)
    sound, names = worth in (values.REAL, values.ORDINARY), (match["user"].lower(), value.lower())
    if sound and of_a_kind(*names):
        worth = values.COMMON
    elif _ANYBODY.issuperset(names):
        worth = values.PLACEHOLDER
    if worth in (values.COMMON, values.ORDINARY) and _is_remote(host) and _ANYBODY.isdisjoint(names):
        worth = values.REAL
    elif sound and host.endswith(_MANUALS):
        worth = values.MANUAL
    raw = match["value"] if match["value"] != value else ""
    return Hit("password in URL", value, line, "url", worth, raw, host in _LOOPBACK)


def of_a_kind(user: str, password: str) -> bool:
    """Whether both are one name: `loans:loans`, `loans_username:loans_password`."""
    return user == password or any(
        user.removesuffix(said) == password.removesuffix(other) and user.endswith(said) and password.endswith(other)
        for said, other in _ENDINGS
    )


def _is_remote(host: str) -> bool:
    """Whether a host is one that somebody really asks, so that a vendor's own password signs in there."""
    if host in _LOOPBACK or host.endswith(_MANUALS) or host.split(".")[0] in ("your", "host", "hostname", "server"):
        return False
    return "." in host and host.strip("0.") != "" and not _MADE_UP.search(host)


def pems(text: str) -> Iterator[Hit]:
    """Private keys of a text; one that does not decode is a placeholder."""
    for match in _PEM.finditer(text):
        body = _BETWEEN.sub("", _HEADERS.sub("", match["body"]) if "PGP" in match["kind"] else match["body"])
        worth = values.REAL if _decodes(body, match["kind"]) else values.PLACEHOLDER
        yield Hit(match["kind"].lower(), body, line_of(text, match.start()), "pem", worth, match["body"])


def _decodes(body: str, kind: str) -> bool:
    """Whether the body of a PEM block is a whole private key: DER of the length it says, OpenSSH's or PGP's format."""
    try:
        raw = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return False
    if raw.startswith(b"openssh-key-v1\0") or "PGP" in kind:
        return len(raw) > 100
    if "ENCRYPTED" in kind or len(raw) < 32 or raw[0] != 0x30:
        return False
    size = raw[1] & 0x7F
    if not raw[1] & 0x80:
        return len(raw) == 2 + size
    return size <= 4 and len(raw) == 2 + size + int.from_bytes(raw[2 : 2 + size])


def decoded(token: str) -> str:
    """The UTF-8 text behind base64, or an empty one."""
    try:
        raw = base64.b64decode(token.replace("-", "+").replace("_", "/") + "=" * (-len(token) % 4), validate=True)
        return raw.decode()
    except (binascii.Error, ValueError):
        return ""


def is_sample(token: str) -> bool:
    """Whether a JSON web token is one that every manual shows, or the head of one alone."""
    head, _, rest = token.partition(".") if token.startswith("eyJ") else ("", "", "")
    claims = decoded(rest.partition(".")[0])
    shown = "1234567890" in claims or "John Doe" in claims or '"supabase-demo"' in claims
    shown = shown or '"role":"anon"' in claims.replace(" ", "")  # which Supabase gives to everybody
    return shown or bool(head and not rest and '"alg"' in decoded(head)) or token.startswith('{"alg"')


def line_of(text: str, offset: int) -> int:
    """The line, from 1, that an offset lies in."""
    return text.count("\n", 0, offset) + 1
