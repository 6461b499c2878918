"""What stands beside a word under `password`: the place and the user that it signs in with make a password of it."""

import re
from collections.abc import Sequence

from findings.core.detect import blocks, values
from findings.core.detect.names import words as words_of
from findings.core.detect.patterns import ASKED
from findings.core.vocabulary import words

NEAR = 4  # lines above and below
_KEYS = (
    r"(?<![A-Za-z0-9])(?:[\w.]*[_.])?(?:host|hostname|server|port|database|dbname|db|db_?name|engine|dialect|charset)"
)
_PLACE = re.compile(
    rf"{_KEYS}[\"'`]?\s*(?::\s*[\w<>&' ]{{1,30}})?(?:=>|:=|=|:)\s*(?:[\"'`][\w.@:/-]+[\"'`]|\d{{2,5}}\b)"
    r"|\bhost=[\w.-]+\s"  # of a connection string
    r"|\.(?:host|hostname|port|server|database|dbname)\(\s*[\"'\d]",  # of a builder
    re.I,
)
_ADDRESS = re.compile(rf"(?i:{_KEYS}[\"'`]?\s*(?:=>|:=|=|:)\s*)(?:[\"'`][a-z0-9][a-z0-9.:/_-]+[\"'`]|\d{{2,5}}\b)")
# Another machine: by its number, or by a name that no manual has.
_OTHER_HOST = re.compile(
    r"(?i)(?<![a-z0-9])(?:[\w.]*_)?(?:db_?)?(?:host|hostname|server|data[ ]?source)[\"'`]?\s*(?:=>|:=|=|:)\s*[\"'`]?"
    r"(?:(?!127\.|0\.|169\.254\.)\d{1,3}(?:\.\d{1,3}){3}\b|(?![\w.-]*example)[\w-]+(?:\.[\w-]+)+\.[a-z]{2,}\b)"
)
_ABROAD = re.compile(
    r"(?i)(?<![A-Za-z0-9_.\-])(?:(?P<of>[\w.\-]+?)[_.\-])?(?:host|hostname|server|address)[\"'`]?\s*(?:=>|:=|=|:)\s*"
    r"[\"'`]?(?![\w.-]*(?:example|company|domain|your|\.(?:local|internal|lan|svc|test|invalid|localdomain)\b))"
    r"[\w-]+(?:\.[\w-]+){2,}\.[a-z]{2,}\b"
)
_FOR_NOW = (
    r"(?i:\b(?:debug|dev(?:elopment)?|test(?:ing)?|local)[ -]only\b"
    r"|\bonly (?:for|in|during) (?:debug(?:ging)?|dev(?:elopment)?|tests?|testing)\b|\bnot for prod(?:uction)?\b)"
)
_ONLY = re.compile(_FOR_NOW)
_COMMENT = re.compile(r"\s*(?://|/?\*|#(?!\[)|--)")
_REMARK = re.compile(rf"(?:[;,)\s](?://|#|--)|/\*)[^\"'`]*?{_FOR_NOW}")
_LIFETIME = re.compile(r"(?i)\s*(?:-\s+)?[\"']?[\w.-]*(?:expir|ttl|lifetime|duration|max[_-]?age)\w*[\"']?\s*[:=]")
_USER = re.compile(
    r"(?<![A-Za-z0-9])(?:[\w.]*[_.])?(?:user|username|user_?name|login|email|account|identifier|用户名|账号|账户|用戶名|使用者|帳號|帳戶)"
    r"[\"'`*]*\s*(?:(?::\s*[\w<>&' ]{1,30})?(?:=>|:=|=|:|：)|[-–—]\s)[\s*]*[\"'`]?(?P<user>[\w.@+-]+)",
    re.I,
)
_NAMED = re.compile(
    r"(?i)(?<![A-Za-z0-9])(?:[\w.]*[_.\-])?(?:user|username|user_?name|login|db|dbname|db_?name|database|user_?id|uid)"
    r"[\"'`*]*\s*(?:=>|:=|=|:)\s*(?:[\"'`]|[\"']?\$\{\w+:?-)?([\w.-]+)(?![\w.-])"
)
_PLAIN = re.compile(r"[A-Za-z][\w.-]{2,30}")
_NUMBERED = re.compile(r"([A-Za-z]{3,})[_.@#-]?1?2?3?4?5?6?[!@#]?")  # as everybody does it
_ROW_OF_USERS = re.compile(r"\s*(?:\"[^\"]*\"\s+\"[^\"]*\"\s*$|[;#]|$)")
_OF_USERS = re.compile(
    r"\s*\"[\w.-]*(?:admin|user|postgres|pgbouncer|stats|app|root|svc|service|read|write|monitor|export|replica)[\w.-]*\"\s"
    r"|[^\"]*\"[^\"]+\"\s+\"(?:md5[0-9a-f]{32}|SCRAM-)"
)
MOST_USERS = 50  # rows above and below
WIDE = 2000  # letters of a line that are near
LONG = 400
_KNOWN = words(
    "admin administrator root postgres mysql sa user test guest demo superuser bot ops deploy deployer svc ci jenkins "
    "replicator repl backup monitor monitoring exporter prometheus grafana readonly dba sysadmin"
)
# Who signs in beside the option, on its line, or in the call before: nothing but values stands there.
_WHO = r"(?:[\w.\-]*[_.\-])?(?:u|user|username|user_?name|login)"
_ROW = re.compile(
    rf"(?i)(?:^|\s)--?{_WHO}[ =][\"']?(?!(?:and|or)\b)[\w.@-]+[\"']?\s+(?:\S+\s+)*?--?[\w-]*(?:pass|pwd)"
    rf"|(?i:\b{_WHO}=[\w.@-]+[\s,;&]+(?:[\w.-]+=[^\s,;&]+[\s,;&]+)*[\w.-]*(?:pass|pwd)\w*=)"
    rf"|\.(?:with_)?(?:user|username|user_name|login)\(\s*(?:Some\(\s*)?[\"'][^\"'\s]+[\"']"
    rf"|\"name\":\s*\"[\w.@-]+\"[^{{}}\n]*\"tags\":|\"tags\":[^{{}}\n]*\"name\":\s*\"[\w.@-]+\"|{ASKED}"
)
_LABELLED = re.compile(
    r"(?i)(?P<mark>[\s>*+•-]*)\**(?:user(?:[ _]?name)?|login|e-?mail|account|用户名?|账号|账户|帐号|帳號)\**\s*[:：]"
    r"\**\s*`?(?P<user>(?!your)[\w.@+-]+)`?\s*"
)
_AWS_SECRET = re.compile(
    r"(?<![\w+/])(?![A-Za-z0-9+/]{0,40}EXAMPLE)(?=[a-zA-Z+/]{0,39}\d)(?=[^a-z\s]{0,39}[a-z])(?=[^A-Z\s]{0,39}[A-Z])[A-Za-z0-9+/]{40}(?![\w+/=])"
)
_SECRET_KEY = re.compile(r"(?i)secret[_\-. ]?(?:access[_\-. ]?)?key")
# Of JSON, where keys have quotes: who signs in, called by no label.
_KEYED = re.compile(r"\"[\w.\-]*pass(?:word|wd)?\":\s*\"[a-z]")
_KEYED_USER = re.compile(
    r"\"(?:[\w.\-]*[_.\-])?(?:user|username|user_?name|login)\":\s*\"(?!(?:string|user\w*|login|name|email|text|your\w*)\")"
    r"[a-z][\w.@\-]+\""
)
_HANDED = re.compile(r"\.(?:with_|set_?)?password\(\s*(?:Some\(\s*)?[\"'][a-z]{8,}[\"']", re.I)
_DECLARED = re.compile(
    r"\s*(?:(?:export|pub|private|public|protected|final|static)\s+)*(?:const|let|var|val|String|string)\b"
)


def names_user(value: str, lines: Sequence[str], at: int) -> bool:
    """Whether a word that is said to be a password is also the user's or the database's name beside it."""
    if _is_numbered(value, lines[at]):
        return True
    if not _PLAIN.fullmatch(value):
        return False
    around = (line for line in lines[max(0, at - NEAR) : at + NEAR + 1] if value in line and len(line) < LONG)
    return any(found[1] == value for line in around for found in _NAMED.finditer(line))


def _is_numbered(value: str, row: str) -> bool:
    """Whether the row of a table gives the user of its password, and that is the same but for a number: `ops1`."""
    own = _NUMBERED.fullmatch(value) if row.count("|") > 2 and len(row) < LONG else None
    cells = [cell.strip(" `*\"'") for cell in row.split("|")] if own else []
    stems = [_NUMBERED.fullmatch(cell) for cell in cells if cell != value]
    return own is not None and any(stem[1].lower() == own[1].lower() for stem in stems if stem)


def has_own_secret(name: str, lines: Sequence[str], at: int) -> bool:
    """Whether a key of access, on line `at` from 0, is the name of who signs in: the secret one stands beside it."""
    parts = words_of(name)
    if parts[-2:] != ["access", "key"] or "secret" in parts:
        return False
    return any(map(_SECRET_KEY.search, lines[max(0, at - NEAR) : at + NEAR + 1]))


def has_secret(lines: Sequence[str], at: int) -> bool:
    """Whether beside the id of a key of AWS, on line `at` from 0, stands the secret that makes it usable."""
    return any(map(_AWS_SECRET.search, lines[max(0, at - NEAR) : at + NEAR + 1]))


def lists_users(value: str, lines: Sequence[str], at: int) -> bool:
    """Whether a row of two texts in quotes is one of pgbouncer's list of users: its name is said, or all rows are such
    and one names a user as servers do.
    """
    if "userlist" in lines[at]:
        return True
    first = next((n for n in range(at, max(-1, at - MOST_USERS), -1) if not _ROW_OF_USERS.match(lines[n])), -1)
    if first >= 0:
        return "userlist" in lines[first]
    rows = lines[: at + MOST_USERS]
    return all(map(_ROW_OF_USERS.match, rows)) and any(map(_OF_USERS.match, rows))


def tells(name: str, value: str, lines: Sequence[str], at: int) -> bool:
    """Whether a word under this key, on line `at` from 0, is a password by what stands around it."""
    around = _around(value, lines, at)
    if not values.may_be_spoken(name, value):
        lowered = value[:1].lower() + value[1:]  # a label begins with a capital too, and stands beside labels
        return values.may_be_spoken(name, lowered) and any(_ADDRESS.search(line) for line in around)
    if _DECLARED.match(lines[at]) and value.isalpha() and len(value) >= 8:
        return True
    own = [line for line in lines[max(0, at - 1) : at + 1] if len(line) < LONG]
    if any(map(_ROW.search, own)) or any(map(_HANDED.search, own[-1:])):
        return True
    if blocks.block(lines, at) or blocks.is_written(lines, at) or _is_told(value, lines, at):
        return True
    if any(_PLACE.search(line) for line in around):
        return True
    if _KEYED.search(lines[at]) and any(map(_KEYED_USER.search, around)):
        return True
    users = [found["user"].lower() for line in around for found in _USER.finditer(line)]
    return any(user in _KNOWN or "@" in user for user in users if user != value.lower())


def signs_in_abroad(name: str, lines: Sequence[str], at: int) -> bool:
    """Whether beside line `at` from 0 stands the host that a password of this name is for, and all may reach it:
    `db_host: …` beside `db_password`.
    """
    of = words_of(name)[:-1]
    around = (line for line in lines[max(0, at - NEAR) : at + NEAR + 1] if len(line) < LONG)
    return any(words_of(found["of"] or "") == of for line in around for found in _ABROAD.finditer(line))


def is_remarked(lines: Sequence[str], at: int) -> bool:
    """Whether a comment on line `at` from 0 of a program, or right above it, says that it is for development only."""
    above = [line for line in lines[max(0, at - 1) : at] if _COMMENT.match(line)]
    return bool(_REMARK.search(lines[at][:LONG])) or any(map(_ONLY.search, above))


def is_elsewhere(name: str, value: str, lines: Sequence[str], at: int) -> bool:
    """Whether a value on line `at` from 0 only names what is elsewhere: `secretKey: database-url`, which an operator
    fetches, or a variable of psql, `PASSWORD :'app_password'`.
    """
    if len(lines[at]) <= WIDE and f" :'{value}'" in lines[at]:
        return True
    return name == "secretKey" and any("remoteRef:" in line for line in lines[max(0, at - NEAR) : at + NEAR + 1])


def lasts(lines: Sequence[str], at: int) -> bool:
    """Whether beside line `at` from 0 is set how long something is valid, as it is for what a key signs."""
    return any(map(_LIFETIME.match, lines[max(0, at - NEAR) : at + NEAR + 1]))


def stands_by_host(value: str, lines: Sequence[str], at: int) -> bool:
    """Whether beside a value on line `at` from 0 a program names another machine, which it signs in on."""
    return any(map(_OTHER_HOST.search, _around(value, lines, at)))


def _around(value: str, lines: Sequence[str], at: int) -> list[str]:
    """The lines about line `at` from 0; of one that a tool packed a file into, what stands about the value."""
    return [
        line if len(line) <= WIDE else line[max(0, line.find(value) - WIDE // 2) :][:WIDE]
        for line in lines[max(0, at - NEAR) : at + NEAR + 1]
    ]


def _is_told(value: str, lines: Sequence[str], at: int) -> bool:
    """Whether a note gives a user and, on its next line and in the same way, nothing but the password."""
    user = _LABELLED.fullmatch(lines[at - 1]) if at else None
    if user is None or user["user"] == value:
        return False
    return lines[at].startswith(user["mark"]) and lines[at].rstrip(" `*\r").endswith(value)
