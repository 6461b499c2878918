"""What follows from a batch: findings go onto the list, items are proven or refuted, grades are written."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from findings.actions import batches, bulk
from findings.actions.ledger import Ledger
from findings.core.types import Priority
from findings.models import Repository, Run, RunState, Team
from remediation.actions.board import Board, load
from remediation.actions.grades import grade_run
from remediation.actions.settling import about_item, settle, settle_review_findings
from remediation.clock import calendar_of, day_of
from remediation.core.planning import sla_date
from remediation.models import Checklist, Item, Link, Phase, Placement

STANDING_PHASES = {
    "P0": ("week-1", gettext_noop("Week 1"), 0),
    "P1": ("week-2-3", gettext_noop("Week 2-3"), 1),
    "P2": ("month-2", gettext_noop("Month 2"), 2),
}
MANY = 1_000  # new findings, after which the database had better count its rows now and not some time later
Wanted = list[tuple[Item, int]]  # item and the key of a finding that belongs on it


@bulk.steady_memory()
def follow(run: Run, ledger: Ledger, *, at: datetime, board: Board | None = None) -> None:
    """Bring plan and grades in line with what the findings of a repository say now. Call in the run's transaction."""
    board = board or load(run.repository)
    place(board, ledger, at)
    settle(board, run, ledger, at)
    settle_review_findings(board, run, ledger, at)
    ledger.save()
    grade_run(run, ledger, at=at, subjects=board.figures.subjects(), kinds_of=board.figures.kinds)
    ledger.flush()
    if run.counts.get("new", 0) >= MANY:
        transaction.on_commit(_count_rows)


def _count_rows() -> None:
    """Tell the planner how large the tables are by now, by the columns it asks for and some thousand rows: autovacuum,
    which counts on all the same, looks at more of them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL default_statistics_target = 10;"
            "ANALYZE findings_finding (id, repository_id, component_id, rule_id, category, present, state),"
            " findings_occurrence (id, finding_id, component_id, to_run_id),"
            " remediation_placement (item_id, finding_id)"
        )


@transaction.atomic
def settle_now(repository: Repository, *, at: datetime) -> None:
    """Bring items in line after a person's word (a verdict, an attestation), by what the last scan saw."""
    batches.lock(repository)
    _settle(load(repository), Ledger(None), at)


def judge(board: Board, at: datetime) -> None:
    """Bring a plan in line that changed between two scans, by what the last one saw."""
    ledger = Ledger(None)
    place(board, ledger, at)
    _settle(board, ledger, at)


def _settle(board: Board, ledger: Ledger, at: datetime) -> None:
    run = Run.objects.filter(repository=board.repository, state=RunState.APPLIED).exclude(commit="").first()
    if run is not None:
        settle(board, run, ledger, at)
        settle_review_findings(board, run, ledger, at)
    ledger.flush()


def place(board: Board, ledger: Ledger, at: datetime) -> None:
    """Put every scanned finding on the items whose links speak of it, else on its team's standing list."""
    fresh = _Fresh(board, ledger, at)
    wanted: Wanted = []
    for link in board.links:
        item = board.items[link.item_id] if link.item_id is not None else None
        if item is None or item.checklist.review_id is None:
            continue  # a standing item takes only what no review's item speaks of
        team = item.checklist.team_id
        # What was over before the item was made proves nothing for it.
        late = [f for f in board.matching(link) if f.present and team in board.teams[f.pk]]
        if item.settled_at is None:
            wanted += [(item, f.pk) for f in late if (item.pk, f.pk) not in board.placed]
        else:
            late = [f for f in late if f.state == "open" and (item.pk, f.pk) not in board.placed]
            wanted += [(fresh.successor(item), f.pk) for f in late]
    fresh.write()
    _place(board, wanted, ledger)
    _house(board, fresh, ledger)
    _hand_over(board, ledger)


def _house(board: Board, fresh: "_Fresh", ledger: Ledger) -> None:
    """Put the open findings that are on no item on the standing items they belong on."""
    known = list(board.items)
    kinds = board.figures.homeless(known)
    if kinds:
        items = fresh.standing(kinds)
        fresh.write()
        housed = board.figures.house(known, {kind: item.pk for kind, item in items.items()}, ledger)
        board.placed |= {pair for pair in housed if pair[1] in board.findings}


def _place(board: Board, wanted: Wanted, ledger: Ledger) -> None:
    missing = [pair for pair in dict.fromkeys((i.pk, f) for i, f in wanted) if pair not in board.placed]
    if missing:
        [keys] = ledger.reserve((Placement, len(missing)))
        rows = ((key, *pair) for key, pair in zip(keys, missing, strict=True))
        ledger.copy(Placement, ("id", "item_id", "finding_id"), keys, rows)
    board.placed |= {pair for pair in missing if pair[1] in board.findings}


def _hand_over(board: Board, ledger: Ledger) -> None:
    """A finding that a review's item speaks of leaves the standing list, and a default item nobody touched goes too."""
    spoken = {f for i, f in board.placed if i in board.items and board.items[i].checklist.review_id is not None}
    standing = {
        pk: i
        for pk, i in board.items.items()
        if i.checklist.review_id is None and i.settled_at is None and i.version == 1
    }
    over = {(i, f) for i, f in board.placed if i in standing and f in spoken}
    if not over:
        return
    left = {i for i, _ in over}
    rows = Placement.objects.filter(item__in=left, finding__in={f for _, f in over})
    ledger.delete(row for row in rows if (row.item_id, row.finding_id) in over)
    board.placed -= over
    kept = Placement.objects.filter(item__in=left, finding__repository=board.repository)
    empty = left - set(kept.values_list("item_id", flat=True).distinct())
    empty -= board.figures.elsewhere(empty)
    ledger.delete(Link.objects.filter(item__in=empty))
    ledger.delete(standing[pk] for pk in empty)
    for pk in empty:
        board.items.pop(pk)
    board.links = [link for link in board.links if link.item_id not in empty]


class _Fresh:
    """The items that a batch opens: gathered first, written together."""

    def __init__(self, board: Board, ledger: Ledger, at: datetime) -> None:
        self.board, self.ledger, self.at = board, ledger, at
        self.made: list[tuple[Item, list[Link]]] = []
        self.heirs: dict[int, Item] = {}

    def successor(self, item: Item) -> Item:
        """A proven item stays done: what is found later goes to the one that follows it."""
        heir = self.heirs.get(item.pk) or self.board.heir_of(item)
        if heir is not None:
            return heir if heir.settled_at is None else self.successor(heir)
        due = _due(item.checklist.team, item.priority, self.at)
        heir = Item(
            checklist=item.checklist,
            phase=item.phase,
            anchor=f"{item.anchor[:180]}~{item.pk}",
            title=item.title,
            priority=item.priority,
            owner_id=item.owner_id,
            due=due,
            first_due=due,
            position=item.position,
            report_line=item.report_line,
            rule_id=item.rule_id,
            successor_of=item,
        )
        self.heirs[item.pk] = heir
        self.made.append((heir, [link for link in self.board.links if link.item_id == item.pk]))
        return heir

    def standing(self, groups: Iterable[tuple[int, int, str]]) -> dict[tuple[int, int, str], Item]:
        """The default item of each (team, rule, priority) that no review spoke of, on the team's standing list.

        One for each priority: what is only a test's password does not make the item urgent that holds a real one.
        """
        known = self.board.standing()
        found = {group: known.get((group[0], f"rule:{group[1]}:{group[2]}")) for group in groups}
        missing = [group for group, item in found.items() if item is None]
        opened = self._open(missing) if missing else {}
        return {
            group: opened[group] if item is None else item if item.settled_at is None else self.successor(item)
            for group, item in found.items()
        }

    def _open(self, groups: list[tuple[int, int, str]]) -> dict[tuple[int, int, str], Item]:
        rules = self.board.figures.rules({rule for _, rule, _ in groups})
        wanted = {(team, priority) for team, _, priority in groups}
        phases = self.board.phases
        phases |= phases_of(wanted - phases.keys())
        opened = {}
        for team, rule, priority in groups:
            phase = phases[team, priority]
            due = _due(phase.checklist.team, priority, self.at)
            opened[team, rule, priority] = item = Item(
                checklist=phase.checklist,
                phase=phase,
                anchor=f"rule:{rule}:{priority}",
                title=rules[rule].title,
                priority=priority,
                due=due,
                first_due=due,
                rule_id=rule,
            )
            self.made.append((item, [Link(rule=rules[rule], why="default item of the rule")]))
        return opened

    def write(self) -> None:
        """Insert the items with their links, and tell."""
        self.ledger.create(item for item, _ in self.made)
        self.board.links += self.ledger.create(
            Link(item=item, rule=k.rule, scope=k.scope, why=k.why, confidence=k.confidence)
            for item, links in self.made
            for k in links
        )
        for item, _ in self.made:
            after: dict[str, object] | None = {"successor_of": item.successor_of_id} if item.successor_of_id else None
            self.board.items[item.pk] = item
            self.ledger.events.append(about_item(item, "opened", self.at, after=after))
        self.made = []


def phases_of(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], Phase]:
    """The phases of the teams' standing lists, by team and priority. They stay when the run is undone."""
    if not wanted:
        return {}
    teams = {team for team, _ in wanted}
    Checklist.objects.bulk_create(
        [Checklist(team_id=team, title=gettext_noop("Standing list")) for team in sorted(teams)], ignore_conflicts=True
    )
    found_lists = Checklist.objects.filter(team__in=teams, review=None).select_related("team")
    lists = {one.team_id: one for one in found_lists}
    rows = []
    for team, priority in sorted(wanted):
        key, title, position = STANDING_PHASES[priority]
        rows.append(Phase(checklist=lists[team], key=key, title=title, position=position))
    Phase.objects.bulk_create(rows, ignore_conflicts=True)
    found = {(p.checklist_id, p.key): p for p in Phase.objects.filter(checklist__in=lists.values())}
    phases = {}
    for team, priority in wanted:
        phases[team, priority] = phase = found[lists[team].pk, STANDING_PHASES[priority][0]]
        phase.checklist = lists[team]
    return phases


def _due(team: Team, priority: str, at: datetime) -> date:
    today = day_of(team, at)
    sla = {Priority(p): days for p, days in team.sla.items()}
    return sla_date(Priority(priority), today, sla, calendar_of(team))
