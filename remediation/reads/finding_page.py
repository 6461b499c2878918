"""One finding as its page shows it: state in words, code, evidence, whose it is, what can be done."""

from collections.abc import Collection
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from findings.models import Finding, Occurrence, Verdict
from findings.pages import key_of
from findings.templatetags.nova import shortsha
from findings.words import listed, paragraph, titled, translated
from remediation.actions.imports import REVIEW
from remediation.forms.filters import Filter, Reader, reader
from remediation.reads import markdown
from remediation.reads.beside import beside
from remediation.reads.due import Planned, deadlines
from remediation.reads.finding_history import history, timeline
from remediation.reads.finding_whole import Page, load
from remediation.reads.neighbours import neighbours
from remediation.reads.sight import marks
from remediation.reads.suggested import Suggested, for_traces
from remediation.reads.team import tested

STEPS = {
    1: gettext_lazy("by the id its tool gave it"),
    2: gettext_lazy("by its fingerprint in the report"),
    3: gettext_lazy("same line, followed through the change"),
    4: gettext_lazy("same line of code in this file"),
    5: gettext_lazy("same block of code in this file"),
    6: gettext_lazy("same message in this file"),
    7: gettext_lazy("same code in another file"),
    8: gettext_lazy("the same thing, come back"),
}
KEYED = {
    "secret": gettext_lazy("by the keyed hash of its value"),
    "logical": gettext_lazy("by the name of what it is about"),
}


def finding_page(
    finding: Finding, who: Reader, asked: QueryDict, may: Collection[int] = (), led: Collection[int] = ()
) -> dict[str, Any]:
    """The context of findings/detail.html. `finding` is from `whole`; the address carries the filter of the list that
    the page was opened from. `may`: the teams for which this person may change things, `led`: those they lead.
    """
    chosen = Filter.read(asked)
    query, page = chosen.query(), load(finding, who, may, led)
    return (
        _head(page)
        | _code(page, asked, query)
        | _whose(page, query)
        | _history(page)
        | _tested(page, led)
        | _neighbours(page, chosen, query)
    )


# Words


def _head(page: Page) -> dict[str, Any]:
    f, seen = page.finding, page.seen
    place = seen.place or (page.places[-1] if page.places else None)
    return {
        "finding": {
            "pk": f.pk,
            "url": f.get_absolute_url(),
            "title": titled(seen.title, f.rule.title),
            "priority": f.priority,
            "state": f.state,
            "marks": marks(f),
            "path": place.path if place else "",
            "line": place.line if place else 0,
            "message": "" if seen.message.strip() == seen.title else seen.message,
        },
        "sentence": paragraph(_sentences(page)),
        "why": why(f),
        "closes": markdown.render(str(f.properties.get("fix") or "")),
        "match": _match(page, place) if place else "",
        "today": timezone.localdate(),
        **beside(f, place, page.who),
    }


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT" if day.year != timezone.localdate().year else "MONTH_DAY_FORMAT")


def _sentences(page: Page) -> list[str]:
    f = page.finding
    said = []
    if f.state == "fixed":
        said.append(_fixed(page))
    elif page.verdict:
        said.append(_verdict(page.verdict))
    else:
        said.append(_("Open since %s.") % _day(timezone.localdate(f.first_seen_at)))
    if page.asked:
        words = {"accepted": _("%s asks to accept it."), "false_positive": _("%s asks to call it a false positive.")}
        said += [words[page.asked.verdict] % page.asked.person, _("A lead decides.")]
    if f.reopened:
        said.append(ngettext("Came back once.", "Came back %d times.", f.reopened).replace("%d", str(f.reopened)))
    if f.flapping:
        said.append(_("It came and went within two weeks: nothing closes it until somebody has looked."))
    elif f.state == "open":
        said.append(closing(page))
    return said


def _fixed(page: Page) -> str:
    f = page.finding
    proof = next((p for p in page.proofs if p.closes and p.pk == f.evidence_id), None)
    day = _day(timezone.localdate(f.fixed_at)) if f.fixed_at else ""
    if proof is None:
        return _("Closed %s.") % day
    if proof.kind == "attested":
        return _("Closed %(day)s on the word of %(person)s: %(text)s") % {
            "day": day,
            "person": getattr(proof, "name", "") or proof.person,
            "text": proof.text,
        }
    if proof.kind == "upload":
        return _("Closed %s: the report that named it names it no longer.") % day
    said = {"day": day, "commit": shortsha(proof.commit), "subject": proof.subject}
    if proof.subject:
        return _("Fixed %(day)s by %(commit)s “%(subject)s”.") % said
    return _("Fixed %(day)s by %(commit)s.") % said


def _verdict(verdict: Verdict) -> str:
    words = {"accepted": _("Accepted by %s."), "false_positive": _("Called a false positive by %s.")}
    said = words[verdict.verdict] % verdict.person
    return paragraph([said, _("Until %s.") % _day(verdict.until) if verdict.until else ""])


def closing(page: Page) -> str:
    """What has to happen for it to close, in one sentence."""
    finding = page.finding
    branch = finding.repository.default_branch or _("the tracked branch")
    if finding.rule.proof == "tree":
        return _("Closes by itself when a scan of %s finds it no more.") % branch
    if finding.rule.proof == "attested":
        return _("Closes with what the rules linked to it see in the code, or when somebody attests that it is done.")
    if finding.rotated:
        return _("Rotated, still in code: closes when a scan finds it there no more.")
    if not finding.at_head:
        since = next((p.commit for p in page.seen.places if not p.at_head and p.commit), "")
        if since:
            said = _("Gone at HEAD, in history since %s: closes when somebody attests that it was rotated.")
            return said % shortsha(since)
        return _("Gone from the newest code, still in its history: closes when somebody attests that it was rotated.")
    return _("Closes when it is gone from the code and somebody attests that it was rotated.")


def why(finding: Finding) -> SafeString:
    """Why it matters: what a reviewer wrote, else what the rule's own help says."""
    written = [str(finding.properties[name]) for name in ("problem", "impact") if finding.properties.get(name)]
    texts = written or [translated(finding.rule.help or finding.rule.title)]
    return format_html_join("\n", "{}", ((markdown.render(text),) for text in texts))


def _match(page: Page, place: Occurrence) -> str:
    """How it was recognised the last time it had moved or changed."""
    if not place.step:
        return ""
    known = STEPS | ({1: KEYED[page.finding.identity]} if page.finding.identity in KEYED else {})
    said = [str(known[place.step])]
    if place.moved:
        n = abs(place.moved)
        down = ngettext("moved %d line down", "moved %d lines down", n)
        up = ngettext("moved %d line up", "moved %d lines up", n)
        said.append((down if place.moved > 0 else up) % n)
    said.append(_("pass %d") % place.step)
    unsure = _("Several places looked alike; the nearest was taken.") if place.ambiguous else ""
    return paragraph([_("Recognised: %s.") % listed(said), unsure])


# Code


def _code(page: Page, asked: QueryDict, query: str) -> dict[str, Any]:
    shown = {"now": _now(page, asked.get("place", ""))}
    first = page.places[0] if page.places else None
    if first and shown["now"] and first.pk != shown["now"].pk and first.to_run_id:
        shown["first"] = first
    last = next((p for p in page.proofs if p.hunk and p.closes), None)
    back = next((p for p in page.proofs if p.hunk and not p.closes), None)
    diffs = {"fix": last if page.finding.state == "fixed" else None, "back": back}
    known = [name for name, row in (*shown.items(), *diffs.items()) if row]
    proven = [name for name in ("fix", "back") if name in known]
    start = "fix" if diffs["fix"] else "now"
    tab = asked.get("tab", "") if asked.get("tab") in known else start
    proof, place = diffs.get(tab), shown.get(tab) or shown["now"]
    words = {"now": _("Now"), "first": _("First seen"), "fix": _("What fixed it"), "back": _("What brought it back")}
    if page.finding.state == "fixed":
        words["now"] = _("Last seen")
    return {
        "evidence": _address(page.finding, {"tab": proven[0]}, query) if proven else "#history",
        "tabs": [_tab(page, words[name], {"tab": name}, query, current=name == tab) for name in known]
        if len(known) > 1
        else [],
        "diff": proof.hunk if proof else "",
        "code": _excerpt(place) if place and place.excerpt and not proof else None,
        "code_path": proof.path if proof else place.path if place else "",
        "code_line": 0 if proof or not place else place.line,
        "occurrences": [_place(page, p, query) for p in page.seen.places],
    }


def _now(page: Page, wanted: str) -> Occurrence | None:
    """The place that was asked for, else the first present one, else the last there was."""
    places = page.seen.places
    chosen = next((p for p in places if p.pk == key_of(wanted)), None) if wanted else None
    return chosen or page.seen.place or (page.places[-1] if page.places else None)


def _tab(page: Page, label: str, asked: dict[str, Any], query: str, *, current: bool) -> dict[str, Any]:
    return {"label": label, "url": _address(page.finding, asked, query), "current": current}


def _address(finding: Finding, asked: dict[str, Any], query: str) -> str:
    parts = "&".join(part for part in (query, urlencode(asked)) if part)
    return f"{finding.get_absolute_url()}?{parts}"


def _excerpt(place: Occurrence) -> dict[str, Any]:
    first = place.excerpt_line or max(place.line, 1)
    return {"text": place.excerpt, "first": first, "line": place.line, "end": place.end_line}


def _place(page: Page, place: Occurrence, query: str) -> dict[str, Any]:
    begun = {p.pk: p.from_run for p in page.places}.get(place.pk)
    return {
        "path": place.path,
        "line": place.line,
        "since": begun.observed_at if begun else None,
        "commit": place.commit or (begun.commit if begun else ""),
        "url": _address(page.finding, {"place": place.pk}, query) if len(page.seen.places) > 1 else "",
        "history": not place.at_head,
    }


# Whose it is


def _whose(page: Page, query: str) -> dict[str, Any]:
    f, who = page.finding, page.who
    owed = [item for item in page.items if item.settled_at is None]
    dated, owned = [item.due for item in owed if item.due], [item.owner for item in owed if item.owner]
    plan = Planned(dated[0] if dated else None, owned[0] if owned else None)
    due = deadlines([f], who.team_keys, who.now, {f.pk: plan}).get(f.pk)
    item = page.items[0] if page.items else None
    return {
        "owner": str(f.owner or plan.owner or ""),
        "owner_source": _("from the plan") if f.owner is None else "",
        "suggested": _suggested(page) if f.state == "open" and not (f.owner or plan.owner) else None,
        "due": due.on if due else None,
        "due_source": _source(due.source) if due else "",
        "overdue": bool(due and due.overdue),
        "item": {"title": translated(item.title), "url": item.get_absolute_url()} if item else None,
        "verdict": _word(page.verdict) if page.verdict else None,
        "asked": _word(page.asked) if page.asked else None,
        "actions": actions(page, query) if page.may_edit else [],
        "facts": _facts(page),
    }


def _tested(page: Page, led: Collection[int]) -> dict[str, Any]:
    """The rules that test what a person described, and where a lead changes them."""
    f = page.finding
    if f.rule.tool != REVIEW:
        return {}
    links = f.links.select_related("rule").order_by("rule__key", "scope")
    mine = f.component.team_id in led
    return {
        "described": True,
        "tested": [tested(link, f.component.team, why=link.why) for link in links],
        "relink": reverse("remediation:finding_links", args=[f.pk]) if mine else "",
    }


def _suggested(page: Page) -> Suggested | None:
    """Who may be asked to own what nobody owns; people are named to those who may give it to them."""
    f = page.finding
    return for_traces(page.traces, f.component.team) if page.may_edit else None


def _source(source: str) -> str:
    words = {"own": _("set by hand"), "item": _("from the plan"), "sla": _("by its priority")}
    return words.get(source, "")


def _word(verdict: Verdict) -> dict[str, Any]:
    words = {"accepted": _("Accepted"), "false_positive": _("False positive")}
    return {
        "word": words[verdict.verdict],
        "reason": verdict.reason,
        "person": verdict.person,
        "until": verdict.until,
    }


def actions(page: Page, query: str) -> list[dict[str, str]]:
    """What a member may do with it, each on a page of its own, from which one comes back to the place in the list."""
    finding = page.finding
    unsure = finding.present and not finding.key and any(p.ambiguous for p in page.places if p.to_run_id is None)
    decides = page.asked is not None and page.may_approve
    known = [
        ("finding_approve", _("Approve"), "", decides),
        ("finding_decline", _("Decline"), "", decides),
        ("finding_verdict", _("Verdict"), "v", True),
        ("finding_withdraw", _("Withdraw the verdict"), "", bool(finding.verdict or page.asked)),
        ("finding_assign", _("Assign"), "a", True),
        ("finding_due", _("Due date"), "d", finding.state == "open"),
        ("finding_attest", _("Attest"), "", finding.state == "open" and finding.rule.proof != "tree"),
        ("finding_look_at", _("I have looked"), "", finding.flapping),
        ("finding_which", _("Which one is it?"), "", unsure),
    ]
    return [
        {
            "url": reverse(f"remediation:{name}", args=[finding.pk]) + (f"?{query}" if query else ""),
            "label": label,
            "key": key,
        }
        for name, label, key, fits in known
        if fits
    ]


def _facts(page: Page) -> list[tuple[str, Any]]:
    f = page.finding
    own = f.component_id in page.who.components
    said = f.properties
    facts: list[tuple[str, Any]] = [
        (_("Rule"), format_html("<code>{}</code>", f.rule.key)),
        (_("Found by"), f.rule.tool),
        (_("Repository"), format_html('<a href="{}">{}</a>', f.repository.get_absolute_url(), f.repository.name)),
        (_("Component"), f.component.name if own else ""),
        (_("First seen"), format_html("<code>{}</code>", shortsha(f.first_seen_commit)) if f.first_seen_commit else ""),
        (_("Class"), said.get("class", "")),
        (_("Line of the report"), said.get("report_line") or ""),
    ]
    return [(label, value) for label, value in facts if value]


# What happened, and what stands beside it


def _history(page: Page) -> dict[str, Any]:
    events = history(page.finding.pk, page.who.team_keys)
    return {"events": timeline(page.finding, events, page.proofs)}


def _neighbours(page: Page, chosen: Filter, query: str) -> dict[str, Any]:
    """The list this page was opened from, and the rows above and below in it."""
    who = reader(page.who.user, page.who.now, slugs=chosen.team, teams=page.who.teams) if chosen.team else page.who
    found, tail = neighbours(page.finding, chosen, who), f"?{query}" if query else ""
    addresses = {side: f"{reverse('remediation:finding', args=[pk])}{tail}" for side, pk in found.items()}
    back = f"{reverse('remediation:findings')}{tail}"
    return {"back": back, "previous": addresses.get(True, ""), "next": addresses.get(False, "")}
