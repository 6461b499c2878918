"""`manage.py scan PATH`: no database, no server, clear words, documented exit codes."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from nova_dashboard.management.commands.scan import Command
from tests.findings.git_repo import Repo

REAL = "kX9-thirteen!"


@pytest.fixture
def repo(tmp_path):
    made = Repo(tmp_path / "repo")
    made.commit("one", {".env": f"DB_PASSWORD={REAL}\n", "a.proto": "package shop;\n", "k8s/x.yaml": "a: [\n"})
    return made


def scan(capsys, *words: object) -> str:
    call_command("scan", *map(str, words))
    return capsys.readouterr().out


def test_a_path_is_scanned_and_summed_up_without_a_database(repo, capsys):
    said = scan(capsys, repo.path)
    assert "P0  secrets/plaintext" in said
    assert ".env:1" in said
    assert "1 finding   protobuf/unversioned-package" in said
    assert "Not covered: k8s/x.yaml" in said
    assert REAL not in said


def test_a_bare_repository_and_another_revision_are_scanned(repo, tmp_path, capsys):
    repo.commit("two", {"a.proto": "package shop.v1;\n"})
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    assert "protobuf" not in scan(capsys, tmp_path / "bare.git")
    assert "protobuf" in scan(capsys, tmp_path / "bare.git", "--rev", "main~1")


def test_sarif_goes_to_a_file_or_alone_to_the_terminal(repo, tmp_path, capsys):
    out = tmp_path / "out.sarif"
    assert "P0" in scan(capsys, repo.path, "--sarif", out)
    printed = json.loads(scan(capsys, repo.path, "--sarif", "-"))
    written = json.loads(out.read_text())
    assert [r["ruleId"] for r in printed["runs"][0]["results"]] == [r["ruleId"] for r in written["runs"][0]["results"]]
    assert REAL not in out.read_text()


def test_fingerprints_of_secrets_leave_only_with_a_key_that_is_kept(repo, capsys, monkeypatch):
    def secret() -> dict:
        results = json.loads(scan(capsys, repo.path, "--sarif", "-"))["runs"][0]["results"]
        return next(result for result in results if result["ruleId"] == "secrets/plaintext")

    monkeypatch.delenv("NOVA_HASH_KEY", raising=False)
    assert "partialFingerprints" not in secret()
    monkeypatch.setenv("NOVA_HASH_KEY", "kept")
    assert secret()["partialFingerprints"] == secret()["partialFingerprints"]


def test_json_holds_the_findings_and_the_price(repo, capsys):
    said = json.loads(scan(capsys, repo.path, "--json"))
    assert said["files"] == 3
    assert {one["rule"] for one in said["observations"]} == {"secrets/plaintext", "protobuf/unversioned-package"}
    assert said["notices"][0]["path"] == "k8s/x.yaml"


@pytest.mark.parametrize(("worst", "code"), [("P0", 1), ("P2", 1)])
def test_findings_at_or_above_the_mark_are_exit_code_1(repo, worst, code):
    with pytest.raises(SystemExit) as left:
        call_command("scan", str(repo.path), "--fail-on", worst)
    assert left.value.code == code


def test_findings_below_the_mark_are_no_failure(repo, capsys):
    repo.commit("two", {".env": None})
    assert "protobuf" in scan(capsys, repo.path, "--fail-on", "P1", "--no-history")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{tmp}"], "is not a git repository"),
        (["{tmp}/nothing"], "is not a git repository"),
        (["{repo}", "--rev", "nothing"], "There is no commit 'nothing'"),
        (["{repo}", "--rev=--output=x"], "There is no commit"),
        (["{repo}", "--sarif", "{tmp}/no/folder.sarif"], "cannot be written"),
    ],
)
def test_what_cannot_be_scanned_is_one_clear_line_and_exit_code_2(repo, tmp_path, words, said):
    (tmp_path / "empty").mkdir()
    filled = [word.format(tmp=tmp_path / "empty", repo=repo.path) for word in words]
    with pytest.raises(CommandError, match=said) as error:
        call_command("scan", *filled)
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)


def test_only_a_slug_needs_servers(repo):
    assert not Command.needs_servers([str(repo.path), "--rev", "main"])
    assert not Command.needs_servers(["--sarif", "-", "."])
    assert Command.needs_servers(["shop", "--sarif", str(repo.path)])
    assert not Command.needs_servers([])


def test_the_help_shows_examples_and_exit_codes():
    said = Command().create_parser("manage.py", "scan").format_help()
    assert "exit codes:" in said
    assert "manage.py scan ." in said


@pytest.fixture
def report(repo, capsys, monkeypatch):
    monkeypatch.setenv("NOVA_HASH_KEY", "kept")

    def made(*words: object) -> dict:
        return json.loads(scan(capsys, repo.path, "--sarif", "-", *words))["runs"][0]

    return made


def test_the_sarif_has_what_its_readers_ask_for(report):
    run = report()
    assert run["invocations"][0]["executionSuccessful"] is True
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "k8s/x.yaml"
    assert notice["message"]["text"].startswith("Not covered: ")
    assert run["properties"]["notCovered"] == ["k8s/x.yaml"]
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) == len({rule["id"] for rule in rules}) == 17
    assert all("**How to fix**" in rule["help"]["markdown"] and rule["help"]["text"] for rule in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in ("error", "warning", "note")
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1


def test_fingerprints_outlast_another_run_and_a_line_that_moved(report, repo):
    def prints() -> set[str]:
        return {result["partialFingerprints"]["novaFingerprint/v1"] for result in report()["results"]}

    before = prints()
    assert len(before) == 2
    assert prints() == before
    repo.commit("two", {".env": f"# moved\n\nDB_PASSWORD={REAL}\n", "a.proto": "// moved\npackage shop;\n"})
    assert prints() == before


def test_a_folder_of_a_repository_is_told_where_its_top_is(repo):
    with pytest.raises(CommandError, match=f"it is a folder of {repo.path}: give that") as error:
        call_command("scan", str(repo.path / "k8s"))
    assert error.value.returncode == 2


def test_a_work_tree_beside_its_repository_is_scanned(repo, tmp_path, capsys):
    repo.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "beside"))
    assert "P0  secrets/plaintext" in scan(capsys, tmp_path / "beside")


def test_a_shallow_clone_says_so_and_one_without_commits_cannot_be_scanned(repo, tmp_path, capsys):
    repo.commit("two", {"README.md": "x\n"})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "shallow"))
    assert "The clone is shallow" in scan(capsys, tmp_path / "shallow")
    with pytest.raises(CommandError, match="There is no commit 'HEAD'"):
        call_command("scan", str(Repo(tmp_path / "empty").path))


def test_a_clone_without_the_folders_of_earlier_commits_is_scanned_as_it_is_now(repo, tmp_path, capsys):
    repo.commit("two", {"k8s/new.env": f"OTHER_PASSWORD={REAL}x\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--filter=tree:0", f"file://{repo.path}", str(tmp_path / "bare of trees"))
    said = scan(capsys, tmp_path / "bare of trees")
    assert "k8s/new.env:1" in said
    assert "The clone lacks the folders of earlier commits (--filter=tree:0)" in said
    with pytest.raises(CommandError, match="Clone the repository whole") as error:
        call_command("scan", str(tmp_path / "bare of trees"), rev="HEAD~1")
    assert error.value.returncode == 2


def test_names_cannot_steer_the_terminal_and_need_not_be_text(repo, capsys):
    repo.commit("two", {"\x1b[2Jred.env": f"DB_PASSWORD={REAL}\n", "caf\udce9.env": f"DB_PASSWORD={REAL}\n"})
    said = scan(capsys, repo.path)
    assert "\x1b" not in said
    assert "\ufffd[2Jred.env:1" in said
    assert r"caf\xe9.env:1" in said
    uris = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for r in json.loads(scan(capsys, repo.path, "--sarif", "-"))["runs"][0]["results"]
    }
    assert {"%1B%5B2Jred.env", "caf%E9.env"} <= uris


def test_what_goes_wrong_inside_is_not_taken_for_findings(repo, monkeypatch):
    monkeypatch.setattr("nova_dashboard.offline.command.scan", lambda *_, **__: 1 / 0)
    with pytest.raises(CommandError, match=r"inside Nova \(ZeroDivisionError\)") as error:
        call_command("scan", str(repo.path))
    assert error.value.returncode == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "drawn"), [(Terminal, True), (io.StringIO, False)])
def test_a_bar_is_drawn_on_a_terminal_only_and_never_into_the_report(repo, stream, drawn):
    repo.commit("many", {f"d/{n}.yaml": f"a: {n}\n" for n in range(450)})
    errors, out = stream(), io.StringIO()
    call_command("scan", str(repo.path), "--sarif", "-", stderr=errors, stdout=out)
    assert ("%" in errors.getvalue()) is drawn
    assert json.loads(out.getvalue())["runs"]
