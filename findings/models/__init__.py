"""What machines observed, and the people who look at it. Every write goes through `findings.actions`."""

from .events import Delivery, Event, Heartbeat
from .people import Membership, Role, Team, User
from .repositories import (
    Component,
    Draft,
    Fact,
    Reading,
    Repository,
    Rule,
    Run,
    RunState,
    Scan,
    ScanKind,
    ScanState,
    TreeFold,
    TreePart,
)
from .results import Change, Evidence, EvidenceKind, Finding, Occurrence, State, Sweep, Verdict
from .tokens import Submission, Token
from .uploads import Upload

__all__ = [
    "Change",
    "Component",
    "Delivery",
    "Draft",
    "Event",
    "Evidence",
    "EvidenceKind",
    "Fact",
    "Finding",
    "Heartbeat",
    "Membership",
    "Occurrence",
    "Reading",
    "Repository",
    "Role",
    "Rule",
    "Run",
    "RunState",
    "Scan",
    "ScanKind",
    "ScanState",
    "State",
    "Submission",
    "Sweep",
    "Team",
    "Token",
    "TreeFold",
    "TreePart",
    "Upload",
    "User",
    "Verdict",
]
