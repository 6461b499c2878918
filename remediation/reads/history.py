"""What happened to an item, by people and machines, and the changes that proved it: one timeline, newest first."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.core.rules import RULES
from findings.models import Event, Evidence, Finding
from findings.templatetags.nova import shortsha
from findings.words import listed, paragraph, translated
from remediation.core.planning import Week
from remediation.models import Item
from remediation.reads.items import names_of
from remediation.reads.sight import sight

SHOWN = 60
PROOFS = 30
CHANGES = 3
Words = Callable[[Event, Mapping[str, str]], str]


def timeline(item: Item, findings: Sequence[Finding], components: Collection[int]) -> list[dict[str, Any]]:
    """The events of an item and the evidence of those of its findings that the person may see.

    A finding shared with another team is told in the words of one's own code, without the other's change.
    """
    shown = {f.pk: f for f in findings}
    events = list(Event.objects.about(f"item:{item.pk}")[:SHOWN])
    proofs = list(Evidence.objects.filter(finding__in=shown).order_by("-at", "-id")[:PROOFS])
    told = {e.actor for e in events} | {str(e.after.get("owner") or "") for e in events}
    names = names_of(told | {p.person for p in proofs})
    rows = [_event(e, names) for e in events] + [_proof(p, shown[p.finding_id], components, names) for p in proofs]
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def changes(item: Item, seen: int | None, now: int) -> str:
    """What was done to an item between two of its versions, who did it, and what they said: newest last."""
    rows = list(Event.objects.about(f"item:{item.pk}")[: min(max(now - (seen or 0), 1), CHANGES)])
    names = names_of({e.actor for e in rows} | {str(e.after.get("owner") or "") for e in rows})
    told = [_event(row, names) for row in reversed(rows)]
    return paragraph(_told(row) for row in told)


def _told(row: Mapping[str, Any]) -> str:
    said = _("%(who)s: %(what)s") % {"who": row["actor"], "what": row["text"]}
    return paragraph([said, f"“{row['detail']}”" if row["detail"] else ""])


def _event(event: Event, names: Mapping[str, str]) -> dict[str, Any]:
    icon, words = VERBS.get(event.verb, ("comment", lambda e, _names: e.verb.capitalize()))
    return {
        "icon": icon,
        "at": event.at,
        "actor": names.get(event.actor, event.actor),
        "text": words(event, names),
        "detail": event.after.get("why") or event.after.get("attestation") or "",
    }


def _proof(proof: Evidence, finding: Finding, components: Collection[int], names: Mapping[str, str]) -> dict[str, Any]:
    said = {"commit": shortsha(proof.commit), "title": sight(finding, components).title}
    own = finding.component_id in components
    return {
        "icon": "proof" if proof.closes else "regression",
        "at": proof.at,
        "actor": proof.author.partition(" <")[0] or names.get(proof.person, proof.person),
        "text": _evidence_words(proof) % said,
        "detail": proof.text or (f"“{proof.subject}”" if proof.subject else ""),
        "hunk": proof.hunk if own else "",
        "path": proof.path if own else "",
        "url": finding.get_absolute_url(),
    }


def _evidence_words(proof: Evidence) -> str:
    if not proof.closes:
        return _("%(title)s came back with %(commit)s.")
    return {
        "diff": _("%(title)s was fixed by %(commit)s."),
        "deleted": _("%(title)s went with its code in %(commit)s."),
        "upload": _("%(title)s is no longer in the uploaded report."),
        "attested": _("%(title)s was attested."),
    }[proof.kind]


def _assigned(event: Event, names: Mapping[str, str]) -> str:
    owner = str(event.after.get("owner") or "")
    return _("Given to %s.") % names.get(owner, owner) if owner else _("Given to nobody.")


def _rescheduled(event: Event, names: Mapping[str, str]) -> str:
    phase = event.after.get("phase")
    moved = _("Moved to “%s”.") % translated(str(phase)) if phase else ""
    before, after = _day(event.before.get("due")), _day(event.after.get("due"))
    if phase and before == after:
        return moved
    if before and after:
        return paragraph(
            [moved, _("Due date moved from %(before)s to %(after)s.") % {"before": before, "after": after}]
        )
    return paragraph([moved, _("Due on %s.") % after if after else _("Due date taken away.")])


def _day(text: object) -> str:
    day = parse_date(str(text)) if text else None
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _refuted(event: Event, names: Mapping[str, str]) -> str:
    n = int(event.after.get("open", 0))
    return ngettext("A scan looked and found %d still open.", "A scan looked and found %d still open.", n) % n


def _opened(event: Event, names: Mapping[str, str]) -> str:
    if event.after.get("successor_of"):
        return _("Opened: its findings came back after the item before it was proven.")
    return _("Opened for a rule that no review spoke of.")


def _relinked(event: Event, names: Mapping[str, str]) -> str:
    """Which rules test it since, and which no longer."""
    before, after = ({tuple(link) for link in said.get("links", ())} for said in (event.before, event.after))
    added, gone = (listed(_link(*link) for link in sorted(links)) for links in (after - before, before - after))
    return paragraph(
        [
            _("Tested by %s from now on.") % added if added else "",
            _("No longer tested by %s.") % gone if gone else "",
            _("Open again: what proved it tests it no more.") if event.after.get("open") else "",
        ]
    )


def _link(rule: str, scope: str) -> str:
    title = translated(RULES[rule].title) if rule in RULES else rule
    return _("“%(rule)s” in %(scope)s") % {"rule": title, "scope": scope} if scope else f"“{title}”"


def _at(words: Callable[[], str]) -> Words:
    return lambda event, names: words() % shortsha(str(event.after.get("commit", "")))


def _plain(words: Callable[[], str]) -> Words:
    return lambda event, names: words()


def _week(words: Callable[[], str]) -> Words:
    return lambda event, names: words() % Week.parse(str(event.after["week"])).number


VERBS: Mapping[str, tuple[str, Words]] = {
    "promised": ("week", _week(lambda: _("Promised for week %d."))),
    "dropped": ("close", _week(lambda: _("Dropped from week %d."))),
    "opened": ("plus", _opened),
    "assigned": ("user", _assigned),
    "set due": ("week", _rescheduled),
    "explained": ("comment", _plain(lambda: _("Said why."))),
    "claimed": ("claim", _plain(lambda: _("Said to be done."))),
    "withdrew claim": ("undo", _plain(lambda: _("Claim taken back."))),
    "attested": ("proof", _plain(lambda: _("Attested."))),
    "rotated": ("key", _plain(lambda: _("Rotated, by a person's word; still in the code."))),
    "relinked": ("settings", _relinked),
    "reopened": ("undo", _plain(lambda: _("Attestation taken back."))),
    "proven": ("proof", _at(lambda: _("Proven at %s."))),
    "accepted": ("accepted", _plain(lambda: _("Settled: everything on it was accepted."))),
    "came back": ("regression", _at(lambda: _("Came back at %s."))),
    "refuted": ("refuted", _refuted),
}
