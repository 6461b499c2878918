"""Rules by the words of their titles, in every language that a title is told in."""

from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.utils import translation

from findings.core import searching
from findings.core.rules import TOOL
from findings.steady import steady
from findings.words import translated
from remediation.actions.imports import REVIEW

OURS = (TOOL, REVIEW)  # tools whose titles are translated
TITLES = "SELECT id, title FROM findings_rule WHERE tool = ANY (%s) OR strpos(upper(title), upper(%s)) > 0"


@lru_cache(maxsize=8)
def rules_titled(text: str, now: datetime) -> tuple[int, ...]:
    """The keys of the rules whose title has all these words. `now` is the moment of a request, which asks once."""
    words = searching.terms(text)
    if not words:
        return ()
    with steady() as cursor:
        cursor.execute(TITLES, [list(OURS), max(words, key=len)])
        known = cursor.fetchall()
    return tuple(pk for pk, title in known if any(searching.has(t, text) for t in told(title)))


@lru_cache(maxsize=1000)
def told(title: str) -> frozenset[str]:
    """A title as it is stored, and as readers of each language see it."""
    found = {title}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(translated(title))
    return frozenset(found)
