"""Credentials in a SARIF result: what one of its texts gives away is hidden in all of them.

A message may name the key of a value, a snippet or a fingerprint quote the bare value: only together do they tell.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from findings.core.formats.document import Node

Redact = Callable[[str], str]

SEPARATOR = "\n\x1e\n"
MEMBERS = ("message", "locations", "fingerprints", "partialFingerprints", "properties")
MOST = 500  # texts of one result
_ABOUT_SECRETS = re.compile(r"secret|passw|credential|token|api.?key|private.?key|leak", re.I)


def about_secrets(rule: str) -> bool:
    """Whether a rule of this name speaks of credentials."""
    return bool(_ABOUT_SECRETS.search(rule))


def together(redact: Redact, result: Node, rule: str) -> Redact:
    """A redaction for the texts of one result that hides the values of all of them.

    The snippets of a rule about secrets are taken for the secret where they are one word, and members of objects are
    read with their names (`"password": "…"`).
    """
    members = result.value if isinstance(result.value, dict) else {}
    named = list(_texts({name: members.get(name) for name in MEMBERS}, ""))[:MOST]
    texts = list(dict.fromkeys(text for _, text in named))
    hints = [f"{name}: {text}" for name, text in named if name and "\n" not in text]
    if about_secrets(rule):
        bare = [text.strip() for name, text in named if name == "snippet.text"]
        hints += [f"password: {text}" for text in bare if text and not any(char.isspace() for char in text)]
    around = SEPARATOR.join(hints)
    safe = redact(SEPARATOR.join([*texts, around])).split(SEPARATOR)
    known = dict(zip(texts, safe, strict=False))

    def hide(text: str) -> str:
        """The text as it was made safe with the others, or one that is made of them with their values in mind."""
        if text in known:
            return known[text]
        return redact(SEPARATOR.join([around, *texts, text])).split(SEPARATOR)[-1]

    return hide


def _texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """(name of the member, text) of every text in a JSON value; a snippet's text is told by `snippet.text`."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"snippet.{key}" if name == "snippet" else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)
