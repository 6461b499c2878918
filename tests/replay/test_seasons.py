"""Histories of a whole backend by chance, held against the truth push by push. `NOVA_REPLAY` and `NOVA_SEEDS` as ever."""

import os

import pytest

from tests.replay.player import Player
from tests.replay.seasons import Seasons

pytestmark = pytest.mark.django_db
COMMITS = int(os.environ.get("NOVA_REPLAY", "60"))
SEEDS = range(int(os.environ.get("NOVA_SEEDS", "1")))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_season_closes_what_is_there_or_takes_one_for_another(player: Player, seed: int) -> None:
    seasons = Seasons(player, seed)
    seasons.start()
    player.push("Start")
    done = 0
    while done < COMMITS:
        for _ in range(seasons.random.choice((1, 1, 1, 2, 3, 5))):
            player.commit(seasons.change())
            done += 1
        player.push(without=seasons.unseen)
