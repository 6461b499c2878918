"""Histories made by chance, held against the truth push by push. `NOVA_REPLAY` = commits per seed, `NOVA_SEEDS` = how
many seeds.
"""

import os
from typing import Any

import pytest

from tests.replay.chance import Chance
from tests.replay.player import Player
from tests.replay.seasons import LIMIT, Seasons

pytestmark = pytest.mark.django_db
COMMITS = os.environ.get("NOVA_REPLAY")
SEEDS = os.environ.get("NOVA_SEEDS")


def tell(player: Player, life: Chance | Seasons, commits: int) -> None:
    """Push one to six commits at a time, each checked against what is true then."""
    life.start()
    player.push("Start")
    done = 0
    while done < commits:
        for _ in range(life.random.choice((1, 1, 1, 2, 3, 6))):
            player.commit(life.change())
            done += 1
        player.push(without=life.unseen)


@pytest.mark.parametrize("seed", range(int(SEEDS or 2)))
def test_no_history_closes_what_is_there_or_takes_one_for_another(player: Player, seed: int) -> None:
    tell(player, Chance(player, seed), int(COMMITS or 50))


@pytest.mark.parametrize("seed", range(int(SEEDS or 1)))
def test_no_season_of_a_whole_backend_does(player: Player, seed: int, settings: Any) -> None:
    settings.NOVA_BLOB_LIMIT = LIMIT
    tell(player, Seasons(player, seed), int(COMMITS or 40))
