"""A finding with a key goes along with its lines where git does not see that their file was renamed."""

from dataclasses import replace

import pytest

from findings.core.tracking import track
from findings.core.types import Coverage, Drift, Identity, Known, LineMap, Observation
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


TAKEN, KEPT = LineMap(((5, 20, 5, 1),)), LineMap(((30, 20, 30, 1),))
BROUGHT, ELSEWHERE = LineMap(((35, 0, 36, 20),)), LineMap(((3, 0, 4, 20),))


@pytest.mark.parametrize("come", [BROUGHT, None])
def test_a_key_goes_along_with_lines_that_left_a_file_which_is_still_there(come):
    old, new = converting("mail"), replace(converting("post"), line=40, excerpt_line=39)
    lines = {old.path: TAKEN} | ({new.path: come} if come else {})
    tracked = track(known(old), [new], Coverage(paths={old.path, new.path}), Drift(lines=lines))
    assert [(match.finding, match.renamed) for match in tracked.matches] == [(1, True)]
    assert (tracked.new, tracked.closed) == ((), {})


@pytest.mark.parametrize(("left", "come"), [(KEPT, BROUGHT), (TAKEN, ELSEWHERE)])
def test_a_key_stays_where_its_lines_did_not_leave_or_the_others_were_there_before(left, come):
    old, new = converting("mail"), replace(converting("post"), line=40, excerpt_line=39)
    drift = Drift(lines={old.path: left, new.path: come})
    tracked = track(known(old), [new], Coverage(paths={old.path, new.path}), drift)
    assert (tracked.matches, tracked.new) == ((), ((0,),))
