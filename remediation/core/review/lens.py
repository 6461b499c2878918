"""With what in mind a section is read: what stands above it, and how much a reading takes for findings."""

from dataclasses import dataclass

from findings.core.types import Priority
from remediation.core.review.terms import Kind


@dataclass(frozen=True, slots=True)
class Context:
    """What the headings above say about a section; `file` is the one that they name and nothing else; `listed` says
    that they announce problems of the priority, `advice` that they say what to do.
    """

    kind: Kind = ""
    priority: Priority | None = None
    file: str = ""
    listed: bool = False
    advice: bool = False


@dataclass(frozen=True, slots=True)
class Lens:
    """How much a reading takes for findings: headings under a priority that only tell (`prose`), entries that only name
    something (`plain`), rows that may sum up (`rows`), and what is planned where it says how urgent it is (`plans`).
    """

    prose: bool = False
    plain: bool = False
    rows: bool = False
    plans: bool = False


USUAL = Lens()
