"""Cloud keys and API tokens by their own formats: Kingfisher's rules (`kingfisher_sdk`, in this process, no network).

Its patterns go into our prefilter. Only a text in which one of them occurs is shown to Kingfisher itself, whose rules
weigh what a pattern cannot (stop words, entropy, how word-like a token is).
"""

import json
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


@cache
def _rules() -> Rules:
    return Rules(confidence="medium")


@cache
def _scanner() -> Scanner:
    return Scanner(_rules(), base64=False)


def formats(kept: Cache) -> dict[str, str]:
    """Rule -> pattern of the rules that know a token by its own form."""
    name = f"formats-medium-{made_by}.json"
    if data := kept.get(name):
        known: dict[str, str] = json.loads(data)
        return known
    rules = _rules()
    found = {rule["id"]: rules.detail(rule["id"])["detection_regex"] for rule in rules.metadata() if rule["visible"]}
    chosen = {rule: pattern for rule, pattern in found.items() if _by_form(rule, pattern)}
    kept.put(name, json.dumps(chosen).encode())
    return chosen


def _by_form(rule: str, pattern: str) -> bool:
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
