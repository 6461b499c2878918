"""A team: its grade and why, the way to a better one, its promises; and for its leads, people and settings."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from findings import actions
from findings.access import may, team_of
from findings.actions.people import text_of
from findings.actions.saying import Stale
from findings.models import Event, Membership, Team, Token
from findings.moment import of_one_moment
from findings.pages import person
from remediation import invitations
from remediation.clock import zone_of
from remediation.forms.seen import SeenForm
from remediation.forms.teams import InviteForm, LeaveForm, MemberForm, ScaleForm, TeamForm, TokenForm
from remediation.models import Item
from remediation.reads import promises as kept
from remediation.reads import team as reads
from remediation.reads import trends
from remediation.reads.costs import money
from remediation.reads.costs import trends as trends_of
from remediation.reads.items import names_of
from remediation.reads.moved import sentence
from remediation.reads.repairs import burn_down_of, happened_to, repairs
from remediation.reads.rows import items_of_history
from remediation.reads.way import chosen_path
from remediation.views.costs import figure

INVITE_ID, TOKEN_ID = "id_invite_%s", "id_token_%s"


@require_safe
@of_one_moment
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Its page. `?done=item:3&done=…` asks what the grade would be with these done."""
    found = team_of(request, slug)
    today = reads.today_of(found)
    now = timezone.now()
    standing = reads.standing(found, today, items_of_history(), grades=today - trends.SPAN)
    every = standing.stock.items.values()
    promises = kept.promises_of(every)
    happened = happened_to(found, standing.owned.components, now)
    burnt = standing.once("burn down", lambda: burn_down_of(found, every, happened.turns, today), happened.turns)
    history = [*trends.figures(found, today, standing.grades, standing.stock), *burnt]
    weeks = kept.squares(promises, found, today)
    chosen = request.GET.getlist("done") if "what_if" in request.GET else None
    context = {
        "team": found,
        "grade": reads.mark(standing),
        "proven": standing.owned.proven,
        "sentence": sentence(standing),
        "shadow": reads.shadow(standing),
        "path": chosen_path(standing, chosen),
        "figures": [*history, *_costs(found, every, today)],
        "repairs": repairs(found, happened),
        "promise": [row | {"url": _week_url(found, row["week"])} for row in weeks],
        "plainly": kept.plainly(happened.back, happened.turns, now),
        "reasons": reads.reasons(standing),
        "members": kept.people(found, promises, today),
        "settings_url": reverse("remediation:team_settings", args=[slug]) if may(request, found, "lead") else "",
    }
    return render(request, "remediation/team.html", context)


def _costs(team: Team, items: Iterable[Item], today: date) -> list[Mapping[str, Any]]:
    """What the team's services cost by month, a figure for each currency."""
    return [figure(team, trend) for trend in trends_of(money(team, today, zone_of(team), items=items))]


def _week_url(team: Team, week: str) -> str:
    return reverse("remediation:week", args=[team.slug, week])


# For leads


@require_http_methods(["GET", "HEAD", "POST"])
def team_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Name, calendar, SLA; the members and what they may do."""
    found = team_of(request, slug, "lead")
    sent = (request.POST.copy(), request.FILES) if request.method == "POST" else (None, None)
    form = TeamForm(*sent, team=found)
    if form.is_valid() and _configured(request, found, form, **form.cleaned_data):
        messages.success(request, _("Saved. Dates that were set stay as they are."))
        return redirect("remediation:team_settings", slug)
    return _settings(request, found, form=form)


def _configured(request: HttpRequest, team: Team, form: SeenForm, **fields: Any) -> bool:
    """Save settings. Where another lead was quicker, the form says who and what."""
    try:
        actions.configure(team, actor=person(request), **fields)
    except Stale:
        last = Event.objects.about(f"team:{team.pk}").filter(verb="changed settings").first()
        form.overtaken(names_of([last.actor]).get(last.actor, last.actor) if last else "")
        return False
    return True


def _settings(
    request: HttpRequest,
    team: Team,
    *,
    form: TeamForm | None = None,
    invite: InviteForm | None = None,
    token: TokenForm | None = None,
    scale: ScaleForm | None = None,
) -> HttpResponse:
    """The page of the settings, with whatever is wrong in one of its forms."""
    form, invite = form or TeamForm(team=team), invite or InviteForm(team=team, auto_id=INVITE_ID)
    token, scale = token or TokenForm(team=team, auto_id=TOKEN_ID), scale or ScaleForm(team=team)
    members = team.memberships.people().select_related("user").order_by("user__name", "user__email")
    context = {
        "team": team,
        "form": form,
        "invite": invite,
        "scale": scale,
        "members": [_member(team, m) for m in members],
        "token": token,
        "tokens": [_token(team, row) for row in team.tokens.filter(revoked_at=None)],
        "back": reverse("remediation:team", args=[team.slug]),
    }
    wrong = form.errors or invite.errors or token.errors or scale.errors
    return render(request, "remediation/team_settings.html", context, status=422 if wrong else 200)


@require_POST
def set_scale(request: HttpRequest, slug: str) -> HttpResponse:
    """How bad the team takes what tools say; the next import reads by it."""
    found = team_of(request, slug, "lead")
    form = ScaleForm(request.POST.copy(), team=found)
    valid = form.is_valid()
    if not (valid and _configured(request, found, form, scale=form.changes(), seen=form.cleaned_data["seen"])):
        return _settings(request, found, scale=form)
    messages.success(request, _("Saved. The next import reads by it."))
    return redirect("remediation:team_settings", slug)


def _member(team: Team, membership: Membership) -> dict[str, Any]:
    return {
        "pk": membership.pk,
        "name": str(membership.user),
        "email": membership.user.email,
        "waiting": not membership.user.has_usable_password(),
        "form": MemberForm(member=membership, auto_id=f"id_{membership.pk}_%s"),
        "leave": LeaveForm(member=membership, auto_id=f"id_leave_{membership.pk}_%s"),
        "change": reverse("remediation:set_role", args=[team.slug, membership.pk]),
        "remove": reverse("remediation:remove_member", args=[team.slug, membership.pk]),
    }


@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask somebody in. The answer shows the link once, in case mail is down; it is nowhere kept."""
    found = team_of(request, slug, "lead")
    form = InviteForm(request.POST, team=found, auto_id=INVITE_ID)
    if not form.is_valid():
        return _settings(request, found, invite=form)
    said = form.cleaned_data
    made = invitations.invite(found, said["email"], said["role"], actor=person(request), name=said["name"])
    context = {
        "team": found,
        "invitation": made,
        "email": made.membership.user.email,
        "role": made.membership.get_role_display(),
        "back": reverse("remediation:team_settings", args=[slug]),
    }
    response = render(request, "remediation/invited.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _membership(request: HttpRequest, slug: str, pk: int) -> Membership:
    """A member of a team that this person leads."""
    found = team_of(request, slug, "lead")
    return get_object_or_404(found.memberships.people().select_related("user", "team"), pk=pk)


@require_POST
def set_role(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change what a member may do, and how many hours a week they have."""
    membership = _membership(request, slug, pk)
    form = MemberForm(request.POST, member=membership)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("remediation:team_settings", slug)
    role, hours = form.cleaned_data["role"], form.cleaned_data["capacity"]
    try:
        actions.set_seat(membership, role, hours, actor=person(request), seen=form.cleaned_data["seen"])
    except ValueError:
        messages.error(request, _("A team needs a lead: make somebody else one first."))
        return redirect("remediation:team_settings", slug)
    except Stale as stale:
        now = stale.row
        said = {"name": str(membership.user), "role": now.get_role_display(), "hours": text_of(now.capacity)}
        words = _(
            "Somebody changed %(name)s meanwhile: %(role)s, %(hours)s h. Nothing was saved; look, then save again."
        )
        messages.error(request, words % said)
        return redirect("remediation:team_settings", slug)
    messages.success(request, _("Saved."))
    return _after(request, slug)


@require_POST
def remove_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take somebody out of a team; what they said stays in the log."""
    membership = _membership(request, slug, pk)
    who, form = str(membership.user), LeaveForm(request.POST, member=membership)
    try:
        actions.leave(membership, actor=person(request), seen=form.cleaned_data["seen"] if form.is_valid() else None)
    except Stale as stale:
        said = {"name": who, "role": stale.row.get_role_display()}
        messages.error(
            request, _("Somebody made %(name)s %(role)s meanwhile. Nobody was removed; look, then do it again.") % said
        )
        return redirect("remediation:team_settings", slug)
    except ValueError:
        messages.error(request, _("A team needs a lead: make somebody else one first."))
        return redirect("remediation:team_settings", slug)
    messages.success(request, _("%s is no longer in the team. An invitation brings them back.") % who)
    return _after(request, slug)


# Tokens


def _token(team: Team, token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "by": token.created_by,
        "expires": token.expires_at,
        "live": token.live,
        "used": token.last_used_at,
        "revoke": reverse("remediation:revoke_token", args=[team.slug, token.pk]),
    }


@require_POST
def make_token(request: HttpRequest, slug: str) -> HttpResponse:
    """A key to the API. The answer shows it once; it is nowhere kept."""
    found = team_of(request, slug, "lead")
    form = TokenForm(request.POST, team=found, auto_id=TOKEN_ID)
    if not form.is_valid():
        return _settings(request, found, token=form)
    said = form.cleaned_data
    token, key = actions.issue(found, said["name"], said["scopes"], days=said["days"], actor=person(request))
    back = reverse("remediation:team_settings", args=[slug])
    response = render(request, "remediation/token_made.html", {"team": found, "token": token, "key": key, "back": back})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke_token(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """It opens nothing from now on."""
    found = team_of(request, slug, "lead")
    token = get_object_or_404(Token, team=found, pk=pk)
    if actions.revoke(token, actor=person(request)):
        messages.success(request, _("%s is revoked; it opens nothing any more.") % token.name)
    else:
        messages.info(request, _("Somebody revoked %s already; it opens nothing any more.") % token.name)
    return redirect("remediation:team_settings", slug)


def _after(request: HttpRequest, slug: str) -> HttpResponse:
    """Back to the settings; home for a lead who has just stopped being one."""
    still = Membership.objects.filter(user=person(request), team__slug=slug, role="lead").exists()
    return redirect("remediation:team_settings", slug) if still else redirect("remediation:week")
