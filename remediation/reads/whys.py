"""Why a rule tests something, in the reader's language where the reason is ours; else in the report's own words."""

from findings.words import translated
from remediation.core.review.seen import WHYS


def why_of(why: str) -> str:
    """A link's reason, as a page tells it."""
    return translated(why) if why in WHYS else why
