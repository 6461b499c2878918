"""Ours beside other scanners, each on its own kind of finding, over one made-up repository: `make bench-peers`.

Every scanner is a command that starts, reads and ends; the better of its runs counts. Each peer lives in its own
environment under the data directory, filled from benchmarks/peers.txt the first time.
"""

import json
import os
import resource
import string
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks import trees
from benchmarks.table import show
from findings.core.detect import keep_in
from findings.core.rules import FAMILIES
from findings.git import Mirror
from findings.kept import Folder
from findings.scanner import MemoryStore, scan

HERE = Path(__file__).resolve().parent
FILES, COMMITS, CHANGED, KEYS = 1000, 1200, 8, 10
RUNS = 3
LONG = 20.0  # seconds after which one run is enough
SECRETS = ("secrets",)
MANIFESTS = ("kubernetes", "workloads", "kustomize")
QUERIES = ("rust", "rust-queries")

Count = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Peer:
    """A package with its command (`{tree}`, `{out}`), how many findings its output holds, and what of ours is alike."""

    title: str
    package: str
    command: tuple[str, ...]
    count: Count
    families: tuple[str, ...]
    history: bool = False
    printed: bool = False  # it has no option for a file


def lines(path: Path) -> list[dict[str, object]]:
    """The documents of a file with one JSON document to a line."""
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]


def _kingfisher(path: Path) -> int:
    return sum(len(one["findings"]) for one in lines(path) if isinstance(one.get("findings"), list))


def _detect_secrets(path: Path) -> int:
    return sum(map(len, json.loads(path.read_text())["results"].values()))


def _semgrep(path: Path) -> int:
    return len(json.loads(path.read_text())["results"])


def _checkov(path: Path) -> int:
    said = json.loads(path.read_text())
    return sum(one["summary"]["failed"] for one in (said if isinstance(said, list) else [said]))


KINGFISHER = (
    "kingfisher",
    "scan",
    "{tree}",
    "--no-validate",
    "--no-update-check",
    "--format",
    "json",
    "--output",
    "{out}",
)
PEERS = (
    Peer("kingfisher, tree", "kingfisher-bin", (*KINGFISHER, "--git-history", "none"), _kingfisher, SECRETS),
    Peer("kingfisher, history", "kingfisher-bin", (*KINGFISHER, "--git-history", "full"), _kingfisher, SECRETS, True),
    Peer("detect-secrets", "detect-secrets", ("detect-secrets", "scan", "--all-files", "--no-verify", "{tree}"),
         _detect_secrets, SECRETS, printed=True),
    Peer("semgrep", "semgrep", ("semgrep", "scan", "--metrics=off", "--disable-version-check", "--quiet", "--json",
         "--output", "{out}", "--config", str(HERE / "peers.yml"), "{tree}"), _semgrep, QUERIES),
    Peer("checkov", "checkov", ("checkov", "-d", "{tree}", "--framework", "kubernetes", "--compact", "--quiet",
         "--skip-download", "-o", "json"), _checkov, MANIFESTS, printed=True),
)  # fmt: skip


def installed(package: str, home: Path) -> Path:
    """The folder of a peer's commands; installed first where it is not there in this version."""
    wanted = next(line for line in (HERE / "peers.txt").read_text().split() if line.startswith(f"{package}=="))
    place = home / package
    done = place / "installed"
    if not done.exists() or done.read_text() != wanted:
        print(f"Installing {wanted} into {place} ...", flush=True)
        venv.create(place, clear=True, with_pip=True)
        subprocess.run([place / "bin" / "python", "-m", "pip", "--quiet", "install", wanted], check=True)
        done.write_text(wanted)
    return place / "bin"


def keys(random: Random) -> Iterator[tuple[str, bytes]]:
    """Files with providers' keys, whose forms every scanner of credentials knows."""
    letters, upper = string.ascii_letters + string.digits, string.ascii_uppercase + "234567"
    for number in range(KEYS):
        github, aws = "".join(random.choices(letters, k=36)), "".join(random.choices(upper, k=16))
        other = "".join(random.choices(letters + "+/", k=40))
        lines = f"GITHUB_TOKEN=ghp_{github}", f"AWS_ACCESS_KEY_ID=AKIA{aws}", f"AWS_SECRET_ACCESS_KEY={other}"
        yield f"deploy/ci/{number}.env", "\n".join([*lines, ""]).encode()


def repository(folder: Path) -> Path:
    """A work tree of the made-up monorepo with a history of small changes."""
    bare, random = folder / "bare.git", Random(7)
    files = trees.mixed(FILES) | dict(keys(random))
    texts = sorted(path for path in files if not path.endswith(".png"))

    def history() -> Iterator[tuple[str, dict[str, bytes | None]]]:
        yield "first", dict(files)
        for number in range(COMMITS):
            some = {path: files[path] + b"# %d\n" % number for path in random.sample(texts, CHANGED)}
            files.update(some)
            yield f"change {number}", dict(some)

    trees.commit(bare, history())
    subprocess.run(["git", "clone", "--quiet", str(bare), str(folder / "tree")], check=True)
    return folder / "tree"


def compiled(cache: Path) -> dict[str, str]:
    """Surroundings in which Python keeps what it compiled: pip does that for what it installs, as each peer is."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "PYTHONPYCACHEPREFIX": str(cache)}


def timed(
    command: list[str], folder: Path, out: Path, printed: bool, env: Mapping[str, str] = os.environ
) -> tuple[float, float]:
    """(seconds, seconds of the processor) of the best run of a command in a folder. Its answer is in `out` then."""
    best = float("inf"), 0.0
    for run in range(RUNS + 1):  # the first one may have caches to fill
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        with (out if printed else Path(os.devnull)).open("wb") as said:
            done = subprocess.run(command, cwd=folder, stdout=said, stderr=subprocess.DEVNULL, check=False, env=env)
        if done.returncode not in (0, 1, 200, 205) or not out.exists():
            raise RuntimeError(f"{command[0]} ended with exit code {done.returncode}")
        took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, (took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
        if took > (LONG if run else 3 * LONG):
            break
    return best


def ours(tree: str, out: str, history: str, *families: str) -> None:
    """One scan of ours, as a command; compiled patterns are kept from run to run, as every command keeps them."""
    keep_in(Folder(Path(out).parent))
    mirror = Mirror(Path(tree))
    chosen = {name: FAMILIES[name] for name in families}
    found = scan(mirror, mirror.resolve("HEAD"), MemoryStore(), b"peers", history=bool(int(history)), families=chosen)
    Path(out).write_text(str(len({(one.rule, one.key or (one.path, one.line)) for one in found.batch.observations})))


def compare(home: Path) -> int:
    """Print the table. 1 where a peer was faster."""
    rows, slower = [], []
    with tempfile.TemporaryDirectory(prefix="nova-peers-") as name:
        folder, out = Path(name), Path(name) / "out"
        tree = repository(folder)
        for peer in PEERS:
            values = {"{tree}": ".", "{out}": str(out)}
            program, *words = (values.get(word, word) for word in peer.command)
            theirs = timed([str(installed(peer.package, home) / program), *words], tree, out, peer.printed)
            found = peer.count(out)
            words = [str(tree), str(out), str(int(peer.history)), *peer.families]
            command = [sys.executable, "-m", "benchmarks.peers", *words]
            mine = timed(command, HERE.parent, out, False, compiled(folder / "compiled"))
            rows.append((peer.title, found, *theirs, int(out.read_text()), *mine, theirs[0] / mine[0]))
            if mine >= theirs:
                slower.append(peer.title)
    title = f"{FILES} files, {COMMITS} commits, {KEYS} files of keys; each peer beside what of ours is alike"
    show(
        title,
        ("peer", "findings", "seconds", "of processor", "ours find", "seconds", "of processor", "times faster"),
        rows,
    )
    if slower:
        print(f"Faster than ours: {', '.join(slower)}")
    return bool(slower)


if __name__ == "__main__":
    if sys.argv[2:]:
        ours(*sys.argv[1:])
    else:
        sys.exit(compare(Path(sys.argv[1]).absolute()))
