"""Grounds for what closes and what comes back: the commit that did it, and its patch."""

from findings.core.lineage import Turn
from findings.core.types import Grounds
from findings.evidence import Change, Evidence, Subject
from nova_dashboard.walk import Walk


def prove(walked: Walk, evidence: Evidence, new: str) -> tuple[dict[int, Grounds], set[int]]:
    """Grounds, and which of the closings a known commit explains.

    What was gone already where the way begins (a closing that waited for a person) is looked for in the commits before.
    Where no commit of the branch did it (rewritten history), the patch between the two trees is the ground; such
    closings explain nothing, so an unhealthy number of them is held.
    """
    grounds: dict[int, Grounds] = {}
    explained: set[int] = set()
    if not walked.way.old:
        return grounds, explained
    for pk in walked.tracked.closed:
        turn = walked.ended[pk]
        change = _ended(walked, evidence, pk, turn)
        found = of_change(change) if change else None
        if found:
            explained.add(pk)
        elif pk not in walked.before and not walked.made_by(turn):
            found = between(evidence, walked.way.old, new, turn.place.path)
        if found:
            grounds[pk] = found
    for match in walked.tracked.matches:
        back = walked.back.get(match.finding) if match.regression and match.finding not in grounds else None
        if back and walked.made_by(back) and (change := evidence.returned(back)) and (found := of_change(change)):
            grounds[match.finding] = found
    return grounds, explained


def _ended(walked: Walk, evidence: Evidence, pk: int, turn: Turn) -> Change | None:
    if pk in walked.before:
        return evidence.fixed_by("", walked.way.old, Subject.of(turn.place))
    return evidence.ended(turn) if walked.made_by(turn) else None


def of_change(change: Change) -> Grounds | None:
    """A change as grounds; none where nothing of it can be shown."""
    if not change.deleted and not change.hunk:
        return None
    who = change.commit
    return Grounds(
        kind="deleted" if change.deleted else "diff",
        commit=who.sha,
        path=change.path,
        hunk=change.hunk,
        author=f"{who.author} <{who.email}>",
        subject=who.subject,
        committed_at=who.date,
    )


def between(evidence: Evidence, old: str, new: str, path: str) -> Grounds | None:
    """What happened to a path between two commits, as grounds; none where nothing did."""
    if not path:
        return None
    if evidence.missing(new, path):
        return Grounds(kind="deleted", commit=new, path=path)
    hunk = evidence.hunk(old, new, path)
    return Grounds(kind="diff", commit=new, path=path, hunk=hunk) if hunk else None
