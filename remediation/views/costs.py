"""What it costs and what was saved: the trend, the ledger, the rows behind every number, and bills coming in."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from findings.models import Event, Team
from findings.templatetags.nova import money
from findings.words import apart, full_stop, listed, paragraph
from remediation.actions.costs import Moved, mark_of, remove_costs
from remediation.clock import zone_of
from remediation.core.charts import BarChart
from remediation.core.savings import Overview, SavingState
from remediation.models import CostLine, CostUnit
from remediation.reads import costs as reads
from remediation.reads.items import names_of
from remediation.views import Request

PAGE = 100


def team_for(request: Request, slug: str, role: str = "viewer") -> Team:
    """A team of this person: 404 for others' teams, 403 where the role does not reach."""
    team: Team = get_object_or_404(Team.objects.visible_to(request.user), slug=slug)
    if not leads(request, team, role):
        raise PermissionDenied
    return team


def leads(request: Request, team: Team, role: str = "lead") -> bool:
    """Whether this person has at least this role in the team."""
    return Team.objects.visible_to(request.user, role).filter(pk=team.pk).exists()


@require_safe
def costs(request: Request, slug: str) -> HttpResponse:
    """The page of a team's money."""
    team = team_for(request, slug)
    zone = zone_of(team)
    found = reads.money(team, timezone.now().astimezone(zone).date(), zone)
    context = {
        "team": team,
        "sentence": " ".join(map(sentence, found.overviews)) or _("Nothing is known of this team's costs yet."),
        "figures": [figure(team, trend) for trend in reads.trends(found)],
        "ledgers": [ledger for view in found.overviews if (ledger := _ledger(team, found, view))["rows"]],
        "sources": sources(team),
        "upload": reverse("remediation:cost_import", args=[slug]) if leads(request, team) else "",
    }
    return render(request, "remediation/costs.html", context)


# Sentences


def sentence(view: Overview) -> str:
    """One currency in words: "Oct: 241 USD, 34 below baseline; 181 to target." """
    if view.month is None:
        planned = [(_("baseline %s"), view.baseline), (_("target %s"), view.target)]
        known = listed(words % money(amount, view.currency) for words, amount in planned if amount is not None)
        return _("%s a month; no bill yet.") % (known or view.currency)
    fields = {"month": date_format(view.month, "MONTH_FORMAT"), "money": money(view.current, view.currency)}
    parts = [_("%(month)s: %(money)s") % fields]
    if view.below_baseline is not None:
        words = _("%s below baseline") if view.below_baseline >= 0 else _("%s above baseline")
        parts.append(words % money(abs(view.below_baseline)))
    if view.to_target is not None:
        words = _("%s to target") if view.to_target > 0 else _("%s better than target")
        return full_stop(apart([listed(parts), words % money(abs(view.to_target))]))
    return full_stop(listed(parts))


def lines_url(team: Team, **filters: Any) -> str:
    """The rows behind a number. `service` and `skip` may hold several names."""
    given = [(name, value) for name, value in filters.items() if value is not None]
    return reverse("remediation:cost_lines", args=[team.slug]) + "?" + urlencode(given, doseq=True)


def figure(team: Team, trend: reads.Trend) -> dict[str, Any]:
    """A trend as components/chart.html takes it: every sum in its table is a link to its rows."""
    names = [reads.layer_name(layer) for layer in trend.layers]
    return {
        "title": _("%s a month, by service") % trend.currency,
        "sentence": sentence(trend.overview),
        "kind": "bars",
        "chart": trend.chart,
        "labels": [_month(month, trend.months) for month in trend.months],
        "target_label": _target_label(trend.goals, trend.chart),
        "head": [_("Month"), *names, _("Sum"), _("Target")],
        "rows": [list(_row(team, trend, n)) for n in range(len(trend.months))],
    }


def _month(month: date, months: Sequence[date]) -> str:
    """The name of a month; with its year where one begins."""
    return date_format(month, "SHORT_MONTH_FORMAT" if month == months[0] or month.month == 1 else "MONTH_FORMAT")


def _target_label(goals: Sequence[Decimal | None], chart: BarChart) -> str:
    first = next((goal for goal in goals if goal is not None), None)
    return _("target %s") % money(first) if chart.targets else ""


def _row(team: Team, trend: reads.Trend, n: int) -> Iterable[str | None]:
    month, named = trend.months[n], [layer for layer in trend.layers if layer is not None]
    where = {"kind": "billed", "month": f"{month:%Y-%m}", "currency": trend.currency}
    yield date_format(month, "SHORT_MONTH_FORMAT")
    for layer in trend.layers:
        which = {"skip": named} if layer is None else {"service": layer}
        yield _linked(trend.cells.get((month, layer)), lines_url(team, **where, **which))
    yield _linked(trend.total(month), lines_url(team, **where))
    yield None if trend.goals[n] is None else money(trend.goals[n])


def _linked(amount: Decimal | None, url: str, currency: str = "") -> SafeString | None:
    return None if amount is None else format_html('<a href="{}">{}</a>', url, money(amount, currency))


# The ledger


def _ledger(team: Team, found: reads.Money, view: Overview) -> dict[str, Any]:
    planned = {p.service for p in found.plans if p.currency == view.currency}
    rows = [_saving(team, s, planned) for s in found.savings if s.row.currency == view.currency]
    sums = {name: getattr(view, name) for name in ("currency", "planned", "committed", "realised", "missed")}
    return sums | {"rows": rows}


def _saving(team: Team, saving: reads.Saving, planned: set[str]) -> dict[str, Any]:
    row = saving.row
    bill, url = _seen_in(team, saving)
    amounts = {name: getattr(row, name) for name in ("planned", "committed", "realised", "missed", "since")}
    services = list(saving.services)
    plan = lines_url(team, kind="plan", currency=row.currency, service=services, current=1)
    links = {
        "url": saving.item.get_absolute_url(),
        "bill_url": url,
        "plan_url": plan if planned.issuperset(services) else "",
    }
    return amounts | links | {"title": saving.item.title, "bill": bill}


def _seen_in(team: Team, saving: reads.Saving) -> tuple[str, str]:
    """Which rows of which bill show a saving; where none does, what it waits for."""
    row = saving.row
    if row.months:
        last = row.months[-1].month
        url = lines_url(
            team, kind="billed", month=f"{last:%Y-%m}", currency=row.currency, service=list(saving.services)
        )
        return _("bill of %s") % date_format(last, "SHORT_MONTH_FORMAT"), url
    if row.state is SavingState.WAITING:
        if row.unbilled:
            return _("no bill names %s") % listed(row.unbilled), ""
        return _("waits for the first full month"), ""
    return "", ""


# Sources


def sources(team: Team) -> list[dict[str, Any]]:
    """What the figures were read from: one row for each source, account, kind and currency. Tables of a review that a
    later version replaced are left out.
    """
    keys = ("source", "account", "kind", "role")
    rows = CostUnit.objects.filter(Q(role="") | Q(pk__in=reads.current_tables(team)), team=team)
    rows = rows.values(*keys, "lines__currency").order_by(*keys)
    rows = rows.annotate(
        first=Min("month"), last=Max("month"), imported=Max("imported_at"), total=Sum("lines__amount"), n=Count("lines")
    )
    units: dict[tuple[str, ...], list[CostUnit]] = {}
    for unit in CostUnit.objects.filter(team=team, role=""):
        units.setdefault((unit.source, unit.account, unit.kind), []).append(unit)
    marks = {key: mark_of(some) for key, some in units.items()}
    return [_source(team, row, marks.get((row["source"], row["account"], row["kind"]), "")) for row in rows]


def _source(team: Team, row: dict[str, Any], mark: str) -> dict[str, Any]:
    where = {name: row[name] for name in ("source", "account", "kind", "role")}
    currency = row["lines__currency"] or ""
    first, last = date_format(row["first"], "SHORT_MONTH_FORMAT"), date_format(row["last"], "SHORT_MONTH_FORMAT")
    return {
        "title": _("review %s") % row["source"] if row["role"] else row["source"],
        "account": ROLES[row["role"]] if row["role"] else row["account"],
        "kind": KINDS[row["kind"]],
        "months": first if first == last else f"{first} – {last}",
        "total": row["total"],
        "currency": currency,
        "imported": row["imported"],
        "url": lines_url(team, **where, currency=currency),
        "remove": {name: where[name] for name in ("source", "account", "kind")} | {"mark": mark}
        if not row["role"]
        else None,
    }


KINDS = {
    "billed": pgettext_lazy("cost", "billed"),
    "estimate": pgettext_lazy("cost", "estimate"),
    "plan": pgettext_lazy("cost", "plan"),
}
ROLES = {"baseline": gettext_lazy("baseline"), "target": gettext_lazy("target")}


# The rows behind a number


@require_safe
def lines(request: Request, slug: str) -> HttpResponse:
    """Cost lines by what the address says of them, with their sum for each currency and kind."""
    team = team_for(request, slug)
    found = _filtered(team, request)
    sums = found.order_by().values("currency", "unit__kind").annotate(total=Sum("amount"), unknown=_unknown())
    pages = Paginator(found.select_related("unit").order_by("-month", "service", "pk"), PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "team": team,
        "page": page,
        "filters": [_spoken(name, str(value)) for name, value in request.GET.items() if name in SAID and value],
        "sums": [s | {"kind": KINDS[s["unit__kind"]]} for s in sums.order_by("unit__kind", "currency")],
    }
    return render(request, "remediation/cost_lines.html", context)


FIELDS = {
    "kind": "unit__kind",
    "source": "unit__source",
    "account": "unit__account",
    "role": "unit__role",
    "currency": "currency",
}
SAID = ("source", "kind", "month", "currency", "service")


def _spoken(name: str, value: str) -> tuple[str, str]:
    """A filter of the address, its kind in words."""
    return name, str(KINDS.get(value, value)) if name == "kind" else value


def _filtered(team: Team, request: Request) -> Any:
    # PostgreSQL takes no NUL, and no row holds one.
    given = {name: [v.replace("\0", "") for v in values] for name, values in request.GET.lists()}
    found = CostLine.objects.filter(unit__team=team)
    found = found.filter(**{field: given[name][-1] for name, field in FIELDS.items() if name in given})
    if month := _month_of(given.get("month", [""])[-1]):
        found = found.filter(month=month)
    if "current" in given:
        found = found.filter(Q(unit__role="") | Q(unit__in=reads.current_tables(team)))
    if "service" in given:
        found = found.filter(service__in=given["service"])
    return found.exclude(service__in=given.get("skip", []))


def _month_of(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _unknown() -> Any:
    return Count("pk", filter=Q(amount=None))


@require_POST
def remove(request: Request, slug: str) -> HttpResponse:
    """Take out everything that one source said about an account."""
    team = team_for(request, slug, "lead")
    source, account, kind = (request.POST.get(name, "").replace("\0", "") for name in ("source", "account", "kind"))
    mark = request.POST.get("mark", "")
    try:
        months = remove_costs(team, source=source, account=account, kind=kind, actor=request.user, mark=mark)
    except Moved:
        messages.warning(request, paragraph([who_changed(team), _("Nothing was removed. Look at it again.")]))
        return redirect("remediation:cost_import", slug)
    said = ngettext("%d month was removed.", "%d months were removed.", months) % months
    messages.success(request, said)
    return redirect("remediation:costs", slug)


def who_changed(team: Team) -> str:
    """Who changed the costs of a team last, and by what."""
    last = Event.objects.about(f"costs:{team.pk}").first()
    if last is None:
        return ""
    said = {"who": names_of([last.actor]).get(last.actor, last.actor), "what": last.label}
    if last.verb == "removed costs":
        return _("%(who)s removed “%(what)s” meanwhile.") % said
    return _("%(who)s imported “%(what)s” meanwhile.") % said
