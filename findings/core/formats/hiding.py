"""Credentials in a result: what one of its texts gives away is hidden in all of them.

A message may name the key of a value, a snippet or a fingerprint quote the bare value: only together do they tell. Most
results have none, so they are asked about many at a time; of a stream of JSON not even the texts are gathered for that.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

from findings.core.detect.engine import Engine, Expression, Nowhere, build

Redact = Callable[[str], str]

SEPARATOR = "\n\x1e\n"
MOST = 500  # texts of one result
BLOCK = 200  # results that are asked about together
_ABOUT_SECRETS = re.compile(r"secret|passw|credential|token|api.?key|private.?key|leak", re.I)
TELLING = "pass|pwd|secret|token|key|credential|user|auth|login|salt|pepper|pw"
_TELLING = re.compile(TELLING, re.I)


def plain(text: str) -> str:
    """A text without anything to hide."""
    return text


def hides(
    redact: Redact, results: Sequence[tuple[str, Any]], members: Iterable[str], written: str = ""
) -> list[Redact]:
    """A redaction for the texts of each (rule, result), hiding the values that any text of that result gives away.
    `written`: the results as JSON, where that is at hand.
    """
    if written and _nothing_told(redact, written) and not any(about_secrets(rule) for rule, _ in results):
        return [plain] * len(results)
    names = tuple(members)
    return _hides(redact, [_told(rule, result, names) for rule, result in results])


def _nothing_told(redact: Redact, written: str) -> bool:
    """Whether no text in this JSON gives anything away, told by its letters alone: only where texts are written as they
    are meant, and no member's name makes a credential of its value. Each text and each name gets a line of its own.
    """
    if "\\" in written or _telling_members()(written.encode("utf-8", "surrogatepass")):
        return False
    together = written.replace('"', SEPARATOR)
    return redact(together) == together


@cache
def _telling_members() -> Engine:
    return build([Expression("name", rf'(?i)(?:{TELLING})[^"]*"\s*:', once=True)], Nowhere())


def _hides(redact: Redact, told: list[tuple[list[str], list[str]]]) -> list[Redact]:
    """Halves what holds something to hide until it is alone."""
    together = SEPARATOR.join(text for texts, hints in told for text in (*texts, *hints))
    if redact(together) == together:
        return [plain] * len(told)
    if len(told) == 1:
        return [_hiding(redact, *told[0])]
    half = len(told) // 2
    return _hides(redact, told[:half]) + _hides(redact, told[half:])


def _hiding(redact: Redact, texts: list[str], hints: list[str]) -> Redact:
    around = SEPARATOR.join(hints)
    safe = redact(SEPARATOR.join([*texts, around])).split(SEPARATOR)
    known = dict(zip(texts, safe, strict=False))

    def hide(text: str) -> str:
        """The text as it was made safe with the others, or one that is made of them with their values in mind."""
        if text in known:
            return known[text]
        return redact(SEPARATOR.join([around, *texts, text])).split(SEPARATOR)[-1]

    return hide


def _told(rule: str, result: Any, members: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The texts of a result, and those that need their name to be understood (`"password": "…"`), with it.

    The snippets of a rule about secrets are taken for the secret where they are one word.
    """
    if not isinstance(result, dict):
        return [], []
    texts: dict[str, None] = {}
    hints: list[str] = []
    about = about_secrets(rule)
    waiting: list[tuple[str, Any]] = [(name, result[name]) for name in members if name in result]
    while waiting and len(texts) < MOST:
        name, value = waiting.pop()
        if value.__class__ is dict:
            prefix = "snippet." if name == "snippet" else ""
            for key, inner in value.items():
                if inner.__class__ is str:
                    texts[inner] = None
                    if _telling(key) or (about and prefix and key == "text"):
                        hints += _hint(prefix + key, inner, about=about)
                elif inner.__class__ is dict or inner.__class__ is list:
                    waiting.append((prefix + key, inner))
        elif value.__class__ is list:
            waiting += [(name, inner) for inner in value]
        elif value.__class__ is str:
            texts[value] = None
            hints += _hint(name, value, about=about)
    return list(texts), hints


def _hint(name: str, text: str, *, about: bool) -> Iterator[str]:
    if _telling(name) and "\n" not in text:
        yield f"{name}: {text}"
    if about and name == "snippet.text" and (bare := text.strip()) and not bare.split()[1:]:
        yield f"password: {bare}"


@lru_cache(maxsize=4096)
def about_secrets(rule: str) -> bool:
    """Whether a rule of this name speaks of credentials."""
    return bool(_ABOUT_SECRETS.search(rule))


@lru_cache(maxsize=4096)
def _telling(name: str) -> bool:
    return bool(_TELLING.search(name))
