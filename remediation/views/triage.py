"""What people do with findings, one or many at a time. Each is a form on its own page, so it works without scripts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
from findings.actions.triage import Stale
from findings.models import Event, Finding, User
from findings.pages import fragment, key_of, person
from findings.rights import obtain
from remediation.actions import verdicts
from remediation.forms.filters import Filter, reader
from remediation.forms.findings import AttestForm, DueForm, FindingForm, OwnerForm, VerdictForm, WhichForm, selection
from remediation.reads.finding_history import timeline, with_names
from remediation.reads.matching import matching

MOST = 10_000  # rows of one bulk change
UNDOABLE = 2_000
Data = Mapping[str, Any]
Actor = User | str


@dataclass(frozen=True, slots=True)
class Verb:
    """Something a member may say of findings: its words, its form, what it does, and the note beside the form."""

    title: Any
    form: type[FindingForm]
    do: Callable[[Sequence[Finding], Data, Actor], Any]
    done: Any
    note: Any = ""
    ask: Any = ""


def _decide(findings: Sequence[Finding], data: Data, actor: Actor) -> None:
    verdicts.decide(
        findings,
        data["verdict"],
        actor=actor,
        reason=data["reason"],
        until=data["until"],
        version=data["version"],
    )


def _assign(findings: Sequence[Finding], data: Data, actor: Actor) -> None:
    owner: User | None = data["owner"]
    if owner is not None:
        keys = [f.pk for f in findings]
        seen = Finding.objects.visible_to(owner).filter(pk__in=keys).count()
        if seen < len(keys):
            raise ValueError(
                _("%(owner)s is in no team that sees %(n)d of these.") % {"owner": owner, "n": len(keys) - seen}
            )
    actions.assign(findings, owner, actor=actor, version=data["version"])


def _set_due(findings: Sequence[Finding], data: Data, actor: Actor) -> None:
    actions.set_due(findings, data["due"], actor=actor, version=data["version"])


def _withdraw(findings: Sequence[Finding], data: Data, actor: Actor) -> None:
    verdicts.withdraw(findings, actor=actor, version=data["version"])


def _attest(findings: Sequence[Finding], data: Data, actor: Actor) -> None:
    for finding in findings:
        verdicts.attest(finding, data["text"], actor=actor)


def _look_at(findings: Sequence[Finding], data: Data, actor: Actor) -> None:
    for finding in findings:
        actions.look_at(finding, actor=actor)


def _which(findings: Sequence[Finding], data: Data, actor: Actor) -> None:
    for finding in findings:
        verdicts.tell_apart(finding, data["which"], actor=actor, version=data["version"])


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
    found = obtain(Finding.objects.visible_to, user, "member", pk=pk)
    initial = {
        "finding": found,
        "version": found.version,
        "owner": found.owner_id,
        "due": found.due and found.due.isoformat(),
    }
    form = _form(word, user, request.POST.copy() if request.method == "POST" else None, initial)
    if form.is_valid() and _done(form, [found], word, user):
        messages.success(request, str(word.done))
        return redirect(found)
    context = {
        "title": word.title,
        "sentence": found.title,
        "form": form,
        "action": word.ask or word.title,
        "note": word.note,
        "back": found.get_absolute_url(),
    }
    return render(request, "form_page.html" + fragment(request, "form"), context, status=422 if form.errors else 200)


def _done(form: FindingForm, findings: Sequence[Finding], word: Verb, user: User) -> bool:
    """Do it. Where somebody was quicker, the form comes back and says what they did."""
    try:
        word.do(findings, form.cleaned_data, user)
    except Stale as stale:
        cast(QueryDict, form.data)["version"] = str(stale.row.version)
        form.add_error(None, _meanwhile(stale.row, user))
        return False
    except ValueError as error:
        form.add_error(None, str(error))
        return False
    return True


def _meanwhile(finding: Finding, user: User) -> str:
    """What somebody changed since the form was opened."""
    events = list(with_names(Event.objects.visible_to(user).about(f"finding:{finding.pk}"))[:1])
    said = [f"{row['text']} {row['actor']}".strip() for row in timeline(finding, events, [])]
    return " ".join([_("It was changed since you opened this page:"), *said, _("Look, then send it again.")])


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
    "withdraw": Bulk(
        "withdraw",
        {},
        gettext_lazy("Withdraw verdict"),
        lambda n: ngettext("%d verdict is withdrawn.", "%d verdicts are withdrawn.", n) % n,
    ),
}


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Change what was selected, or all that match: first the question, then the change, in one transaction."""
    user, said = person(request), request.POST
    kind = BULK.get(said.get("verb", ""))
    if kind is None:
        raise Http404
    word, back = VERBS[kind.verb], f"{reverse('remediation:findings')}?{said.get('filter', '')[:2000]}"
    found = list(_selected(request, user)[: MOST + 1])
    if not found or len(found) > MOST:
        few = _("Nothing was selected that you may change.")
        messages.warning(request, few if not found else _("More than %d at once: narrow the filter.") % MOST)
        return redirect(back)
    asked = word.form is FindingForm or "confirmed" in said
    form = _form(word, user, said.copy() if asked else None, _initial(said, kind))
    form.fields.update(selection() if word.form is not FindingForm else {})
    if asked and form.is_valid():
        before = _before(found, kind.verb)
        if _done(form, found, word, user):
            _tell(request, kind, before)
            return redirect(back)
    return render(
        request, "form_page.html", _question(form, kind, len(found), back), status=422 if form.errors else 200
    )


def _selected(request: HttpRequest, user: User) -> Any:
    said = request.POST
    if said.get("everything"):
        chosen = Filter.read(QueryDict(said.get("filter", "").replace("\0", "")))
        return matching(chosen, reader(user, timezone.now(), slugs=chosen.team, role="member"))
    keys = [key for text in said.getlist("pk") if (key := key_of(text)) is not None]
    return Finding.objects.visible_to(user, "member").filter(pk__in=keys)


def _initial(said: QueryDict, kind: Bulk) -> dict[str, Any]:
    carried = {name: said.get(name, "") for name in ("verb", "filter", "everything")}
    return {**kind.initial, **carried, "pk": said.getlist("pk"), "confirmed": "1"}


def _question(form: forms.Form, kind: Bulk, n: int, back: str) -> dict[str, Any]:
    return {
        "title": kind.ask,
        "sentence": ngettext("%d finding is meant.", "%d findings are meant.", n) % n,
        "form": form,
        "action": kind.ask,
        "back": back,
    }


# Taking it back

Before = tuple[str, list[list[Any]]]


def _before(findings: Sequence[Finding], verb: str) -> Before:
    """(verb, [key, version after the change, value before it]) for what an undo can restore."""
    values: dict[str, Callable[[Finding], Any]] = {
        "verdict": lambda f: f.verdict,
        "assign": lambda f: f.owner_id,
        "due": lambda f: f.due and f.due.isoformat(),
        "withdraw": lambda f: f.verdict,
    }
    return verb, [[f.pk, f.version + 1, values[verb](f)] for f in findings]


def _tell(request: HttpRequest, kind: Bulk, before: Before) -> None:
    verb, rows = before
    touched = [row for row in rows if verb != "withdraw" or row[2]]
    text = kind.told(len(touched))
    if verb == "withdraw" or len(rows) > UNDOABLE:
        messages.success(request, text)
        return
    request.session["undo"] = before
    form = '{} <form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    button = '<button class="btn small">{}</button></form>'
    messages.success(
        request, format_html(form + button, text, reverse("remediation:bulk_undo"), get_token(request), _("Undo"))
    )


@require_POST
def bulk_undo(request: HttpRequest) -> HttpResponse:
    """Take the last bulk change back, where nobody changed the finding since."""
    user, (verb, rows) = person(request), request.session.pop("undo", ("", []))
    known = {pk: (version, value) for pk, version, value in rows}
    found = [
        f
        for f in Finding.objects.visible_to(user, "member").filter(pk__in=known)
        if f.version == known[f.pk][0] and not (verb == "verdict" and known[f.pk][1])
    ]
    for value in {known[f.pk][1] for f in found}:
        _restore(verb, [f for f in found if known[f.pk][1] == value], value, user)
    left = len(known) - len(found)
    text = ngettext("%d finding is as it was.", "%d findings are as they were.", len(found)) % len(found)
    more = ngettext("%d was changed since and stays.", "%d were changed since and stay.", left) % left if left else ""
    messages.success(request, f"{text} {more}".strip())
    return redirect("remediation:findings")


def _restore(verb: str, findings: Sequence[Finding], value: Any, user: User) -> None:
    if verb == "verdict":
        verdicts.withdraw(findings, actor=user)
    elif verb == "assign":
        actions.assign(findings, User.objects.filter(pk=value).first(), actor=user)
    else:
        actions.set_due(findings, date.fromisoformat(value) if value else None, actor=user)
