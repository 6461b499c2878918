"""What an import that was applied did, and what has become of it since."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings import words
from findings.core.types import INTO_ANOTHER_FILE
from findings.models import Finding, Occurrence, Run
from remediation.actions.imports import REVIEW
from remediation.clock import day_of
from remediation.forms.filters import Reader
from remediation.models import Item
from remediation.reads.imports import ROWS, Group, Row, group_of
from remediation.reads.items import Row as Planned
from remediation.reads.items import names_of, note, row_of
from remediation.reads.reviews import remembered
from remediation.reads.sight import last_places, marks, sight
from remediation.reads.stock import count_for

FOLDED = ("moved",)  # what is told, and shown where somebody asks


def result(run: Run, who: Reader) -> dict[str, Any]:
    """What an applied run did, as far as it is this person's: findings by fate, and the plan a review brought, each
    row with its state of today; `today` says in a sentence what became of it all, "" where it brought nothing.
    """
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
    planned = _planned(who, run)
    return {
        "groups": [one for one in groups if one.count],
        "items": _by_phase(planned),
        "today": _today(groups[0], Finding.objects.visible_to(who.user).filter(fates["new"]), planned),
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
        shown = Row(
            f.priority,
            words.titled(seen.title, f.rule.title),
            path,
            line,
            note=notes.get(f.key, ""),
            url=f.get_absolute_url(),
            report_line=int(f.properties.get("report_line") or 0),
            today=tuple(marks(f) or [f.state]),
        )
        listed.append(shown)
    count = found.count() if len(rows) == ROWS else len(rows)
    return group_of(name, sign, title, listed, count, unfold=name not in FOLDED)


def _planned(who: Reader, run: Run) -> list[Planned]:
    """The items of a review's plan that this person may see, with how far each is today."""
    asked = Item.objects.visible_to(who.user).filter(checklist__review__run=run).with_links()
    found = list(asked.select_related("phase", "checklist__team"))
    count_for(found)
    return [row_of(item, day_of(item.checklist.team, who.now)) for item in found]


def _by_phase(planned: Iterable[Planned]) -> list[dict[str, Any]]:
    phases: dict[str, list[dict[str, Any]]] = {}
    known = names_of(row.item.claimed_by for row in planned)
    for row in planned:
        item = row.item
        told = {
            "title": item.title,
            "url": item.get_absolute_url(),
            "priority": item.priority,
            "note": note(row, known),
            "report_line": item.report_line,
            "today": (row.state,),
        }
        phases.setdefault(str(item.phase), []).append(told)
    return [{"title": title, "rows": listed} for title, listed in phases.items()]


def _today(new: Group, found: QuerySet[Finding, Any], planned: Sequence[Planned]) -> str:
    """What became of what it brought: how many findings are open still, how many items are done."""
    parts = []
    if new.count:
        still = found.filter(state="open").count()
        text = ngettext("%(n)s of %(total)s finding open", "%(n)s of %(total)s findings open", new.count)
        parts.append(text % {"n": number_format(still, 0), "total": number_format(new.count, 0)})
    if planned:
        text = ngettext("%(n)d of %(total)d item done", "%(n)d of %(total)d items done", len(planned))
        parts.append(text % {"n": sum(row.done for row in planned), "total": len(planned)})
    return _("Today: %s.") % words.listed(parts) if parts else ""
