"""The log of a finding, in words that never change, tells what its query set tells."""

import pytest

from findings import actions
from findings.actions import writing
from findings.models import Event, Finding
from remediation.reads.finding_history import history, with_names
from tests.cast import land, seen


def told(events):
    """All that a page shows of them."""
    return [
        (e.pk, e.at, e.actor, e.verb, e.after, e.run_ref, sorted((who["email"], who["name"]) for who in e.names))
        for e in events
    ]


@pytest.mark.parametrize("together", [True, False], ids=["found together", "found one by one"])
def test_the_history_of_a_finding_is_that_of_the_log(monkeypatch, repository, alice, bob, other_team, together):
    if together:
        monkeypatch.setattr(writing, "MANY", 2)
    land(repository, [seen(path=f"k8s/{n}.yaml", line_hash=f"{n:040x}") for n in range(3)])
    actions.assign(Finding.objects.all(), bob, actor=alice)
    actions.decide(Finding.objects.order_by("pk")[:1], "accepted", actor=bob, reason="It is a test's")
    own, theirs = [repository.findings.first().component.team_id], [other_team.pk]

    for pk in Finding.objects.values_list("pk", flat=True):
        for teams in (own, theirs, own + theirs, []):
            events = with_names(Event.objects.filter(team_ref__in=teams).of_finding(pk))
            assert told(history(pk, teams)) == told(events)
    assert [e.verb for e in history(pk, own)][-1] == ("found together" if together else "found")
    assert {who["name"] for e in history(pk, own) for who in e.names} == {alice.name, bob.name}
