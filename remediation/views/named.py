"""Named views of the findings: kept, and forgotten."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from findings.pages import fragment, person
from findings.rights import obtain
from remediation.actions.views import remove_view
from remediation.actions.views import save_view as keep
from remediation.forms.filters import Filter
from remediation.forms.findings import ViewForm
from remediation.models import View
from remediation.reads.finding_list import in_words


@require_http_methods(["GET", "HEAD", "POST"])
def save_view(request: HttpRequest) -> HttpResponse:
    """Give the filter of the address a name."""
    user, said = person(request), request.POST if request.method == "POST" else request.GET
    asked = QueryDict(said.get("filter", "").replace("\0", "")[:2000]) if request.method == "POST" else request.GET
    chosen = Filter.read(asked)
    query = chosen.query()
    form = ViewForm(request.POST.copy() if request.method == "POST" else None, user=user, initial={"filter": query})
    back = f"{reverse('remediation:findings')}?{query}"
    if form.is_valid():
        view = keep(user, form.cleaned_data["name"], query, team=form.cleaned_data["team"])
        messages.success(request, _("“%s” is among the views now.") % view.name)
        return redirect(back)
    context = {
        "title": _("Save this view"),
        "sentence": in_words(chosen) or _("Everything open"),
        "form": form,
        "action": _("Save the view"),
        "back": back,
    }
    return render(request, "form_page.html" + fragment(request, "form"), context, status=422 if form.errors else 200)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view: one's own, or one of a team in which one may change things."""
    view = obtain(View.objects.visible_to, person(request), "member", pk=pk)
    remove_view(view, actor=person(request))
    messages.success(request, _("“%s” is no view any more.") % view.name)
    return redirect("remediation:findings")
