"""Code that moves, is copied, reformatted or edited around a problem: its finding stays the same one."""

import pytest

from tests.replay.player import Player
from tests.replay.start import Start
from tests.replay.world import Line, World, cache, load, noise, plain, topic

pytestmark = pytest.mark.django_db
HERE, THERE = "services/a/src/here.rs", "services/a/src/there.rs"


def services(world: World) -> None:
    world.write(HERE, plain("use redis;"), cache(1, "c1"), noise(1, 6), load(1, "l1"), cache(2, "c2"), noise(2, 3))
    world.write(THERE, plain("use sqlx;"), load(3, "l3"), noise(3, 4))


@pytest.fixture(scope="module")
def start(once, tmp_path_factory) -> Start:
    return Start(tmp_path_factory.mktemp("start"), once("platform"), services)


@pytest.fixture
def started(start) -> Player:
    return start.again()


def test_lines_above_and_below_change_nothing(started):
    started.world.files[HERE] = noise(10, 20) + started.world.files[HERE] + noise(11, 5)
    started.push("More remarks")


def test_a_block_moves_inside_its_file(started):
    started.world.edit(HERE, cache(1, "c1"), ())
    started.world.files[HERE] += cache(1, "c1")
    started.push("Move the first cache down")


def test_a_block_moves_to_another_file(started):
    started.world.edit(HERE, cache(1, "c1"), ())
    started.world.files[THERE] += cache(1, "c1")
    started.push("Move the first cache to another file")


def test_a_function_moves_to_a_new_file_and_is_edited_around(started):
    started.world.edit(HERE, load(1, "l1"), ())
    started.world.write("services/a/src/new.rs", plain("use sqlx;"), load(1, "l1"))
    started.push("Split the file")
    started.world.files["services/a/src/new.rs"] = noise(5, 3) + started.world.files["services/a/src/new.rs"]
    started.push("Remarks")


def test_blocks_of_two_files_change_places(started):
    started.world.edit(HERE, cache(1, "c1"), load(3, "l3"))
    started.world.edit(THERE, load(3, "l3"), cache(1, "c1"))
    started.push("Swap them")


def test_two_functions_change_places(started):
    lines = started.world.files[HERE]
    one, two = cache(1, "c1"), cache(2, "c2")
    started.world.edit(HERE, one, (Line("HOLE"),))
    started.world.edit(HERE, two, one)
    started.world.edit(HERE, (Line("HOLE"),), two)
    assert started.world.files[HERE] != lines
    started.push("Swap them")


def test_a_copied_function_is_another_finding_and_closes_nothing(started):
    started.world.copy(HERE, "services/a/src/copy.rs")
    started.push("Copy the file")
    started.world.files[THERE] += cache(1, "another")
    started.push("Copy a struct")
    del started.world.files["services/a/src/copy.rs"]
    started.push("Drop the copy")


def test_the_first_of_two_equal_lines_is_fixed(started):
    started.world.edit(HERE, cache(1, "c1"), cache(1, "c1", fixed=True))
    started.push("Fix the first")
    started.world.edit(HERE, cache(1, "c1", fixed=True), cache(1, "c1"))
    started.push("Break it again")


def test_the_first_of_two_equal_lines_is_fixed_and_the_file_grows_in_other_commits(started):
    started.world.files[HERE] = noise(20, 4) + started.world.files[HERE]
    started.commit("Remarks")
    started.world.edit(HERE, cache(1, "c1"), cache(1, "c1", fixed=True))
    started.commit("Fix the first")
    started.world.files[HERE] = noise(21, 4) + started.world.files[HERE]
    started.push("More remarks")


def test_the_whole_tree_is_reformatted(started):
    for path, lines in started.world.files.items():
        started.world.files[path] = tuple(Line(line.text.replace("    ", "\t"), line.id, line.rule) for line in lines)
    started.push("Tabs")
    for path, lines in started.world.files.items():
        started.world.files[path] = tuple(Line("  " + line.text, line.id, line.rule) for line in lines)
    started.push("Indented")


@pytest.mark.parametrize("new", ["services/b/src/here.rs", "services/a/src/Here.rs", "services/a/src/other.rs"])
def test_a_file_is_renamed(started, new):
    started.world.rename(HERE, new)
    started.push("Rename")
    started.world.rename(new, HERE)
    started.push("Rename back")


def test_a_renamed_file_is_edited_at_once(started):
    started.world.rename(HERE, "services/b/src/elsewhere.rs")
    path = "services/b/src/elsewhere.rs"
    started.world.files[path] = noise(30, 8) + started.world.files[path]
    started.world.edit(path, cache(2, "c2"), cache(2, "c2", fixed=True))
    started.push("Rename, edit and fix one")


def test_a_rename_edit_and_move_in_three_commits_of_one_push(started):
    started.world.rename(HERE, "services/b/src/elsewhere.rs")
    started.commit("Rename")
    path = "services/b/src/elsewhere.rs"
    started.world.files[path] = noise(31, 60) + started.world.files[path]
    started.commit("Add much")
    started.world.edit(path, cache(1, "c1"), ())
    started.world.files[THERE] = cache(1, "c1") + started.world.files[THERE]
    started.push("Move a struct")


def test_a_folder_is_renamed_away_and_back(started):
    started.world.write("deploy/topics.yaml", topic("orders"), topic("bills"))
    started.push("Topics")
    for path in started.world.folder("services/a/"):
        started.world.rename(path, path.replace("services/a/", "apps/alpha/"))
    started.world.rename("deploy/topics.yaml", "k8s/topics.yaml")
    started.push("Rename the folder")
    for path in started.world.folder("apps/alpha/"):
        started.world.rename(path, path.replace("apps/alpha/", "services/a/"))
    started.push("And back")


@pytest.mark.parametrize("commits", [(), (1,), (2,), (1, 2)])
def test_a_fix_that_is_reverted_together_with_the_move_before_it(started, commits):
    before = started.world.tree
    started.world.edit(HERE, cache(1, "c1"), ())
    started.world.files[THERE] += cache(1, "c1")
    started.commit("Move")
    if 1 in commits:
        started.push()
    started.world.edit(THERE, cache(1, "c1"), cache(1, "c1", fixed=True))
    started.commit("Fix")
    if 2 in commits:
        started.push()
    started.world.files = dict(before)
    started.push("Revert both")


def test_what_keeps_coming_back_waits_for_a_person_and_then_closes_with_its_commit(started):
    for n in range(3):
        started.world.edit(HERE, cache(1, "c1"), cache(1, "c1", fixed=True))
        started.push(f"Fix {n}")
        if n < 2:
            started.world.edit(HERE, cache(1, "c1", fixed=True), cache(1, "c1"))
            started.push(f"Unfix {n}")
    assert "c1" not in started.was_closed  # flapping: the last fix closed nothing
    started.push("Somebody has looked")
    assert "c1" in started.was_closed
