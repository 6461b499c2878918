"""Candidates in lines of text: `key = value` in its many dialects, logins, SQL, XML, and what stands anywhere."""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote

from findings.core.detect import values
from findings.core.detect.hit import Hit

_KEY = r"(?P<key>[A-Za-z_][\w.\-]*)"
_QUOTED = r"(?P<quote>[\"'`])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)"
_NEAR = re.compile(r"pass|pwd|secret|token|key|credential|user|auth|login|salt|pepper|pw\b")  # of lower case
_CONF = re.compile(rf"{_KEY}[\"']?\s*(?:=>|:=|=|:)\s*(?:{_QUOTED}|(?P<bare>[^\s\"'`#]\S*))")
_ENV = re.compile(rf"^\s*(?:export\s+|ENV\s+|ARG\s+|set\s+)?{_KEY}\s*=\s*(?:{_QUOTED}|(?P<bare>[^\s\"'`#][^\n]*?))\s*$")
_CODE = re.compile(
    rf"{_KEY}[\"'`]?\s*(?::\s*[^=\"'`\n]{{1,40}}?)?(?:=>|:=|==?|:|,|\()\s*(?:[\w.:&!]+\(\s*){{0,2}}[rbfu&]{{0,2}}{_QUOTED}"
)
_FALLBACK = re.compile(
    r"[\"'](?P<key>[A-Z][A-Z0-9_]{2,})[\"']\s*\]?\)?\s*(?:\.\w+\(|\?\?|\|\||\bor\b)\s*(?:\|\w*\|)?\s*" + _QUOTED
)
_SPACED = re.compile(r"^\s*(?:--)?(?P<key>requirepass|masterauth|password)\s+(?P<value>[^\s\"'#]+)\s*$")
_SQL = re.compile(r"\b(?:identified\s+(?:with\s+\w+\s+)?by|password)\s+'(?P<value>[^'\n]+)'", re.I)
_XML = re.compile(r"<(?P<key>[A-Za-z_][\w.-]*)>(?P<value>[^<>\n]*)</(?P=key)>")
_CURL = re.compile(r"\s(?:-u|--user)[ =][\"']?(?P<key>[\w.-]+):(?P<value>[^\s\"'$]+)")
_LOGIN = re.compile(r"[\w.@-]{1,64}:(?P<value>(?!/)(?=[^/]*$|.*[A-Z0-9+=])[^\s:@]{4,128})")  # github:team/name is none
_DEFAULT = re.compile(r"\$\{(?P<key>[A-Za-z_]\w*):?[-=](?P<value>[^{}\n]*)\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}$")
_USER = re.compile(r"(?P<user>[^\s/:@\"'<>]{0,128}):(?P<value>[^\s/@\"'<>]{1,256})@(?P<host>[\w.\-\[\]]*)")
_PEM = re.compile(
    r"-----BEGIN (?P<kind>[A-Z0-9 ]*PRIVATE KEY)-----(?P<body>(?:(?!-----)[\s\S]){0,16384}?)-----END (?P=kind)-----"
)
_BETWEEN = re.compile(r"\\[nr]|[\"']\s*\+\s*[\"']|[\s\"',\\]")  # what joins the rows of a key inside strings
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/=_-])(?:eyJ|eyA|ewo|ew0|W3s|LS0t)[A-Za-z0-9+/_-]{37,}={0,2}")  # {" { [{ ---
_COMMENT = re.compile(r"^\s*(?:#|//|--\s|;|\*\s|<!--|/\*)")
_DIGEST = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{64}(?![0-9A-Za-z])")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_TRAILING = ",;)}]>\"'`"
LONGEST = 4000


def pairs(text: str, kind: str, first: int = 1, comments: bool = False) -> Iterator[Hit]:
    """Candidates under promising keys. `kind`: "env", "conf" (bare values count) or "code" (only quoted ones)."""
    lines = text.split("\n")
    for number in _near(text):
        line = lines[number]
        if len(line) <= LONGEST and (comments or not _COMMENT.match(line)):
            yield from _of_line(line, kind, number + first)


@lru_cache(maxsize=2)
def _near(text: str) -> tuple[int, ...]:
    """Indexes of the lines that speak of credentials: one search over the whole text, for most files have none."""
    lowered, number, counted = text.lower(), 0, 0
    found: dict[int, None] = {}
    for match in _NEAR.finditer(lowered):
        number += lowered.count("\n", counted, match.start())
        counted = match.start()
        found[number] = None
    return tuple(found)


def _of_line(line: str, kind: str, number: int) -> Iterator[Hit]:
    whole = _ENV.match(line) if kind == "env" else None
    dialects = (_CODE, _FALLBACK) if kind == "code" else (_CONF,)
    matches = [whole] if whole else [match for dialect in dialects for match in dialect.finditer(line)]
    for match in matches:
        groups = match.groupdict()
        bare = groups.get("bare")
        value = bare.rstrip(_TRAILING if kind == "conf" else "") if bare is not None else groups["value"] or ""
        if bare is not None and kind == "env":
            value = re.split(r"\s+#", bare)[0]
        yield from pair(groups["key"], value, number, coded=whole is None)
    for dialect in (_XML, _SPACED, _SQL, _CURL):
        for match in dialect.finditer(line):
            key = match.groupdict().get("key", "password")
            name = "password" if dialect in (_SQL, _CURL) else key
            yield from pair(name, match["value"], number)


def pair(name: str, value: str, line: int, coded: bool = False, how: str = "key") -> Iterator[Hit]:
    """The candidate in one key and its value; what stands anywhere (URLs, defaults) is found elsewhere."""
    if values.promises(name):
        plain = values.unescape(value) if coded else value
        if not _DEFAULT.search(plain) and "://" not in plain and "-----BEGIN" not in plain:
            yield Hit(name, plain, line, how, values.judge(name, plain, coded), value if plain != value else "")
    elif values.is_login(name) and (login := _LOGIN.fullmatch(value)):
        yield Hit(name, login["value"], line, "login", values.judge("password", login["value"]))


def anywhere(text: str) -> Iterator[Hit]:
    """Candidates that need no key: passwords in URLs, defaults in `${VAR:-…}`, private keys, base64 of JSON."""
    if "://" in text and "@" in text:
        yield from _urls(text)
    if "${" in text:
        for match in _DEFAULT.finditer(text):
            yield from pair(match["key"], match["value"].strip("\"'"), line_of(text, match.start()), how="default")
    if "PRIVATE KEY-----" in text:
        yield from _pems(text)
    for match in _ENCODED.finditer(text):
        yield from _encoded(match.group(), line_of(text, match.start()))


def _urls(text: str) -> Iterator[Hit]:
    at = text.find("://")
    while at >= 0:
        match = _USER.match(text, at + 3)
        if match and _SCHEME.search(text, max(0, at - 31), at) and not match["value"].startswith(("$", "{", "%(")):
            yield _url(match, line_of(text, at))
        at = text.find("://", at + 3)


def _url(match: re.Match[str], line: int) -> Hit:
    value, host = unquote(match["value"]), match["host"].lower()
    worth = values.judge("password", value)
    if worth == values.REAL and value == match["user"]:
        worth = values.COMMON
    elif worth == values.REAL and host.endswith(("example.com", "example.org")):
        worth = values.PLACEHOLDER
    raw = match["value"] if match["value"] != value else ""
    return Hit("password in URL", value, line, "url", worth, raw, host in _LOOPBACK)


def _pems(text: str) -> Iterator[Hit]:
    for match in _PEM.finditer(text):
        body = _BETWEEN.sub("", match["body"])
        worth = values.REAL if _decodes(body, match["kind"]) else values.PLACEHOLDER
        yield Hit(match["kind"].lower(), body, line_of(text, match.start()), "pem", worth, match["body"])


def _decodes(body: str, kind: str) -> bool:
    """Whether the body of a PEM block is a whole private key: DER of the length it says, or OpenSSH's own format."""
    try:
        raw = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return False
    if raw.startswith(b"openssh-key-v1\0"):
        return len(raw) > 100
    if "ENCRYPTED" in kind or len(raw) < 32 or raw[0] != 0x30:
        return False
    size = raw[1] & 0x7F
    if not raw[1] & 0x80:
        return len(raw) == 2 + size
    return size <= 4 and len(raw) == 2 + size + int.from_bytes(raw[2 : 2 + size])


def _encoded(token: str, line: int) -> Iterator[Hit]:
    """What a base64 text holds, where it is JSON, a private key or a text with a URL in it."""
    text = decoded(token)
    if not text:
        return
    found = [*anywhere(text)]
    if text.lstrip().startswith(("{", "[")):
        found += pairs(text.replace(",", ",\n"), "code")
    for hit in found:
        yield Hit(hit.name, hit.value, line, "encoded", hit.worth, token, hit.loopback)


def decoded(token: str) -> str:
    """The UTF-8 text behind base64, or an empty one."""
    try:
        raw = base64.b64decode(token.replace("-", "+").replace("_", "/") + "=" * (-len(token) % 4), validate=True)
        return raw.decode()
    except (binascii.Error, ValueError):
        return ""


def digests(text: str) -> list[tuple[str, int]]:
    """(64 hex digits, line) on lines that speak of a credential: perhaps the bare SHA-256 of one. At most 50."""
    lines = text.split("\n")
    hot = (number for number in _near(text) if 64 <= len(lines[number]) <= LONGEST)
    found = ((match.group().lower(), number + 1) for number in hot for match in _DIGEST.finditer(lines[number]))
    return list(islice(found, 50))


def line_of(text: str, offset: int) -> int:
    """The line, from 1, that an offset lies in."""
    return text.count("\n", 0, offset) + 1
