"""From the words that tools have for how bad something is to our three priorities: one scale for all formats."""

from collections.abc import Mapping

from findings.core.types import Priority

CRITICAL, HIGH, MEDIUM, LOW, INFO = "critical", "high", "medium", "low", "info"
ERROR, WARNING, NOTE = "error", "warning", "note"
SECRET, UNKNOWN = "secret", "unknown"

Scale = Mapping[str, Priority]

# What a team may change, in the order in which it is shown.
SCALE: dict[str, Priority] = {
    CRITICAL: Priority.P0,
    HIGH: Priority.P1,
    MEDIUM: Priority.P2,
    LOW: Priority.P2,
    INFO: Priority.P2,
    ERROR: Priority.P1,
    WARNING: Priority.P2,
    NOTE: Priority.P2,
    SECRET: Priority.P0,
    UNKNOWN: Priority.P2,
}

# Other tools' words for the same.
_ALIASES = {
    "blocker": CRITICAL,
    "very high": CRITICAL,
    "major": HIGH,
    "important": HIGH,
    "moderate": MEDIUM,
    "minor": LOW,
    "negligible": LOW,
    "informational": INFO,
    "information": INFO,
    "inventory": INFO,
    "experiment": INFO,
    "warn": WARNING,
    "none": NOTE,
    "p0": CRITICAL,
    "p1": HIGH,
    "p2": MEDIUM,
}


def named(word: str, default: str = UNKNOWN) -> str:
    """The step of the scale that a tool's word means; the default where nobody knows it."""
    plain = word.strip().casefold()
    plain = _ALIASES.get(plain, plain)
    return plain if plain in SCALE else default


def scored(score: float) -> str:
    """The step of a score from 0 to 10, as CVSS names them."""
    if score >= 9.0:
        return CRITICAL
    if score >= 7.0:
        return HIGH
    return MEDIUM if score >= 4.0 else LOW


def scale_of(changes: Mapping[str, str]) -> dict[str, Priority]:
    """The scale with a team's changes; what it does not know is left out."""
    known = {word: Priority(p) for word, p in changes.items() if word in SCALE and p in Priority.__members__}
    return SCALE | known
