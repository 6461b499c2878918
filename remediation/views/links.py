"""What proves a problem that a person described: its rules, changed on a page of its own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from findings.actions.saying import Stale
from findings.models import Finding
from findings.pages import person
from findings.rights import obtain
from remediation.actions.imports import REVIEW
from remediation.actions.links import relink_described
from remediation.forms.links import DescribedForm
from remediation.views.triage import meanwhile


@require_http_methods(["GET", "HEAD", "POST"])
def described(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and the change; 422 with the form where somebody was quicker, and what they did."""
    user = person(request)
    found = obtain(Finding.objects.select_related("rule", "repository").visible_to, user, "lead", pk=pk)
    if found.rule.tool != REVIEW:
        raise Http404
    data = request.POST.copy() if request.method == "POST" else None
    form = DescribedForm(data, finding=found, initial={"version": found.version})
    if data is not None and form.is_valid():
        try:
            relink_described(found, form.chosen_links(), actor=user, version=form.cleaned_data["version"])
        except Stale as stale:
            data["version"] = str(stale.row.version)
            form.add_error(None, meanwhile(stale.row, user))
        else:
            messages.success(request, _("Kept. The last scan was judged by it."))
            return redirect(found)
    context = {"title": found.title, "form": form, "back": found.get_absolute_url(), "crumb": _("The finding")}
    return render(request, "remediation/item_links.html", context, status=422 if form.errors else 200)
