"""A scanner that is not ours, over a copy and inside bounds: what it may see, use and say."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from findings.core.scanners import Scanner
from findings.core.types import Priority
from findings.external import Failed, look
from findings.external.copy import private_folder
from findings.git import Mirror
from tests.findings.git_repo import Repo
from tests.hostile import PLAIN, trap

SCRIPT = str(Path(__file__).with_name("stand_in.py"))
KEY = b"k" * 32
CODE = "import os\n\ndef run(text):\n    return eval(text)\n"
TOKEN = "kX9thirteenZq7Wm4Lr2Tv8"


def stand_in(*hows: str, **more) -> Scanner:
    command = (sys.executable, "-I", SCRIPT, "{tree}", "{report}", *hows)
    return replace(Scanner("stand-in", command, seconds=60), **more)


@pytest.fixture
def repo(tmp_path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit("one", {"src/a.py": CODE, "b.txt": "eval(1)\n"})
    return made


@pytest.fixture
def see(repo, tmp_path):
    def seen(*hows: str, unwalled: bool = False, **more):
        mirror = Mirror(repo.path)
        report = look(
            stand_in(*hows, **more), mirror, mirror.resolve("HEAD"),
            home=tmp_path / "scanners", key=KEY, blob_bytes=1_000_000, unwalled=unwalled,
        )  # fmt: skip
        assert not list((tmp_path / "scanners").glob("scan-*"))
        return report

    return seen


def places(report) -> set[tuple[str, str, int]]:
    return {(one.rule, one.path, one.line) for batch in report.batches for one in batch.observations}


# What it says


def test_a_report_is_a_batch_with_the_repository_s_own_paths_and_lines(see):
    report = see()
    (batch,) = report.batches
    assert (batch.tool, batch.category, batch.tool_version) == ("stand-in", "worker", "1")
    assert places(report) == {("eval-used", "src/a.py", 4), ("eval-used", "b.txt", 1)}
    one = next(one for one in batch.observations if one.path == "src/a.py")
    assert one.message == "eval-used in src/a.py"
    assert (one.excerpt.split("\n")[3], one.excerpt_line, one.priority) == ("    return eval(text)", 1, Priority.P2)
    assert one.line_hash and one.block_hash
    assert "src/a.py" in batch.coverage.paths


def test_two_runs_of_a_moved_line_have_the_same_hash(see, repo):
    before = next(one for one in see().batches[0].observations if one.path == "src/a.py")
    repo.commit("two", {"src/a.py": "# new\n\n" + CODE})
    after = next(one for one in see().batches[0].observations if one.path == "src/a.py")
    assert (after.line, after.line_hash) == (before.line + 2, before.line_hash)


@pytest.mark.parametrize("secrets", [True, False])
def test_what_it_found_of_a_credential_is_kept_nowhere(see, repo, secrets):
    repo.commit("two", {"conf.txt": f'first\ntoken = "{TOKEN}"\nlast\n'})
    (batch,) = see("leaks", exit_codes=frozenset({0, 3}), secrets=secrets).batches
    assert TOKEN not in repr(batch)
    one = next(one for one in batch.observations if one.rule == "some-api-token")
    assert (one.path, one.line, one.excerpt.split("\n")[0]) == ("conf.txt", 2, "first")
    assert one.line_hash


def test_two_tools_in_one_report_do_not_close_each_other_s(see):
    assert [(one.tool, one.category) for one in see("several", tool="Named").batches] == [
        ("Named", "worker/one"),
        ("Named", "worker/other"),
    ]


# What it sees


def test_the_copy_has_neither_links_nor_what_scanners_obey(see, repo, tmp_path):
    (tmp_path / "outside.py").write_text("eval(1)\n")
    (repo.path / "link.py").symlink_to(tmp_path / "outside.py")
    (repo.path / "up").symlink_to("..")
    own = dict.fromkeys((".semgrepignore", "sub/.gitleaks.toml", ".semgrep/rules.py", "trivy.yaml"), "eval(1)\n")
    lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n"
    repo.commit("two", {**own, "big.py": "eval(1)\n" + "x" * 1_000_000, "lfs.bin": lfs, "sub/c.py": "eval(1)\n"})
    report = see()
    assert {path for _, path, _ in places(report)} == {"src/a.py", "b.txt", "sub/c.py"}
    assert set(report.missing) == {*own, "big.py", "lfs.bin", "link.py", "up"}
    assert report.missing["link.py"] == "a symbolic link"
    assert set(report.missing) <= report.batches[0].coverage.unreadable
    assert set(report.missing) <= set(report.batches[0].coverage.paths)


def test_a_repository_that_wants_to_run_things_runs_nothing(tmp_path):
    path, owned = trap(tmp_path)
    with Mirror(path).apart() as mirror:
        commit = Mirror(path).resolve("HEAD")
        report = look(stand_in(), mirror, commit, home=tmp_path / "s", key=KEY, blob_bytes=10**6, unwalled=False)
    assert not owned.exists()
    assert PLAIN not in repr(report)


def test_names_that_would_leave_the_folder_are_not_written(see, repo):
    blob = repo.git("hash-object", "-w", "--stdin", data=b"eval(1)\n")

    def tree(*entries: str) -> str:
        return repo.git("mktree", "-z", data=b"".join(entry.encode() + b"\0" for entry in entries))

    inner = tree(f"100644 blob {blob}\tconfig")
    odd = [f"040000 tree {inner}\t.git", f"100644 blob {blob}\tnew\nline.py", f"100644 blob {blob}\t{'n' * 300}"]
    raw = b"".join(
        f"{entry.split()[0].lstrip('0')} ".encode() + entry.split("\t", 1)[1].encode() + b"\0"
        + bytes.fromhex(entry.split()[2]) for entry in odd
    ) + b"100644 .." + b"\0" + bytes.fromhex(blob)  # fmt: skip
    name = repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", data=raw)
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", name, "-m", "odd"))
    report = see()
    assert {path for _, path, _ in places(report)} == {"new\nline.py"}
    assert {path: why for path, why in report.missing.items() if "git" in path or ".." in path} == {
        ".git/config": "it cannot be written out: a name that git itself would refuse",
        "..": "it cannot be written out: a name that git itself would refuse",
    }
    assert "File name too long" in report.missing["n" * 300]


def test_its_surroundings_hold_none_of_our_keys(see, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nova:hidden@db/nova")
    monkeypatch.setenv("NOVA_HASH_KEY", "hidden")
    (batch,) = see("environment", environment={"OWN": "yes"}).batches
    names = {one.rule.partition("=")[0] for one in batch.observations}
    assert names >= {"PATH", "HOME", "OWN"}
    assert not {name for name in names if name.startswith(("DATABASE", "NOVA", "SECRET", "DJANGO", "AWS"))}


def test_a_network_is_there_only_where_its_entry_says_so(see):
    with pytest.raises(Failed, match="exit code 1"):
        see("online")
    assert places(see("online", network=True))


# What it may use


@pytest.mark.parametrize(
    ("how", "bounds", "why"),
    [
        ("hang", {"seconds": 1}, "longer than 1 seconds"),
        ("grow", {"memory_mb": 100}, "more than 100 MB of memory|exit code 1"),
        ("fork", {"processes": 5}, "more than 5 processes|exit code 1"),
        ("flood", {"output_mb": 1}, "signal 25|exit code|larger than 1 MB"),
        ("crash", {}, "exit code 2"),
        ("silent", {}, "wrote no report"),
        ("garble", {}, "cannot be read"),
        ("leaks", {}, "exit code 3"),
    ],
)
def test_what_goes_wrong_is_said_and_leaves_nothing_behind(see, tmp_path, how, bounds, why):
    began = time.monotonic()
    with pytest.raises(Failed, match=why):
        see(how, **bounds)
    assert time.monotonic() - began < 30
    assert not list((tmp_path / "scanners").glob("scan-*"))
    time.sleep(0.2)
    left = [p.info["pid"] for p in psutil.process_iter(["pid", "cmdline"]) if SCRIPT in (p.info["cmdline"] or [])]
    assert not left


def test_a_hanging_scanner_takes_its_children_with_it(see):
    with pytest.raises(Failed):
        see("hang", seconds=1)
    time.sleep(0.2)
    sleepers = [p for p in psutil.process_iter(["cmdline"]) if "os.setsid(); time.sleep(600)" in str(p.info["cmdline"])]
    assert not sleepers


def test_its_last_words_are_kept_without_credentials_and_without_our_folder(see, tmp_path):
    with pytest.raises(Failed) as failed:
        see("crash")
    assert failed.value.complaint.startswith("fatal: bad token = ")
    assert failed.value.complaint.endswith("in a.py")
    assert "kX9thirteen" not in failed.value.complaint
    with pytest.raises(Failed) as failed:
        see("crash", secrets=True)
    assert failed.value.complaint == ""


def test_a_missing_program_is_named(see):
    with pytest.raises(Failed, match="no-such-scanner is not installed"):
        see(command=("no-such-scanner", "{tree}"))


def test_without_walls_it_is_refused_unless_a_setting_allows_it(see, monkeypatch):
    monkeypatch.setattr("findings.external.cage._possible", lambda options: False)
    with pytest.raises(Failed, match="network cannot be taken away"):
        see()
    assert places(see(unwalled=True))
    assert places(see(network=True))


def test_what_a_killed_worker_left_goes_with_the_next_run_and_nothing_else(tmp_path):
    (tmp_path / "scan-left" / "tree").mkdir(parents=True)
    (tmp_path / "scan-left" / "lock").touch()
    with private_folder(tmp_path) as busy:
        with private_folder(tmp_path) as second:
            assert {one.name for one in tmp_path.iterdir()} == {busy.name, second.name}
        assert busy.exists()
    assert not list(tmp_path.iterdir())
