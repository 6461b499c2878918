"""What people do with findings, one or many at a time. Each is a form on its own page, so it works without scripts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from findings import actions
from findings.actions.saying import Stale
from findings.actions.triage import Said
from findings.models import Event, Finding, Sweep, User
from findings.pages import fragment, key_of, person
from findings.rights import obtain
from findings.words import titled
from remediation.actions import tallies, verdicts
from remediation.actions.verdicts import Some
from remediation.forms.filters import Filter, reader
from remediation.forms.findings import AttestForm, DueForm, FindingForm, OwnerForm, VerdictForm, WhichForm, selection
from remediation.reads.finding_history import timeline, with_names
from remediation.reads.items import places_of
from remediation.reads.matching import matching
from remediation.reads.sight import sight

MOST = 50_000  # rows of one bulk change: some seconds
Data = Mapping[str, Any]
Actor = User | str


@dataclass(frozen=True, slots=True)
class Verb:
    """Something a member may say of findings: its words, its form, what it does, and the note beside the form."""

    title: Any
    form: type[FindingForm]
    do: Callable[[Some, Data, Actor, bool], Said | None]
    done: Any
    note: Any = ""
    ask: Any = ""
    role: str = "member"


def _decide(findings: Some, data: Data, actor: Actor, keep: bool) -> Said:
    said = {name: data[name] for name in ("reason", "until", "version")}
    return verdicts.decide(findings, data["verdict"], actor=actor, keep=keep, **said)


def _assign(findings: Some, data: Data, actor: Actor, keep: bool) -> Said:
    owner: User | None = data["owner"]
    if owner is not None:
        keys = [f if isinstance(f, int) else f.pk for f in findings]
        seen = Finding.objects.visible_to(owner).filter(pk__in=keys).count()
        if seen < len(keys):
            raise ValueError(
                _("%(owner)s is in no team that sees %(n)d of these.") % {"owner": owner, "n": len(keys) - seen}
            )
    return actions.assign(findings, owner, actor=actor, version=data["version"], keep=keep)


def _set_due(findings: Some, data: Data, actor: Actor, keep: bool) -> Said:
    return actions.set_due(findings, data["due"], actor=actor, version=data["version"], keep=keep)


def _withdraw(findings: Some, data: Data, actor: Actor, keep: bool) -> Said:
    return verdicts.withdraw(findings, actor=actor, version=data["version"], keep=keep)


def _approve(findings: Some, data: Data, actor: Actor, keep: bool) -> Said:
    return verdicts.approve(findings, actor=actor, version=data["version"])


def _decline(findings: Some, data: Data, actor: Actor, keep: bool) -> Said:
    return actions.decline(findings, actor=actor, version=data["version"])


def _attest(findings: Some, data: Data, actor: Actor, keep: bool) -> None:
    for finding in _whole(findings):
        verdicts.attest(finding, data["text"], actor=actor)


def _look_at(findings: Some, data: Data, actor: Actor, keep: bool) -> None:
    for finding in _whole(findings):
        actions.look_at(finding, actor=actor)


def _which(findings: Some, data: Data, actor: Actor, keep: bool) -> None:
    for finding in _whole(findings):
        verdicts.tell_apart(finding, data["which"], actor=actor, version=data["version"])


def _whole(findings: Some) -> list[Finding]:
    """What is said of one finding at a time is said of what a page fetched."""
    return [f for f in findings if isinstance(f, Finding)]


VERBS: Mapping[str, Verb] = {
    "verdict": Verb(
        gettext_lazy("Verdict"), VerdictForm, _decide, gettext_lazy("Saved."), ask=gettext_lazy("Save the verdict")
    ),
    "assign": Verb(gettext_lazy("Assign"), OwnerForm, _assign, gettext_lazy("Saved.")),
    "due": Verb(gettext_lazy("Due date"), DueForm, _set_due, gettext_lazy("Saved."), ask=gettext_lazy("Set the date")),
    "attest": Verb(
        gettext_lazy("Attest"),
        AttestForm,
        _attest,
        gettext_lazy("Attested with your name."),
        gettext_lazy("For what no scan can see. A secret that is still in the code stays open until it is gone."),
    ),
    "look_at": Verb(
        gettext_lazy("I have looked"),
        FindingForm,
        _look_at,
        gettext_lazy("Automation goes on."),
        gettext_lazy("It came and went within two weeks. From here on scans may close and reopen it again."),
    ),
    "which": Verb(
        gettext_lazy("Which one is it?"),
        WhichForm,
        _which,
        gettext_lazy("Remembered: scans go on from your answer."),
        gettext_lazy("Its code moved, and more than one place looked like it. The nearest was taken."),
        ask=gettext_lazy("Save the answer"),
    ),
    "approve": Verb(
        gettext_lazy("Approve"), FindingForm, _approve, gettext_lazy("Approved: the verdict counts."), role="lead"
    ),
    "decline": Verb(
        gettext_lazy("Decline"), FindingForm, _decline, gettext_lazy("Declined: it stays as it is."), role="lead"
    ),
    "withdraw": Verb(
        gettext_lazy("Withdraw the verdict"),
        FindingForm,
        _withdraw,
        gettext_lazy("Verdict withdrawn."),
        gettext_lazy("What still holds is open again."),
    ),
}


def _form(verb: Verb, user: User, data: QueryDict | None, initial: dict[str, Any]) -> FindingForm:
    return verb.form(data, user=user, today=timezone.localdate(), initial=initial)


# One finding


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Say one of `VERBS` of a finding. 422 with the form where it cannot be done as asked."""
    user, word = person(request), VERBS[verb]
    found = obtain(Finding.objects.visible_to, user, word.role, pk=pk)
    initial = {
        "finding": found,
        "version": found.version,
        "owner": found.owner_id,
        "due": found.due and found.due.isoformat(),
    }
    form = _form(word, user, request.POST.copy() if request.method == "POST" else None, initial)
    query = Filter.read(request.GET).query()
    back = f"{found.get_absolute_url()}?{query}" if query else found.get_absolute_url()
    if form.is_valid() and (said := _done(form, [found], word, user)):
        messages.success(request, _("It waits for a lead's approval.") if said.asked else str(word.done))
        return redirect(back)
    context = {
        "title": word.title,
        "sentence": found.title,
        "form": form,
        "over": _over(form, found, user),
        "action": word.ask or word.title,
        "note": word.note,
        "back": back,
    }
    return render(request, "form_page.html" + fragment(request, "form"), context, status=422 if form.errors else 200)


def _done(form: FindingForm, findings: Some, word: Verb, user: User, *, keep: bool = False) -> Said | None:
    """Do it. Where somebody was quicker, the form comes back and says what they did: None."""
    try:
        return word.do(findings, form.cleaned_data, user, keep) or Said(1)
    except Stale as stale:
        cast(QueryDict, form.data)["version"] = str(stale.row.version)
        form.add_error(None, meanwhile(stale.row, user))
    except ValueError as error:
        form.add_error(None, _(str(error)))
    return None


def _over(form: FindingForm, finding: Finding, user: User) -> str:
    """Why there is nothing to say any more, and what somebody else said; empty while there is."""
    if form.asks:
        return ""
    return meanwhile(finding, user, again=False) if form.is_bound else _("Nothing is in doubt here any more.")


def meanwhile(finding: Finding, user: User, *, again: bool = True) -> str:
    """What somebody changed since the form was opened; and what to do, where it can be sent `again`."""
    events = list(with_names(Event.objects.visible_to(user).of_finding(finding.pk))[:1])
    said = [f"{row['text']} {row['actor']}".strip() for row in timeline(finding, events, [])]
    asked = [_("Look, then send it again.")] if again else []
    return " ".join([_("It was changed since you opened this page:"), *said, *asked])


# Many findings


@dataclass(frozen=True, slots=True)
class Bulk:
    """A verb of the list: the one it stands for, and what its form starts with."""

    verb: str
    initial: dict[str, str]
    ask: Any
    told: Callable[[int], str]


BULK: Mapping[str, Bulk] = {
    "accept": Bulk(
        "verdict",
        {"verdict": "accepted"},
        gettext_lazy("Accept"),
        lambda n: ngettext("%d finding is accepted.", "%d findings are accepted.", n) % n,
    ),
    "false_positive": Bulk(
        "verdict",
        {"verdict": "false_positive"},
        gettext_lazy("Call false positives"),
        lambda n: ngettext("%d finding is a false positive.", "%d findings are false positives.", n) % n,
    ),
    "assign": Bulk(
        "assign",
        {},
        gettext_lazy("Assign"),
        lambda n: ngettext("%d finding has a new owner.", "%d findings have a new owner.", n) % n,
    ),
    "due": Bulk(
        "due",
        {},
        gettext_lazy("Set due date"),
        lambda n: ngettext("%d finding has a new due date.", "%d findings have a new due date.", n) % n,
    ),
    "approve": Bulk(
        "approve",
        {},
        gettext_lazy("Approve"),
        lambda n: ngettext("%d verdict is approved.", "%d verdicts are approved.", n) % n,
    ),
    "withdraw": Bulk(
        "withdraw",
        {},
        gettext_lazy("Withdraw verdict"),
        lambda n: ngettext("%d verdict is withdrawn.", "%d verdicts are withdrawn.", n) % n,
    ),
}


BY_VERDICT = {kind.initial["verdict"]: kind for kind in BULK.values() if kind.initial}
NAMED = 5  # findings that a question names


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Change what was selected, or all that match: first the question, then the change, in one transaction."""
    user, said = person(request), request.POST
    kind = BULK.get(said.get("verb", ""))
    if kind is None:
        raise Http404
    word, back = VERBS[kind.verb], _list(said)
    found = list(_selected(request, user, word.role).values_list("pk", flat=True)[: MOST + 1])
    if not found or len(found) > MOST:
        few = _("Nothing was selected that you may change.")
        messages.warning(request, few if not found else _("More than %d at once: narrow the filter.") % MOST)
        return redirect(back)
    asked = word.form is FindingForm or "confirmed" in said
    form = _form(word, user, said.copy() if asked else None, _initial(said, kind))
    form.fields.update(selection() if word.form is not FindingForm else {})
    if asked and form.is_valid() and (done := _done(form, found, word, user, keep=True)):
        tallies.add_up(beyond=tallies.MANY)
        # The question offers both verdicts, whichever button led to it.
        _tell(request, BY_VERDICT.get(form.cleaned_data.get("verdict", ""), kind), done)
        return redirect(back)
    context = _question(form, kind, len(found), back) | {"points": _named(found, user)}
    return render(request, "form_page.html", context, status=422 if form.errors else 200)


def _named(found: list[int], user: User) -> list[str]:
    """The titles of what is meant, where these are few."""
    own = places_of(user)
    rows = Finding.objects.visible_to(user).filter(pk__in=found[:NAMED]).for_list(own).order_by("priority", "pk")
    shown = [titled(sight(f, own).title, f.rule.title) for f in rows]
    return [*shown, "…"] if len(found) > NAMED else shown


def _list(said: QueryDict) -> str:
    """The list as it was filtered."""
    return f"{reverse('remediation:findings')}?{said.get('filter', '')[:2000]}".rstrip("?")


def _selected(request: HttpRequest, user: User, role: str) -> Any:
    said = request.POST
    if said.get("everything"):
        chosen = Filter.read(QueryDict(said.get("filter", "").replace("\0", "")))
        return matching(chosen, reader(user, timezone.now(), slugs=chosen.team, role=role))
    keys = [key for text in said.getlist("pk") if (key := key_of(text)) is not None]
    return Finding.objects.visible_to(user, role).filter(pk__in=keys)


def _initial(said: QueryDict, kind: Bulk) -> dict[str, Any]:
    carried = {name: said.get(name, "") for name in ("verb", "filter", "everything")}
    return {**kind.initial, **carried, "pk": said.getlist("pk"), "confirmed": "1"}


def _question(form: forms.Form, kind: Bulk, n: int, back: str) -> dict[str, Any]:
    return {
        "title": kind.ask,
        "sentence": ngettext("%d finding is meant.", "%d findings are meant.", n) % n,
        "form": form,
        "action": VERBS[kind.verb].ask if kind in BY_VERDICT.values() else kind.ask,
        "back": back,
    }


# Taking it back


def _tell(request: HttpRequest, kind: Bulk, done: Said) -> None:
    """The result in one line, with the button that takes it back."""
    text = kind.told(done.count - done.asked) if done.count > done.asked or not done.asked else ""
    if done.asked:
        waits = ngettext("%d waits for a lead's approval.", "%d wait for a lead's approval.", done.asked) % done.asked
        text = f"{text} {waits}".strip()
    if not done.sweep:
        messages.success(request, text)
        return
    form = '{} <form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    kept = '<input type="hidden" name="sweep" value="{}"><input type="hidden" name="filter" value="{}">'
    button = '<button class="btn small" data-key="z">{}</button></form>'
    url, token, query = reverse("remediation:bulk_undo"), get_token(request), request.POST.get("filter", "")[:2000]
    messages.success(request, format_html(form + kept + button, text, url, token, done.sweep, query, _("Undo")))


@require_POST
def bulk_undo(request: HttpRequest) -> HttpResponse:
    """Take the last bulk change back, where nobody changed the finding since."""
    user, said = person(request), request.POST
    mine = Sweep.objects.filter(user=user)
    sweep = (mine.filter(pk=key_of(said["sweep"]) or 0) if "sweep" in said else mine).first()
    if sweep is None:
        messages.warning(request, _("This was taken back already, or you did something else since."))
        return redirect(_list(said))
    total, back = len(sweep.keys), verdicts.take_back(sweep, actor=user)
    tallies.add_up(beyond=tallies.MANY)
    left = total - back
    text = ngettext("%d finding is as it was.", "%d findings are as they were.", back) % back
    more = ngettext("%d was changed since and stays.", "%d were changed since and stay.", left) % left if left else ""
    messages.success(request, f"{text} {more}".strip())
    return redirect(_list(said))
