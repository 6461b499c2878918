"""A world that changes by chance: each change is something that people do to code, and keeps the truth up to date."""

from collections.abc import Callable
from random import Random

from tests.replay.player import Player
from tests.replay.world import Block, Files, cache, load, noise, plain, secret, topic

Change = Callable[[], str]
FOLDERS = ("services/a/src", "services/b/src", "crates/core/src", "apps/x/src")


class Chance:
    """Changes the world of a player, seeded. Each change answers what it did."""

    unseen: frozenset[str] = frozenset()  # problems whose file cannot be read now: there are none here

    def __init__(self, player: Player, seed: int) -> None:
        self.player, self.world, self.random = player, player.world, Random(seed)
        self.number = 0
        self.blocks: dict[str, tuple[Block, Block]] = {}
        self.past: list[Files] = []
        self.changes: tuple[tuple[int, Change], ...] = (
            (4, self.add),
            (6, self.remark),
            (4, self.trim),
            (4, self.fix),
            (2, self.unfix),
            (3, self.move_inside),
            (3, self.move_elsewhere),
            (2, self.rename),
            (1, self.rename_folder),
            (1, self.reformat),
            (1, self.drop),
            (2, self.revert),
            (2, self.copy),
            (2, self.topics),
            (1, self.secrets),
        )

    def start(self) -> None:
        for n, folder in enumerate(FOLDERS):
            self.world.write(f"{folder}/part{n}.rs", plain("use sqlx;\nuse redis;"), noise(self.next(), 5))
            for _ in range(3):
                self.add()
        self.world.write("README.md", plain("# Shop"))

    def next(self) -> int:
        self.number += 1
        return self.number

    def change(self) -> str:
        self.past.append(self.world.tree)
        weights = [weight for weight, _ in self.changes]
        ((_, change),) = self.random.choices(self.changes, weights)
        return change()

    # What people do

    def add(self) -> str:
        path, n = self.code(), self.next()
        make, name = self.random.choice(((cache, f"c{n}"), (load, f"l{n}")))
        self.blocks[name] = make(n, name), make(n, name, True)
        self.insert(path, self.blocks[name][0])
        return f"add {name} to {path}"

    def remark(self) -> str:
        path = self.code()
        self.insert(path, noise(self.next(), self.random.randint(1, 12)))
        return f"remarks in {path}"

    def trim(self) -> str:
        path = self.code()
        lines = self.world.files[path]
        self.world.files[path] = tuple(one for one in lines if "remark" not in one.text or self.random.random() < 0.7)
        return f"trim {path}"

    def fix(self) -> str:
        return self.turn(0, "fix")

    def unfix(self) -> str:
        return self.turn(1, "unfix")

    def turn(self, side: int, said: str) -> str:
        found = [(path, name) for name in self.blocks for path in self.where(self.blocks[name][side])]
        if not found:
            return "nothing"
        path, name = self.random.choice(sorted(found))
        self.world.edit(path, self.blocks[name][side], self.blocks[name][1 - side])
        return f"{said} {name} in {path}"

    def move_inside(self) -> str:
        return self.move(inside=True)

    def move_elsewhere(self) -> str:
        return self.move(inside=False)

    def move(self, *, inside: bool) -> str:
        found = [(path, name) for name in self.blocks for path in self.where(self.blocks[name][0])]
        if not found:
            return "nothing"
        path, name = self.random.choice(sorted(found))
        target = path if inside else self.random.choice([p for p in self.codes() if p != path] or [path])
        self.world.edit(path, self.blocks[name][0], ())
        self.insert(target, self.blocks[name][0])
        return f"move {name} from {path} to {target}"

    def rename(self) -> str:
        path = self.code()
        new = f"{self.random.choice(FOLDERS)}/{self.random.choice(('part', 'Part', 'mod'))}{self.next()}.rs"
        self.world.rename(path, new)
        if self.random.random() < 0.5:
            self.insert(new, noise(self.next(), 2))
        return f"rename {path} to {new}"

    def rename_folder(self) -> str:
        old = self.code().rpartition("/")[0]
        new = f"moved{self.next()}/src"
        for path in self.world.folder(f"{old}/"):
            self.world.rename(path, path.replace(old, new, 1))
        return f"rename {old} to {new}"

    def reformat(self) -> str:
        """Every file gets other white space. The record goes on without it: white space is no text."""
        self.player.indent = " " * self.random.randint(0, 3)
        return "reformat"

    def drop(self) -> str:
        if len(self.codes()) < 4:
            return "nothing"
        path = self.code()
        del self.world.files[path]
        return f"drop {path}"

    def revert(self) -> str:
        """Take back the last few changes of everything."""
        back = self.random.randint(2, 4)
        if len(self.past) <= back:
            return "nothing"
        self.world.files = dict(self.past[-back])
        return f"revert {back - 1}"

    def copy(self) -> str:
        """Copy a block under another name: other code, the same line."""
        found = [name for name in self.blocks if name.startswith("c") and self.where(self.blocks[name][0])]
        if not found:
            return "nothing"
        name, n = self.random.choice(found), self.next()
        new = f"c{n}"
        self.blocks[new] = cache(n, new), cache(n, new, True)
        self.insert(self.code(), self.blocks[new][0])
        return f"copy {name} as {new}"

    def topics(self) -> str:
        n, path = self.random.randint(0, 8), "deploy/topics.yaml"
        name = f"topic{n}"
        lines = self.world.files.get(path, ())
        for old, new in ((topic(name), topic(name, True)), (topic(name, True), topic(name))):
            if any(lines[k : k + len(old)] == old for k in range(len(lines))):
                self.world.edit(path, old, new)
                return f"turn {name}"
        self.world.files[path] = lines + topic(name)
        return f"add {name}"

    def secrets(self) -> str:
        n, path = self.random.randint(0, 5), f"deploy/{self.random.randint(0, 2)}.env"
        line = secret(f"PASSWORD_{n}", f"kX9-thirteen!{n}zz")
        lines = self.world.files.get(path, plain("# settings"))
        self.world.files[path] = tuple(one for one in lines if one not in line) if line[0] in lines else lines + line
        return f"secret {n} in {path}"

    # Where things are

    def codes(self) -> list[str]:
        return sorted(path for path in self.world.files if path.endswith(".rs"))

    def code(self) -> str:
        return self.random.choice(self.codes())

    def where(self, block: Block) -> list[str]:
        return [path for path in self.codes() if self.find(self.world.files[path], block) is not None]

    @staticmethod
    def find(lines: Block, block: Block) -> int | None:
        return next((n for n in range(len(lines)) if lines[n : n + len(block)] == block), None)

    def insert(self, path: str, block: Block) -> None:
        """Between two blocks, never inside one."""
        lines = self.world.files[path]
        gaps = [
            n
            for n in range(2, len(lines) + 1)
            if n == len(lines) or lines[n - 1].text in ("", "use redis;") or "remark" in lines[n - 1].text
        ]
        at = self.random.choice(gaps) if gaps else len(lines)
        self.world.files[path] = lines[:at] + block + lines[at:]
