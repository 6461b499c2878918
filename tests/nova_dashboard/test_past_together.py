"""Commits that are told together leave what they leave one by one: every row of it."""

import pytest

from findings import actions
from findings.models import Repository, Run
from nova_dashboard import chapter, past
from remediation.actions import board
from remediation.actions.imports import accept_import, preview_file
from tests.nova_dashboard.forge import STRONG, WEAK, Forge
from tests.nova_dashboard.rows import differences, told
from tests.remediation.core.review.reports import ENGLISH
from tests.replay.chance import Chance
from tests.replay.player import Player
from tests.statements import counted

pytestmark = pytest.mark.django_db
LEAK = "DB_PASSWORD=kX9-thirteen!zz"


def lived(player: Player, name: str) -> Repository:
    """The history of a player, lived through in a team of its own."""
    team = actions.create_team(name, name=name, actor="test")
    player.forge.repository = actions.track(str(player.forge.bare), team=team, actor="test", slug=name, name="Shop")
    scan = player.forge.past()
    assert scan.state == "done", scan.error
    return player.forge.repository


def by_chance(player: Player, seed: int, changes: int) -> None:
    chance = Chance(player, seed)
    chance.start()
    player.commit("Start")
    for _ in range(changes):
        player.commit(chance.change())
    player.forge.work.git("push", "-q", "--force", str(player.forge.bare), "HEAD:refs/heads/main")


@pytest.mark.parametrize("seed", [3, 11])
def test_commits_told_together_leave_the_rows_of_commits_told_one_by_one(tmp_path, platform, monkeypatch, seed):
    player = Player(tmp_path, platform)
    by_chance(player, seed, 25)
    monkeypatch.setattr(past, "CHUNK", 0.3)
    monkeypatch.setattr(past, "LONG", 0)
    together = lived(player, "together")
    assert Run.objects.filter(repository=together).count() > 12
    monkeypatch.setattr(chapter.Chapter, "tell", lambda *args, **more: False)
    single = lived(player, "single")
    assert "\n".join(differences(told(single), told(together))) == ""


def test_a_repository_that_a_review_speaks_of_goes_the_road_of_a_push(tmp_path, platform, monkeypatch):
    forge = Forge(tmp_path, platform)
    forge.commit("start", {"k8s/orders.yaml": WEAK})
    forge.push("fix", {"k8s/orders.yaml": STRONG})
    [(review, _)] = preview_file(forge.repository, platform, ENGLISH.encode(), file_name="r.md", actor="test")
    accept_import(review, actor="test")
    assert board.load(forge.repository).spoken()
    answers, tell = [], chapter.Chapter.tell
    monkeypatch.setattr(chapter.Chapter, "tell", lambda *a, **more: answers.append(tell(*a, **more)) or answers[-1])
    scan = forge.past()
    assert (scan.state, scan.error) == ("done", "")
    assert answers
    assert not any(answers)


def test_forty_commits_take_no_more_statements_than_ten(tmp_path, platform, monkeypatch):
    monkeypatch.setattr(past, "CHUNK", 600.0)
    spent = {}
    for commits in (10, 40):
        forge = Forge(tmp_path / f"{commits}", platform, slug=f"shop{commits}")
        for n in range(commits):
            forge.commit(f"c{n}", {"k8s/orders.yaml": STRONG if n % 2 else WEAK, f"services/s{n}/.env": f"{LEAK}{n}\n"})
        forge.push("last", {"a.txt": "1"})
        with counted() as statements:
            assert forge.past().state == "done"
        spent[commits] = statements.count
        assert Run.objects.filter(repository=forge.repository).count() == commits + 1
    assert spent[40] <= spent[10] + 2, spent
    assert spent[40] <= 100, spent
