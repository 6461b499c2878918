"""Cloud keys and API tokens by their own formats: Kingfisher's rules (`kingfisher_sdk`, in this process, no network).

Its patterns go into our prefilter. Only a text in which one of them occurs is shown to Kingfisher itself, whose rules
weigh what a pattern cannot (stop words, entropy, how word-like a token is).
"""

import json
import re
from collections.abc import Iterator
from functools import cache

from kingfisher_sdk import Rules, Scanner
from kingfisher_sdk import __version__ as made_by

from findings.core.detect.engine import Cache
from findings.core.vocabulary import words

SECONDS = 5.0

_ASSIGNED = r"(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)"  # a provider's name beside any value
_ENDLESS = (
    r"(?s)",
    r"(?s:.)",
    r"[\s\S]",
    r".*",
    r"(?:.|[\n\r])",
    r"[\s\S-]",
    r"\xFF",
)  # patterns over whole files, or of no literal
_ELSEWHERE = words(
    "private-key mongodb-connection-string sidekiq-sensitive-url nuget-config-password generic-credential-uri"
)  # in `anywhere`
_PUBLIC = words("flutterwave-public-key posthog-project-api-key devcycle-client-sdk-key devcycle-mobile-sdk-key")
# Formats that tell by themselves what they are, though their rules ask for the provider's name before them.
_FREE = words("new-relic-user-api-key new-relic-insert-key telegram-bot-api-token plaid-api-token mailchimp-api-key")
# A rule of letters alone; its tokens may hold digits.
_WIDER = {"huggingface-access-token": r"(?i)(hf_[a-z0-9]{32,40})"}
_ASSIGNMENT = "[\\x60'\"\\s=]{0,5}"
_AFTER = "(?:\\\\?['\"\\x60]|[\\s;]|\\\\[nr]|$)"


@cache
def _rules() -> Rules:
    return Rules(confidence="medium")


@cache
def _scanner() -> Scanner:
    return Scanner(_rules(), base64=False)


def formats(kept: Cache) -> dict[str, str]:
    """Rule -> pattern of the rules that know a token by its own form."""
    name = f"formats-medium-wider-{made_by}.json"
    if data := kept.get(name):
        known: dict[str, str] = json.loads(data)
        return known
    rules = _rules()
    found = {rule["id"]: rules.detail(rule["id"])["detection_regex"] for rule in rules.metadata() if rule["visible"]}
    chosen = {rule: _freed(rule, pattern) for rule, pattern in found.items() if _by_form(rule, pattern)}
    kept.put(name, json.dumps(chosen).encode())
    return chosen


def _freed(rule: str, pattern: str) -> str:
    """The pattern of a token alone, where its rule's asks for more around it."""
    if short_name(rule) in _WIDER:
        return _WIDER[short_name(rule)]
    return f"(?i){pattern.rpartition(_ASSIGNMENT)[2].removesuffix(_AFTER)}" if short_name(rule) in _FREE else pattern


def _by_form(rule: str, pattern: str) -> bool:
    if short_name(rule) in _FREE or short_name(rule) in _WIDER:
        return True
    if short_name(rule) in _ELSEWHERE | _PUBLIC or _ASSIGNED in pattern or "PASSWORD>" in pattern:
        return False
    return not any(part in pattern for part in _ENDLESS)


def short_name(rule: str) -> str:
    """`github-pat` of `betterleaks.github-pat`, without the number of a variant."""
    return next(part for part in reversed(rule.split(".")) if not part.isdigit())


def tokens(data: bytes, known: dict[str, str]) -> Iterator[tuple[str, str, int]]:
    """(what it is, value, line from 1) of every token of these formats. A text that takes too long has none."""
    try:
        found = _scanner().scan(data, timeout=SECONDS)
    except TimeoutError:
        return
    for one in found:
        if one.visible and one.rule_id in known:
            yield short_name(one.rule_id), one.secret, one.location["line"]
    for rule, pattern in known.items():
        for match in _alone(pattern).finditer(data) if short_name(rule) in _FREE | _WIDER.keys() else ():
            yield short_name(rule), match[0].decode("ascii"), data.count(b"\n", 0, match.start()) + 1


@cache
def _alone(pattern: str) -> re.Pattern[bytes]:
    """A token that is no part of a longer word; in URLs of Telegram's "bot" stands before it."""
    return re.compile(rf"(?:(?<=/bot)|(?<![\w-])){pattern.removeprefix('(?i)')}(?![\w-])".encode(), re.I)
