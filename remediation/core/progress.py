"""How far an item of the plan is, told by its findings: counts and a state, no sentences.

A person's tick is a claim, a scan proves or refutes it, and what no scan can see needs an attestation. A proven item
stays done: what is found later opens its successor, so the caller passes only the findings linked to this one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FindingState(StrEnum):
    """The state of a finding, as its machine fact and its verdict make it."""

    OPEN = "open"
    FIXED = "fixed"
    ACCEPTED = "accepted"
    FALSE_POSITIVE = "false_positive"


class State(StrEnum):
    """Where an item stands.

    `not_seen`: its rules never observed anything, so nothing can prove it. `partial`: some of its findings are settled.
    `claimed`: a person says it is done and no scan has looked since. `refuted`: one has looked, and found it open.
    `proven`: nothing is open and a scan saw at least one fix. `attested`: nothing is open, by a person's word.
    `settled`: nothing is open, but nothing was fixed either: all of it was accepted or is a false positive.
    """

    NOT_SEEN = "not_seen"
    OPEN = "open"
    PARTIAL = "partial"
    CLAIMED = "claimed"
    REFUTED = "refuted"
    PROVEN = "proven"
    ATTESTED = "attested"
    SETTLED = "settled"


DONE = frozenset({State.PROVEN, State.ATTESTED, State.SETTLED})


@dataclass(frozen=True, slots=True)
class Linked:
    """Findings (`n`) linked to an item, all alike. `attested`: a person's word, not a scan, closed them."""

    rule: str
    state: FindingState
    attested: bool = False
    n: int = 1


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What is known of one item.

    `rules` are those it is linked to, none where no scan can tell; `observed` those of them that ever observed anything
    in its scope. `looked` says that a complete scan of its scope ran after the claim or the attestation was made.
    `done` is the state it was done with before, which it keeps.
    """

    findings: tuple[Linked, ...] = ()
    rules: frozenset[str] = frozenset()
    observed: frozenset[str] = frozenset()
    claimed: bool = False
    attested: bool = False
    looked: bool = False
    done: State | None = None

    def __post_init__(self) -> None:
        if self.done is not None and self.done not in DONE:
            raise ValueError(f"an item cannot have been done as {self.done!r}; expected one of {sorted(DONE)}")


@dataclass(frozen=True, slots=True)
class Progress:
    """An item's state and the counts behind it. `proven` + `attested` = fixed findings; `seen` of `rules` observed."""

    state: State
    open: int
    proven: int
    attested: int
    accepted: int
    false_positive: int
    seen: int
    rules: int
    claimed: bool

    @property
    def total(self) -> int:
        """All linked findings."""
        return self.open + self.closed

    @property
    def closed(self) -> int:
        """Findings that ask for nothing any more."""
        return self.proven + self.attested + self.accepted + self.false_positive

    @property
    def done(self) -> bool:
        """Whether the item counts as done."""
        return self.state in DONE

    @property
    def by_verdict(self) -> int:
        """How many findings were settled by a verdict and not by a fix: to be said beside "done"."""
        return self.accepted + self.false_positive


def progress(item: ItemFacts) -> Progress:
    """The progress of one item."""
    states = Counter[FindingState]()
    for f in item.findings:
        states[f.state] += f.n
    attested = sum(f.n for f in item.findings if f.attested and f.state is FindingState.FIXED)
    seen = item.observed | {f.rule for f in item.findings}
    return Progress(
        state=_state(item, states, attested, bool(seen)),
        open=states[FindingState.OPEN],
        proven=states[FindingState.FIXED] - attested,
        attested=attested,
        accepted=states[FindingState.ACCEPTED],
        false_positive=states[FindingState.FALSE_POSITIVE],
        seen=len(seen & item.rules),
        rules=len(item.rules),
        claimed=item.claimed,
    )


def _state(item: ItemFacts, states: Counter[FindingState], attested: int, seen: bool) -> State:
    if item.done is not None:
        return item.done
    if states[FindingState.OPEN]:
        return _while_open(item, partly=states.total() > states[FindingState.OPEN])
    if states[FindingState.FIXED] > attested:
        return State.PROVEN
    if attested or item.attested:
        return State.ATTESTED
    if states.total():
        return State.SETTLED
    return _with_nothing_linked(item, seen)


def _while_open(item: ItemFacts, *, partly: bool) -> State:
    """A claim or an attestation against findings that are open: a scan that has looked since has refuted it."""
    if item.claimed or item.attested:
        return State.REFUTED if item.looked else State.CLAIMED
    return State.PARTIAL if partly else State.OPEN


def _with_nothing_linked(item: ItemFacts, seen: bool) -> State:
    """No finding to go by: a claim stays a claim for ever, and no scan can prove what it never saw."""
    if item.claimed:
        return State.CLAIMED
    return State.NOT_SEEN if item.rules and not seen else State.OPEN


@dataclass(frozen=True, slots=True)
class Tally:
    """Several items together, as the head of a phase or a week shows them."""

    total: int
    done: int
    states: dict[State, int]


def tally(items: Iterable[Progress]) -> Tally:
    """Count items by state; `done` is the number of those whose state is a done one."""
    states = Counter(p.state for p in items)
    return Tally(states.total(), sum(n for state, n in states.items() if state in DONE), dict(states))
