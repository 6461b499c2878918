"""A person's digest: when it comes, what it would say now, and how to stop it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from findings.refusals import refused
from remediation import mail
from remediation.actions import digests
from remediation.clock import zone_of
from remediation.models import Digest
from remediation.views import Request

SHOWN = 10


class DigestForm(forms.Form):
    """Whether and when."""

    enabled = forms.BooleanField(label=gettext_lazy("Send me the weekly digest"), required=False)
    weekday = forms.TypedChoiceField(
        label=pgettext_lazy("of the week", "Day"), choices=list(WEEKDAYS.items()), coerce=int
    )
    hour = forms.TypedChoiceField(
        label=gettext_lazy("Time"), choices=[(h, f"{h:02}:00") for h in range(24)], coerce=int
    )
    when_quiet = forms.BooleanField(
        label=gettext_lazy("Also when nothing changed"),
        help_text=gettext_lazy("Otherwise a week without news brings no mail."),
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: Request) -> HttpResponse:
    """The settings, and the last mails with what became of them."""
    setting = digests.enroll(request.user)
    known = {name: getattr(setting, name) for name in DigestForm.base_fields}
    form = DigestForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        digests.change_setting(setting, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("remediation:digest")
    mails = Digest.objects.filter(user=request.user).order_by("-until", "-pk")[:SHOWN]
    context = {
        "form": form,
        "setting": setting,
        "zone": zone_of(request.user),
        "mails": [(mail, refused(mail.error)) for mail in mails],
    }
    return render(request, "remediation/digest.html", context, status=422 if form.errors else 200)


@require_safe
def preview(request: Request) -> HttpResponse:
    """The mail as it would be now."""
    setting = digests.enroll(request.user)
    made = digests.draft(request.user, timezone.now())
    message = mail.digest(request.user, setting, made, "<draft>")
    context: dict[str, Any] = mail.context_of(request.user, setting, made)
    context |= {"subject": message.subject, "text": message.body, "quiet": made.quiet}
    return render(request, "remediation/digest_preview.html", context)


@require_POST
def send_now(request: Request) -> HttpResponse:
    """Send one now, also when there is no news: the person asked."""
    now = timezone.now()
    outcome = digests.send(digests.claim_now(request.user, now), now=now, even_if_quiet=True)
    if outcome == "sent":
        messages.success(request, _("A digest is on its way to %(email)s.") % {"email": request.user.email})
    elif outcome == "":
        messages.info(request, _("A digest is being sent already; look into your mail in a few minutes."))
    else:
        messages.error(request, _("The mail server did not take it. The reason stands below."))
    return redirect("remediation:digest")


# The link in the mail: no sign-in, no cookie; a mailbox posts to it by itself (RFC 8058), and scanners follow it with
# GET. What it answers is the same for every token, so that nobody learns who has an account.


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST turns the digest off."""
    return _switch(request, token, on=False)


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST turns the digest on again."""
    return _switch(request, token, on=True)


def _switch(request: HttpRequest, token: str, *, on: bool) -> HttpResponse:
    done = request.method == "POST"
    user = mail.user_of_token(token) if done else None
    if user is not None:
        digests.switch(user, on=on, actor=user)
    return render(request, "remediation/unsubscribe.html", {"token": token, "on": on, "done": done})
