"""A bill, an estimate or a plan from a file: previewed first, written when the same person accepts what was shown.

The file is not kept. Between the two steps the amounts travel in the page itself, signed for this team and person.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from findings.core.types import FormatError
from findings.models import Team
from findings.refusals import refused
from findings.words import noticed, paragraph
from remediation.actions.costs import CostPlan, Moved, hash_of, import_costs, plan_import, read_costs
from remediation.core.costs import FORMATS
from remediation.core.costs.types import CostBatch
from remediation.core.costs.wire import pack, unpack
from remediation.views import Request
from remediation.views.costs import KINDS, sources, team_for, who_changed

LIMIT = 25 * 1024 * 1024
PATIENCE = 3600  # seconds between preview and acceptance


class CostFileForm(forms.Form):
    """What to read, and under which name it is kept."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("FOCUS, Cost Explorer or plain CSV (month, service, amount, currency), Infracost JSON."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=100,
        required=False,
        help_text=gettext_lazy(
            "A later file of the same source replaces the months it restates. Left empty: the name of the format."
        ),
    )
    month = forms.DateField(
        label=gettext_lazy("Month"),
        required=False,
        input_formats=["%Y-%m", "%Y-%m-%d"],
        help_text=gettext_lazy("Only for an estimate that does not say when it was made, such as 2025-10."),
    )

    def clean_file(self) -> Any:
        """Files that a page can handle; larger ones go through the command."""
        found = self.cleaned_data["file"]
        if found.size > LIMIT:
            raise forms.ValidationError(_("The file is larger than 25 MiB; use the import_costs command for it."))
        return found

    def batch(self) -> CostBatch | None:
        """What the file says; None, with an error on the field, where it cannot be read."""
        data = self.cleaned_data["file"].read()
        self.file_hash = hash_of(data)
        try:
            return read_costs(data, month=self.cleaned_data["month"], source=self.cleaned_data["source"])
        except FormatError as error:
            self.add_error("file", refused(str(error)))
            return None


@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: Request, slug: str) -> HttpResponse:
    """The form; with a file: what it would change; with a preview: the change."""
    team = team_for(request, slug, "lead")
    if "preview" in request.POST:
        return _accept(request, team)
    form = CostFileForm(request.POST or None, request.FILES or None)
    batch = form.batch() if form.is_valid() else None
    if batch is None:
        context = {"team": team, "form": form, "formats": FORMATS, "sources": sources(team)}
        return render(request, "remediation/cost_import.html", context, status=422 if form.errors else 200)
    said = {"batch": pack(batch), "hash": form.file_hash, "name": form.cleaned_data["file"].name}
    return _preview(request, team, batch, said)


def _preview(request: Request, team: Team, batch: CostBatch, said: dict[str, Any]) -> HttpResponse:
    """What a batch would change now. `said`: what of it goes back to the server when it is accepted."""
    plan = plan_import(batch, team, file_hash=said["hash"])
    said |= {"mark": plan.mark}
    context = {
        "team": team,
        "plan": plan,
        "notices": [{"text": noticed(notice), "line": notice.line, "path": notice.path} for notice in plan.notices],
        "name": said["name"],
        "kind": KINDS[plan.kind],
        "fates": [(fate, plan.count(fate)) for fate in ("new", "replaced", "unchanged") if plan.count(fate)],
        "preview": signing.dumps(said, salt=_salt(request, team), compress=True),
    }
    return render(request, "remediation/cost_preview.html", context)


def _accept(request: Request, team: Team) -> HttpResponse:
    try:
        said = signing.loads(request.POST["preview"], salt=_salt(request, team), max_age=PATIENCE)
    except signing.BadSignature:
        messages.error(request, _("This preview is too old. Nothing was changed; upload the file again."))
        return redirect("remediation:cost_import", team.slug)
    batch, names = unpack(said["batch"]), {"file_hash": said["hash"], "file_name": said["name"][:300]}
    try:
        plan = import_costs(batch, team, actor=request.user, mark=said["mark"], **names)
    except Moved:
        told = [who_changed(team), _("Nothing was written. This is what it would do now.")]
        messages.warning(request, paragraph(told))
        return _preview(request, team, batch, said)
    messages.success(request, _said(plan))
    return redirect("remediation:costs", team.slug)


def _said(plan: CostPlan) -> str:
    written = plan.count("new") + plan.count("replaced")
    if not written:
        return _("Nothing was changed: all of this was known already.")
    return ngettext("%d month was imported.", "%d months were imported.", written) % written


def _salt(request: Request, team: Team) -> str:
    return f"costs:{team.pk}:{request.user.pk}"
