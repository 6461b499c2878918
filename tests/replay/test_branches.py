"""Merges, rewritten histories and cherry-picks: what counts is the line of first parents."""

import pytest

from tests.replay.player import Player
from tests.replay.start import Start
from tests.replay.world import World, cache, load, noise, plain, topic

pytestmark = pytest.mark.django_db
HERE, THERE = "services/a/src/here.rs", "services/a/src/there.rs"


def services(world: World) -> None:
    world.write(HERE, plain("use redis;"), cache(1, "c1"), noise(1, 6), load(1, "l1"), cache(2, "c2"), noise(2, 3))
    world.write(THERE, plain("use sqlx;"), load(3, "l3"), noise(3, 4))
    world.write("deploy/topics.yaml", topic("orders"), topic("bills"))


@pytest.fixture(scope="module")
def start(once, tmp_path_factory) -> Start:
    return Start(tmp_path_factory.mktemp("start"), once("platform"), services)


@pytest.fixture
def started(start) -> Player:
    return start.again()


def fix(player: Player, n: int) -> None:
    player.world.edit(HERE, cache(n, f"c{n}"), cache(n, f"c{n}", fixed=True))


def remark(player: Player, n: int) -> None:
    player.world.files[HERE] = noise(n, 2) + player.world.files[HERE]


def test_a_merge_of_a_fix_is_what_ended_it(started):
    made = len(started.made)
    started.branch("side")
    fix(started, 1)
    started.commit("Fix on the side")
    started.world.files[THERE] = noise(9, 2) + started.world.files[THERE]
    started.commit("More on the side")
    there = started.world.files[THERE]
    started.switch("main", made)
    remark(started, 5)
    started.commit("Meanwhile")
    fix(started, 1)
    started.world.files[THERE] = there
    started.merge("Merge side", "side")
    remark(started, 6)
    started.push("After")


def test_an_octopus_brings_three_lines_together(started):
    made = len(started.made)
    for n, side in enumerate(("one", "two", "three")):
        started.branch(side)
        started.world.write(f"services/{side}/src/lib.rs", plain("use redis;"), cache(10 + n, f"c{10 + n}"))
        started.commit(f"Add {side}")
        started.switch("main", made)
    for n, side in enumerate(("one", "two", "three")):
        started.world.write(f"services/{side}/src/lib.rs", plain("use redis;"), cache(10 + n, f"c{10 + n}"))
    fix(started, 2)
    started.merge("Octopus", "one", "two", "three")
    started.push()


def test_a_merge_that_puts_the_other_line_first_changes_no_identity(started):
    made = len(started.made)
    started.branch("side")
    remark(started, 7)
    started.commit("Aside")
    aside = started.world.tree
    started.switch("main", made)
    fix(started, 1)
    started.push("Fix")
    started.forge.work.git("checkout", "-q", "side")
    started.world.files, started.on_disk = dict(aside), {}
    fix(started, 1)
    started.forge.work.git("branch", "-f", "old-main", "main")
    started.merge("Merge main into side", "main")
    started.push()


def test_a_commit_is_picked_from_another_branch(started):
    made = len(started.made)
    started.branch("side")
    fix(started, 2)
    started.commit("Fix")
    picked = started.world.tree
    started.switch("main", made)
    remark(started, 8)
    started.push("Go on")
    fix(started, 2)
    started.push("Fix, picked")
    assert picked[THERE] == started.world.files[THERE]


def test_commits_are_rebased_and_the_fix_is_among_them(started):
    base = started.made[-1][0]
    remark(started, 1)
    started.commit("One")
    fix(started, 1)
    started.push("Fix")
    started.rewind(base)
    started.world.files[THERE] = noise(20, 3) + started.world.files[THERE]
    started.commit("Something before")
    remark(started, 1)
    started.commit("One, again")
    fix(started, 1)
    started.push("Fix, again")


def test_a_rebase_that_drops_the_fix_brings_the_problem_back(started):
    base = started.made[-1][0]
    fix(started, 1)
    started.push("Fix")
    closed = started.finding["c1"]
    started.rewind(base)
    remark(started, 3)
    started.commit("Something else")
    del started.was_closed["c1"]
    started.push()
    assert started.finding["c1"] == closed


def test_a_rebase_before_a_fix_names_the_new_fix(started):
    base = started.made[-1][0]
    remark(started, 1)
    started.push("One")
    started.rewind(base)
    remark(started, 2)
    started.commit("Another one")
    fix(started, 2)
    started.commit("Fix")
    started.world.edit(THERE, load(3, "l3"), ())
    started.push("Fix the query")


def test_a_reset_to_an_older_commit_drops_what_came_with_the_newer_ones(started):
    base = started.made[-1][0]
    started.world.write("services/b/src/lib.rs", plain("use redis;"), cache(5, "c5"))
    started.push("Add one")
    started.rewind(base)
    started.push()


def test_a_history_that_shares_nothing_keeps_what_its_tree_still_holds(started):
    started.unrelated()
    remark(started, 4)
    started.push("All in one commit")
    fix(started, 1)
    started.push("Fix")
