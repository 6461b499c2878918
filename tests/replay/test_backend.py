"""Each rule's finding through what people do to whole repositories: no close without a fix, no move that makes it new."""

from dataclasses import replace

import pytest

from tests.replay.backend import ARROW, LIST, REDIS, TOPICS, backend, told
from tests.replay.player import Player
from tests.replay.start import Start
from tests.replay.world import Block, noise, plain

pytestmark = pytest.mark.django_db
CLOSE = """\
            sqlx::query("UPDATE orders SET closed = true WHERE id = $1").bind(order.id).execute(pool).await?; <- close:query"""
WRAPPED = """\
            sqlx::query("UPDATE orders SET closed = true WHERE id = $1")
                .bind(order.id)
                .execute(pool)
                .await?; <- close:query"""


@pytest.fixture(scope="module")
def start(once, tmp_path_factory) -> Start:
    return Start(tmp_path_factory.mktemp("start"), once("platform"), backend)


@pytest.fixture
def started(start) -> Player:
    return start.again()


def move(player: Player, old: str, new: str) -> None:
    for path in player.world.folder(old):
        player.world.rename(path, path.replace(old, new, 1))


def swap(player: Player, path: str, old: str, new: str) -> None:
    """Another text in the lines of a file; the problems stay where they are."""
    lines = player.world.files[path]
    player.world.files[path] = tuple(replace(line, text=line.text.replace(old, new)) for line in lines)


def copy(player: Player, old: str, new: str, shared: tuple[str, ...] = ()) -> None:
    """A copy of a folder: other problems than those of the original, but for those that are known by a name of theirs."""
    for path in player.world.folder(old):
        lines = player.world.files[path]
        player.world.files[path.replace(old, new, 1)] = tuple(
            replace(line, id=f"{line.id} of {new}") if line.id and line.id not in shared else line for line in lines
        )


def turned(text: str, first: str, last: str, before: str) -> Block:
    """The lines of a text with those from one to another put before a third."""
    lines = [line.text for line in told(text)]
    start, end, to = (next(n for n, line in enumerate(lines) if line.startswith(x)) for x in (first, last, before))
    whole = text.strip("\n").split("\n")
    block = whole[start : end + 1]
    rest = [*whole[:to], *block, *whole[to:start], *whole[end + 1 :]]
    return told("\n".join(rest))


def test_every_rule_has_its_finding(started):
    assert len(started.finding) == 20


def test_remarks_above_everything_and_formatted_queries(started):
    for path in started.world.folder(""):
        if path.endswith((".rs", ".sql")) and "main" not in path:
            mark = "//" if path.endswith(".rs") else "--"
            header = tuple(replace(line, text=line.text.replace("//", mark)) for line in noise(len(path), 7))
            started.world.files[path] = header + started.world.files[path]
    started.push("Headers")
    started.world.edit("services/orders/src/list.rs", told(CLOSE), told(WRAPPED))
    started.world.edit(
        "services/orders/src/list.rs",
        plain("    pub async fn close(&self, pool: &PgPool, orders: &[Order]) -> Result<(), Trouble> {"),
        plain(
            "    pub async fn close(\n        &self,\n        pool: &PgPool,\n        orders: &[Order],\n    ) -> Result<(), Trouble> {"
        ),
    )
    started.push("rustfmt")


def test_manifests_in_another_order(started):
    started.world.write(
        "k8s/base/redis.yaml", turned(REDIS, "      volumes:", "          emptyDir", "      containers:")
    )
    started.world.write("k8s/base/topics.yaml", turned(TOPICS, "  config:", "    min.insync", "  partitions:"))
    started.push("Keys in another order")
    documents = [started.world.files.pop(f"k8s/base/{name}.yaml") for name in ("topics", "report", "redis", "orders")]
    separated = [line for document in documents for line in (*plain("---"), *document)]
    started.world.files["k8s/base/all.yaml"] = tuple(separated)
    started.world.write("k8s/base/kustomization.yaml", told("kind: Kustomization\nresources:\n  - all.yaml"))
    started.push("One file for all of them")


def test_folders_are_renamed_away_and_back(started):
    for old, new in (("services/", "backend/apps/"), ("k8s/", "deploy/kubernetes/"), ("warehouse/", "analytics/ch/")):
        move(started, old, new)
    started.world.write("Cargo.toml", told('[workspace]\nmembers = ["backend/apps/*", "libs/*"]'))
    started.push("Another layout")
    for old, new in (("backend/apps/", "services/"), ("deploy/kubernetes/", "k8s/"), ("analytics/ch/", "warehouse/")):
        move(started, old, new)
    started.world.write("Cargo.toml", told('[workspace]\nmembers = ["services/*", "libs/*"]'))
    started.push("Back again")


def test_services_get_other_names(started):
    move(started, "services/orders/", "services/purchases/")
    swap(started, "services/purchases/Cargo.toml", '"orders"', '"purchases"')
    swap(started, "k8s/base/orders.yaml", "orders", "purchases")
    started.push("orders are purchases")
    move(started, "services/legacy/", "services/counter/")
    swap(started, "services/counter/Cargo.toml", '"legacy"', '"counter"')
    started.push("legacy is the counter")


def test_a_file_is_split_and_the_query_goes_to_another_one(started):
    source = started.world.files.pop("services/orders/src/list.rs")
    at = next(n for n, line in enumerate(source) if "fn close" in line.text)
    started.world.files["services/orders/src/list/pages.rs"] = (*source[: at - 1], *plain("}"))
    head = plain("//! Closes orders.\nuse crate::list::pages::Lists;\n\nimpl Lists {")
    started.world.files["services/orders/src/list/closing.rs"] = (*head, *source[at:])
    started.world.write("services/orders/src/list/mod.rs", plain("mod closing;\npub mod pages;"))
    started.push("Split the lists")
    started.world.rename("services/orders/src/store.rs", "services/orders/src/db/lines.rs")
    started.world.write("services/orders/src/store.rs", plain("pub use crate::db::lines::Store;"))
    started.push("The store has a folder")


def test_a_service_is_copied_deleted_and_brought_back(started):
    copy(started, "services/orders/", "services/returns/", ("orders proto",))
    swap(started, "services/returns/Cargo.toml", '"orders"', '"returns"')
    started.push("A service for returns")
    kept = {path: started.world.files.pop(path) for path in started.world.folder("services/orders/")}
    started.push("Drop the orders")
    started.world.files |= kept
    started.push("Revert")
    for path in started.world.folder("services/returns/"):
        del started.world.files[path]
    started.push("No returns after all")


@pytest.mark.parametrize(
    "path", ["services/mail/Cargo.toml", "services/orders/Cargo.toml", "k8s/base/kustomization.yaml"]
)
def test_a_file_that_tells_of_others_does_not_parse_and_closes_nothing(started, path):
    whole = started.world.files[path]
    started.world.files[path] = whole + plain("<<<<<<< HEAD\n[")
    started.push("A conflict is left in it")
    started.world.files["README.md"] = plain("# Shop")
    started.push("Unrelated")
    started.world.files[path] = whole
    started.push("Mend it")


def test_a_side_branch_that_moves_everything_is_merged(started):
    made = len(started.made)
    started.branch("layout")
    move(started, "services/", "apps/")
    started.world.write("Cargo.toml", told('[workspace]\nmembers = ["apps/*", "libs/*"]'))
    started.commit("Another layout")
    started.switch("main", made)
    started.world.write(
        "k8s/base/topics.yaml", told(TOPICS.replace("  replicas: 1", "  replicas: 3").replace(ARROW, "\0"))
    )
    started.world.files["k8s/base/topics.yaml"] = tuple(
        replace(line, text=line.text.partition("\0")[0]) for line in started.world.files["k8s/base/topics.yaml"]
    )
    started.push("Three replicas")
    move(started, "services/", "apps/")
    started.world.write("Cargo.toml", told('[workspace]\nmembers = ["apps/*", "libs/*"]'))
    started.merge("Merge the layout", "layout")
    started.push()


def test_conversions_end_together_when_one_crate_stops(started):
    path = "services/mail/src/state.rs"
    lines = started.world.files[path]
    started.world.files[path] = tuple(
        replace(line, text="    Database(String),", id="") if "sqlx::Error" in line.text else line for line in lines
    )
    path = "services/orders/src/error.rs"
    lines = started.world.files[path]
    started.world.files[path] = tuple(replace(line, id="") if line.id == "orders converts" else line for line in lines)
    started.push("One of them tells it in words")


def test_the_loop_goes(started):
    assert "with_lines" in LIST
    started.world.edit(
        "services/orders/src/list.rs",
        told("            let lines = self.store.lines_of(order.id).await?; <- lines of orders:query"),
        plain("            let lines = by_order.remove(&order.id).unwrap_or_default();"),
    )
    started.push("All lines at once")


def test_an_overlay_that_does_not_parse_is_renamed_meanwhile(started):
    path = "k8s/overlays/production/kustomization.yaml"
    started.world.files[path] += plain("broken: [")
    started.push("Break it", without=frozenset({"production"}))
    move(started, "k8s/", "deploy/kubernetes/")
    started.push("Rename its folder", without=frozenset({"production"}))
    path = "deploy/kubernetes/overlays/production/kustomization.yaml"
    started.world.files[path] = started.world.files[path][:-1]
    started.push("Mend it")
