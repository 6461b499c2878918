"""Entries of external scanners: what is said of a wrong one, and what of a repository no scanner may see."""

from pathlib import Path

import pytest

from findings.core.scanners import Scanner, configures_scanners, parse

SHIPPED = Path(__file__).resolve().parents[3] / "docs" / "scanners.toml"


def test_an_entry_has_defaults_that_are_safe():
    assert parse('[own]\ncommand = ["own", "{tree}"]\n') == (Scanner("own", ("own", "{tree}")),)
    one = Scanner("own", ("own", "{tree}"))
    assert (one.network, one.secrets, one.exit_codes, one.title) == (False, False, frozenset({0}), "own")


def test_the_shipped_examples_are_off_and_can_be_turned_on():
    text = SHIPPED.read_text()
    assert parse(text) == ()
    semgrep, gitleaks = parse(text.replace("enabled = false", "enabled = true"))
    assert (semgrep.title, semgrep.network, semgrep.secrets) == ("Semgrep", False, False)
    assert (gitleaks.title, gitleaks.exit_codes, gitleaks.secrets) == ("Gitleaks", frozenset({0, 3}), True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("own = 1", "own must be a table"),
        ("[own]", "command must be a list of words"),
        ('[own]\ncommand = "own {tree}"', "command must be a list"),
        ('[own]\ncommand = ["own"]', "must say {tree}"),
        ('[own]\ncommand = ["own", "{tree}"]\nseconds = 0', "seconds must be a whole number"),
        ('[own]\ncommand = ["own", "{tree}"]\nseconds = true', "seconds must be a whole number"),
        ('[own]\ncommand = ["own", "{tree}"]\nnetwork = "no"', "network must be true or false"),
        ('[own]\ncommand = ["own", "{tree}"]\nexit_codes = ["0"]', "exit_codes must be a list of numbers"),
        ('[own]\ncommand = ["own", "{tree}"]\nnetwrok = true', "'netwrok', which is none of"),
        ('[own]\ncommand = ["own", "{tree}"]\nenvironment = {A = 1}', "environment must be a table of texts"),
        ('[a]\ncommand = ["a", "{tree}"]\n[b]\ntool = "a"\ncommand = ["a", "{tree}"]', "two entries are tool 'a'"),
        ("[own", "Expected ']'"),
    ],
)
def test_a_wrong_entry_is_named(text, said):
    with pytest.raises(ValueError, match=said.replace("{", r"\{")):
        parse(text)


@pytest.mark.parametrize(
    "path",
    [".semgrep.yml", ".semgrep/a/b.yaml", "sub/.semgrepignore", ".gitleaks.toml", ".gitleaksignore", "x/.trivyignore",
     ".gitleaks-baseline.json", "trivy.yaml", ".checkov.yaml", ".CHECKOV.YML", ".secrets.baseline", ".gitignore"],
)  # fmt: skip
def test_what_scanners_obey_is_known(path):
    assert configures_scanners(path)


@pytest.mark.parametrize(
    "path", ["src/semgrep.rs", "docs/gitleaks.md", "k8s/trivy/deploy.yaml", ".github/x.yml", ".env"]
)
def test_what_only_sounds_like_it_is_looked_at(path):
    assert not configures_scanners(path)
