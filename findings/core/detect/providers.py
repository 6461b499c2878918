"""Cloud keys and API tokens by their own formats, found by Kingfisher's rules (`kingfisher_sdk`, in this process).

Only high-confidence rules run, and nothing is validated over the network. The engine compiles its rules on first use
(seconds) and keeps them in the user's cache folder (a quarter second from then on).
"""

from collections.abc import Iterator
from functools import cache

from kingfisher_sdk import Rules, Scanner

SECONDS = 5.0


@cache
def _engine() -> Scanner:
    return Scanner(Rules(confidence="high"), base64=False)


def tokens(data: bytes) -> Iterator[tuple[str, str, int]]:
    """(what it is, value, line from 1) of every token whose format is known. A text that takes too long has none."""
    for found in _engine().scan(data, timeout=SECONDS):
        if found.visible and "PRIVATE KEY" not in found.secret:
            yield found.rule_id.rsplit(".", 1)[-1], found.secret, found.location["line"]
