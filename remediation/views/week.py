"""The week: what a team has to do, what came back, what was proven; and what it promises."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from findings.access import may, memberships_of, team_of
from findings.actions.saying import Stale
from findings.models import Team
from findings.moment import of_one_moment
from findings.pages import fragment, person
from findings.views.repositories import ways
from findings.words import translated
from remediation.actions.weeks import commit_week as commit
from remediation.actions.weeks import drop
from remediation.core.planning import Week
from remediation.forms.weeks import DropForm, WeekForm
from remediation.models import Checklist, Promise
from remediation.reads import team as teams
from remediation.reads import week as reads
from remediation.reads.monday import Monday, asked, monday_of, sections, whose_week
from remediation.reads.other_week import other_week
from remediation.reads.rows import items_of_week
from remediation.reads.way import short_path


@require_safe
@of_one_moment
def week(request: HttpRequest, slug: str = "", iso: str = "") -> HttpResponse:
    """What this week asks of a team; with a week in the address, what another one did or will."""
    if not memberships_of(request):
        return render(request, "remediation/no_team.html")
    team = team_of(request, slug)
    today = teams.today_of(team)
    wanted = _week(iso) if iso else Week.of(today)
    section, now = request.GET.get("section", ""), Week.of(today)
    if wanted == now:
        fresh = timezone.now() - reads.NEW
        standing = teams.standing(team, today, items_of_week(team, today), fresh=fresh)
    else:
        standing = teams.standing(team, today)
    if wanted == now and not standing.owned.components and not Checklist.objects.filter(team=team).exists():
        return render(request, "remediation/first_week.html", {"team": team, "ways": ways(person(request))})
    context = {"team": team, "today": today, "week": _bar(team, wanted, now), "proven": standing.owned.proven}
    context |= _this(request, standing, section) if wanted == now else _other(standing, wanted, section)
    return render(request, f"remediation/week.html{fragment(request, 'sections')}", context)


def _week(iso: str) -> Week:
    try:
        return Week.parse(iso)
    except (ValueError, OverflowError):
        raise Http404("no such week") from None


def _bar(team: Team, week: Week, now: Week) -> dict[str, Any]:
    """Which week it is, and the ways to its neighbours; this week's own address has no week in it."""

    def url(other: Week) -> str:
        args = [team.slug] if other == now else [team.slug, str(other)]
        return reverse("remediation:week", args=args)

    return {
        "number": week.number,
        "starts": week.start,
        "ends": week.end,
        "current": week == now,
        "previous": url(week.shift(-1)) if week.year > 2000 else "",
        "next": url(week.shift(1)) if week.year < 2200 else "",
        "now": url(now),
    }


def _this(request: HttpRequest, standing: teams.Standing, wanted: str) -> dict[str, Any]:
    team = standing.team
    plan = reads.plan_of(standing)
    leads = may(request, team, "lead")
    return {
        "grade": teams.mark(standing),
        "counts": reads.counts(plan, team, standing.owned),
        "capacity": reads.capacity(plan),
        "load": reads.load(plan),
        "path": short_path(standing),
        "promise": reads.promise_sentence(plan, team),
        "commit": reverse("remediation:commit_week", args=[team.slug]) if leads else "",
        "sections": reads.rows_of(plan, may_edit=may(request, team, "member"), may_lead=leads, wanted=wanted),
    }


def _other(standing: teams.Standing, week: Week, wanted: str) -> dict[str, Any]:
    sections, sentence = other_week(standing, week, wanted)
    return {"sections": sections, "sentence": sentence}


@require_http_methods(["GET", "HEAD", "POST"])
def commit_week(request: HttpRequest, slug: str) -> HttpResponse:
    """Monday's list: choose what the team promises this week, and promise it. `look` only counts hours and searches."""
    team = team_of(request, slug, "lead")
    today = teams.today_of(team)
    monday = monday_of(team, today)
    form = WeekForm(request.POST.copy() if request.method == "POST" else None, team=team, monday=monday)
    if form.is_valid() and "look" not in request.POST and _promised(request, team, form, monday):
        return redirect("remediation:week", slug)
    ticked = form.ticked()
    context = {
        "team": team,
        "today": today,
        "week": monday.week,
        "again": monday.commitment is not None,
        "form": form,
        "load": asked(monday, ticked),
        "sections": sections(monday, ticked, str(form["wanted"].value() or "")),
        "promised": len(monday.promised),
    }
    wrong = form.errors and "look" not in request.POST
    return render(
        request, f"remediation/commit_week.html{fragment(request, 'load')}", context, status=422 if wrong else 200
    )


def _promised(request: HttpRequest, team: Team, form: WeekForm, monday: Monday) -> bool:
    """Promise what is ticked. Where another lead was quicker, the form says what they did, and keeps the ticks."""
    chosen = form.cleaned_data["items"]
    try:
        made = commit(team, chosen, today=monday.today, actor=person(request), version=form.cleaned_data["version"])
    except Stale:
        cast(QueryDict, form.data)["version"] = str(monday.version)
        form.add_error(None, whose_week(team, monday))
        return False
    if monday.promised:
        words = ngettext(
            "%(n)d item is added to week %(week)d.", "%(n)d items are added to week %(week)d.", len(chosen)
        )
    else:
        words = ngettext(
            "%(n)d item is promised for week %(week)d.", "%(n)d items are promised for week %(week)d.", len(chosen)
        )
    messages.success(request, words % {"n": len(chosen), "week": made.number})
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def drop_promise(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take an item out of this week, and say why."""
    team = team_of(request, slug, "lead")
    promise = get_object_or_404(Promise.objects.select_related("item", "week"), week__team=team, pk=pk)
    form = DropForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            drop(promise, form.cleaned_data["why"], actor=person(request))
        except Stale:
            form.add_error(None, _("It is not in this week any more: somebody dropped it, or the week is over."))
        else:
            messages.success(request, _("Dropped from this week; it stays on the plan."))
            return redirect("remediation:week", slug)
    context = {
        "team": team,
        "title": _("Drop from week %(n)d: %(title)s")
        % {"n": promise.week.number, "title": translated(promise.item.title)},
        "form": form,
        "action": _("Drop it"),
        "note": _("The promise stays on record, with your name and the reason."),
        "back": reverse("remediation:week", args=[slug]),
    }
    return render(request, "form_page.html", context, status=422 if form.errors else 200)
