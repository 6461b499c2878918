"""What machines say, in words for people: why a batch is held, how far a scan is, what a run changed."""

import re
from collections.abc import Iterable, Mapping
from functools import reduce

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from findings.core.rules import RULES
from findings.core.types import Notice

HOLDS = {
    "scan_failed": gettext_lazy("The tool says that its run failed, so what it no longer names may still be there."),
    "rules_lost": gettext_lazy("Rules that ran before did not run this time, so their silence proves nothing."),
    "zero_after_nonzero": gettext_lazy("It names nothing at all, and named something before."),
    "mass_closing": gettext_lazy("It would close more than half of what was open, without a change that explains it."),
}
STAGES = {
    "": gettext_lazy("waiting for a worker"),
    "fetch": gettext_lazy("fetching"),
    "receive": gettext_lazy("reading the report"),
    "files": gettext_lazy("reading files"),
    "history": gettext_lazy("reading the history"),
    "past": gettext_lazy("living through the past"),
    "apply": gettext_lazy("comparing with what is known"),
    "scanners": gettext_lazy("other scanners look at it"),
    "done": gettext_lazy("done"),
}
KINDS = {
    "push": gettext_lazy("after a push"),
    "manual": gettext_lazy("by hand"),
    "schedule": gettext_lazy("on schedule"),
    "backfill": gettext_lazy("for the past"),
    "upload": gettext_lazy("upload"),
    "review": gettext_lazy("review"),
}
MEASURES = {
    "files": gettext_lazy("%(done)s of %(total)s new or changed files"),
    "history": gettext_lazy("%(done)s of %(total)s old versions of files"),
    "past": gettext_lazy("%(done)s of %(total)s commits"),
    "scanners": gettext_lazy("%(done)s of %(total)s scanners"),
}


# Why a file was not read; facts that are kept between scans hold the reason in English.
UNREAD = (  # for the catalogue
    gettext_lazy("a symbolic link"),
    gettext_lazy("a submodule"),
    gettext_lazy("a Git LFS pointer, its content is elsewhere"),
    gettext_lazy("the object is missing here (a partial or damaged clone)"),
    gettext_lazy("YAML does not parse: it holds bytes that are not text"),
    gettext_lazy("YAML does not parse: an alias without an anchor before it"),
    gettext_lazy("TOML is nested too deep"),
)
COUNTED = {
    re.compile(r"larger than (?P<n>\d+) bytes"): gettext_lazy("larger than %(n)s bytes"),
    re.compile(r"timed out: reading it takes more than (?P<n>[\d.]+) seconds"): gettext_lazy(
        "timed out: reading it takes more than %(n)s seconds"
    ),
    re.compile(r"YAML has more than (?P<n>\d+) aliases"): gettext_lazy("YAML has more than %(n)s aliases"),
    re.compile(r"YAML has more than (?P<n>\d+) parts"): gettext_lazy("YAML has more than %(n)s parts"),
    re.compile(r"YAML is nested more than (?P<n>\d+) deep"): gettext_lazy("YAML is nested more than %(n)s deep"),
}


def translated(text: str) -> str:
    """A text of ours that is stored in English (of a rule, a phase), as the reader speaks; others' words unchanged."""
    return _(text) if text else ""  # gettext answers the empty text with its catalogue's header


OURS = frozenset(rule.title for rule in RULES.values())  # names of rules


def titled(title: str, rule: str) -> str:
    """A finding's title as pages show it. What a scan says of a place is kept in English: who reads another language is
    told the name of our rule before it, in theirs. What other tools and people wrote stays as it is.
    """
    name = translated(rule)
    if title == rule:
        return name
    if name == rule or rule not in OURS:
        return title
    return pgettext("the name of a rule and what it says of a place", "%(rule)s: %(title)s") % {
        "rule": name,
        "title": title,
    }


def noticed(notice: Notice) -> str:
    """What a machine could not read or did not understand, as the reader speaks."""
    if notice.template:
        return translated(notice.template) % dict(notice.values)
    found = ((pattern.fullmatch(notice.message), words) for pattern, words in COUNTED.items())
    return next((str(words) % match.groupdict() for match, words in found if match), translated(notice.message))


def listed(parts: Iterable[str]) -> str:
    """The parts of one sentence side by side, set apart as the language does: "3 new, 2 fixed"."""
    return pgettext("between the parts of a list", ", ").join(parts)


def apart(parts: Iterable[str]) -> str:
    """Statements of one sentence that are lists themselves: "3 new, 2 fixed; nothing changed"."""
    return pgettext("between statements that are lists themselves", "; ").join(parts)


def full_stop(text: str) -> str:
    """A text with its full stop."""
    return pgettext("a sentence and its full stop", "%s.") % text


def paragraph(sentences: Iterable[str]) -> str:
    """Whole sentences one after the other; empty ones are left out."""
    both = pgettext("two sentences", "%(first)s %(second)s")
    return reduce(lambda a, b: both % {"first": a, "second": b} if a and b else a or b, sentences, "")


def hold(reason: str) -> str:
    """Why a run's closings wait for a person: one of `Hold`, or the run's own words."""
    return str(HOLDS.get(reason, reason))


def stage(name: str) -> str:
    """What a scan is doing."""
    return str(STAGES.get(name, name))


def changes(counts: Mapping[str, int], *, moves: bool = False) -> str:
    """What a run changed: "3 new, 2 fixed, 1 came back" (keys as in `Plan.counts`); with `moves` "4 moved", too."""
    new, fixed, deleted, back = (counts.get(name, 0) for name in ("new", "fixed", "deleted", "back"))
    moved = counts.get("moved", 0) if moves else 0
    said = [
        (new, ngettext("%d new", "%d new", new)),
        (fixed, ngettext("%d fixed", "%d fixed", fixed)),
        (deleted, ngettext("%d gone with its code", "%d gone with their code", deleted)),
        (back, ngettext("%d came back", "%d came back", back)),
        (moved, ngettext("%d moved", "%d moved", moved)),
    ]
    return listed(words % n for n, words in said if n) or _("nothing changed")


def places(n: int) -> str:
    """ "1 place", "3 places"."""
    return ngettext("%d place", "%d places", n) % n
