"""The providers' rules that are kept on disk are those of the package, word for word."""

import json

import pytest

from findings.core.detect import engine, page, providers
from findings.core.detect.page import Page
from findings.kept import Folder

NETWORK = {"validation", "revocation", "references"}
TOKENS = [
    b"GITHUB_TOKEN=ghp_" + b"k3Jd8sLq0ZxTnV5bR2mWc7YpEuHaG1fOi9Ad\n",
    b"AWS_ACCESS_KEY_ID=AKIAQ3EGRT5XJ2KLM4NP\nAWS_SECRET_ACCESS_KEY=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\n",
    b'slack = "xoxb-263594206564-2343594206574-FGqddMF8t08v8N7Oq4i57vs1MBS"\n',
    b"ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nAKIAIOSFODNN7EXAMPLE\n",
]


@pytest.fixture
def kept(tmp_path):
    folder = Folder(tmp_path / "cache")
    providers.formats(folder)
    return folder


def everybody(kept):
    """The scanner that has all rules."""
    [scanner] = providers.Shares(kept).of((), b"-" * (providers.LARGE + 1))
    return scanner


def seen(text, shares):
    """(what the rules of the formats that were seen find in a text, by how many scanners)."""
    asked = shares.of(Page(text.decode(), "env").formats, text)
    known = page.known_formats()
    return list(providers.tokens(text, known, asked, providers.alone(known))), asked


def test_every_rule_that_is_wanted_is_kept_with_those_it_asks_for(kept):
    chosen, every = providers.formats(kept), providers._every()
    mine = everybody(kept).rules
    assert set(chosen) <= {rule["id"] for rule in mine.metadata()} < {rule["id"] for rule in every.metadata()}
    for rule in mine.metadata():
        own, whole = mine.detail(rule["id"]), every.detail(rule["id"])
        assert {name for name in whole if own[name] != whole[name]} <= NETWORK


@pytest.mark.parametrize("text", TOKENS)
def test_the_rules_of_the_providers_seen_find_what_all_of_them_find(kept, text):
    found, asked = seen(text, providers.Shares(kept))
    assert found == seen(text, providers.Shares(engine.Nowhere()))[0]
    assert bool(found) == (text != TOKENS[-1])
    assert sum(len(one.rules) for one in asked) < 20


def test_many_providers_are_asked_for_by_the_scanner_of_all(kept):
    shares = providers.Shares(kept)
    every = b"".join(
        [*TOKENS, b"GITLAB=glpat-" + b"Zq3kT9vLxW2mB7sRyN4d\n", b"npm_" + b"h4Gk9TqLzV2xWmB7sRyN3dPc8uJfEa5oKi1Y\n"]
    )
    formats = Page(every.decode(), "env").formats
    assert len({providers._provider(rule) for rule in formats}) > providers.SHARES
    assert [len(one.rules) for one in shares.of(formats, every)] == [len(everybody(kept).rules)]
    assert [len(one.rules) for one in shares.of(formats[:1], b"")] == [len(everybody(kept).rules)]  # which is there


def test_a_file_of_rules_that_cannot_be_read_or_is_gone_costs_time_only(kept):
    place = kept.place(providers._file())
    assert len(json.loads(kept.get(providers._file()))["rules"]) == len(everybody(kept).rules)
    kept.put(providers._file(), b"rules: [")
    assert len(everybody(kept).rules) == len(providers._every())
    kept.path.joinpath(providers._file()).unlink()
    assert place
    assert providers.formats(kept)
    assert len(everybody(kept).rules) < len(providers._every())


def test_rules_of_a_provider_that_cannot_be_taken_out_of_all_are_those_of_the_package(kept):
    kept.put(providers._file(), b"rules: [")
    [scanner] = providers.Shares(kept).of(["betterleaks.github-pat"], b"")
    assert len(scanner.rules) == len(providers._every())
    kept.path.joinpath(providers._file()).unlink()
    assert providers.formats(kept)
    [scanner] = providers.Shares(kept).of(["betterleaks.github-pat"], b"")
    assert len(scanner.rules) < 20
