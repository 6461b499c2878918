"""Reads the dialects around the marks of a text, and what stands anywhere in it."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from findings.core.detect import anywhere, company, inserted, made, names, values
from findings.core.detect.bare import AUTH
from findings.core.detect.dialect import Dialect
from findings.core.detect.dialects import DIALECTS, KEYS, VALUES
from findings.core.detect.hit import Hit
from findings.core.detect.page import Page, tokens
from findings.core.detect.patterns import PASSWORD_OPTION
from findings.core.hashing import decode_text

_ENV = re.compile(
    r"^\s*(?:export\s+|ENV\s+|ARG\s+|set\s+)?(?P<key>[A-Za-z_][\w.\-]*)\s*=>?\s*"
    r"(?:(?P<quote>[\"'`])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)"
    r"|(?P<bare>[^\s\"'`#](?:[^\s]|\s(?![A-Z][A-Z\d_]+=))*?))\s*(?:\s#.*)?$"
)
_COMMENTS = {
    "yaml": re.compile(r"\s*#"),
    "env": re.compile(r"\s*(?:[#;!]|//(?!\S+/:))"),
    "code": re.compile(r"\s*(?://|/\*|\*\s|--\s|<!--|#(?!\[|!|\s*define\b))"),
    "prose": re.compile(r"\s*<!--"),
    "conf": re.compile(r"\s*(?:#|//(?!\S+/:)|--\s|;|<!--)"),  # //host/:_authToken is none
}
_CALL = re.compile(r"[\w.:]+[(\[]")  # a call or a generic type, which is no value
_NEXT = re.compile(r"[;&](?=[A-Za-z][\w ]*(?:=|$))")  # of a connection string
_ARGUMENT = re.compile(r"\w+=")
_NUMBER = re.compile(r"\d{3,12}")
_USER = re.compile(r"(?i)\b(?:user|role)\s+(?:if\s+not\s+exists\s+)?[\"'`]?(\w+)|([\w.@-]+):[\"']?\Z")
_HERE = re.compile(
    r"\bdocker(?:-|[ \t]+)compose\b[^\n]*\s(?:exec|run)\s|\bcurl\b[^\n]*(?:://|\s[\"']?)(?:localhost|127\.0\.0\.1|\[::1\])\b"
)  # this machine
_PROMPT_HERE = re.compile(r"\b(?:localhost|127\.0\.0\.1)(?::\d+)?(?:\[\d+\])?>")
_SET = re.compile(r"(?:--from-literal[= ]|[ \t](?:-e|--env|--set|--set-string|--build-arg)[= ])[\"']?$")  # by a command
_OPTION = re.compile(PASSWORD_OPTION)
# Which take the key itself, never its name.
_KEYED = re.compile(r"jwt\.|(?:En|De)codingKey|create(?:Hmac|C|D)|hmac\.new|NewCookie|cookieP|session\(")
_SAID = re.compile(r"[`，。；、（）]")  # where a value ends in prose
_PICTURE = re.compile(r"(?:alt=media|badge|shields\.io|\.(?:svg|png|jpe?g|gif|webp))\S*$", re.I)
_ITEM_BEFORE = re.compile(r"[\"'`]\s*,\s*[\"'`]$")
_ITEM_AFTER = re.compile(r"\s*(?:,\s*[\"'`]|,?\s*\])")
_ROLE = re.compile(r":\w+:`$")  # of Sphinx, before what it refers to
_ASKS = re.compile(
    r"(?:^|[.:\s])(?:with_\w+|(?:get|load|read|fetch|find|lookup|require)(?:_\w+|[A-Z]\w*)?|\w+Field|relationship|Column|"
    r"ForeignKey|url_for|reverse|translate|gettext)\(\s*[\"'`]$"
)  # calls whose argument says which one, and is none itself
_QUOTED_END = re.compile(r"[\w.\-]+[\"']")
_NO_NAME = re.compile(r"[^\w]+")
_SCHEMED = re.compile(r"(?P<scheme>(?i:bearer|basic|token|apikey))\s+(?P<token>\S{12,})")
_UNHASHED = re.compile(r"\A\{(?:noop|plain|cleartext)\}", re.I)  # before a password that is kept as it is
_HEADING = re.compile(r"[\w .\-]{1,60}")
_TRAILING = ",;)}]>\"'`"
LIMIT = 10_000
COMPANY = frozenset({"code", "prose", "conf", "env"})  # where words are names, unless what stands beside says otherwise
DEFAULTS = frozenset({"fallback", "arm"})  # of an environment, whose names are in capitals and whose values are any
OWN = frozenset({"sql", "directive", "login", "command", "userlist"})  # which name the user before the password
SAID = frozenset(
    {"sql", "signer", "jaas", "edit", "prompt"}
)  # whose place says so clearly that words with marks between them are no names

TAKING = frozenset({"requirepass", "masterauth", "passphrase"})  # options that take a password itself, never its name
SIGNING_IN = frozenset({"redis", "mysql", "mongo", "ssh"})  # groups that only commands have, of what signs in

BY_NAME = {dialect.name: dialect for dialect in DIALECTS}

Found = tuple[str, str, str, str, int]  # name, value, how it is written, worth, line in its window


def hits(page: Page, kind: str, first: int = 1) -> list[Hit]:
    """Candidates of a text, read line by line. `first` is the number of its first line."""
    found = [
        hit for dialect in DIALECTS if dialect.name in page.places for hit in of_dialect(page, dialect, kind, first)
    ]
    return [*found, *special(page, kind, first)]


def of_text(text: str, kind: str, first: int = 1) -> list[Hit]:
    """Candidates of a text inside another."""
    page = Page(text, kind)
    return hits(page, kind, first) if page.places else []


def of_dialect(page: Page, dialect: Dialect, kind: str, first: int) -> Iterator[Hit]:
    """Candidates of one dialect, on the lines where the prefilter marked it."""
    if kind not in dialect.kinds:
        return
    known: set[tuple[Found, int, bool]] = set()  # windows on a long line overlap, and hold the same again and again
    for window, number in page.windows(dialect.name, dialect.before):
        here = _is_here(dialect.name, kind, window)
        for found in _read(dialect.name, window, kind):
            if (found, number, here) not in known:
                known.add((found, number, here))
                yield _hit(page, dialect, kind, found, (first, number, here))


def _hit(page: Page, dialect: Dialect, kind: str, found: Found, seen: tuple[int, int, bool]) -> Hit:
    """What was found, weighed by what stands around it; `seen`: the number of the first line, that of the window, and
    whether that is for this machine.
    """
    (name, value, raw, worth, below), (first, number, here) = found, seen
    at = number + below
    line = page.lines[at]
    if dialect.name == "userlist" and not company.lists_users(value, page.lines, at):
        worth = values.LISTED if worth in values.SOUND else values.PLACEHOLDER
    if worth == values.REFERENCE and kind in COMPANY and company.tells(name, value, page.lines, at):
        worth = values.judge(name, value)
    told = not _COMMENTS[kind].match(line) or _is_told(dialect, value, worth, page.lines, at)
    return Hit(name, value, first + at, dialect.name, worth, raw, loopback=here, comment=not told)


def _is_here(name: str, kind: str, window: str) -> bool:
    """Whether what is typed is for this machine."""
    if name == "prompt":
        return bool(_PROMPT_HERE.search(window))
    return name in ("command", "continued") and kind != "prose" and bool(_HERE.search(window))


def _is_told(dialect: Dialect, value: str, worth: str, lines: list[str], at: int) -> bool:
    """Whether a comment tells a credential all the same: as a remark, or beside the host that it signs in on."""
    if worth not in values.SOUND:
        return False
    return dialect.remarked or (dialect.name == "quoted" and company.stands_by_host(value, lines, at))


@lru_cache(maxsize=4096)
def _read(name: str, window: str, kind: str) -> tuple[Found, ...]:
    """The versions of a file share most of their lines, so what was read lately is remembered."""
    dialect, window = BY_NAME[name], window.replace('"""', '"').replace("'''", "'")
    last = window.rfind("\n") + 1
    whole = _ENV.match(window) if kind == "env" and name == "pair" else None
    whole = whole if whole and names.promises(whole["key"]) else None
    found: list[Found] = []
    for match in [whole] if whole else _matches(dialect, window):
        group = _value_group(match)
        if match.end(0 if dialect.leading else group) < last:
            continue  # it has a mark of its own
        value = match[group].strip("\"'") if group == "netrc" else match[group]
        if (group == "bare" and _CALL.match(value)) or _is_part(match, window):
            continue
        if (kind == "code" and name == "flag" and _ARGUMENT.match(value)) or value == match.groupdict().get("key"):
            continue  # `"--secret", required=False`; `ssh_user: app:ssh_user`
        if group == "bare":
            value = (
                re.split(r"\s+#|\s+\\$", value)[0] if whole else _NEXT.split(_SAID.split(value)[0])[0].rstrip(_TRAILING)
            )
        if dialect.made and not made.is_made(value):
            continue
        if kind == "prose" and name not in SAID and values.is_variable(value):
            continue  # `DB_PASSWORD=app_password`
        coded = _is_coded(dialect, kind, match, value, window, whole is not None)
        below = window.count("\n", 0, match.start(group))
        key = _key(dialect, match)
        if _is_compared(match, key) and not made.is_made(value):
            continue  # `token != "keyword_1"`
        if name == "xml" and kind != "prose" and _NUMBER.fullmatch(value) and _is_for_password(key):
            found.append((key, value, "", values.REAL, below))  # as a setting it is applied, however short
            continue
        applied = whole is not None or (name in DEFAULTS and key.isupper()) or (name in SAID and " " in value)
        applied = applied or (kind == "conf" and group == "value" and " " in value and key.isupper())  # of a script
        told = pair(key, value, coded=coded, sure=bool(dialect.key), applied=applied)
        own = name in OWN and _is_user(match.groupdict().get("owner") or "", window[: match.start(group)], value)
        found += [(*one[:3], values.COMMON if own else one[3], below) for one in told]
    return tuple(found)


def _is_compared(match: re.Match[str], key: str) -> bool:
    """Whether a value is only compared with what may be a piece of a text as well as a credential."""
    compared = "sep" in match.re.groupindex and match["sep"] in ("==", "===", "!=", "!==")
    return compared and not names.is_password(key)


def _is_coded(dialect: Dialect, kind: str, match: re.Match[str], value: str, window: str, whole: bool) -> bool:
    """Whether words are names where this stands. `whole`: it is a line of settings, and nothing else."""
    name, group, start = dialect.name, _value_group(match), match.start()
    if name in SAID:
        return value.isalpha() and name == "signer" and not _KEYED.match(match.group())
    if kind != "code" and (_SET.search(window, max(0, start - 40), start) or group in SIGNING_IN):
        return False
    if name == "flag" and match["key"].lower() in TAKING:
        return False
    if name == "pair":
        option = window.endswith("--", 0, start) and _OPTION.match(match.group())  # of a command: nothing has a name
        asked = window[max(0, start - 1) : start] in ("?", "&") and kind != "prose"  # within a URL
        quoted = kind in ("conf", "env") and group == "value"  # as in the YAML that a script writes
        return not (option or asked or quoted or (whole and kind != "prose"))
    return dialect.coded or kind == "prose"


def _is_part(match: re.Match[str], window: str) -> bool:
    """Whether a pair is a part of something else: an ARN, a list of names, the address of a badge or a picture."""
    start, before = match.start(), window[max(0, match.start() - 200) : match.start()]
    if before.endswith("::") and _QUOTED_END.match(window, start):
        return True  # "AWS::SecretsManager::Secret" is a type
    if (
        start > 1
        and window[start - 1] == ":"
        and not before.endswith("env:")
        and (window[start - 2].isalnum() or window[start - 2] == "_")
    ):
        return True
    if before.endswith("${"):
        return True  # `${KEY:?why}`; a default is found elsewhere
    quote = match.start(_value_group(match))
    if _ROLE.search(window, max(0, quote - 40), quote):
        return True
    if "sep" in match.re.groupindex and _ASKS.search(window, match.end("sep"), quote):
        return True
    if before.endswith(("?", "&")):
        return bool(_PICTURE.search(before))
    listed = "sep" in match.re.groupindex and match["sep"] == ","
    return listed and bool(_ITEM_BEFORE.search(before)) and bool(_ITEM_AFTER.match(window, match.end()))


def _matches(dialect: Dialect, window: str) -> Iterator[re.Match[str]]:
    """Every match; where a key promises nothing, also those within its value: `environment: {DB_PASSWORD: …}`."""
    match = dialect.exact.search(window)
    while match:
        yield match
        over = bool(dialect.key) or (names.promises(_key(dialect, match)) and not _is_key_of_next(match))
        inner = match.end("key") if "key" in match.re.groupindex and match["key"] else match.start() + 1
        match = dialect.exact.search(window, match.end() if over else inner)


def _is_key_of_next(match: re.Match[str]) -> bool:
    """Whether a value is the name of what follows it: `jwt_secret: env_or("JWT_SECRET", "…")`."""
    return "sep" in match.re.groupindex and match["value"] != "" and names.promises(match["value"])


def _key(dialect: Dialect, match: re.Match[str]) -> str:
    """The name that has to promise: of a method call, `password.encode("…")`, the method's own."""
    named = match.re.groupindex
    key = next((match[name] for name in KEYS if name in named and match[name]), dialect.key)
    key = key.rsplit(".", 1)[-1] if "sep" in named and match["sep"] == "(" else key
    own = key.rpartition(":")[2]
    return own if names.promises(own) else key


def _is_user(owner: str, before: str, value: str) -> bool:
    """Whether a user is given its own name as password. `owner`: who it is, where the pattern itself says so."""
    users = [owner] if owner else [first or second for first, second in _USER.findall(before)]
    return bool(users) and anywhere.of_a_kind(users[-1].lower(), value.lower())


def _is_for_password(key: str) -> bool:
    return names.promises(key) and names.is_password(key)


def _value_group(match: re.Match[str]) -> str:
    return next(name for name in VALUES if name in match.re.groupindex and match[name] is not None)


def pair(
    name: str, value: str, coded: bool = False, sure: bool = False, applied: bool = False
) -> Iterator[tuple[str, str, str, str]]:
    """(name, value, how it is written, worth) where a key promises a credential (or its place does: `sure`). What
    stands anywhere (URLs, defaults, private keys) is found elsewhere.
    """
    promised = sure or names.promises(name)
    if promised or names.hints(name):
        plain = _carried(name, values.unescape(value) if coded else value)
        if not promised and not made.is_made(plain):
            return
        if not anywhere.DEFAULT.search(plain) and "://" not in plain and "-----BEGIN" not in plain:
            worth = _worth("password" if sure else name, _meant(plain), coded, applied)
            yield name, plain, value if plain != value else "", worth


def _meant(value: str) -> str:
    """What base64 says, of a word too: `cGFzcw==`."""
    text = anywhere.decoded(value) if value.endswith("=") else ""
    return text if len(text) >= 4 and text.isprintable() else decode_text(value)


def _worth(name: str, value: str, coded: bool = False, applied: bool = False) -> str:
    return values.PLACEHOLDER if anywhere.is_sample(value) else values.judge(name, value, coded, applied)


def _carried(name: str, value: str) -> str:
    """The token of `Bearer …`, the password of `Basic …` and of a login in base64; any other value is itself."""
    found = _SCHEMED.fullmatch(value.strip())
    scheme, token = (found["scheme"].lower(), found["token"]) if found else (name, value)
    password = anywhere.decoded(token).partition(":")[2] if scheme in ("basic", AUTH) else ""
    return password or ("" if scheme == AUTH else _UNHASHED.sub("", token))


def special(page: Page, kind: str, first: int = 1) -> Iterator[Hit]:
    """Candidates that need no key."""
    for window, number in page.windows("url"):
        off = bool(_COMMENTS[kind].match(page.lines[number]))
        for hit in anywhere.urls(window, first + number):
            yield replace(hit, comment=off and hit.worth not in values.SOUND)
    for window, number in page.windows("default"):
        for match in chain(anywhere.DEFAULT.finditer(window), anywhere.ARGUMENT.finditer(window)):
            if kind == "prose" and values.is_variable(match["value"]):
                continue
            for name, value, raw, worth in pair(match["key"], match["value"].strip("\"'")):
                yield Hit(name, value, first + number, "default", worth, raw)
    if "pem" in page.places:
        yield from (shifted(hit, first) for hit in anywhere.pems(page.text))
    for window, number in page.windows("encoded"):
        for match in anywhere.ENCODED.finditer(window):
            yield from _encoded(match.group(), first + number)
    for number, _ in page.places.get("table", ()):
        yield from _table(page.lines, number, first)
    if inserted.ROLE in page.places:
        yield from _inserted(page, first)
    if "columns" in page.places:
        yield from _columns(page.lines, first)
    if formats := page.formats:
        for name, value, line in tokens(page.data, formats):
            if "-----BEGIN" in value:
                continue  # an object around a private key, which is found where it stands
            worth = _worth(name, value)
            said = worth if worth in (values.PLACEHOLDER, values.YOURS, values.WEAK) else values.REAL
            yield Hit(name, value, first + line - 1, "provider", said)


def _table(lines: list[str], ruled: int, first: int) -> Iterator[Hit]:
    """Values below the headings of a Markdown table that promise one. `ruled`: the row of dashes."""
    heads = [_NO_NAME.sub("_", cell.strip()).strip("_") for cell in lines[ruled - 1].split("|")]
    columns = [at for at, head in enumerate(heads) if names.promises(head)]
    for number in range(ruled + 1, len(lines)):
        if "|" not in lines[number]:
            break
        cells = lines[number].split("|")
        for at in (at for at in columns if at < len(cells)):
            value = cells[at].strip(" `*\"'")
            if any(char.isdigit() for char in value):
                yield Hit(heads[at], value, first + number, "table", values.judge(heads[at], value, coded=True))


def _inserted(page: Page, first: int) -> Iterator[Hit]:
    """Values that SQL inserts into columns that promise some."""
    row = at = 0
    for name, written, offset in inserted.read(page.text):
        row, at = row + page.text.count("\n", at, offset), offset
        value = written.replace("''", "'")
        raw, off = written if written != value else "", bool(_COMMENTS["code"].match(page.lines[row]))
        yield Hit(name, value, first + row, inserted.ROLE, values.judge(name, value), raw, comment=off)


def _columns(lines: list[str], first: int) -> Iterator[Hit]:
    """Values in the columns of a CSV file whose first line names one that promises some."""
    mark = max(",;\t", key=lines[0].count)
    heads = [head.strip(" \"'\r\ufeff") for head in lines[0].split(mark)]
    if len(heads) < 2 or not all(_HEADING.fullmatch(head) for head in heads):
        return
    columns = [at for at, head in enumerate(heads) if names.promises(head)]
    for number, row in enumerate(csv.reader(lines[1:LIMIT], delimiter=mark) if columns else (), 1):
        for at in columns if len(row) == len(heads) else ():
            value = row[at].strip()
            if any(char.isdigit() for char in value):
                yield Hit(heads[at], value, first + number, "columns", values.judge(heads[at], value, coded=True))


def shifted(hit: Hit, first: int) -> Hit:
    """The hit of a text that begins at another line."""
    return Hit(hit.name, hit.value, hit.line + first - 1, hit.how, hit.worth, hit.raw, hit.loopback, hit.comment)


def _encoded(token: str, line: int) -> Iterator[Hit]:
    """What a base64 text holds, where it is JSON, a private key or a text with a URL in it."""
    text = anywhere.decoded(token)
    if text:
        as_json = text.lstrip().startswith(("{", "["))
        for hit in of_text(text.replace(",", ",\n") if as_json else text, "code"):
            if as_json or hit.how not in BY_NAME:
                yield Hit(hit.name, hit.value, line, "encoded", hit.worth, token, hit.loopback)


def digests(page: Page) -> list[tuple[str, int]]:
    """(64 hex digits, line) on lines that speak of a credential: perhaps the bare SHA-256 of one. At most 50."""
    found = [
        (match.group().lower(), number + 1)
        for window, number in page.windows("digest")
        for match in anywhere.DIGEST.finditer(window)
    ]
    return found[:50]
