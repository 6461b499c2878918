"""Findings as rows of a file: with the places the reader may see, no others, and the dates their plan gives them."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from findings import exports
from findings.core.export import csv_pieces, json_pieces
from findings.models import Evidence, Finding
from findings.querysets import FindingQuerySet
from remediation.forms.filters import Filter, Reader
from remediation.reads.due import deadlines, holders, planned
from remediation.reads.grouping import in_groups
from remediation.reads.sight import last_places, sight

COLUMNS = (
    "id",
    "priority",
    "state",
    "rule",
    "tool",
    "title",
    "repository",
    "component",
    "path",
    "line",
    "places",
    "owner",
    "due",
    "overdue",
    "first_seen",
    "first_seen_commit",
    "came_back",
    "fixed",
    "fixed_commit",
)


SEEN = {
    "rule": ("rule",),
    "part": ("component",),
    "where": ("path", "line", "places"),
    "age": ("first_seen",),
    "owner": ("owner",),
    "due": ("due", "overdue"),
    "state": ("state",),
}
"""What each column of the list is in a file."""


def columns_as_seen(chosen: Collection[str]) -> tuple[str, ...]:
    """The columns of a CSV for those that somebody chose for the list; without a choice all there are."""
    return ("id", "priority", "title", *(part for name in chosen for part in SEEN[name])) if chosen else COLUMNS


def export_pieces(kind: str, findings: FindingQuerySet, who: Reader, columns: Sequence[str] = COLUMNS) -> Iterator[str]:
    """The findings as a file of one of `KINDS`, piece by piece: as they are sorted, a thousand in memory at a time.
    `columns` are those of a CSV; the other kinds are whole.
    """
    if kind == "sarif":
        return exports.sarif(findings, who.components)
    stream = findings.for_list(who.components).iterator(chunk_size=exports.CHUNK)
    rows = (row for chunk in _chunks(stream) for row in rows_to_export(chunk, who))
    return csv_pieces(rows, columns) if kind == "csv" else json_pieces(rows)


def grouped_pieces(chosen: Filter, who: Reader, columns: Sequence[str]) -> Iterator[str]:
    """The findings in the groups that were chosen for the list, as a CSV whose first column names the group. By path
    one stands under each of its files.
    """
    rows = (row for told in in_groups(chosen, who, exports.CHUNK) for row in _in_groups(told, chosen, who))
    return csv_pieces(rows, ("group", *columns))


def _in_groups(told: Sequence[tuple[str, str, int]], chosen: Filter, who: Reader) -> Iterator[dict[str, Any]]:
    found = Finding.objects.filter(pk__in={pk for *_, pk in told}).for_list(who.components)
    known = {row["id"]: row for row in rows_to_export(list(found), who)}
    for value, label, pk in told:
        if row := known.get(pk):
            elsewhere = chosen.group == "path" and row["path"] != value
            yield row | {"group": label} | ({"path": value, "line": None} if elsewhere else {})


def _chunks(stream: Iterator[Finding]) -> Iterator[list[Finding]]:
    while chunk := list(islice(stream, exports.CHUNK)):
        yield chunk


def rows_to_export(findings: Sequence[Finding], who: Reader) -> list[dict[str, Any]]:
    """One row for each finding (loaded with `for_list(who.components)`), keys as in COLUMNS."""
    plans = planned([f.pk for f in findings], who.team_keys)
    dates, people = deadlines(findings, who.team_keys, who.now, plans), holders(findings, plans)
    last = last_places(findings, who.components)
    proofs = dict(Evidence.objects.filter(pk__in=[f.evidence_id for f in findings]).values_list("pk", "commit"))
    rows = []
    for f in findings:
        seen, due = sight(f, who.components), dates.get(f.pk)
        place = seen.place or last.get(f.pk)
        rows.append(
            {
                "id": f.pk,
                "priority": f.priority,
                "state": f.state,
                "rule": f.rule.key,
                "tool": f.rule.tool,
                "title": seen.title,
                "repository": f.repository.slug,
                "component": f.component.name if f.component_id in who.components else "",
                "path": place.path if place else "",
                "line": (place.line if place else 0) or None,
                "places": len(seen.places),
                "owner": people[f.pk].email if f.pk in people else "",
                "due": due.on if due else None,
                "overdue": "yes" if due and due.overdue else "",
                "first_seen": f.first_seen_at.isoformat(),
                "first_seen_commit": f.first_seen_commit,
                "came_back": f.reopened,
                "fixed": f.fixed_at.isoformat() if f.fixed_at else "",
                "fixed_commit": proofs.get(f.evidence_id, "") if f.evidence_id else "",
            }
        )
    return rows
