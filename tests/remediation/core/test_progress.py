import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediation.core.progress import DONE, FindingState, ItemFacts, Linked, State, progress, tally

OPEN, FIXED = Linked("r", FindingState.OPEN), Linked("r", FindingState.FIXED)
BY_WORD = Linked("r", FindingState.FIXED, attested=True)
ACCEPTED, WRONG = Linked("r", FindingState.ACCEPTED), Linked("r", FindingState.FALSE_POSITIVE)
RULES = frozenset({"r", "other"})


def state(*findings, **facts):
    return progress(ItemFacts(findings=findings, rules=RULES, **facts)).state


@pytest.mark.parametrize(
    ("findings", "facts", "expected"),
    [
        ((), {}, State.NOT_SEEN),
        ((), {"observed": frozenset({"r"})}, State.OPEN),
        ((OPEN,), {}, State.OPEN),
        ((OPEN, FIXED), {}, State.PARTIAL),
        ((OPEN, ACCEPTED), {}, State.PARTIAL),
        ((OPEN,), {"claimed": True}, State.CLAIMED),
        ((OPEN, FIXED), {"claimed": True, "looked": True}, State.REFUTED),
        ((OPEN,), {"attested": True, "looked": True}, State.REFUTED),
        ((FIXED, FIXED), {}, State.PROVEN),
        ((FIXED, ACCEPTED), {}, State.PROVEN),
        ((FIXED, BY_WORD), {}, State.PROVEN),
        ((BY_WORD,), {}, State.ATTESTED),
        ((ACCEPTED, WRONG), {}, State.SETTLED),
        ((), {"attested": True}, State.ATTESTED),
        ((), {"claimed": True, "looked": True}, State.CLAIMED),
        ((OPEN,), {"done": State.PROVEN}, State.PROVEN),
    ],
)
def test_an_items_state_follows_from_its_findings(findings, facts, expected):
    assert state(*findings, **facts) is expected


def test_an_item_without_rules_is_open_until_somebody_says_otherwise():
    assert progress(ItemFacts()).state is State.OPEN
    assert progress(ItemFacts(claimed=True, looked=True)).state is State.CLAIMED
    assert progress(ItemFacts(attested=True)).state is State.ATTESTED


def test_what_was_accepted_counts_as_settled_and_is_said_so():
    told = progress(ItemFacts(findings=(FIXED, ACCEPTED, WRONG, BY_WORD, OPEN), rules=RULES))
    assert (told.open, told.proven, told.attested, told.accepted, told.false_positive) == (1, 1, 1, 1, 1)
    assert (told.total, told.closed, told.by_verdict) == (5, 4, 2)
    assert (told.seen, told.rules) == (1, 2)


def test_an_item_cannot_have_been_done_as_open():
    with pytest.raises(ValueError, match="cannot have been done"):
        ItemFacts(done=State.OPEN)


def test_a_tally_counts_what_is_done():
    told = tally(progress(ItemFacts(findings=f, rules=RULES)) for f in [(FIXED,), (OPEN,), (ACCEPTED,), ()])
    assert (told.total, told.done) == (4, 2)
    assert told.states[State.NOT_SEEN] == 1


linked = st.builds(
    Linked, rule=st.sampled_from(["r", "other"]), state=st.sampled_from(list(FindingState)), attested=st.booleans()
)
facts = st.builds(
    ItemFacts,
    findings=st.lists(linked, max_size=5).map(tuple),
    rules=st.sampled_from([frozenset(), RULES]),
    claimed=st.booleans(),
    attested=st.booleans(),
    looked=st.booleans(),
)


@settings(max_examples=150)
@given(facts)
def test_nothing_is_done_while_a_finding_is_open_and_nothing_is_proven_unseen(item):
    told = progress(item)
    assert told.total == len(item.findings)
    assert not (told.open and told.state in DONE)
    assert told.state is not State.PROVEN or told.proven > 0
