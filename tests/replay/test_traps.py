"""What happened in real histories and looked like something else."""

import shutil
import subprocess

import pytest

from findings.models import Fact, Finding, Reading, TreeFold
from nova_dashboard.mirrors import mirror_of
from tests.replay.player import Player
from tests.replay.world import Line, cache, cache_server, load, noise, package, plain, secret, topic

pytestmark = pytest.mark.django_db
VALUE, OTHER = "kX9-thirteen!zz", "Zr8mT2wQ5yB1nV7c"


def forty(player: Player) -> list[str]:
    for n in range(40):
        block = load(n, f"l{n}") if n % 2 else cache(n, f"c{n}")
        player.world.write(f"services/s{n % 7}/src/part{n}.rs", plain("use sqlx;"), block, noise(n, n % 5))
    player.world.write("services/keep/src/lib.rs", plain("use sqlx;"), cache(90, "kept"))
    player.push("Forty files")
    return [path for path in player.world.files if "/part" in path]


def test_forty_files_are_deleted_and_the_deletion_is_reverted(player):
    paths = forty(player)
    before = player.world.tree
    for path in paths:
        del player.world.files[path]
    player.push("Drop them")
    assert Finding.objects.filter(state="fixed").count() == 40
    player.world.files = before
    player.push("Revert")
    assert Finding.objects.filter(reopened=1).count() == 40
    assert Finding.objects.count() == 41


def test_a_deletion_and_its_revert_in_one_push_are_nothing(player):
    paths = forty(player)
    before = player.world.tree
    for path in paths:
        del player.world.files[path]
    player.commit("Drop them")
    player.world.files = before
    player.push("Revert")
    assert Finding.objects.filter(state="open", reopened=0).count() == 41


def test_a_tree_is_copied_to_an_archive_that_is_deleted_later(player):
    player.world.write("services/a/src/lib.rs", plain("use redis;"), cache(1, "c1"), load(1, "l1"))
    player.world.write("services/a/topics.yaml", topic("orders"))
    player.world.write("services/a/shop.proto", package("shop"))
    player.push("Start")
    for path in player.world.folder("services/a/"):
        player.world.copy(path, path.replace("services/a/", "archived-v1/a/"))
    player.push("Keep a copy")
    player.world.files["services/a/src/lib.rs"] = noise(1) + player.world.files["services/a/src/lib.rs"]
    player.push("Go on")
    for path in player.world.folder("archived-v1/"):
        del player.world.files[path]
    player.push("Drop the copy")


def test_an_original_is_deleted_after_it_was_copied(player):
    player.world.write("services/a/src/lib.rs", plain("use redis;"), cache(1, "c1"), load(1, "l1"))
    player.push("Start")
    player.world.copy("services/a/src/lib.rs", "archived-v1/a/src/lib.rs")
    player.push("Keep a copy")
    del player.world.files["services/a/src/lib.rs"]
    player.push("Drop the original")


def test_a_service_is_renamed_with_its_manifests(player):
    player.world.write("services/bill/src/lib.rs", plain("use redis;"), cache(1, "c1"), load(1, "l1"))
    player.world.write("deploy/bill/redis.yaml", cache_server("bill-cache", id="state"))
    player.world.write("deploy/bill/topics.yaml", topic("bills"))
    player.push("Start")
    for path in player.world.folder("services/bill/") + player.world.folder("deploy/bill/"):
        player.world.rename(path, path.replace("/bill/", "/invoice/"))
    player.world.write("deploy/invoice/redis.yaml", cache_server("invoice-cache", id="state"))
    player.push("Rename the service")


@pytest.mark.parametrize("steps", [1, 2], ids=["at once", "one after the other"])
def test_a_manifest_changes_its_kind_and_its_namespace(player, steps):
    player.world.write("deploy/redis.yaml", cache_server("redis", id="state"), plain("---"), cache_server("queue"))
    player.push("Start")
    if steps == 2:
        player.world.edit(
            "deploy/redis.yaml", cache_server("redis", id="state"), cache_server("redis", "StatefulSet", id="state")
        )
        player.push("StatefulSet")
    player.world.write(
        "deploy/redis.yaml",
        cache_server("redis", "StatefulSet", "data", id="state"),
        plain("---"),
        cache_server("queue"),
    )
    player.push("To another namespace")
    del player.world.files["deploy/redis.yaml"]
    player.push("Drop it")


def test_one_topic_is_fixed_where_another_one_arrives(player):
    player.world.write("deploy/topics.yaml", topic("orders"))
    player.push("Start")
    player.world.write("deploy/topics.yaml", topic("bills"), topic("orders", fixed=True))
    player.push("Fix orders, add bills")


def test_a_secret_moves_to_the_documents(player):
    player.world.write("deploy/app.env", plain("# settings"), secret("DB_PASSWORD", VALUE))
    player.push("Start")
    player.world.rename("deploy/app.env", "docs/samples/app.env")
    player.push("Only a sample")
    player.world.copy("docs/samples/app.env", "deploy/app.env")
    player.push("Back again as well")


def test_a_secret_is_emptied_and_comes_back_with_another_value(player):
    player.world.write("deploy/app.env", plain("# settings"), secret("DB_PASSWORD", VALUE))
    player.push("Start")
    player.world.write("deploy/app.env", plain("# settings"), plain("DB_PASSWORD="))
    player.push("Tidy up")
    player.world.write("README.md", plain("# Shop"))
    player.push("Unrelated")
    player.world.write("deploy/app.env", plain("# settings"), secret("DB_PASSWORD", OTHER))
    player.push("Deploy again")
    player.world.write("deploy/app.env", plain("# settings"), secret("DB_PASSWORD", VALUE))
    player.push("The first value after all")


@pytest.mark.parametrize("fixed", [False, True], ids=["still there", "fixed meanwhile"])
@pytest.mark.parametrize("renamed", [False, True], ids=["in place", "renamed meanwhile"])
def test_a_file_does_not_parse_for_two_weeks(player, fixed, renamed):
    path, broken = "deploy/topics.yaml", plain("broken: [")
    player.world.write(path, topic("orders"), topic("bills"))
    player.push("Start")
    lost = frozenset({"topic orders", "topic bills"})
    player.world.files[path] += broken
    player.push("Break it", without=lost)
    if renamed:
        player.world.rename(path, "k8s/topics.yaml")
        path = "k8s/topics.yaml"
        player.push("Rename it", without=lost)
    if fixed:
        player.world.edit(path, topic("orders"), topic("orders", fixed=True))
        player.commit("Fix it, unseen")
        del player.made[-1]  # nobody can see this: the commit that makes the file readable shows it
    player.world.files[path] = plain("---") + player.world.files[path]
    if not fixed:
        player.push("More", without=lost)
    player.world.files[path] = player.world.files[path][: -len(broken)]
    player.push("Mend it")


def test_an_ending_is_changed_to_escape_the_rule(player):
    player.world.write("services/a/src/lib.rs", plain("use redis;"), cache(1, "c1"))
    player.world.write("services/a/src/old.rs", plain("use sqlx;"), load(1, "l1"), noise(1, 9))
    player.push("Start")
    player.world.rename("services/a/src/old.rs", "services/a/src/old.rs.disabled")
    player.push("Disable it")
    player.world.rename("services/a/src/old.rs.disabled", "services/a/src/old.rs")
    player.push("Enable it")


def test_blobs_that_are_missing_close_nothing(player):
    player.world.write("services/a/src/lib.rs", plain("use redis;"), cache(1, "c1"))
    player.world.write("deploy/topics.yaml", topic("orders"))
    player.push("Start")
    mirror = mirror_of(player.forge.repository).path
    shutil.rmtree(mirror)
    source = f"file://{player.forge.bare}"
    player.forge.work.git("config", "--file", str(player.forge.bare / "config"), "uploadpack.allowFilter", "true")
    subprocess.run(["git", "clone", "-q", "--bare", "--filter=blob:none", source, str(mirror)], check=True)
    for setting in ("remote.origin.promisor", "remote.origin.partialclonefilter"):
        player.forge.work.git("config", "--file", str(mirror / "config"), "--unset", setting)
    for cache_of_blobs in (Fact, Reading, TreeFold):
        cache_of_blobs.objects.all().delete()
    player.world.write("README.md", plain("# Shop"))
    scan = player.push("Unrelated", without=frozenset({"c1", "topic orders"}))
    assert {"services/a/src/lib.rs", "deploy/topics.yaml"} <= {notice["path"] for notice in scan.notices}


def test_a_shallow_source_closes_nothing_and_names_the_commits_it_has(player):
    player.world.write("services/a/src/lib.rs", plain("use redis;"), cache(1, "c1"), cache(2, "c2"))
    for n in range(5):
        player.world.write("README.md", plain(f"# Shop {n}"))
        player.commit(f"c{n}")
    player.push()
    shutil.rmtree(mirror_of(player.forge.repository).path)
    full = player.forge.bare.rename(player.forge.bare.with_name("full.git"))
    subprocess.run(["git", "clone", "-q", "--bare", "--depth=2", f"file://{full}", str(player.forge.bare)], check=True)
    player.world.edit("services/a/src/lib.rs", cache(1, "c1"), cache(1, "c1", fixed=True))
    player.push("Fix one")


def test_everything_is_reformatted_moved_and_partly_fixed_at_once(player):
    paths = forty(player)
    for path in paths:
        lines = tuple(
            Line("  " + line.text.replace("    ", "\t"), line.id, line.rule) for line in player.world.files[path]
        )
        player.world.files[path.replace("services/", "crates/")] = lines
        del player.world.files[path]
    player.world.edit("services/keep/src/lib.rs", cache(90, "kept"), cache(90, "kept", fixed=True))
    player.push("Everything at once")


def test_a_credential_of_local_development_gets_into_production_and_goes_from_both(player):
    local = (Line(f"      DB_PASSWORD: {VALUE}", f"secret {VALUE}", "secrets/plaintext"),)
    player.world.write("docker-compose.yml", plain("services:\n  db:\n    environment:"), local)
    player.push("Local")
    assert (Finding.objects.get().properties["class"], Finding.objects.get().in_history) == ("dev", False)
    player.world.write("prod.env", secret("DB_PASSWORD", VALUE))
    player.push("Production")
    assert (Finding.objects.get().properties["class"], Finding.objects.get().in_history) == ("real", True)
    del player.world.files["prod.env"]
    player.push("Not in production")
    player.world.write("docker-compose.yml", plain("services: {}"))
    player.push("Nowhere")
    assert (Finding.objects.get().at_head, Finding.objects.get().in_history) == (False, True)
