"""An item: what proves it, what happened to it, and what people say of it."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from findings.access import may, reach
from findings.actions.saying import Stale
from findings.models import Finding, Occurrence, User
from findings.pages import person
from findings.templatetags.nova import money, shortsha
from findings.words import full_stop, listed, paragraph, titled, translated
from remediation.actions import items as actions
from remediation.actions.links import relink
from remediation.core.progress import State
from remediation.forms.items import AttestForm, DueForm, ItemForm, MoveForm, OwnerForm, WhyForm
from remediation.forms.links import LinksForm
from remediation.models import Item
from remediation.reads.counting import grouped
from remediation.reads.history import changes, timeline
from remediation.reads.items import (
    Row,
    bar,
    behind,
    detailed,
    findings_of,
    names_of,
    note,
    places_of,
    proven_at,
    proven_of,
    row_of,
)
from remediation.reads.sight import last_places, marks, sight
from remediation.reads.suggested import for_items
from remediation.reads.team import tested, today_of

PLACES = 2
MANY = 100  # findings that a page shows at once


def item_of(request: HttpRequest, pk: int, role: str = "viewer") -> Item:
    """An item of the person's teams: 404 for others', 403 where the role does not reach."""
    item: Item = get_object_or_404(detailed(Item.objects.visible_to(person(request))), pk=pk)
    reach(request, item.checklist.team, role)
    return item


@require_safe
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """Its page."""
    found = item_of(request, pk)
    return render(request, "remediation/item.html", _context(request, found))


def _context(request: HttpRequest, item: Item) -> dict[str, Any]:
    team = item.checklist.team
    today = today_of(team)
    row = row_of(item, today)
    components = places_of(person(request))
    findings, more = _behind(request, item, components)
    gone = last_places(findings, components)
    may_edit = may(request, team, "member")
    another = may_edit and row.attestable and actions.needs_another(item, person(request))
    return {
        "team": team,
        "today": today,
        "item": {
            "title": translated(item.title),
            "priority": item.priority,
            "state": row.state,
            "phase": str(item.phase),
            "effort": row.hours,
            "version": item.version,
            **bar(row),
        },
        "sentence": sentence(row, [] if more else findings, shortsha(str((proven_at(team) or {}).get("commit", "")))),
        "owner": str(item.owner) if item.owner else "",
        "suggested": for_items([item], team).get(item.pk),
        "give": _url(item, "assign") if may_edit else "",
        "due": item.due,
        "overdue": row.overdue,
        "item_facts": list(_facts(item)),
        "findings": [_finding(f, components, gone.get(f.pk)) for f in findings],
        "more": more,
        "rules": _rules(item),
        "relink": _url(item, "links") if item.checklist.review_id and may(request, team, "lead") else "",
        "actions": [_link(item, verb) for verb in _possible(row, another=another)] if may_edit else [],
        "another": another,
        "claim": _url(item, "claim") if may_edit and not row.done and row.state is not State.CLAIMED else "",
        "events": timeline(item, proven_of(item, person(request), components, MANY) if more else findings, components),
        "back": reverse("remediation:board", args=[team.slug]),
    }


def _behind(request: HttpRequest, item: Item, components: list[int]) -> tuple[list[Finding], int]:
    """The findings of an item that its page shows, and how many there are beside them: of very many the first ones,
    unless somebody asked for all.
    """
    user = person(request)
    found = findings_of(item, user, components, None if "all" in request.GET else MANY)
    if "all" in request.GET or len(found) <= MANY:
        return found, 0
    return found[:MANY], behind(item, user).count() - MANY


# In words


def sentence(row: Row, findings: Sequence[Finding], commit: str) -> str:
    """Where it stands and what is left: "3 of 5 fixed, as of 4f2c91a. 2 left: both in messaging."."""
    item, found = row.item, row.progress
    if row.done:
        return paragraph([_how_settled(row), _claimed_before(item)])
    said = note(row, names_of([item.claimed_by]) if item.claimed_by else {})
    parts = [full_stop(f"{said[0].upper()}{said[1:]}")] if said else []
    if found.total:
        parts = [_counts(row, commit), *parts, _left(found.open, findings)]
    return paragraph(parts)


def _counts(row: Row, commit: str) -> str:
    """How many are fixed, and how many a verdict settled, which is not the same."""
    found = row.progress
    said = {"fixed": grouped(found.proven), "total": grouped(found.proven + found.open), "commit": commit}
    proven = _("%(fixed)s of %(total)s proven at %(commit)s.") if commit else _("%(fixed)s of %(total)s proven.")
    n = found.by_verdict
    accepted = ngettext("%d accepted.", "%d accepted.", n) % n if n else ""
    return paragraph([proven % said, accepted])


def _claimed_before(item: Item) -> str:
    """The claim that was proven, which stays visible beside the proof; "" where nobody claimed it."""
    if item.claimed_at is None:
        return ""
    who = names_of([item.claimed_by]).get(item.claimed_by, translated(item.claimed_by.partition("@")[0]))
    return _("%(who)s had claimed it on %(day)s.") % {
        "who": who,
        "day": date_format(item.claimed_at, "SHORT_DATE_FORMAT"),
    }


def _how_settled(row: Row) -> str:
    item = row.item
    when = date_format(item.settled_at, "SHORT_DATE_FORMAT") if item.settled_at else ""
    if row.state is State.PROVEN:
        return _("Proven on %(day)s at %(commit)s.") % {"day": when, "commit": shortsha(item.settled_commit)}
    if row.state is State.ATTESTED:
        who = names_of([item.attested_by]).get(item.attested_by, item.attested_by)
        word = {"day": when, "who": who, "text": full_stop(item.attestation)}
        return _("Attested on %(day)s by %(who)s: %(text)s") % word
    return _("Settled on %s: everything on it was accepted.") % when


def _left(n: int, findings: Sequence[Finding]) -> str:
    """What is still open, and in which folders when those are few."""
    if not n:
        return _("Nothing is open; the next scan proves it.")
    folders = Counter(_folder(f) for f in findings if f.state == "open" and f.rule.tool != "review")
    named = [folder for folder, _n in folders.most_common() if folder]
    if named and len(named) <= PLACES:
        left = ngettext("%(n)s left, in %(places)s.", "%(n)s left, in %(places)s.", n)
        return left % {"n": grouped(n), "places": listed(named)}
    return ngettext("%s left.", "%s left.", n) % grouped(n)


def _folder(finding: Finding) -> str:
    places = vars(finding).get("places")
    return str(places[0].path).rpartition("/")[0] if places else ""


def _finding(finding: Finding, components: Collection[int], gone: Occurrence | None) -> dict[str, Any]:
    seen = sight(finding, components)
    place = seen.place or gone
    return {
        "priority": finding.priority,
        "title": titled(seen.title, finding.rule.title),
        "url": finding.get_absolute_url(),
        "path": place.path if place else "",
        "line": place.line if place else 0,
        "places": max(len(seen.places) - 1, 0),
        "state": finding.state,
        "marks": marks(finding),
    }


def _rules(item: Item) -> list[dict[str, Any]]:
    team = item.checklist.team
    return [
        tested(link, team, link.why if item.checklist.review_id else "")
        for link in item.links.select_related("rule").order_by("rule__key", "scope")
    ]


def _facts(item: Item) -> Any:
    yield _("Checklist"), str(item.checklist)
    if item.report_line:
        yield _("In the report"), _("line %d") % item.report_line
    if item.first_due and item.first_due != item.due:
        yield _("First due"), date_format(item.first_due, "SHORT_DATE_FORMAT")
    if item.saving is not None:
        yield _("Saves a month"), money(item.saving, item.saving_currency)
    if item.refuted:
        yield _("Claims refuted"), str(item.refuted)


# What people say


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that people of this role may say of an item: a form, what it does, and its words. `key` is its
    shortcut; some things are said of items of a review only.
    """

    title: str | Promise
    form: type[ItemForm]
    do: Callable[[Item, Mapping[str, Any], User | str], Any]
    done: str | Promise
    note: str | Promise = ""
    key: str = ""
    page: str = "form_page.html"
    role: str = "member"
    reviewed: bool = False


def _said(verb: Callable[..., Any], *names: str) -> Callable[[Item, Mapping[str, Any], User | str], Any]:
    """An action on an item, called with the named fields of its form and the version that was shown."""

    def do(item: Item, data: Mapping[str, Any], actor: User | str) -> Any:
        return verb(item, *(data[name] for name in names), actor=actor, version=data["version"])

    return do


def _move(item: Item, data: Mapping[str, Any], actor: User | str) -> None:
    actions.reschedule(item, data["due"], actor=actor, why=data["why"], phase=data["phase"], version=data["version"])


def _move_to(item: Item, data: Mapping[str, Any], actor: User | str) -> None:
    actions.move(item, data["phase"], data["due"], actor=actor, why=data["why"], version=data["version"])


VERBS: Mapping[str, Verb] = {
    "move": Verb(
        gettext_lazy("Move"), MoveForm, _move_to, gettext_lazy("Moved."), key="d", page="remediation/move.html"
    ),
    "why": Verb(gettext_lazy("Say why"), WhyForm, _said(actions.explain, "why"), gettext_lazy("Kept in the history.")),
    "assign": Verb(gettext_lazy("Assign"), OwnerForm, _said(actions.give, "owner"), gettext_lazy("Saved."), key="a"),
    "due": Verb(gettext_lazy("Choose a day"), DueForm, _move, gettext_lazy("Saved.")),
    "claim": Verb(
        gettext_lazy("Claim"),
        ItemForm,
        _said(actions.claim),
        gettext_lazy("Claimed with your name."),
        gettext_lazy("You say that this is done. The next scan proves or refutes it."),
    ),
    "unclaim": Verb(
        gettext_lazy("Take the claim back"), ItemForm, _said(actions.unclaim), gettext_lazy("Claim taken back.")
    ),
    "attest": Verb(
        gettext_lazy("Attest"),
        AttestForm,
        _said(actions.attest_item, "text"),
        gettext_lazy("Attested with your name."),
        gettext_lazy("For what no scan can see. The open secrets on this item count as rotated by the same word."),
        key="v",
    ),
    "links": Verb(
        gettext_lazy("Change what proves it"),
        LinksForm,
        _said(relink, "links"),
        gettext_lazy("Kept. The last scan was judged by these rules."),
        page="remediation/item_links.html",
        role="lead",
        reviewed=True,
    ),
    "reopen": Verb(
        gettext_lazy("Take the attestation back"), ItemForm, _said(actions.reopen), gettext_lazy("Open again.")
    ),
}


def _possible(row: Row, *, another: bool) -> list[str]:
    """What may be said of an item as it stands; claiming has its own button. `another` has to attest."""
    if row.done:
        return ["reopen"] if row.state is State.ATTESTED else []
    verbs = ["assign", "move"]
    if row.item.claimed_at is not None:
        verbs.append("unclaim")
    return [*verbs, "attest"] if row.attestable and not another else verbs


def _url(item: Item, verb: str) -> str:
    return reverse(f"remediation:item_{verb}", args=[item.pk])


def _link(item: Item, verb: str) -> dict[str, str]:
    return {"label": str(VERBS[verb].title), "url": _url(item, verb), "key": VERBS[verb].key}


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Say one of `VERBS` of an item: its form, then the change. 422 with the form where it cannot be done as asked."""
    word = VERBS[verb]
    found = item_of(request, pk, word.role)
    if word.reviewed and found.checklist.review_id is None:
        raise Http404
    form = word.form(request.POST.copy() if request.method == "POST" else None, item=found)
    if form.is_valid() and _done(request, form, found, word):
        return redirect(_next(request, found))
    context = {
        "team": found.checklist.team,
        "title": _("%(verb)s: %(title)s") % {"verb": word.title, "title": translated(found.title)},
        "form": form,
        "action": word.title,
        "note": word.note,
        "back": _next(request, found),
        "address": request.get_full_path(),
    }
    if isinstance(form, MoveForm):
        context |= {"moves": form.moves, "day": DueForm(item=found, auto_id="id_day_%s"), "day_url": _url(found, "due")}
    return render(request, word.page, context, status=422 if form.errors else 200)


def _done(request: HttpRequest, form: ItemForm, item: Item, word: Verb) -> bool:
    """Do it and say so. Where somebody was quicker, the form comes back with what it is about as it is now."""
    try:
        word.do(item, form.cleaned_data, person(request))
    except Stale as stale:
        cast(QueryDict, form.data)["version"] = str(stale.row.version)
        told = changes(item, form.cleaned_data["version"], stale.row.version)
        look = _("What you typed is kept: look, then send it again.")
        form.add_error(None, paragraph([_("Somebody changed this item since you opened it."), told, look]))
        return False
    except ValueError as error:
        form.add_error(None, _(str(error)))
        return False
    messages.success(request, _moved(request, item, form) if isinstance(form, MoveForm) else str(word.done))
    return True


def _moved(request: HttpRequest, before: Item, form: MoveForm) -> SafeString:
    """Where it went, with a place for the reason where none was given, and the way back."""
    hidden = {"csrfmiddlewaretoken": get_token(request), "version": before.version + 1}
    undo = hidden | {
        "due": (before.due and before.due.isoformat()) or "",
        "phase": before.phase_id,
        "why": _("Undone."),
    }
    title = translated(before.title)
    said = _("Moved “%(title)s”: %(to)s.") % {"title": title, "to": form.chosen.label}
    there = urlencode({"next": _next(request, before)})
    why = "" if form.cleaned_data["why"] else _inline(f"{_url(before, 'why')}?{there}", hidden, _("Say why"), ask=True)
    return format_html("{} {} {}", said, why, _inline(f"{_url(before, 'due')}?{there}", undo, _("Undo")))


def _inline(url: str, hidden: Mapping[str, Any], label: str, *, ask: bool = False) -> SafeString:
    """A form of one button inside a message, with a field for a text where it asks for one."""
    fields = format_html_join("", '<input type="hidden" name="{}" value="{}">', hidden.items())
    text = format_html('<input name="why" required maxlength="300" aria-label="{}"> ', _("Why")) if ask else ""
    start = '<form class="inline" method="post" action="{}">'
    return format_html(start + '{}{}<button class="btn small">{}</button></form>', url, fields, text, label)


def _next(request: HttpRequest, item: Item) -> str:
    """Where the person came from, if that is a page of ours; else the item."""
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else item.get_absolute_url()
