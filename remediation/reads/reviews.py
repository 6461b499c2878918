"""A review that waits, as its lead sees it: what it brings, what the code says of it, what is to be decided."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings import words
from findings.core.rules import RULES
from findings.core.types import Priority
from findings.models import Run
from findings.templatetags.nova import STATES as WORDS
from findings.templatetags.nova import money, shortsha
from remediation.actions.described import key_of
from remediation.actions.naming import Named, Owners, Row
from remediation.actions.reading import checks_of, last_version, proposed, reread, said_by
from remediation.core import types as said
from remediation.core.review import NAMES
from remediation.core.review.choices import pick
from remediation.core.review.diff import ReviewDiff, diff
from remediation.core.review.factcheck import SURE, Answer, Check, Kind, Point
from remediation.models import Review
from remediation.reads.whys import why_of

POINTS = 4  # comparisons that a row tells
PLACES = 3  # places that a row names
SAMPLE = 80  # letters of a line that shows what an encoding makes of it
UNFOLDED = 5  # candidates that are shown without being asked for
LINES = 10  # lines that are told of a name
STATES = {
    Answer.CONFIRMED: "confirmed",
    Answer.MOVED: "moved",
    Answer.COUNT: "counted",
    Answer.NOT_FOUND: "not_found",
    Answer.UNTESTED: "untested",
}
ORDER = tuple(STATES)


def preview(run: Run, *, leads: bool) -> dict[str, Any]:
    """What the page of a waiting review shows beside its plan and costs. Reads only."""
    chosen = reread(run)
    checks = checks_of(run, chosen)
    decided = run.payload.get("choices", {})
    offered = proposed(run)
    asked = pick(offered, decided)
    left = [f for f in asked.findings if f.anchor not in {kept.anchor for kept in chosen.findings}]
    candidates = [_candidate(c, decided.get("picked", {})) for c in offered.candidates]
    last, owners = last_version(run), Owners(run)
    before = said_by(last) if last and last.text else None
    changed = diff(before, asked) if before else ReviewDiff()
    told = {"sentence": _changed(before, asked, changed)} if before else {}
    return told | {
        "answers": _answers(checks.values()),
        "commit": run.payload.get("commit", "") or run.repository.proven_commit,
        "looked": "files" in run.payload,
        "findings": [
            finding_row(run, f, checks[f.anchor], decided, leads=leads) | {"owner": whose(owners.of("findings", f))}
            for f in chosen.findings
        ],
        "strangers": _strangers(owners, chosen),
        "left_out": [_left_out(run, f, leads=leads) for f in left],
        "conflicts": [row for f in asked.findings if (row := _conflict(run, f, decided, leads=leads))],
        "last": last,
        "changes": _changes(changed),
        "reviewed": chosen.reviewed,
        "dated": asked.reviewed is not None,
        "verdict": chosen.verdict,
        "unread": asked.unread,
        "candidates": candidates,
        "unpicked": sum(not row["picked"] for row in candidates),
        "picked": sum(row["picked"] for row in candidates),
        "unfold": not chosen.findings or len(candidates) <= UNFOLDED or any(row["picked"] for row in candidates),
        "priorities": [str(p) for p in Priority],
        "version": run.payload.get("version", 1),
        "encodings": _encodings(run),
    }


def _encodings(run: Run) -> list[dict[str, Any]]:
    """The encodings a report may be in, that which was taken first, each with the first line that tells them apart."""
    taken, texts = run.payload.get("encoding", ""), run.payload.get("texts", {})
    lines = {name: texts[name][0].split("\n") for name in sorted(texts, key=lambda name: name != taken)}
    for row in zip(*lines.values(), strict=False):
        if len(set(row)) > 1:
            samples = dict(zip(lines, row, strict=True))
            break
    else:
        samples = {}
    return [
        {"name": name, "label": NAMES[name], "sample": samples.get(name, "").strip()[:SAMPLE], "taken": name == taken}
        for name in lines
    ]


def _candidate(row: said.ReviewFinding, picked: Mapping[str, str]) -> dict[str, Any]:
    """What may be a finding: it counts only where a person says so."""
    return {
        "anchor": row.anchor,
        "title": named(row),
        "line": row.line,
        "places": [place(p) for p in row.places[:PLACES]],
        "picked": row.anchor in picked,
        "priority": picked.get(row.anchor, str(row.priority)),
    }


def whose(named: Named) -> str:
    """Who is to own a row; what the report calls them where no account answers to that."""
    if named.person:
        return str(named.person)
    return "" if named.chosen or not named.said else _("“%s”, no account") % named.said


def _strangers(owners: Owners, review: said.Review) -> list[dict[str, Any]]:
    """The names in the report that no account of the team answers to, with the lines where they stand."""
    rows: list[tuple[str, Row]] = [*(("findings", f) for f in review.findings), *(("items", i) for i in review.items)]
    lines: dict[str, list[int]] = {}
    for kind, row in rows:
        named = owners.of(kind, row)
        if named.said and not named.person and not named.chosen:
            lines.setdefault(named.said, []).append(row.line)
    return [{"name": name, "lines": words.listed(map(str, sorted(set(at))[:LINES]))} for name, at in lines.items()]


def _answers(checks: Iterable[Check]) -> list[dict[str, Any]]:
    counts = Counter(check.answer for check in checks)
    return [{"state": STATES[answer], "count": counts[answer]} for answer in ORDER if counts[answer]]


def remembered(run: Run) -> dict[str, str]:
    """What the code said of each finding when the review was accepted, by its key; nothing if it was not scanned."""
    review = Review.objects.filter(run=run).first()
    checks = review.checks if review else {}
    commit = str(checks.get("commit", ""))
    if not commit:  # nothing was scanned by then, so no rule said a thing
        return {}
    as_of = _("as of %(commit)s") % {"commit": shortsha(commit)}
    notes = {}
    for anchor, (answer, rows) in checks.get("findings", {}).items():
        told = [text for point in _points(rows) if (text := tell(point))]
        notes[key_of(run.category, anchor)] = words.listed([str(WORDS[STATES[Answer(answer)]][1]), *told, as_of])
    return notes


def _points(rows: Iterable[Sequence[Any]]) -> list[Point]:
    """The comparisons that a review keeps of a finding, as `actions.reviews` writes them."""
    return [Point(Kind(kind), said.Place(at, first, end), *seen) for kind, at, first, end, *seen in rows][:POINTS]


def finding_row(
    run: Run, finding: said.ReviewFinding, check: Check, decided: Mapping[str, Any], *, leads: bool
) -> dict[str, Any]:
    """A finding of the report with what the code says of it."""
    more = len(finding.places) - PLACES
    told = [text for point in check.points if (text := tell(point))]
    return {
        "anchor": finding.anchor,
        "priority": str(finding.priority),
        "title": named(finding),
        "line": finding.line,
        "places": [place(p) for p in finding.places[:PLACES]],
        "more": max(more, 0),
        "state": STATES[check.answer],
        "told": told[:POINTS],
        "links": [link_row(k) for k in finding.links if k.confidence >= SURE],
        "decided": finding.anchor in decided.get("findings", {}),
        "url": url_of(run, "finding", finding.anchor) if leads else "",
    }


def _left_out(run: Run, finding: said.ReviewFinding, *, leads: bool) -> dict[str, Any]:
    url = url_of(run, "finding", finding.anchor) if leads else ""
    return {"title": named(finding), "line": finding.line, "url": url}


def url_of(run: Run, kind: str, anchor: str) -> str:
    """Where a lead decides about a finding or an item of a waiting review."""
    return reverse(f"remediation:run_{kind}", args=[run.pk, anchor])


def named(finding: said.ReviewFinding) -> str:
    """The title with the report's own number."""
    return f"{finding.label}: {finding.title}" if finding.label else finding.title


def place(one: said.Place) -> str:
    """A place as people write it."""
    if not one.line:
        return one.path
    return f"{one.path}:{one.line}-{one.end_line}" if one.end_line else f"{one.path}:{one.line}"


def link_row(link: said.LinkProposal) -> dict[str, Any]:
    """A link to a rule, why it is proposed and how surely."""
    rule = RULES.get(link.rule)
    return {
        "rule": link.rule,
        "title": _(rule.title) if rule else link.rule,
        "scope": link.scope,
        "why": why_of(link.why),
        "sure": round(link.confidence * 100),
    }


# In words


def tell(point: Point) -> str:
    """What a comparison came to, in a few words."""
    lines, path = _lines(point.said), point.said.path
    if point.kind is Kind.COUNT:
        if point.stated == point.counted:
            return _("the scan counts %d, too") % point.counted
        return _("says %(stated)d, the scan counts %(counted)d") % {"stated": point.stated, "counted": point.counted}
    if point.kind is Kind.NOWHERE:
        return _("no rule that tests it sees anything")
    texts = {
        Kind.FOUND: _found(point),
        Kind.LINE: _("says %(lines)s of %(path)s, found at line %(line)d"),
        Kind.PATH: _moved(point),
        Kind.NO_FILE: _("%(path)s does not exist"),
        Kind.SHORT: _("says %(lines)s of %(path)s, which has %(counted)d lines"),
        Kind.NOTHING: _("nothing seen in %(path)s"),
    }
    values = {"lines": lines, "path": path, "line": point.line, "counted": point.counted, "found": point.path}
    return texts[point.kind] % values


def _found(point: Point) -> str:
    if point.said.end_line:
        return _("says %(lines)s of %(path)s, found at line %(line)d")
    return "" if point.said.line else _("found at %(found)s:%(line)d")


def _moved(point: Point) -> str:
    if point.line:
        return _("says %(path)s, found at %(found)s:%(line)d")
    return _("%(path)s does not exist; %(found)s does")


def _lines(one: said.Place) -> str:
    if one.end_line:
        return _("lines %(first)d to %(last)d") % {"first": one.line, "last": one.end_line}
    return _("line %d") % one.line


# What is to be decided


def conflict(finding: said.ReviewFinding) -> str:
    """Where parts of the report differ about a finding; "" where they agree."""
    if not finding.others:
        return ""
    others = words.listed(str(p) for p in finding.others)
    if finding.phase:
        text = _("Its heading says %(priority)s, the plan %(others)s (%(phase)s).")
    else:
        text = _("Its heading says %(priority)s, another part of the report %(others)s.")
    return text % {"priority": finding.priority, "others": others, "phase": finding.phase}


def _conflict(
    run: Run, finding: said.ReviewFinding, decided: Mapping[str, Any], *, leads: bool
) -> dict[str, Any] | None:
    if not (text := conflict(finding)):
        return None
    choice = decided.get("findings", {}).get(finding.anchor, {})
    taken = Priority(choice.get("priority", finding.priority))
    return {
        "title": named(finding),
        "text": text,
        "taken": str(taken),
        "settled": "priority" in choice,
        "options": [str(p) for p in sorted({finding.priority, *finding.others} - {taken})],
        "line": finding.line,
        "url": url_of(run, "finding", finding.anchor) if leads else "",
    }


def saving_of(review: said.Review) -> str:
    """What its two tables of costs differ by, "" where they cannot be compared."""
    tables = {table.role: table for table in review.costs}
    base, target = tables.get("baseline"), tables.get("target")
    if base is None or target is None or base.currency != target.currency or base.total <= target.total:
        return ""
    return money(base.total - target.total, base.currency)


def _changed(before: said.Review, now: said.Review, found: ReviewDiff) -> str:
    """What a new version changes of what the last one brought, in one sentence."""
    new, otherwise, owned, ticked, gone = map(len, (found.new, found.reworded, found.owned, found.ticked, found.gone))
    parts = [
        (new, ngettext("%d new", "%d new", new)),
        (otherwise, ngettext("%d said otherwise", "%d said otherwise", otherwise)),
        (owned, ngettext("%d given to somebody", "%d given to somebody", owned)),
        (ticked, ngettext("%d ticked since", "%d ticked since", ticked)),
        (gone, ngettext("%d no longer in it", "%d no longer in it", gone)),
    ]
    told = [text % n for n, text in parts if n]
    saved = {"before": saving_of(before), "now": saving_of(now)}
    if saved["now"] and saved["now"] != saved["before"]:
        told.append(
            (_("%(now)s a month less, not %(before)s") if saved["before"] else _("%(now)s a month less")) % saved
        )
    if not told:
        return _("Nothing is written yet. This version says what the last one said.")
    return _("Nothing is written yet. Against the last version: %s.") % words.listed(told)


def _changes(found: ReviewDiff) -> list[dict[str, Any]]:
    """What a new version says otherwise than the last one, by fate."""
    groups: Sequence[tuple[str, str, list[dict[str, Any]]]] = (
        (_("New"), "", [_row(row) for row in found.new]),
        (_("Said otherwise"), "", [_reworded(old, new) for old, new in found.reworded]),
        (_("Given to somebody"), _("what a person gave out stays"), [_owned(old, new) for old, new in found.owned]),
        (_("Ticked since"), _("a claim by the report"), [_row(new) for _old, new in found.ticked]),
        (_("No longer in it"), _("stays as it is until somebody settles it"), [_row(row) for row in found.gone]),
    )
    return [{"title": title, "note": note, "rows": rows} for title, note, rows in groups if rows]


def _row(row: said.ReviewFinding | said.ReviewItem) -> dict[str, Any]:
    title = named(row) if isinstance(row, said.ReviewFinding) else row.title
    kind = _("finding") if isinstance(row, said.ReviewFinding) else _("item")
    told = {"priority": str(row.priority or ""), "title": title, "kind": kind, "line": row.line}
    return told | {"was": "", "owner": row.owner}


def _reworded(old: said.ReviewFinding | said.ReviewItem, new: said.ReviewFinding | said.ReviewItem) -> dict[str, Any]:
    return _row(new) | {"was": old.title if old.title != new.title else ""}


def _owned(old: said.ReviewFinding | said.ReviewItem, new: said.ReviewFinding | said.ReviewItem) -> dict[str, Any]:
    return _row(new) | {"was": old.owner}
