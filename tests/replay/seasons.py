"""The backend through the seasons: what people do to a whole repository, by chance, with the truth kept up to date."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.replay.backend import backend, crate
from tests.replay.player import Player
from tests.replay.world import Files, Line, plain

Change = Callable[[], str]
ROOTS = {
    "services": ("services/", "backend/apps/", "crates/services/"),
    "k8s": ("k8s/", "deploy/kubernetes/"),
    "warehouse": ("warehouse/", "analytics/clickhouse/"),
}
LIMIT = 40_000  # bytes of a blob
MARKS = {"rs": "//", "sql": "--", "yaml": "#", "proto": "//"}
# What makes a file of this kind one that cannot be read.
SPOILT = {
    "yaml": "broken: [",
    "toml": "<<<<<<< HEAD\n[",
    "rs": "// " + "x" * LIMIT,
    "sql": "-- " + "x" * LIMIT,
    "proto": "// " + "x" * LIMIT,
}
# The text of a problem's line, and what it is once it is mended.
MENDED = {
    "topic of orders": ("  replicas: 1", "  replicas: 3"),
    "one redis": ("  replicas: 1", "  replicas: 3"),
    "one orders": ("  replicas: 1", "  replicas: 2"),
    "data of redis": ("          emptyDir: {}", "          persistentVolumeClaim: {claimName: redis-data}"),
    "events": ("    ours == theirs", "    theirs <= ours"),
    "orders code": ('Some("23505")', "UNIQUE"),
    "orders proto": ("package orders;", "package orders.v1;"),
    "everybody": ("::/0", "10.0.0.0/8"),
}


class Seasons:
    """Changes the world of a player, seeded. Each change answers what it did."""

    def __init__(self, player: Player, seed: int) -> None:
        self.player, self.world, self.random = player, player.world, Random(seed)
        self.number = 0
        self.past: list[Files] = []
        self.clean: list[str] = []
        self.broken: dict[str, tuple[Line, ...]] = {}
        self.dropped = False

    def start(self) -> None:
        backend(self.world)
        self.world.write("Cargo.toml", plain("[workspace]"))
        crate(self.world, "services/people", "people", "axum")

    def change(self) -> str:
        weights = (
            (5, self.remark),
            (2, self.pad),
            (3, self.rename_root),
            (2, self.rename_service),
            (2, self.copy_service),
            (1, self.drop_service),
            (5, self.mend),
            (2, self.revert),
            (1, self.reformat),
            (3, self.turn_broken),
            (1, self.line_ends),
            (1, self.other_case),
            (1, self.force),
        )
        done = self.random.choices([change for _, change in weights], [weight for weight, _ in weights])[0]
        if not self.broken:
            self.clean.append(self.player.made[-1][0])
        if done != self.turn_broken and not self.broken:
            self.past.append(self.world.tree)
        return done()

    @property
    def unseen(self) -> frozenset[str]:
        """The problems that only files which do not parse now hold."""
        return frozenset(line.id for path in self.broken for line in self.world.files[path] if line.id)

    def root(self, kind: str) -> str:
        return next(root for root in ROOTS[kind] if self.world.folder(root))

    def services(self) -> list[str]:
        root = self.root("services")
        return sorted({path.removeprefix(root).split("/")[0] for path in self.world.folder(root)})

    def sound(self) -> list[str]:
        """The services of which every file can be read."""
        root = self.root("services")
        spoilt = {path.removeprefix(root).split("/")[0] for path in self.broken}
        return [name for name in self.services() if name not in spoilt]

    def text(self, service: str) -> str:
        """The lines of a service, with what is wrong with each."""
        files = self.world.folder(f"{self.root('services')}{service}/")
        return "".join(f"{line.text} {line.id}\n" for path in files for line in self.world.files[path])

    def whole(self) -> list[str]:
        """The files that may be written to."""
        return [path for path in sorted(self.world.files) if path not in self.broken]

    def move(self, old: str, new: str) -> None:
        for path in self.world.folder(old):
            target = path.replace(old, new, 1)
            self.world.rename(path, target)
            if path in self.broken:
                self.broken[target] = self.broken.pop(path)

    # What people do

    def remark(self) -> str:
        found = [path for path in self.whole() if path.rpartition(".")[2] in MARKS and "main.rs" not in path]
        path, self.number = self.random.choice(found), self.number + 1
        mark = MARKS[path.rpartition(".")[2]]
        added = tuple(Line(f"{mark} remark {self.number}.{n}") for n in range(self.random.randint(1, 9)))
        self.world.files[path] = added + self.world.files[path]
        return f"remarks in {path}"

    def pad(self) -> str:
        path = self.random.choice([path for path in self.whole() if path.endswith(".rs")])
        self.number += 1
        self.world.files[path] += plain(f"\npub const PART_{self.number}: u32 = {self.number};")
        return f"more in {path}"

    def rename_root(self) -> str:
        kind = self.random.choice(sorted(ROOTS))
        old = self.root(kind)
        new = self.random.choice([root for root in ROOTS[kind] if root != old])
        self.move(old, new)
        return f"rename {old} to {new}"

    def rename_service(self) -> str:
        old, root = self.random.choice(self.sound()), self.root("services")
        self.number += 1
        new = f"{old.partition('-')[0]}-{self.number}"
        self.move(f"{root}{old}/", f"{root}{new}/")
        manifest = f"{root}{new}/Cargo.toml"
        lines = self.world.files[manifest]
        self.world.files[manifest] = tuple(replace(one, text=one.text.replace(f'"{old}"', f'"{new}"')) for one in lines)
        return f"rename the service {old} to {new}"

    def copy_service(self) -> str:
        # One more framework of the few would be one of the many some day.
        found = [name for name in self.sound() if "actix" not in self.text(name)]
        if self.dropped:
            return "nothing"  # a copy of what was dropped may be that, come back
        old, root = self.random.choice(found), self.root("services")
        self.number += 1
        new = f"copy{self.number}"
        for path in self.world.folder(f"{root}{old}/"):
            lines = (replace(one, text=one.text.replace(f'"{old}"', f'"{new}"')) for one in self.world.files[path])
            self.world.files[path.replace(f"{root}{old}/", f"{root}{new}/", 1)] = tuple(
                replace(one, id=f"{one.id} of {new}") if one.id and one.id != "orders proto" else one for one in lines
            )
        return f"copy {old} to {new}"

    def drop_service(self) -> str:
        # Two that convert the same error, and more with the one framework than with the other, have to stay.
        converting = [name for name in self.services() if "converts" in self.text(name)]
        kept = set(converting) if len(converting) < 3 else set()
        found = [name for name in self.sound() if name.startswith(("copy", "orders")) and name not in kept]
        if not found:
            return "nothing"
        name, self.dropped = self.random.choice(found), True
        for path in self.world.folder(f"{self.root('services')}{name}/"):
            del self.world.files[path]
        return f"drop {name}"

    def mend(self) -> str:
        """Mends a problem, or brings back one that was mended: its line tells which."""
        found = [
            (path, n, name)
            for path in self.whole()
            for n, line in enumerate(self.world.files[path])
            for name, (text, mended) in MENDED.items()
            if line.id == name or (line.rule == name and mended in line.text)
        ]
        path, n, name = self.random.choice(found)
        lines, (text, mended) = list(self.world.files[path]), MENDED[name]
        line = lines[n]
        # The name of what was mended is kept where the rule's stands, so that it can come back.
        lines[n] = Line(line.text.replace(text, mended), "", name) if line.id else self._back(line, text, mended)
        self.world.files[path] = tuple(lines)
        return f"turn {name}"

    def _back(self, line: Line, text: str, mended: str) -> Line:
        return Line(line.text.replace(mended, text), line.rule, RULE_OF[line.rule])

    def revert(self) -> str:
        back = self.random.randint(2, 4)
        if len(self.past) <= back or self.broken:
            return "nothing"
        before = self.services()
        self.world.files = dict(self.past[-back])
        self.dropped |= not set(before) <= set(self.services())
        return f"revert {back - 1}"

    def reformat(self) -> str:
        self.player.indent = " " * self.random.randint(0, 3)
        return "reformat"

    def turn_broken(self) -> str:
        """A file stops to be what it is, or all of them are mended."""
        if self.broken:
            for path, lines in self.broken.items():
                self.world.files[path] = lines
            self.broken = {}
            return "mend the files"
        path = self.random.choice([path for path in self.whole() if SPOILT.get(path.rpartition(".")[2])])
        self.broken[path] = self.world.files[path]
        self.world.files[path] += plain(SPOILT[path.rpartition(".")[2]])
        return f"break {path}"

    def line_ends(self) -> str:
        self.player.end = "\r\n" if self.player.end == "\n" else "\n"
        return "other line ends"

    def other_case(self) -> str:
        old, root = self.random.choice(self.sound()), self.root("services")
        new = old.title() if old != old.title() else old.lower()
        if new != old:
            self.move(f"{root}{old}/", f"{root}{new}/")
        return f"{old} is written {new}"

    def force(self) -> str:
        """The last few commits are taken off the branch."""
        if self.broken or len(self.clean) < 4:
            return "nothing"
        before = self.services()
        self.player.rewind(self.random.choice(self.clean[-4:-1]))
        self.dropped |= not set(before) <= set(self.services())
        return "go on from an earlier commit"


RULE_OF = {
    "topic of orders": "kafka/under-replicated-topic",
    "one redis": "kubernetes/single-replica-state",
    "one orders": "kubernetes/single-replica-service",
    "data of redis": "kubernetes/ephemeral-state",
    "events": "events/version-equality",
    "orders code": "rust/duplicate-error-conversion",
    "orders proto": "protobuf/unversioned-package",
    "everybody": "clickhouse/open-network",
}
