"""Rules by the words of their titles, in every language that a title is told in."""

from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db.models import Q
from django.utils import translation

from findings.core import searching
from findings.core.rules import TOOL
from findings.models import Rule
from findings.words import translated
from remediation.actions.imports import REVIEW

OURS = (TOOL, REVIEW)  # tools whose titles are translated


@lru_cache(maxsize=8)
def rules_titled(text: str, now: datetime) -> tuple[int, ...]:
    """The keys of the rules whose title has all these words. `now` is the moment of a request, which asks once."""
    words = searching.terms(text)
    if not words:
        return ()
    known = Rule.objects.filter(Q(tool__in=OURS) | Q(title__icontains=max(words, key=len)))
    return tuple(
        pk for pk, title in known.values_list("pk", "title") if any(searching.has(t, text) for t in told(title))
    )


def told(title: str) -> set[str]:
    """A title as it is stored, and as readers of each language see it."""
    found = {title}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(translated(title))
    return found
