"""Imports as people see them: which there were, what one would change, and what it changed."""

from collections.abc import Iterable, Mapping, Sequence
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
from findings.models import Finding, Occurrence, Repository, Run, Scan, Team, User
from findings.querysets import at_least
from findings.templatetags.nova import hours, money
from remediation.actions.imports import REVIEW
from remediation.actions.naming import Owners
from remediation.actions.reading import reread
from remediation.actions.reviews import UNDATED
from remediation.core import types as said
from remediation.core.review.choices import beside_candidates
from remediation.forms.filters import Reader
from remediation.models import Item
from remediation.reads.reviews import link_row, remembered, whose
from remediation.reads.sight import last_places, sight

ROWS = 300  # of one group on a page
FOLDED = ("moved",)  # what is told, and shown where somebody asks
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


def _group(name: str, sign: str, title: str, rows: list[Row], count: int, *, unfold: bool = True) -> Group:
    shown = sorted(rows, key=lambda row: (row.priority, row.report_line, row.path, row.line))[:ROWS]
    return Group(name, sign, title, count, unfold and len(shown) <= ROWS, shown, count - len(shown))


def preview(run: Run, who: Reader) -> dict[str, Any]:
    """What the run would change if it were accepted now. Reads only."""
    plan = waiting(run)
    review = reread(run) if run.tool == REVIEW else None
    notices = beside_candidates(review) if review else plan.batch.notices
    groups = _planned(plan, who)
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
    if saving := _saving(review) if review else "":
        parts.append(_("%s a month less") % saving)
    return _("Nothing is written yet. It would bring: %s.") % words.listed(parts)


def _saving(review: said.Review) -> str:
    """What its two tables of costs differ by, "" where they cannot be compared."""
    tables = {table.role: table for table in review.costs}
    base, target = tables.get("baseline"), tables.get("target")
    if base is None or target is None or base.currency != target.currency or base.total <= target.total:
        return ""
    return money(base.total - target.total, base.currency)


def _planned(plan: Plan, who: Reader) -> list[Group]:
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
        _group("new", "+", _("new"), fresh, counts["new"]),
        _group(name, "−", title, gone, closing),
        _group("returned", "", _("came back"), back, counts["back"]),
        _group("moved", "", _("moved"), moved, len(moved), unfold=False),
        _group("unchanged", "", _("unchanged"), again, counts["again"] - len(moved), unfold=False),
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
    """The plan a review asks for, by phase, in its own order; what has no phase comes last."""
    named = {f.anchor: f for f in review.findings}
    leads = Repository.objects.led_by(who.user).filter(pk=run.repository_id).exists()
    owners = Owners(run)
    phases = [(phase.name, phase.title or phase.name) for phase in review.phases]
    told = [
        (title, [(i, whose(owners.of("items", i))) for i in review.items if i.phase == name])
        for name, title in [*phases, (UNDATED.name, _(UNDATED.title))]
    ]
    return [
        {"title": title, "rows": [_item(run, i, named, owner, leads=leads) for i, owner in rows]}
        for title, rows in told
        if rows
    ]


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


# What it changed


def result(run: Run, who: Reader) -> dict[str, Any]:
    """What an applied run did, as far as it is this person's: findings by fate, and the plan a review brought."""
    presence = run.changes.filter(table=Finding._meta.label, before__has_key="present")
    fates = {
        "new": run.changes.made(Finding),
        "fixed": Q(pk__in=presence.filter(before__present=True).values("row")),
        "returned": Q(pk__in=presence.filter(before__present=False).values("row")),
        "moved": _followed(run) & ~Q(pk__in=presence.values("row")),
        "unsure": _doubtful(run),
    }
    titles = {
        "new": _("new"),
        "fixed": _("fixed"),
        "returned": _("came back"),
        "moved": _("moved"),
        "unsure": _("to tell apart"),
    }
    signs = {"new": "+", "fixed": "−"}
    notes = remembered(run) if run.tool == REVIEW else {}
    groups = [_done(name, signs.get(name, ""), titles[name], found, who, notes) for name, found in fates.items()]
    items = Item.objects.visible_to(who.user).filter(checklist__review__run=run).select_related("phase")
    return {
        "groups": [group for group in groups if group.count],
        "items": _planned_items(items),
        "held": words.hold(run.reason) if run.state == "held" else "",
    }


def _followed(run: Run) -> Q:
    """The findings that were there before, and that this run saw on another line or in another file."""
    # Places that could not be looked at are carried along with their lines, and say of no way of their own.
    lines = run.changes.filter(table=Occurrence._meta.label, before__has_key="line").values("row")
    files = run.changes.made(Occurrence) & Q(step__gt=0)
    went = Occurrence.objects.filter(Q(pk__in=lines) | files).exclude(~Q(step=INTO_ANOTHER_FILE), moved=0)
    return Q(pk__in=went.values("finding"))


def _doubtful(run: Run) -> Q:
    """The findings of which this run could not say for sure that they are what it took them for, and nobody has yet."""
    changed = run.changes.filter(table=Occurrence._meta.label, before__isnull=False).values("row")
    places = Occurrence.objects.filter(Q(pk__in=changed) | run.changes.made(Occurrence), to_run=None, ambiguous=True)
    return Q(pk__in=places.values("finding"), key="", present=True)


def _done(name: str, sign: str, title: str, fate: Q, who: Reader, notes: Mapping[str, str]) -> Group:
    found = Finding.objects.visible_to(who.user).filter(fate)
    rows = list(found.for_list(who.components).order_by("priority", "pk")[:ROWS])
    last = last_places(rows, who.components)
    listed = []
    for f in rows:
        seen = sight(f, who.components)
        place = seen.place or last.get(f.pk)
        path, line = (place.path, place.line) if place else ("", 0)
        report_line = int(f.properties.get("report_line") or 0)
        listed.append(Row(f.priority, seen.title, path, line, notes.get(f.key, ""), f.get_absolute_url(), report_line))
    count = found.count() if len(rows) == ROWS else len(rows)
    return _group(name, sign, title, listed, count, unfold=name not in FOLDED)


def _planned_items(items: Iterable[Item]) -> list[dict[str, Any]]:
    phases: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        row = {
            "title": item.title,
            "url": item.get_absolute_url(),
            "priority": item.priority,
            "note": "",
            "report_line": item.report_line,
            "ticked": bool(item.claimed_by),
        }
        phases.setdefault(str(item.phase), []).append(row)
    return [{"title": title, "rows": rows} for title, rows in phases.items()]
