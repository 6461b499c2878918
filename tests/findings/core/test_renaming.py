"""A finding with a key goes along with its lines where git does not see that their file was renamed."""

from dataclasses import replace

import pytest

from findings.core.tracking import track
from findings.core.types import Coverage, Identity, Known, Observation
from tests.findings.core.tracking_world import known_as


def converting(
    service: str, around: str = "enum Failure {\n    Database(#[from] sqlx::Error),\n    Missing(u64),\n}"
) -> Observation:
    key, path = f"{service}/sqlx::Error", f"services/{service}/src/state.rs"
    hashes = {"line_hash": "from", "block_hash": "enum"}
    return Observation(
        "rust/conversion", path, 9, identity=Identity.LOGICAL, key=key, excerpt=around, excerpt_line=8, **hashes
    )


def known(seen: Observation) -> list[Known]:
    [one] = known_as([seen])
    return [replace(one, excerpt=seen.excerpt, excerpt_line=seen.excerpt_line)]


def test_a_key_goes_along_with_its_lines_to_a_file_that_git_takes_for_another():
    old, new = converting("mail"), replace(converting("post"), line=40, excerpt_line=39)
    tracked = track(known(old), [new], Coverage(paths={new.path}))
    assert [(match.finding, match.renamed) for match in tracked.matches] == [(1, True)]
    assert (tracked.new, tracked.closed) == ((), {})


@pytest.mark.parametrize(
    ("new", "paths"),
    [
        (converting("post"), {"services/mail/src/state.rs"}),
        (converting("post", "struct Other {\n    Database(#[from] sqlx::Error),\n    cache: Cache,\n}"), set()),
        (replace(converting("post"), block_hash="other"), set()),
    ],
)
def test_a_key_stays_where_its_file_is_still_there_or_the_code_is_other_code(new, paths):
    tracked = track(known(converting("mail")), [new], Coverage(paths={new.path, *paths}))
    assert (tracked.matches, tracked.new) == ((), ((0,),))
