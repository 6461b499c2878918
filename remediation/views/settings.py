"""A person's own settings: language, time zone, shortcuts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from findings import actions
from findings.pages import person
from remediation.forms.teams import ProfileForm


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Language, zone and shortcuts; ways to the digest and the password."""
    user = person(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        actions.save_profile(user, **form.cleaned_data)
        with translation.override(user.language):
            messages.success(request, _("Saved."))
        return redirect("remediation:profile")
    return render(request, "remediation/profile.html", {"form": form}, status=422 if form.errors else 200)
