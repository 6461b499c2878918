"""Cloud keys and API tokens by their own formats: Kingfisher's rules (`kingfisher_sdk`, in this process, no network).

Its patterns go into our prefilter. Only a text in which one of them occurs is shown to Kingfisher itself, whose rules
weigh what a pattern cannot (stop words, entropy, how word-like a token is).
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any, Final

from kingfisher_sdk import Rules, Scanner
from kingfisher_sdk import __version__ as made_by

from findings.core.detect.engine import Cache
from findings.core.vocabulary import words

SECONDS = 5.0
EVERYBODY = ""  # in place of a provider
SHARES = 4  # that are not slower than all rules together
LARGE = 100_000  # bytes, of which the prefilter may not have marked everything
SURE: Final = "medium"
CHOICE = f"3-{SURE}-{made_by}"  # what is kept belongs to this code and that version

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
_UNUSED = words("detection_regex validation revocation references")
_PUBLIC = words("flutterwave-public-key posthog-project-api-key devcycle-client-sdk-key devcycle-mobile-sdk-key")
# Formats that tell by themselves what they are, though their rules ask for the provider's name before them.
_FREE = words("new-relic-user-api-key new-relic-insert-key telegram-bot-api-token plaid-api-token mailchimp-api-key")
# A rule of letters alone; its tokens may hold digits.
_WIDER = {"huggingface-access-token": r"(?i)(hf_[a-z0-9]{32,40})"}
_ASSIGNMENT = "[\\x60'\"\\s=]{0,5}"
_AFTER = "(?:\\\\?['\"\\x60]|[\\s;]|\\\\[nr]|$)"


@cache
def _every() -> Rules:
    return Rules(confidence=SURE)


class Shares:
    """Kingfisher, with the rules that are wanted and no others: all of them take as long to load as a small tree takes
    to be read, and most trees hold tokens of a few providers.
    """

    def __init__(self, kept: Cache) -> None:
        self.kept = kept
        self._loaded: dict[str, Scanner] = {}

    def of(self, rules: Collection[str], data: bytes) -> list[Scanner]:
        """Scanners that have these rules. Of large data nobody knows all that were seen."""
        names = {_provider(rule) for rule in rules}
        apart = EVERYBODY not in self._loaded and len(self._loaded.keys() | names) <= SHARES and len(data) <= LARGE
        return [self._share(name) for name in (sorted(names) if apart and self._every else [EVERYBODY])]

    @property
    def _every(self) -> str:
        """The file with all rules that are wanted; empty where nothing is kept."""
        return self.kept.place(_file())

    def _share(self, name: str) -> Scanner:
        if name not in self._loaded:
            self._loaded[name] = Scanner(_loaded(self._place(name)), base64=False)
        return self._loaded[name]

    def _place(self, name: str) -> str:
        """The file with the rules of a provider, made where it is not there; or the one with all."""
        file = _file(name)
        lacking = name and self._every and not self.kept.place(file)
        if lacking and (rules := _of_provider(name, self.kept.get(_file()) or b"")):
            self.kept.put(file, json.dumps({"rules": rules}).encode())
        return self.kept.place(file) or self._every


def _of_provider(name: str, every: bytes) -> list[dict[str, Any]]:
    """Those of all rules that are a provider's, with those they ask for; none where nobody can read them."""
    try:
        rules = {rule["id"]: rule for rule in json.loads(every)["rules"]}
    except (ValueError, LookupError):
        return []
    todo = [rule for rule in rules if _provider(rule) == name]
    for rule in todo:
        asked = [other["rule_id"] for other in rules[rule].get("depends_on_rule", ())]
        todo += [other for other in dict.fromkeys(asked) if other in rules and other not in todo]
    return [rules[rule] for rule in todo]


def _loaded(place: str) -> Rules:
    try:
        return Rules([place], builtins=False, confidence=SURE) if place else _every()
    except (ValueError, OSError, RuntimeError):
        return _every()


def formats(kept: Cache) -> dict[str, str]:
    """Rule -> pattern of the rules that know a token by its own form."""
    name = f"formats-{CHOICE}.json"
    if (data := kept.get(name)) and kept.place(_file()):
        known: dict[str, str] = json.loads(data)
        return known
    rules = _every()
    found = {rule["id"]: rules.detail(rule["id"])["detection_regex"] for rule in rules.metadata() if rule["visible"]}
    chosen = {rule: _freed(rule, pattern) for rule, pattern in found.items() if _by_form(rule, pattern)}
    kept.put(_file(), json.dumps({"rules": list(_definitions(rules, chosen))}).encode())
    kept.put(name, json.dumps(chosen).encode())
    return chosen


def _freed(rule: str, pattern: str) -> str:
    """The pattern of a token alone, where its rule's asks for more around it."""
    if short_name(rule) in _WIDER:
        return _WIDER[short_name(rule)]
    return f"(?i){pattern.rpartition(_ASSIGNMENT)[2].removesuffix(_AFTER)}" if short_name(rule) in _FREE else pattern


def _file(provider: str = EVERYBODY) -> str:
    return f"rules-{CHOICE}{provider and '-'}{provider}.yml"


def _provider(rule: str) -> str:
    """Whose rule it is: the first word of its name."""
    return short_name(rule).partition("-")[0]


def _definitions(rules: Rules, chosen: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The rules as Kingfisher reads them, with those they ask for, and without what needs a network."""
    known, todo = {rule["id"] for rule in rules.metadata()}, list(chosen)
    seen = set(todo)
    for name in todo:
        detail = rules.detail(name)
        yield {part: value for part, value in detail.items() if part not in _UNUSED and value not in (None, [], {})}
        asked = [other["rule_id"] for other in detail["depends_on_rule"]]
        more = [other for other in dict.fromkeys(asked) if other in known - seen]
        seen.update(more)
        todo += more


def _by_form(rule: str, pattern: str) -> bool:
    if short_name(rule) in _FREE or short_name(rule) in _WIDER:
        return True
    if short_name(rule) in _ELSEWHERE | _PUBLIC or _ASSIGNED in pattern or "PASSWORD>" in pattern:
        return False
    return not any(part in pattern for part in _ENDLESS)


def short_name(rule: str) -> str:
    """`github-pat` of `betterleaks.github-pat`, without the number of a variant."""
    return next(part for part in reversed(rule.split(".")) if not part.isdigit())


Alone = list[tuple[str, re.Pattern[bytes]]]


def alone(known: dict[str, str]) -> Alone:
    """(what it is, pattern) of the tokens that need nothing around them: each no part of a longer word; in URLs of
    Telegram's "bot" stands before it.
    """
    named = [(short_name(rule), pattern) for rule, pattern in known.items()]
    around = rb"(?:(?<=/bot)|(?<![\w-]))%b(?![\w-])"
    free = [(name, text.removeprefix("(?i)").encode()) for name, text in named if name in _FREE | _WIDER.keys()]
    return [(name, re.compile(around % text, re.I)) for name, text in free]


def tokens(
    data: bytes, known: dict[str, str], shares: Iterable[Scanner], others: Alone
) -> Iterator[tuple[str, str, int]]:
    """(what it is, value, line from 1) of every token of these formats. A text that takes too long has none."""
    try:
        found = [one for share in shares for one in share.scan(data, timeout=SECONDS)]
    except TimeoutError:
        return
    for one in found:
        if one.visible and one.rule_id in known:
            yield short_name(one.rule_id), one.secret, one.location["line"]
    for name, pattern in others:
        for match in pattern.finditer(data):
            yield name, match[0].decode("ascii"), data.count(b"\n", 0, match.start()) + 1
