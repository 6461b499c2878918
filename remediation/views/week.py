"""The week: what a team has to do, what came back, what was proven; and what it promises."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from findings.access import may, memberships_of, team_of
from findings.models import Team
from findings.pages import fragment, person
from findings.views.repositories import ways
from remediation.actions.weeks import commit_week as commit
from remediation.core.planning import Week, overdue
from remediation.forms.teams import WeekForm
from remediation.models import Checklist
from remediation.reads import team as teams
from remediation.reads import week as reads
from remediation.reads.items import effort, proven_at
from remediation.reads.promises import candidates


@require_safe
def week(request: HttpRequest, slug: str = "", iso: str = "") -> HttpResponse:
    """What this week asks of a team; with a week in the address, what another one did or will."""
    if not memberships_of(request):
        return render(request, "remediation/no_team.html")
    team = team_of(request, slug)
    today = teams.today_of(team)
    wanted = _week(iso) if iso else Week.of(today)
    if wanted == Week.of(today) and _has_nothing(team):
        return render(request, "remediation/first_week.html", {"team": team, "ways": ways()})
    context = {"team": team, "today": today, "week": _bar(team, wanted, Week.of(today)), "proven": proven_at(team)}
    context |= _this(request, team) if wanted == Week.of(today) else _other(team, wanted)
    return render(request, f"remediation/week.html{fragment(request, 'sections')}", context)


def _week(iso: str) -> Week:
    try:
        return Week.parse(iso)
    except (ValueError, OverflowError):
        raise Http404("no such week") from None


def _has_nothing(team: Team) -> bool:
    return not team.components.exists() and not Checklist.objects.filter(team=team).exists()


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


def _this(request: HttpRequest, team: Team) -> dict[str, Any]:
    standing = teams.standing(team, teams.today_of(team))
    plan = reads.plan_of(team, standing.today)
    leads = may(request, team, "lead")
    return {
        "grade": teams.mark(standing),
        "counts": reads.counts(plan, team),
        "capacity": reads.capacity(plan),
        "path": teams.short_path(standing),
        "promise": reads.promise_sentence(plan),
        "commit": reverse("remediation:commit_week", args=[team.slug]) if leads else "",
        "sections": reads.rows_of(plan, may_edit=may(request, team, "member")),
    }


def _other(team: Team, wanted: Week) -> dict[str, Any]:
    sections = reads.other_week(team, wanted, teams.today_of(team))
    return {"sections": sections, "sentence": reads.other_sentence(sections)}


@require_http_methods(["GET", "HEAD", "POST"])
def commit_week(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose what the team promises this week, and promise it."""
    team = team_of(request, slug, "lead")
    today = teams.today_of(team)
    form = WeekForm(request.POST or None, team=team)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["items"]
        made = commit(team, chosen, today=today, actor=person(request))
        words = ngettext(
            "%(n)d item is promised for week %(week)d.", "%(n)d items are promised for week %(week)d.", len(chosen)
        )
        messages.success(request, words % {"n": len(chosen), "week": made.number})
        return redirect("remediation:week", slug)
    context = _choice(team, Week.of(today), today) | {"team": team, "form": form, "today": today}
    return render(request, "remediation/commit_week.html", context, status=422 if form.errors else 200)


def _choice(team: Team, week: Week, today: date) -> dict[str, Any]:
    """What could be promised. Ticked is what is due, most urgent first, as far as the team's hours go."""
    plan = reads.plan_of(team, today)
    rows, hours = [], Decimal(0)
    for item in candidates(team):
        taken = hours + (effort(item) or Decimal(0))
        due = item.due is not None and item.due <= week.end
        promised = item.pk in plan.promised
        if checked := promised or (due and taken <= plan.capacity):
            hours = taken
        rows.append(
            {
                "item": item,
                "owner": str(item.owner) if item.owner else "",
                "hours": effort(item),
                "promised": promised,
                "checked": checked,
                "overdue": overdue(item.due, today),
            }
        )
    return {
        "rows": rows,
        "week": week,
        "sentence": _("Ticked: about %(hours)s h of the team's %(total)s h.")
        % {"hours": teams.figure(hours), "total": teams.figure(plan.capacity)},
    }
