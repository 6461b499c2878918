"""Imports as people see them: which there were, what one would change, and what it changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings import words
from findings.actions.batches import Plan, waiting
from findings.core.types import INTO_ANOTHER_FILE, Match, Notice, Observation
from findings.models import Finding, Repository, Run, Scan, Team, User
from findings.querysets import at_least
from findings.templatetags.nova import hours
from remediation.actions.imports import REVIEW
from remediation.actions.naming import Owners
from remediation.actions.reading import reread
from remediation.actions.reviews import UNDATED, phase_key
from remediation.clock import calendar_of, day_of
from remediation.core import types as said
from remediation.core.planning import Window, phase_window
from remediation.core.review.choices import beside_candidates
from remediation.forms.filters import Reader
from remediation.models import Phase
from remediation.reads.reviews import link_row, saving_of, whose
from remediation.reads.sight import last_places

ROWS = 300  # of one group on a page
SHOWN_STATES = {"refused": "dropped"}


def runs_of(user: User, role: str = "viewer") -> QuerySet[Run, Any]:
    """The runs whose words this person may read: scans of their repositories, and reports handed to their teams.

    What a report says concerns the whole repository, so it is for the team that owns the default component; a
    review's plan is for the team it was written for.
    """
    home = Repository.objects.filter(
        components__is_default=True,
        components__team__memberships__user=user,
        components__team__memberships__role__in=at_least(role),
    )
    teams = Team.objects.visible_to(user, role)
    report = ~Q(tool=REVIEW) & (Q(repository__in=home) | ~Q(scan__kind__in=("upload", "review")))
    review = Q(tool=REVIEW) & (Q(review__team__in=teams) | Q(review=None, repository__in=home))
    rows = Run.objects.visible_to(user, role).filter(report | review)
    return rows.annotate(n_items=Count("review__checklist__items", distinct=True))


def imports_of(user: User) -> QuerySet[Run, Any]:
    """What was handed in, and what is held for somebody to look at."""
    rows = runs_of(user).filter(Q(scan__kind__in=("upload", "review")) | Q(state="held"))
    return rows.select_related("repository", "scan")


def uploads_of(user: User) -> QuerySet[Scan, Any]:
    """The reports that a worker is reading or will, and those of the last day that it could not."""
    home = Repository.objects.led_by(user)
    lately = Q(state="failed", finished_at__gte=timezone.now() - timedelta(days=1))
    rows = Scan.objects.filter(Q(state__in=("queued", "running")) | lately, repository__in=home, kind="upload")
    return rows.select_related("repository", "upload").prefetch_related("runs")


def import_rows(runs: Sequence[Run], user: User) -> list[dict[str, Any]]:
    """The rows of the list of imports."""
    people = names(run.actor for run in runs)
    led = set(Repository.objects.led_by(user).values_list("pk", flat=True))
    return [
        {
            "title": title_of(run),
            "url": run.get_absolute_url(),
            "kind": _("review") if run.tool == REVIEW else run.tool,
            "by": people.get(run.actor, run.actor),
            "at": run.scan.created_at,
            "state": SHOWN_STATES.get(run.state, run.state),
            "text": text_of(run),
            "undo": reverse("remediation:run_undo", args=[run.pk])
            if run.state == "applied" and run.repository_id in led
            else "",
            "why_not": "",
        }
        for run in runs
    ]


def title_of(run: Run) -> str:
    """What a run is called: its file, else the tool and the commit."""
    return run.file_name or f"{run.tool} {run.commit[:7]}".strip()


def text_of(run: Run) -> str:
    """What it changed or would change, in a few words."""
    if run.state == "refused":
        return _("nothing was written")
    if run.state == "undone":
        return _("everything is as it was before")
    if run.state == "failed":
        return _("nothing was changed")
    text = words.changes(run.counts, moves=True)
    items = getattr(run, "n_items", 0)
    if items and run.state == "applied":
        text = words.listed([text, ngettext("%d item", "%d items", items) % items])
    return _("would change: %s") % text if run.state == "preview" else text


def names(mails: Iterable[str]) -> dict[str, str]:
    """Address -> how people know the person."""
    found = User.objects.filter(email__in=set(mails))
    return {user.email: str(user) for user in found}


# What it would change


@dataclass(frozen=True, slots=True)
class Row:
    """A finding in a preview or a result."""

    priority: str
    title: str
    path: str
    line: int
    note: str = ""
    url: str = ""
    report_line: int = 0
    today: tuple[str, ...] = ()  # states as they are now, of what was applied


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that meet one fate; `count` may be larger than the rows."""

    name: str
    sign: str
    title: str
    count: int
    open: bool = False
    rows: list[Row] = field(default_factory=list)
    more: int = 0


def group_of(name: str, sign: str, title: str, rows: list[Row], count: int, *, unfold: bool = True) -> Group:
    shown = sorted(rows, key=lambda row: (row.priority, row.report_line, row.path, row.line))[:ROWS]
    return Group(name, sign, title, count, unfold and len(shown) <= ROWS, shown, count - len(shown))


def preview(run: Run, who: Reader) -> dict[str, Any]:
    """What the run would change if it were accepted now. Reads only."""
    plan = waiting(run)
    review = reread(run) if run.tool == REVIEW else None
    notices = beside_candidates(review) if review else plan.batch.notices
    groups = _fates(plan, who)
    return {
        "sentence": _would(plan, review),
        "held": words.hold(plan.held) if plan.held else "",
        "holds": bool(plan.held),
        "groups": groups,
        "warnings": [_warning(notice) for notice in notices],
        "items": _phases(run, review, who) if review else [],
        "tables": [_table(table) for table in review.costs] if review else [],
    }


def _would(plan: Plan, review: said.Review | None) -> str:
    counts = plan.counts
    parts = [words.changes(counts, moves=True)]
    if review and (n := len(review.items)):
        parts.append(ngettext("%d item on the plan", "%d items on the plan", n) % n)
    if saving := saving_of(review) if review else "":
        parts.append(_("%s a month less") % saving)
    return _("Nothing is written yet. It would bring: %s.") % words.listed(parts)


def _fates(plan: Plan, who: Reader) -> list[Group]:
    seen, counts = plan.batch.observations, plan.counts
    fresh = [_observed([seen[i] for i in group]) for group in plan.tracked.new]
    first = {m.finding: m for m in reversed(plan.tracked.matches)}
    back = [_observed([seen[m.seen]], pk) for pk, m in first.items() if m.regression]
    known = {pk: m for pk, m in first.items() if not m.regression}
    gone_on = {pk: m for pk, m in known.items() if m.elsewhere}
    moved = [_observed([seen[m.seen]], pk, _way(m)) for pk, m in gone_on.items()]
    again = [_observed([seen[m.seen]], pk) for pk in known.keys() - gone_on.keys() if (m := known[pk])]
    gone, closing = _closing(plan, who), counts["fixed"] + counts["deleted"]
    name, title = ("held", _("held")) if plan.held else ("fixed", _("fixed"))
    groups = [
        group_of("new", "+", _("new"), fresh, counts["new"]),
        group_of(name, "−", title, gone, closing),
        group_of("returned", "", _("came back"), back, counts["back"]),
        group_of("moved", "", _("moved"), moved, len(moved), unfold=False),
        group_of("unchanged", "", _("unchanged"), again, counts["again"] - len(moved), unfold=False),
    ]
    return [group for group in groups if group.count]


def _way(match: Match) -> str:
    """How far something moved."""
    if not match.moved or match.step == INTO_ANOTHER_FILE:
        return _("from another file")
    n = abs(match.moved)
    down = ngettext("moved %d line down", "moved %d lines down", n)
    up = ngettext("moved %d line up", "moved %d lines up", n)
    return (down if match.moved > 0 else up) % n


def _observed(places: Sequence[Observation], known: int | None = None, way: str = "") -> Row:
    first = min(places, key=lambda o: (not o.at_head, o.path, o.line))
    more = len(places) - 1
    return Row(
        str(first.priority),
        first.message.strip().split("\n")[0] or first.rule,
        first.path,
        first.line,
        note=(ngettext("and %d more place", "and %d more places", more) % more) if more else way,
        url=reverse("remediation:finding", args=[known]) if known else "",
        report_line=int(first.properties.get("report_line") or 0),
    )


def _closing(plan: Plan, who: Reader) -> list[Row]:
    """What it would close in the reader's own code."""
    own = Finding.objects.filter(pk__in=plan.tracked.closed.keys(), component__in=who.components)
    rows = list(own.order_by("priority", "pk")[:ROWS])
    last = last_places(rows, who.components)
    return [
        Row(f.priority, f.title, last[f.pk].path, last[f.pk].line, _("no longer named"), f.get_absolute_url())
        for f in rows
        if f.pk in last
    ]


def _warning(notice: Notice) -> dict[str, Any]:
    text = words.noticed(notice)
    return {"line": notice.line, "text": f"{notice.path}: {text}" if notice.path else text}


def _phases(run: Run, review: said.Review, who: Reader) -> list[dict[str, Any]]:
    """The plan a review asks for, by phase with its dates, in its own order; what has no phase comes last."""
    named = {f.anchor: f for f in review.findings}
    leads = Repository.objects.led_by(who.user).filter(pk=run.repository_id).exists()
    owners, windows = Owners(run), _windows(run, review, who)
    phases = [(phase.name, phase.title or phase.name, windows[phase.name]) for phase in review.phases]
    told = [
        (title, window, [(i, whose(owners.of("items", i))) for i in review.items if i.phase == name])
        for name, title, window in [*phases, (UNDATED.name, _(UNDATED.title), None)]
    ]
    return [
        {"title": title, "window": window, "rows": [_item(run, i, named, owner, leads=leads) for i, owner in rows]}
        for title, window, rows in told
        if rows
    ]


def _windows(run: Run, review: said.Review, who: Reader) -> dict[str, Window]:
    """The days of each phase, as accepting it now would set them; what an earlier version set stays."""
    team = Team.objects.get(pk=run.payload["team"])
    first, calendar = review.reviewed or day_of(team, who.now), calendar_of(team)
    before = Phase.objects.filter(checklist__review=run.payload.get("last") or 0)
    kept = {p.key: Window(p.starts, p.due) for p in before if p.starts}
    return {p.name: kept.get(phase_key(p)) or phase_window(p, first, calendar) for p in review.phases}


def _item(
    run: Run, item: said.ReviewItem, named: dict[str, said.ReviewFinding], owner: str, *, leads: bool
) -> dict[str, Any]:
    findings = [named[anchor] for anchor in item.findings if anchor in named]
    notes = [words.listed(f.label or f.title for f in findings)] if findings else []
    if owner:
        notes.append(_("owner %s") % owner)
    if item.effort:
        notes.append(_effort(item.effort))
    if rules := sorted({link_row(link)["title"] for link in item.links}):
        notes.append(_("proven by: %s") % words.listed(rules))
    return {
        "title": item.title,
        "priority": str(item.priority or min((f.priority for f in findings), default="P2")),
        "note": " · ".join(notes),
        "report_line": item.line,
        "ticked": item.ticked,
        "anchor": item.anchor,
        "url": reverse("remediation:run_item", args=[run.pk, item.anchor]) if leads else "",
    }


def _effort(effort: said.Effort) -> str:
    low, high = hours(effort.low), hours(effort.high)
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _table(table: said.CostTable) -> dict[str, Any]:
    if table.printed is None:
        note = ""
    elif table.printed == table.total:
        note = _("as the report prints it")
    else:
        note = _("the report prints %s") % f"{table.printed:f}"
    role = _("as it is") if table.role == "baseline" else _("as it should be")
    return {
        "title": f"{table.title or _('Costs')} ({role})",
        "total": table.total,
        "currency": table.currency,
        "note": note,
        "rows": [
            {
                "service": row.service,
                "amount": row.low,
                "note": " ".join(part for part in (_range(row), row.note) if part),
            }
            for row in table.rows
        ],
    }


def _range(row: said.CostRow) -> str:
    if row.high is None or row.low is None or row.high == row.low:
        return ""
    return _("up to %s") % f"{row.high:f}"
