"""What machines say, in words for people: why a batch is held, how far a scan is, what a run changed."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

HOLDS = {
    "scan_failed": gettext_lazy("The tool says that its run failed, so what it no longer names may still be there."),
    "rules_lost": gettext_lazy("Rules that ran before did not run this time, so their silence proves nothing."),
    "zero_after_nonzero": gettext_lazy("It names nothing at all, and named something before."),
    "mass_closing": gettext_lazy("It would close more than half of what was open, without a change that explains it."),
}
STAGES = {
    "": gettext_lazy("waiting for a worker"),
    "fetch": gettext_lazy("fetching"),
    "files": gettext_lazy("reading files"),
    "history": gettext_lazy("reading the history"),
    "apply": gettext_lazy("comparing with what is known"),
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


def hold(reason: str) -> str:
    """Why a run's closings wait for a person: one of `Hold`, or the run's own words."""
    return str(HOLDS.get(reason, reason))


def stage(name: str) -> str:
    """What a scan is doing."""
    return str(STAGES.get(name, name))


def changes(counts: Mapping[str, int]) -> str:
    """What a run changed: "3 new, 2 fixed, 1 came back" (keys as in `Plan.counts`)."""
    said = [
        (counts.get("new", 0), _("%d new")),
        (counts.get("fixed", 0), _("%d fixed")),
        (counts.get("deleted", 0), _("%d gone with their code")),
        (counts.get("back", 0), _("%d came back")),
    ]
    return ", ".join(words % n for n, words in said if n) or _("nothing changed")


def places(n: int) -> str:
    """ "1 place", "3 places"."""
    return ngettext("%d place", "%d places", n) % n
