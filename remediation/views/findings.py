"""Findings: the list with its filters, one finding, and the list as a file."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from findings.access import memberships_of
from findings.core.same import Same
from findings.pages import Page, Span, fragment, paginate, person
from findings.querysets import FindingQuerySet, at_least
from findings.views.repositories import ways
from remediation.forms.filters import Filter, Reader, reader
from remediation.reads import finding_facets as counting
from remediation.reads import finding_list as listing
from remediation.reads.addresses import address
from remediation.reads.counting import figure
from remediation.reads.export import columns_as_seen, export_pieces, grouped_pieces
from remediation.reads.finding_page import finding_page
from remediation.reads.finding_rows import rows_of
from remediation.reads.finding_whole import whole
from remediation.reads.folders import folders as folders_of
from remediation.reads.grouping import Cut, grouped
from remediation.reads.held import held
from remediation.reads.late import late_page, where_late
from remediation.reads.matching import matching
from remediation.reads.named import named_views
from remediation.reads.sought import sought
from remediation.reads.walking import walked

KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "sarif": "application/sarif+json"}
# What can be done with those that are selected: (value, label, key).
VERBS = Same(
    listed=(
        ("accept", gettext_lazy("Accept"), "v"),
        ("false_positive", gettext_lazy("False positive"), ""),
        ("assign", gettext_lazy("Assign"), "a"),
        ("due", gettext_lazy("Set due date"), "d"),
        ("withdraw", gettext_lazy("Withdraw verdict"), ""),
    )
)


@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """The triage table. Asked by htmx: only the results, without the menus and their counts."""
    chosen, part = Filter.read(request.GET), fragment(request, "results")
    who = _reader(request, chosen)
    query = chosen.query()
    if chosen.group:
        before = request.GET.get("before", "")
        cut = Cut.at(before or request.GET.get("after", ""), chosen.size, back=bool(before))
        page, rows = grouped(chosen, who, cut)
        total = listing.total(page.rows, matching(chosen, who))
    else:
        page, total = _page(request, chosen, who)
        rows = rows_of([row.pk for row in page.rows], who, query)
    context = _results(request, chosen, page, query) | {"total": total, "rows": rows}
    if not part:
        context |= _frame(request, chosen, who, query)
    response = render(request, f"findings/list.html{part}", context)
    if part:
        response["HX-Push-Url"] = f"{request.path}?{_place(request, query)}".rstrip("?")
    return response


def _page(request: HttpRequest, chosen: Filter, who: Reader) -> tuple[Page, str]:
    """(A page of what a filter lets through, how many that are.)"""
    known = held(chosen, who)
    if known is not None:
        return paginate(request, known, chosen.order, chosen.size), figure(len(known))
    span = Span.asked(request, chosen.order, chosen.size)
    if chosen.due and {"due", "team"}.issuperset(chosen.changed()):
        rows, total = late_page(chosen, who, span) or walked(chosen, who, None, span)
        return paginate(request, rows, chosen.order, chosen.size), figure(total)
    late = where_late(chosen, who)
    rows, total = sought(chosen, who, late, span) or walked(chosen, who, late, span)
    return paginate(request, rows, chosen.order, chosen.size), figure(total)


def _place(request: HttpRequest, query: str) -> str:
    """The filter with the page of the list: what a form sends is longer than an address needs to be."""
    page = {name: request.GET[name] for name in ("after", "before") if request.GET.get(name)}
    return "&".join(part for part in (query, urlencode(page)) if part)


def _results(request: HttpRequest, chosen: Filter, page: Page, query: str) -> dict[str, Any]:
    return {
        "columns": chosen.shown,
        "page": page,
        "size": chosen.rows,
        "sizes": listing.sizes(chosen, page),
        "today": timezone.localdate(),
        "may_edit": bool(_editing(request)),
        "words": listing.in_words(chosen) if chosen.changed() else "",
        "facets_url": f"{address('remediation:facets')}?{query}",
        "query": query,
        "save_view": f"{address('remediation:view_save')}?{query}",
        "exports": [{"label": kind.upper(), "url": f"{address('remediation:export', kind)}?{query}"} for kind in KINDS],
        "bulk": address("remediation:bulk"),
        "verbs": VERBS,
    }


def _reader(request: HttpRequest, chosen: Filter) -> Reader:
    teams = [seat.team for seat in memberships_of(request)]
    return reader(person(request), timezone.now(), slugs=chosen.team, teams=teams)


def _editing(request: HttpRequest, role: str = "member") -> list[int]:
    """The teams in which this person may change things."""
    return [seat.team_id for seat in memberships_of(request) if seat.role in at_least(role)]


def _frame(request: HttpRequest, chosen: Filter, who: Reader, query: str) -> dict[str, Any]:
    counted, sentence = "counts" in request.GET, ""
    menus: Sequence[counting.Facet]
    teams = {seat.team_id: seat.team.name for seat in memberships_of(request)}
    if counted:
        menus, sentence = counting.counted(chosen, who, _reader(request, Filter()) if chosen.team else who)
    else:
        menus = counting.menus(chosen, who, [seat.team for seat in memberships_of(request)])
    return (_folders(chosen, who) if counted else {}) | {
        "q": chosen.q,
        "path": chosen.path,
        "older": chosen.older,
        "facets": menus,
        "sentence": sentence or _("What is open in the code of your teams, most urgent first."),
        "counted": counted,
        "looks": listing.looks(chosen),
        "views": listing.views(chosen, chosen.team[0] if len(chosen.team) == 1 else ""),
        "named": named_views(person(request), teams, _editing(request), query),
        "ways": {} if who.parts or chosen.team else ways(person(request)),
    }


@require_safe
def facets(request: HttpRequest) -> HttpResponse:
    """The menus of the filter with their counts; asked for when the rows are there already."""
    chosen = Filter.read(request.GET)
    who = _reader(request, chosen)
    menus, sentence = counting.counted(chosen, who, _reader(request, Filter()) if chosen.team else who)
    return render(request, "findings/facets.html", {"facets": menus, "sentence": sentence})


@require_safe
def folders(request: HttpRequest) -> HttpResponse:
    """The folders of the path menu with their counts; asked for when it is opened."""
    chosen = Filter.read(request.GET)
    return render(request, "findings/folders.html", _folders(chosen, _reader(request, chosen)))


def _folders(chosen: Filter, who: Reader) -> dict[str, Any]:
    return {
        "folders": folders_of(chosen, who),
        "path": chosen.path,
        "bare": replace(chosen, path="").query(),
        "list_url": address("remediation:findings"),
    }


@require_safe
def export(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """Everything that the filter lets through, as a file."""
    if kind not in KINDS:
        raise Http404
    chosen = Filter.read(request.GET)
    who = _reader(request, chosen)
    columns = columns_as_seen(chosen.columns)
    if kind == "csv" and chosen.group:
        pieces = grouped_pieces(chosen, who, columns)
    else:
        pieces = export_pieces(kind, cast(FindingQuerySet, chosen.order.sorted(matching(chosen, who))), who, columns)
    name = f"findings-{timezone.localdate():%Y-%m-%d}.{kind}"
    text = (piece.encode() for piece in pieces)
    return StreamingHttpResponse(
        text, content_type=KINDS[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_safe
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: is it real, whose is it, what closes it. In the list's panel: the same, shorter."""
    who = _reader(request, Filter())
    found = whole(pk, who)
    if found is None:
        raise Http404("no such finding")
    part = fragment(request, "panel")
    context = finding_page(found, who, request.GET, _editing(request), _editing(request, "lead"))
    return render(request, f"findings/detail.html{part}", context)
