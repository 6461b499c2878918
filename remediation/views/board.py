"""The board: where the plan is."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from findings.access import may, team_of
from findings.models import Team
from findings.moment import of_one_moment
from findings.pages import fragment, key_of, person
from remediation.models import Checklist
from remediation.reads import board as reads
from remediation.reads import team as teams


@require_safe
@of_one_moment
def board(request: HttpRequest, slug: str = "") -> HttpResponse:
    """A team's plan by phase: all its checklists, or the one that `?list=` names."""
    team = team_of(request, slug)
    checklist = _chosen(request, team)
    standing = teams.standing(team, teams.today_of(team))
    may_edit = may(request, team, "member")
    phases = reads.columns(standing, checklist, may_edit=may_edit, alone=request.GET.get("phase", ""))
    context = {
        "team": team,
        "today": standing.today,
        "grade": teams.mark(standing),
        "proven": standing.owned.proven,
        "tabs": reads.tabs(standing, checklist),
        "sentence": reads.sentence(phases),
        "phases": phases,
        "may_move": may_edit,
    }
    return render(request, f"remediation/board.html{fragment(request, 'board')}", context)


def _chosen(request: HttpRequest, team: Team) -> Checklist | None:
    wanted = request.GET.get("list", "")
    if not wanted:
        return None
    key = key_of(wanted)
    if key is None:
        raise Http404("no such checklist")
    mine = Checklist.objects.visible_to(person(request)).filter(team=team)
    return get_object_or_404(mine, pk=key)
