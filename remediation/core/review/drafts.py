"""A finding while the report is still being read: not yet joined with the schedule, the tables and the other drafts."""

from dataclasses import dataclass, field

from findings.core.types import Notice, Priority
from remediation.core.review.body import Body
from remediation.core.review.words import likeness
from remediation.core.types import Effort, Place

SAME = 0.75
"""Likeness of titles above which a table row or list entry is taken for the finding that a heading tells of."""


@dataclass(slots=True)
class Draft:
    """A finding as one place of the report tells it. `said` is the priority of its section, where it says another
    itself; `colour` that of a mark in the heading, which decides only where nothing else does; `number` the running
    one of the heading, `others` the priorities that its section or the plan give it instead.
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
    number: str = ""
    others: tuple[Priority, ...] = ()

    def complete(self, other: "Draft") -> None:
        """Takes from another telling of the same finding what this one does not say."""
        self.priority = self.priority or other.priority
        self.places = self.places or other.places
        self.effort = self.effort or other.effort
        for part, lines in other.body.texts.items():
            if not self.body.text(part):
                self.body.texts[part] = lines


@dataclass(slots=True)
class Found:
    """What was read of a report's findings. `unranked` have no priority of their own: the schedule may know one.
    `sections` are the lines of headings inside findings, `plans` those of sections that tell what is to do about them.
    """

    drafts: list[Draft] = field(default_factory=list)
    unranked: list[Draft] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)
    plans: set[int] = field(default_factory=set)
    notices: list[Notice] = field(default_factory=list)
    conflicts: list[Notice] = field(default_factory=list)

    def add(self, draft: Draft) -> None:
        """Keeps a draft, or completes the one that has its label."""
        known = self.labelled(draft.label)
        if known:
            known.complete(draft)
        elif draft.priority:
            self.drafts.append(draft)
        else:
            self.unranked.append(draft)

    def labelled(self, label: str) -> Draft | None:
        """The draft with a label."""
        return next((d for d in self.drafts if label and d.label == label), None)

    def alike(self, title: str) -> Draft | None:
        """The draft whose title says the same."""
        scored = [(likeness(title, d.title), -i, d) for i, d in enumerate([*self.drafts, *self.unranked])]
        best = max(scored, default=(0.0, 0, None), key=lambda s: s[:2])
        return best[2] if best[0] >= SAME else None

    def note(self, message: str, line: int) -> None:
        """Says what was not understood."""
        self.notices.append(Notice(message, line=line))
