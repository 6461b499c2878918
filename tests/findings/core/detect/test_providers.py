"""The providers' rules that are kept on disk are those of the package, word for word."""

import json

import pytest

from findings.core.detect import engine, providers
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


def test_every_rule_that_is_wanted_is_kept_with_those_it_asks_for(kept):
    chosen, every = providers.formats(kept), providers._every()
    mine = providers.scanner(kept).rules
    assert set(chosen) <= {rule["id"] for rule in mine.metadata()} < {rule["id"] for rule in every.metadata()}
    for rule in mine.metadata():
        own, whole = mine.detail(rule["id"]), every.detail(rule["id"])
        assert {name for name in whole if own[name] != whole[name]} <= NETWORK


@pytest.mark.parametrize("text", TOKENS)
def test_the_kept_rules_find_what_all_of_them_find(kept, text):
    known = providers.formats(kept)
    others = providers.alone(known)
    found = list(providers.tokens(text, known, providers.scanner(kept), others))
    assert found == list(providers.tokens(text, known, providers.scanner(engine.Nowhere()), others))
    assert bool(found) == (text != TOKENS[-1])


def test_a_file_of_rules_that_cannot_be_read_or_is_gone_costs_time_only(kept):
    place = kept.place(providers._file())
    assert len(json.loads(kept.get(providers._file()))["rules"]) == len(providers.scanner(kept).rules)
    kept.put(providers._file(), b"rules: [")
    assert len(providers.scanner(kept).rules) == len(providers._every())
    kept.path.joinpath(providers._file()).unlink()
    assert place
    assert providers.formats(kept)
    assert len(providers.scanner(kept).rules) < len(providers._every())
