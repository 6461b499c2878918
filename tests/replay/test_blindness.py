"""A file that tells of problems in others cannot be read for a while: that closes nothing, and what is mended is closed."""

import pytest

from tests.replay.backend import backend, told
from tests.replay.player import Player
from tests.replay.world import Block, plain

pytestmark = pytest.mark.django_db
SINGLE = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
spec:
  replicas: 1 <- one cart:single
"""
CART = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
spec:
  replicas: 3
  selector:
    matchLabels: {app: cart}
  template:
    spec:
      containers:
        - name: cart
          image: shop/cart:1
"""
OVERLAY = """
kind: Kustomization
resources:
  - ../../base
patches:
  - path: cart.yaml
"""
ALONE = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    spec:
      containers:
        - name: {name}
          image: shop/{name}:1
"""
MEMORY = """
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: queue
spec:
  template:
    spec:
      volumes:
        - name: data
          emptyDir: {} <- data of queue:volume
"""
QUEUE = """
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: queue
spec:
  replicas: 3
  selector:
    matchLabels: {app: queue}
  template:
    spec:
      containers:
        - name: queue
          image: redis:7
          volumeMounts:
            - {name: data, mountPath: /data}
"""
BROKEN = plain("<<<<<<< HEAD\n  broken: [")


@pytest.fixture
def deployed(player: Player) -> Player:
    world = player.world
    world.write("k8s/base/cart.yaml", told(CART))
    world.write("k8s/base/queue.yaml", told(QUEUE))
    world.write("k8s/base/kustomization.yaml", told("kind: Kustomization\nresources:\n  - cart.yaml\n  - queue.yaml"))
    world.write("k8s/overlays/production/kustomization.yaml", told(OVERLAY), told("  - path: queue.yaml"))
    world.write("k8s/overlays/production/cart.yaml", told(SINGLE))
    world.write("k8s/overlays/production/queue.yaml", told(MEMORY))
    player.push("Start")
    return player


@pytest.mark.parametrize("renamed", [False, True], ids=["in place", "renamed meanwhile"])
@pytest.mark.parametrize("base", ["cart", "queue"])
def test_the_base_of_a_patch_does_not_parse(deployed, base, renamed):
    path = f"k8s/base/{base}.yaml"
    whole = deployed.world.files[path]
    deployed.world.files[path] = BROKEN + whole[:3]
    deployed.push("A conflict is left in the base")
    deployed.world.files["README.md"] = plain("# Shop")
    deployed.push("Unrelated")
    if renamed:
        deployed.world.files[path.replace(".yaml", "-server.yaml")] = deployed.world.files.pop(path)
        path = path.replace(".yaml", "-server.yaml")
        deployed.world.write(
            "k8s/base/kustomization.yaml",
            plain("kind: Kustomization\nresources:"),
            plain(
                "\n".join(
                    f"  - {name.rpartition('/')[2]}"
                    for name in deployed.world.folder("k8s/base/")
                    if "kust" not in name
                )
            ),
        )
        deployed.push("Another name")
    deployed.world.files[path] = whole
    deployed.push("Mend it")


def test_what_is_mended_elsewhere_is_closed_while_other_files_never_could_be_read(deployed):
    for n in range(3):
        deployed.world.write(
            f"charts/shop/templates/part{n}.yaml", plain("kind: Deployment\n{{- if .Values.on }}\n{{ x }}: [")
        )
    deployed.push("A chart")
    path = "k8s/overlays/production/kustomization.yaml"
    deployed.world.edit(path, plain("  - path: cart.yaml"), plain("  - path: cart-three.yaml"))
    deployed.world.files["k8s/overlays/production/cart.yaml"] = told(
        SINGLE.replace(" <- one cart:single", "").replace("1", "3")
    )
    deployed.push("Three carts")


def test_a_patch_is_mended_while_its_base_does_not_parse(deployed):
    whole = deployed.world.files["k8s/base/cart.yaml"]
    deployed.world.files["k8s/base/cart.yaml"] = BROKEN + whole[:3]
    deployed.push("Break the base")
    path = "k8s/overlays/production/cart.yaml"
    deployed.world.files[path] = told(SINGLE.replace("replicas: 1 <- one cart:single", "replicas: 3"))
    deployed.push("Mend the patch")
    deployed.world.files["k8s/base/cart.yaml"] = whole
    deployed.push("Mend the base")


@pytest.mark.parametrize(
    "path",
    [
        "services/orders/src/store.rs",
        "libs/cache-kit/src/lib.rs",
        "services/mail/src/state.rs",
        "services/legacy/src/main.rs",
        "services/mail/src/main.rs",
        "services/orders/Cargo.toml",
    ],
)
def test_a_file_of_rust_grows_beyond_what_is_read(player, path, settings):
    settings.NOVA_BLOB_LIMIT = 30_000
    backend(player.world)
    player.push("Start")
    whole = player.world.files[path]
    gone = frozenset(line.id for line in whole if line.id)
    player.world.files[path] = whole + plain("// " + "x" * 40_000)
    player.push("It holds data", without=gone)
    player.world.files["README.md"] = plain("# Shop")
    player.push("Unrelated", without=gone)
    player.world.files[path] = whole
    player.push("Small again")


def test_the_migration_with_the_types_of_columns_grows_beyond_what_is_read(player, settings):
    settings.NOVA_BLOB_LIMIT = 30_000
    world = player.world
    world.write("migrations/0001_init.sql", told("CREATE TABLE orders (id uuid PRIMARY KEY, paid boolean NOT NULL);"))
    world.write("migrations/0002_more.sql", told("CREATE INDEX orders_paid ON orders (paid); <- paid:index"))
    player.push("Start")
    whole = world.files["migrations/0001_init.sql"]
    world.files["migrations/0001_init.sql"] = whole + told("-- " + "x" * 40_000)
    player.push("Too large")
    world.files["migrations/0001_init.sql"] = whole
    player.push("Small again")


def test_a_folder_becomes_a_submodule_and_comes_back(player):
    backend(player.world)
    player.push("Start")
    kept = {path: player.world.files.pop(path) for path in player.world.folder("libs/event-kit/")}
    gone = frozenset(line.id for lines in kept.values() for line in lines if line.id)
    player.commit("Out")
    player.forge.work.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},libs/event-kit")
    player.forge.work.git("commit", "-q", "--amend", "-m", "A repository of its own")
    player.made[-1] = (player.forge.work.git("rev-parse", "HEAD"), player.made[-1][1])
    player.trees[player.made[-1][0]] = player.world.tree
    player.push(without=gone)
    player.forge.work.git("rm", "-q", "--cached", "libs/event-kit")
    player.world.files |= kept
    player.push("Back")


def test_a_file_that_others_need_becomes_a_link(player):
    backend(player.world)
    player.push("Start")
    path = player.forge.work.path / "services/orders/src/store.rs"
    whole = player.world.files.pop("services/orders/src/store.rs")
    path.unlink()
    path.symlink_to("/etc/passwd")
    player.on_disk.pop("services/orders/src/store.rs")
    player.push("A link")
    path.unlink()
    player.world.files["services/orders/src/store.rs"] = whole
    player.push("A file")


def test_a_file_held_the_same_under_a_name_of_another_kind_before_it_could_not_be_read(player, settings):
    settings.NOVA_BLOB_LIMIT = 30_000
    backend(player.world)
    player.push("Start")
    old, new = "warehouse/tables.sql", "analytics/clickhouse/tables.sql"
    first = player.world.files[old]
    player.world.files[old] = first + plain("-- more")
    player.push("More")
    player.world.rename(old, new)
    player.push("Elsewhere")
    player.world.files[new] = first
    player.push("Less")
    player.world.files[new] = first + plain("-- " + "x" * 40_000)
    player.push("Too large", without=frozenset({"orders mirror"}))
    player.world.files[new] = first
    player.push("As it was")


def break_with_others(player: Player, path: str, spoil: Block, others: str) -> None:
    """Spoil a file and sixty that have nothing to do with it in one commit, then mend them all."""
    for n in range(60):
        player.world.write(others.format(n), plain(f"# {n}"))
    player.push("Many others")
    whole = {name: player.world.files[name] for name in (path, *(others.format(n) for n in range(60)))}
    gone = frozenset(line.id for lines in whole.values() for line in lines if line.id)
    for name, lines in whole.items():
        player.world.files[name] = lines + spoil
    player.push("None of them can be read", without=gone)
    player.world.files["README.md"] = plain("# Shop")
    player.push("Unrelated", without=gone)
    player.world.files |= whole
    player.push("All can be read")


def test_the_base_of_a_patch_stops_to_parse_among_many_files(deployed):
    break_with_others(deployed, "k8s/base/queue.yaml", BROKEN, "k8s/others/part{}.yaml")


def test_a_manifest_stops_to_parse_among_many_files(player):
    backend(player.world)
    player.push("Start")
    break_with_others(player, "services/orders/Cargo.toml", plain("<<<<<<< HEAD\n["), "libs/part{}/Cargo.toml")
