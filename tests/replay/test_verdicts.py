"""What a person said of a finding goes along with its code, and with nothing else."""

import pytest

from findings.actions import triage
from findings.models import Finding
from tests.replay.player import Player
from tests.replay.world import cache, noise, plain

pytestmark = pytest.mark.django_db
HERE, THERE = "services/a/src/here.rs", "services/b/src/there.rs"


@pytest.fixture
def dismissed(player: Player) -> Player:
    player.world.write(HERE, plain("use redis;"), noise(1, 6), cache(1, "c1"), noise(2, 6))
    player.world.write(THERE, plain("use redis;"), noise(3, 6))
    player.push("Start")
    triage.decide([of(player, "c1")], "false_positive", actor="somebody", reason="nobody waits here")
    return player


def of(player: Player, name: str) -> Finding:
    return Finding.objects.get(pk=player.finding[name])


@pytest.mark.parametrize("whole", [True, False], ids=["the file", "the struct"])
def test_a_copy_of_what_was_dismissed_is_open_and_leaves_the_first_as_it_was(dismissed, whole):
    if whole:
        dismissed.world.copy(HERE, "services/b/src/copy.rs")
    else:
        dismissed.world.files[THERE] += cache(1, "another")
    dismissed.push("Copy")
    states = {name: of(dismissed, name).state for name in dismissed.finding}
    assert states.pop("c1") == "false_positive"
    assert [*states.values()] == ["open"]


def test_what_was_dismissed_stays_so_when_its_file_is_renamed_dropped_and_brought_back(dismissed):
    dismissed.world.rename(HERE, "services/b/src/here.rs")
    dismissed.push("Rename")
    assert of(dismissed, "c1").state == "false_positive"
    before = dismissed.world.tree
    del dismissed.world.files["services/b/src/here.rs"]
    dismissed.push("Drop")
    assert not of(dismissed, "c1").present
    dismissed.world.files = before
    dismissed.push("Revert")
    assert (of(dismissed, "c1").present, of(dismissed, "c1").state) == (True, "false_positive")


def test_what_was_dismissed_in_one_place_is_open_in_other_code(dismissed):
    del dismissed.world.files[HERE]
    dismissed.push("Drop")
    dismissed.world.files[THERE] += cache(1, "c1")
    dismissed.push("Back among other lines")
    assert of(dismissed, "c1").state == "open"


def test_a_copy_of_code_that_lives_on_elsewhere_brings_nothing_back_that_is_over(dismissed):
    dismissed.world.copy(HERE, "services/b/src/twin.rs")
    dismissed.push("Copy")
    del dismissed.world.files[HERE]
    dismissed.push("Drop the first")
    assert not of(dismissed, "c1").present
    dismissed.world.copy("services/b/src/twin.rs", "services/b/src/third.rs")
    dismissed.push("Copy the copy")
    first, *others = [of(dismissed, name) for name in dismissed.finding]
    assert (first.pk, first.present, first.verdict) == (of(dismissed, "c1").pk, False, "false_positive")
    assert [(one.state, one.reopened) for one in others] == [("open", 0), ("open", 0)]
