"""Findings: the list with its filters, one finding, and the list as a file."""

from typing import Any, cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from findings.models import Repository
from findings.pages import Page, fragment, paginate, person
from findings.querysets import FindingQuerySet, at_least
from findings.views.repositories import ways
from remediation.forms.filters import Filter, Reader, matching, reader
from remediation.reads import finding_list as listing
from remediation.reads.export import export_pieces
from remediation.reads.finding_page import finding_page, visible

SIZE = 50
KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "sarif": "application/sarif+json"}
VERBS = (("accept", "v"), ("false_positive", ""), ("assign", "a"), ("due", "d"), ("withdraw", ""))


@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """The triage table. Asked by htmx: only the results, without the menus and their counts."""
    user, chosen, part = person(request), Filter.read(request.GET), fragment(request, "results")
    who = reader(user, timezone.now(), slugs=chosen.team)
    found = matching(chosen, who)
    page = paginate(request, found.for_list(who.components), chosen.order, SIZE)
    query = chosen.query()
    context = _results(request, chosen, who, page, query) | {"total": listing.capped(found)}
    if not part:
        context |= _frame(chosen, who, query)
    elif chosen.changed():
        context["words"] = listing.in_words(chosen)
    response = render(request, f"findings/list.html{part}", context)
    if part:
        response["HX-Push-Url"] = f"{request.path}?{_place(request, query)}".rstrip("?")
    return response


def _place(request: HttpRequest, query: str) -> str:
    """The filter with the page of the list: what a form sends is longer than an address needs to be."""
    page = {name: request.GET[name] for name in ("after", "before") if request.GET.get(name)}
    return "&".join(part for part in (query, urlencode(page)) if part)


def _results(request: HttpRequest, chosen: Filter, who: Reader, page: Page, query: str) -> dict[str, Any]:
    may_edit = who.user.memberships.filter(role__in=at_least("member")).exists()
    words = {
        "accept": _("Accept"),
        "false_positive": _("False positive"),
        "assign": _("Assign"),
        "due": _("Set due date"),
        "withdraw": _("Withdraw verdict"),
    }
    return {
        "rows": listing.rows_of(page.rows, who, query),
        "page": page,
        "today": timezone.localdate(),
        "may_edit": may_edit,
        "query": query,
        "bulk": reverse("remediation:bulk"),
        "verbs": [{"value": verb, "label": words[verb], "key": key} for verb, key in VERBS],
    }


def _frame(chosen: Filter, who: Reader, query: str) -> dict[str, Any]:
    menus = listing.facets(chosen, who)
    narrowed = bool(chosen.changed())
    return {
        "q": chosen.q,
        "path": chosen.path,
        "older": chosen.older,
        "facets": menus,
        "sorts": listing.sorts(chosen),
        "words": listing.in_words(chosen, menus) if narrowed else "",
        "views": listing.views(chosen, chosen.team[0] if len(chosen.team) == 1 else ""),
        "exports": [
            {"label": kind.upper(), "url": f"{reverse('remediation:export', args=[kind])}?{query}"} for kind in KINDS
        ],
        "sentence": listing.sentence(who),
        "ways": {} if Repository.objects.visible_to(who.user).exists() else ways(),
    }


@require_safe
def export(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """Everything that the filter lets through, as a file."""
    if kind not in KINDS:
        raise Http404
    chosen = Filter.read(request.GET)
    who = reader(person(request), timezone.now(), slugs=chosen.team)
    found = cast(FindingQuerySet, chosen.order.sorted(matching(chosen, who)))
    name = f"findings-{timezone.localdate():%Y-%m-%d}.{kind}"
    text = (piece.encode() for piece in export_pieces(kind, found, who))
    return StreamingHttpResponse(
        text, content_type=KINDS[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_safe
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: is it real, whose is it, what closes it. In the list's panel: the same, shorter."""
    user = person(request)
    who = reader(user, timezone.now())
    found = get_object_or_404(visible(who), pk=pk)
    part = fragment(request, "panel")
    context = finding_page(found, who, request.GET)
    return render(request, f"findings/detail.html{part}", context)
