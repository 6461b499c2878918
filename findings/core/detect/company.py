"""What stands beside a word under `password`: the place and the user that it signs in with make a password of it."""

import re
from collections.abc import Sequence

from findings.core.detect import values
from findings.core.vocabulary import words

NEAR = 4  # lines above and below
_PLACE = re.compile(
    r"(?<![A-Za-z0-9])(?:[\w.]*[_.])?(?:host|hostname|server|port|database|dbname|db|db_?name|engine|dialect|charset)"
    r"[\"'`]?\s*(?::\s*[\w<>&' ]{1,30})?(?:=>|:=|=|:)\s*(?:[\"'`][\w.@:/-]+[\"'`]|\d{2,5}\b)",
    re.I,
)
_USER = re.compile(
    r"(?<![A-Za-z0-9])(?:[\w.]*[_.])?(?:user|username|user_?name|login|email|account|用户名|账号|账户)"
    r"[\"'`*]*\s*(?::\s*[\w<>&' ]{1,30})?(?:=>|:=|=|:|：)[\s*]*[\"'`]?(?P<user>[\w.@+-]+)",
    re.I,
)
_NAMED = re.compile(
    r"(?i)(?<![A-Za-z0-9])(?:[\w.]*[_.\-])?(?:user|username|user_?name|login|db|dbname|db_?name|database|user_?id|uid)"
    r"[\"'`*]*\s*(?:=>|:=|=|:)\s*(?:[\"'`]|[\"']?\$\{\w+:?-)?([\w.-]+)(?![\w.-])"
)
_PLAIN = re.compile(r"[A-Za-z][\w.-]{2,30}")
LONG = 400
_KNOWN = words("admin administrator root postgres mysql sa user test guest demo superuser")
_DECLARED = re.compile(
    r"\s*(?:(?:export|pub|private|public|protected|final|static)\s+)*(?:const|let|var|val|String|string)\b"
)


def names_user(value: str, lines: Sequence[str], at: int) -> bool:
    """Whether a word that is said to be a password is also the user's or the database's name beside it."""
    if not _PLAIN.fullmatch(value):
        return False
    around = (line for line in lines[max(0, at - NEAR) : at + NEAR + 1] if value in line and len(line) < LONG)
    return any(found[1] == value for line in around for found in _NAMED.finditer(line))


def tells(name: str, value: str, lines: Sequence[str], at: int) -> bool:
    """Whether a word under this key, on line `at` from 0, is a password by what stands around it."""
    if not values.may_be_spoken(name, value):
        return False
    if _DECLARED.match(lines[at]) and value.isalpha() and len(value) >= 8:
        return True
    around = lines[max(0, at - NEAR) : at + NEAR + 1]
    if any(_PLACE.search(line) for line in around):
        return True
    users = [found["user"].lower() for line in around for found in _USER.finditer(line)]
    return any(user in _KNOWN or "@" in user for user in users if user != value.lower())
