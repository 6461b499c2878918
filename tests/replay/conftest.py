"""A player on a fresh repository."""

from pathlib import Path

import pytest

from findings.models import Team
from tests.replay.player import Player


@pytest.fixture
def player(tmp_path: Path, platform: Team) -> Player:
    return Player(tmp_path, platform)
