"""A finding while the report is still being read: not yet joined with the schedule, the tables and the other drafts."""

import re
from dataclasses import dataclass, field
from posixpath import basename
from typing import Any, Literal

from findings.core.types import Notice, Priority, notice
from remediation.core.review import places
from remediation.core.review.body import SENTENCE, Body
from remediation.core.review.notes import LOST, RESOLVED
from remediation.core.review.terms import field_of
from remediation.core.review.words import clean, fold, likeness, normal, terms
from remediation.core.types import Effort, Place

FEW = 1
"""Words of a title that are the same as others only if there are no more."""
MANY = 3
"""Words that titles share which name the same things in code."""
BEGUN = 5
"""Letters from which on the beginning of a title names it."""
AKIN = 0.25
"""Likeness that is enough where the numbers are the same."""
CODED = re.compile(r"`[^`]*`")
HEADED = re.compile(r"\[`?(?P<place>[^\[\]`\n]{1,160})`?\]\s+(?=\S)")
"""A bracket that a title begins with: "[cmd/main.go] …", "[cmd/main.go:3] …"."""
TITLE = 300
"""Characters of a title made of a place and a sentence."""

SAME = 0.75
"""Likeness of titles above which a table row or list entry is taken for the finding that a heading tells of."""

Source = Literal["heading", "row", "entry"]


@dataclass(slots=True)
class Draft:
    """A finding as one place of the report tells it, in the form of its `source`. `said` is the priority of its
    section, where it says another itself; `colour` that of a mark in the heading, which decides only where nothing else
    does; `number` the running one of the heading; one that is `faint` is a finding only if a table ranks it; `others`
    are the priorities that its section or the plan give it instead, `tickets` where it is dealt with elsewhere ("#42");
    one that is `summed` up only leaves its name to the one that tells of it.
    """

    line: int
    title: str
    label: str = ""
    priority: Priority | None = None
    said: Priority | None = None
    colour: Priority | None = None
    body: Body = field(default_factory=Body)
    places: tuple[Place, ...] = ()
    effort: Effort | None = None
    done: bool = False
    source: Source = "heading"
    number: str = ""
    faint: bool = False
    others: tuple[Priority, ...] = ()
    tickets: frozenset[str] = frozenset()
    summed: bool = False

    def name(self, body: Body) -> None:
        """Takes the places of the body, else those of the title. A title that is nothing but places, perhaps behind a
        label ("File: `a.py`"), goes on with what the problem is.
        """
        label, colon, rest = self.title.partition(":")
        if colon and field_of(fold(clean(label))) == "location" and rest.strip():
            self.title = rest.strip()
        bare = not re.search(r"\w", CODED.sub("", self.title))
        headed = self._headed()
        inside = headed or places.find(self.title, folders=bare)
        loose = body.loose or (_stretches(body) if headed and not headed[0].line else [])
        if loose and len(inside) == 1 and not body.named:
            inside = [Place(inside[0].path, line, end) for line, end in loose]
        telling = [p for p in inside if p.line or "/" in p.path or headed]
        found = places.gather(body.named or telling, body.beside())
        self.places = found or places.gather(inside, []) or body.places() or places.sources(body.mentioned)
        told = SENTENCE.split(" ".join(body.text("problem").split()))[0]
        if inside and told and bare:
            self.title = f"{self.title}: {told}"[:TITLE]

    def _headed(self) -> list[Place]:
        """The file in brackets that the title begins with, perhaps with lines; it is taken out of the title."""
        match = HEADED.match(self.title)
        found = places.find(match["place"]) if match else []
        if match is None or not found or not match["place"].startswith(found[0].path):
            return []
        self.title = self.title[match.end() :]
        return found

    def complete(self, other: "Draft") -> None:
        """Takes from another telling of the same finding what this one does not say."""
        if self.summed and not other.summed and other.places:
            self.title, self.line, self.summed = other.title, other.line, False
            self.label = other.label or self.label
        self.priority = self.priority or other.priority
        self.places = self.places or other.places
        self.effort = self.effort or other.effort
        self.body.owner = self.body.owner or other.body.owner
        for part, lines in other.body.texts.items():
            if not self.body.text(part):
                self.body.texts[part] = lines


def abbreviates(short: str, title: str) -> bool:
    """Whether a title is the beginning of another, which a summary cuts off."""
    begun = normal(short)
    return len(begun) >= BEGUN and normal(title).startswith(begun)


def _names(title: str) -> frozenset[str]:
    """The words of what a title names in code; of a file it may say anything."""
    return terms(" ".join(code for code in CODED.findall(title) if not places.find(code)))


def _stretches(body: Body) -> list[tuple[int, int]]:
    """The lines that a text states at the beginning of its own, without a file."""
    lines = [line for line in body.text("problem").split("\n") if places.LINED.match(line) and not places.find(line)]
    return [stretch for line in lines for stretch in places.named_lines(line)]


@dataclass(slots=True)
class Found:
    """What was read of a report's findings. `unranked` have no priority of their own: the schedule may know one.
    `sections` are the lines of headings inside findings, `plans` those of sections that tell what is to do about them,
    `settled` the lines and priorities of what the report says is done, `lost` the lines of rows in tables of findings
    that this reading did not take.
    """

    drafts: list[Draft] = field(default_factory=list)
    unranked: list[Draft] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)
    plans: set[int] = field(default_factory=set)
    settled: list[tuple[int, Priority | None]] = field(default_factory=list)
    lost: list[list[int]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    conflicts: list[Notice] = field(default_factory=list)

    def add(self, draft: Draft, *, afresh: bool = False) -> None:
        """Keeps a draft, or completes the one that has its label, unless numbers begin `afresh`."""
        known = None if afresh else self.labelled(draft.label)
        if known:
            known.complete(draft)
        elif draft.priority:
            self.drafts.append(draft)
        else:
            self.unranked.append(draft)

    def drop(self, draft: Draft, line: int) -> None:
        """Forgets a draft that another place of the report says is done."""
        for some in (self.drafts, self.unranked):
            if draft in some:
                some.remove(draft)
                self.settle(draft.title[:60], line, draft.priority)

    def settle(self, title: str, line: int, priority: Priority | None) -> None:
        """Says that something is done, and no finding any more."""
        self.settled.append((line, priority))
        self.note(RESOLVED, line, title=title)

    def labelled(self, label: str) -> Draft | None:
        """The draft with a label."""
        return next((d for d in self.drafts if label and d.label == label), None)

    def alike(self, title: str) -> Draft | None:
        """The draft whose title says the same; two words are the same only as two words."""
        scored = [(likeness(title, d.title), -i, d) for i, d in enumerate([*self.drafts, *self.unranked])]
        if begun := [d for *_, d in scored if abbreviates(title, d.title)]:
            return begun[0] if len(begun) == 1 else None
        best = max(scored, default=(0.0, 0, None), key=lambda s: s[:2])
        if best[2] is None or best[0] < SAME:
            return None
        words, others = terms(title), terms(best[2].title)
        return best[2] if words == others or min(len(words), len(others)) > FEW else None

    def naming(self, draft: Draft) -> Draft | None:
        """The one draft under a heading, as urgent, whose title names the same things in code, which are no files."""
        names, words = _names(draft.title), terms(draft.title)
        heads = [d for d in self.drafts if d.source == "heading" and d.priority == draft.priority] if names else []
        same = [
            d
            for d in heads
            if (others := _names(d.title))
            and (others <= names or names <= others)
            and len(terms(d.title) & words) >= MANY
        ]
        return same[0] if len(same) == 1 else None

    def at(self, draft: Draft, source: Source = "heading") -> Draft | None:
        """The one draft of a source that tells of just the lines that another does, which has no label."""
        lines = {(basename(p.path), p.line, p.end_line) for p in draft.places if p.line} if not draft.label else set()
        others = [d for d in self.drafts if d.source == source] if lines else []
        same = [d for d in others if lines <= {(basename(p.path), p.line, p.end_line) for p in d.places}]
        return same[0] if len(same) == 1 else None

    def ticketed(self, tickets: frozenset[str]) -> Draft | None:
        """The draft that is dealt with where one with these tickets is."""
        return next((d for d in self.drafts if d.tickets & tickets), None)

    def numbered(self, number: str, title: str) -> Draft | None:
        """The draft under a heading of that number, or an entry, whose title shares words with this one: each table
        counts its rows from one.
        """
        drafts = [d for d in (*self.drafts, *self.unranked) if d.source != "row"] if number else []
        scored = [(likeness(title, d.title), -i, d) for i, d in enumerate(drafts) if d.number == number]
        best = max(scored, default=(0.0, 0, None), key=lambda s: s[:2])
        return best[2] if best[0] >= AKIN else None

    def tell_lost(self, told: set[int]) -> None:
        """Says of which rows nothing was taken, none of them standing in a line that is `told` after all."""
        for lines in self.lost:
            if left := [line for line in lines if line not in told]:
                self.note(LOST, left[0], n=len(left))

    def note(self, template: str, line: int, **values: Any) -> None:
        """Says what was not understood."""
        self.notices.append(notice(template, line=line, **values))
