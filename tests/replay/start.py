"""A history whose first push was made once: each test goes on from there by itself."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path

from findings.models import Team
from nova_dashboard.mirrors import mirror_of
from tests.replay.player import Player
from tests.replay.world import World


class Start:
    """A player who has pushed what `write` wrote, and a copy of all that is on disk then; the rows are kept by `once`."""

    def __init__(self, folder: Path, team: Team, write: Callable[[World], object]) -> None:
        self.player = Player(folder / "now", team)
        write(self.player.world)
        self.player.push("Start")
        places = (folder / "now", mirror_of(self.player.forge.repository).path)
        self.kept = {place: folder / str(n) for n, place in enumerate(places)}
        for place, kept in self.kept.items():
            shutil.copytree(place, kept, symlinks=True)

    def again(self) -> Player:
        """The player as after the push, whatever another did since."""
        for place, kept in self.kept.items():
            shutil.rmtree(place)
            shutil.copytree(kept, place, symlinks=True)
        return copy.deepcopy(self.player)
