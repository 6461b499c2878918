"""What happened to a finding, by people and machines, newest first, each turn with its evidence."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.events import FOUND_TOGETHER, MACHINE
from findings.models import Event, Evidence, Finding, User
from findings.steady import steady
from findings.templatetags.nova import shortsha
from findings.words import full_stop, listed

SHOWN = 100
# verb -> (icon, words)
VERBS = {
    **dict.fromkeys(("found", FOUND_TOGETHER), ("open", gettext_lazy("Found"))),
    "closed": ("proof", gettext_lazy("Closed")),
    "came back": ("regression", gettext_lazy("Came back")),
    "flapping": ("flapping", gettext_lazy("Flapping: it came and went within two weeks, so a person has to look")),
    "looked at": ("check", gettext_lazy("Looked at: automation goes on")),
    "accepted": ("accepted", gettext_lazy("Accepted")),
    "false_positive": ("false_positive", gettext_lazy("Called a false positive")),
    "asked accepted": ("accepted", gettext_lazy("Asked a lead to accept it")),
    "asked false_positive": ("false_positive", gettext_lazy("Asked a lead to call it a false positive")),
    "approved": ("check", gettext_lazy("Approved")),
    "declined": ("undo", gettext_lazy("Declined: it stays as it is")),
    "took back": ("undo", gettext_lazy("Taken back: it is as it was before")),
    "withdrew verdict": ("undo", gettext_lazy("Verdict withdrawn")),
    "verdict lapsed": ("undo", gettext_lazy("The verdict ended: the code it was about has changed")),
    "same": ("check", gettext_lazy("Confirmed: it is the same one that moved")),
    "told apart": ("undo", gettext_lazy("Told apart from one that looked like it: the two changed places")),
    "attested": ("proof", gettext_lazy("Attested")),
    "took word back": ("undo", gettext_lazy("Attestation taken back: it is open again")),
    "relinked": ("settings", gettext_lazy("What proves it was changed")),
    "assigned": ("user", gettext_lazy("Assigned")),
    "set due": ("week", gettext_lazy("Due date set")),
    "changed owner": ("team", gettext_lazy("Handed over")),
}
CLOSED = {
    "diff": gettext_lazy("Closed: the code was changed"),
    "deleted": gettext_lazy("Closed: the code was deleted"),
    "upload": gettext_lazy("Closed: the report no longer names it"),
    "attested": gettext_lazy("Closed by an attestation"),
}
ENDED = {
    "withdrew verdict": gettext_lazy("The verdict ended: its term is over"),
}
# What `with_names(Event.objects.filter(team_ref__in=…).of_finding(…))` tells, in words that never change.
HISTORY = """
SELECT id, at, actor, verb, after::text, run_ref, ARRAY(
    SELECT ARRAY[u.email, u.name] FROM findings_user u WHERE u.email IN (e.actor, coalesce(e.after ->> 'owner', ''))
)
FROM findings_event e
WHERE team_ref = ANY (%(teams)s) AND subject = ANY (ARRAY(
    SELECT 'run:' || from_run_id FROM findings_occurrence WHERE finding_id = %(key)s UNION SELECT %(subject)s::text
)) AND (subject = %(subject)s OR verb = 'found together' AND jsonb_path_exists(
    after, 'strict $.keys[*] ? (@[0] <= $key && @[1] >= $key)', jsonb_build_object('key', %(key)s::bigint)
))
ORDER BY id DESC LIMIT %(most)s
"""


def with_names(events: QuerySet[Event]) -> QuerySet[Event]:
    """Adds `names`: how people know the actor, and the owner that the event speaks of."""
    owner = KeyTextTransform("owner", "after")
    people = User.objects.filter(email__in=[OuterRef("actor"), OuterRef("given")])
    pair = people.values(told=JSONObject(email="email", name="name"))
    return events.annotate(given=Coalesce(owner, Value(""), output_field=TextField())).annotate(
        names=ArraySubquery(pair)
    )


def history(key: int, teams: Collection[int]) -> list[Event]:
    """What the log of these teams tells of a finding, newest first, as `timeline` takes it."""
    with steady() as cursor:
        cursor.execute(HISTORY, {"teams": list(teams), "key": key, "subject": f"finding:{key}", "most": SHOWN})
        return [_event(*row) for row in cursor.fetchall()]


def _event(pk: int, at: datetime, actor: str, verb: str, after: str, run: int | None, names: list[list[str]]) -> Event:
    found: Any = Event(pk=pk, at=at, actor=actor, verb=verb, after=json.loads(after), run_ref=run)
    found.names = [{"email": email, "name": name} for email, name in names]
    return cast(Event, found)


def timeline(finding: Finding, events: Sequence[Event], proofs: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Rows of components/timeline.html. `events` (from `history` or `with_names`) newest first; `proofs` are
    those the reader may see.
    """
    people = {told["email"]: told["name"] for event in events for told in _names(event)}
    by_turn = {(p.run_id, p.closes): p for p in proofs}
    words = {p.pk: p for p in proofs if p.kind == "attested"}
    return [_row(event, _proof_of(event, by_turn, words), people) for event in events]


def _names(event: Any) -> list[dict[str, str]]:
    return list(event.names)


def _proof_of(
    event: Event, by_turn: Mapping[tuple[int | None, bool], Evidence], words: Mapping[int, Evidence]
) -> Evidence | None:
    """The evidence of this very turn: of its run, or the attestation made at that moment."""
    if event.verb in ("closed", "came back") and event.run_ref:
        return by_turn.get((event.run_ref, event.verb == "closed"))
    if event.verb == "attested":
        return next((p for p in words.values() if p.at == event.at), None)
    return None


def _row(event: Event, proof: Evidence | None, people: Mapping[str, str]) -> dict[str, Any]:
    icon, words = VERBS.get(event.verb, ("info", event.verb.capitalize()))
    url = reverse("remediation:run", args=[event.run_ref]) if event.run_ref else ""
    return {
        "icon": icon,
        "at": event.at,
        "actor": "" if event.actor == MACHINE else people.get(event.actor) or event.actor,
        "text": full_stop(_text(event, str(words), people)),
        "detail": _detail(event, proof),
        "hunk": proof.hunk if proof else "",
        "path": proof.path if proof else "",
        "url": url,
    }


def _text(event: Event, words: str, people: Mapping[str, str]) -> str:
    write: Callable[[Event, Mapping[str, str]], str] | None = SPECIAL.get(event.verb)
    return (write(event, people) if write else "") or words


def _closed(event: Event, people: Mapping[str, str]) -> str:
    kind = str(event.after.get("kind", ""))
    at = shortsha(str(event.after.get("commit") or ""))
    said = str(CLOSED.get(kind, ""))
    return listed([said, at]) if said and at else said


def _came_back(event: Event, people: Mapping[str, str]) -> str:
    at = shortsha(str(event.after.get("commit") or ""))
    return _("Came back with %s") % at if at else ""


def _assigned(event: Event, people: Mapping[str, str]) -> str:
    owner = event.after.get("owner")
    return _("Given to %s") % (people.get(str(owner)) or owner) if owner else _("Given to nobody")


def _due(event: Event, people: Mapping[str, str]) -> str:
    day = parse_date(str(event.after.get("due") or ""))
    return (
        _("Due date set to %s") % date_format(day, "SHORT_DATE_FORMAT")
        if day
        else _("Due date taken away: the plan's counts")
    )


def _handed(event: Event, people: Mapping[str, str]) -> str:
    return _("Belongs to %s now") % event.after.get("component", "")


def _withdrawn(event: Event, people: Mapping[str, str]) -> str:
    return str(ENDED[event.verb]) if event.actor == MACHINE else ""


SPECIAL = {
    "closed": _closed,
    "came back": _came_back,
    "assigned": _assigned,
    "set due": _due,
    "changed owner": _handed,
    "withdrew verdict": _withdrawn,
}


def _detail(event: Event, proof: Evidence | None) -> str:
    said = []
    if reason := event.after.get("reason"):
        said.append(str(reason))
    if day := parse_date(str(event.after.get("until") or "")):
        said.append(_("until %s") % date_format(day, "SHORT_DATE_FORMAT"))
    if proof is not None:
        author = proof.author.partition(" <")[0]
        said += [part for part in (f"“{proof.subject}”" if proof.subject else "", author, proof.text) if part]
    return " · ".join(said)
