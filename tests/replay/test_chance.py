"""Histories made by chance, held against the truth push by push. `NOVA_REPLAY` = commits per seed, `NOVA_SEEDS` = how
many seeds.
"""

import os

import pytest

from tests.replay.chance import Chance
from tests.replay.player import Player

pytestmark = pytest.mark.django_db
COMMITS = int(os.environ.get("NOVA_REPLAY", "75"))
SEEDS = range(int(os.environ.get("NOVA_SEEDS", "2")))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_history_closes_what_is_there_or_takes_one_for_another(player: Player, seed: int) -> None:
    chance = Chance(player, seed)
    chance.start()
    player.push("Start")
    done = 0
    while done < COMMITS:
        for _ in range(chance.random.choice((1, 1, 1, 2, 3, 6))):
            player.commit(chance.change())
            done += 1
        player.push()
