"""Every page as data: its address, who may open it, whether htmx asks for a part of it. The guards read this list, so
a page that is not in it fails them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from findings import actions
from findings.actions import batches
from findings.core.hashing import line_hash
from findings.core.severity import SCALE
from findings.core.types import Batch, Coverage
from findings.models import Finding, Heartbeat, Membership, Repository, Run, Scan, Team, User
from remediation.actions.costs import hash_of, import_costs, read_costs
from remediation.actions.items import give
from remediation.actions.reading import preview_review, reread
from remediation.actions.reviews import accept_review
from remediation.actions.views import save_view
from remediation.actions.weeks import commit_week
from remediation.core.planning import Week
from remediation.mail import unsubscribe_token
from remediation.models import Digest, Item, Promise, View
from tests.cast import commit, land, seen

TOPIC, PATCHES = "kafka/under-replicated-topic", "kustomize/patch-sprawl"


@dataclass(slots=True)
class World:
    """What the addresses are made from; all of it belongs to one team."""

    team: Team
    alice: User
    bob: User
    repository: Repository
    item: Item
    finding: Finding
    scan: Scan
    run: Run
    review: Run
    reviewed: Run


def grow(team: Team, repository: Repository, alice: User, bob: User, rows: int, more: int = 0) -> World:
    """Give the team `rows` of everything that a page lists, or `more` on top of that many."""
    wanted = range(rows - more, rows) if more else range(rows)
    now, everywhere = timezone.now(), Coverage(rules=None)
    topic = [seen(TOPIC, f"topics/{i}.yaml", key="main/orders") for i in range(rows)]
    # By rule (an item for each), and all of one rule (an item with many).
    observed = [seen(f"custom/rule-{i}", f"hidden/{i}.yaml", i + 1) for i in range(rows)]
    alike = [seen(PATCHES, f"overlays/{i}.yaml", i + 1) for i in range(rows)]
    land(repository, [*topic, *observed, *alike], at=now - timedelta(days=9), coverage=everywhere)
    land(repository, [*topic, *observed[1::2], *alike[1::2]], at=now - timedelta(days=8), coverage=everywhere)
    run = land(repository, [*topic, *observed[:-2], *alike[:-2]], at=now - timedelta(days=1), coverage=everywhere)
    commit_week(team, Item.objects.filter(checklist__team=team), today=date.today(), actor=alice)
    for i in wanted:
        actions.invite(team, f"colleague-{i}@example.com", "member", actor=alice)
        Scan.objects.create(repository=repository, kind="backfill", state="failed", error="no", finished_at=now)
        Heartbeat.objects.create(name=f"worker-{i}", at=now)
        actions.issue(team, f"machine-{i}", ["read"], days=9, actor=alice)
        _costs(team, i, alice)
        _digest(bob, i)
        _waiting(repository, i, alice)
    for owed in Item.objects.unsettled():
        give(owed, bob, actor=alice)
    actions.assign(Finding.objects.all(), bob, actor=alice)
    save_view(alice, "Ours", "priority=P0", team=team)
    item = Item.objects.get(rule__key=PATCHES, settled_at=None)
    finding = Finding.objects.get(key="main/orders")
    waiting = Run.objects.filter(state="preview").latest("pk")
    reviewed = preview_review(repository, team, _report("Old", 1), file_name="old.md", actor=alice).run
    accept_review(reviewed, actor=alice)
    review = preview_review(repository, team, _report("New", rows), file_name="report-new.md", actor=alice).run
    return World(team, alice, bob, repository, item, finding, run.scan, waiting, review, reviewed)


def _report(title: str, rows: int) -> bytes:
    """A review of topics, one finding and one item for each of its rows."""
    told = [
        f"### P0-{i}: Topic {title}{i}\n\n**Location**: `topics/{i}.yaml` (line 3)\n\nOne replica.\n"
        for i in range(rows)
    ]
    plan = [f"- [ ] Replicas of topic {title}{i} (P0-{i})\n" for i in range(rows)]
    return "\n".join([f"# {title}", "## P0 problems", *told, "## Week 1", "".join(plan)]).encode()


def _costs(team: Team, i: int, actor: User) -> None:
    text = f"month,service,amount,currency\n2026-0{1 + i % 6}-01,service-{i},{Decimal(10 + i)},USD\n".encode()
    batch = read_costs(text, source=f"bill-{i}")
    import_costs(batch, team, actor=actor, file_hash=hash_of(text), file_name=f"bill-{i}.csv")


def _digest(user: User, i: int) -> None:
    now = timezone.now()
    Digest.objects.create(
        user=user, period=f"2026-W{i:02}", message_id=f"<{i}@example.com>", since=now, until=now, error="refused"
    )


def _waiting(repository: Repository, i: int, actor: User) -> None:
    """A report that somebody handed in and nobody has decided about."""
    batch = Batch(
        "other", category=f"tool-{i}", observations=(seen(f"other/{i}", f"src/{i}.rs", line_hash=line_hash(str(i))),)
    )
    run = batches.receive_report(
        repository,
        batch,
        kind="upload",
        actor=actor,
        file_name=f"report-{i}.sarif",
        file_hash=commit(),
        at=timezone.now(),
    )
    batches.preview(run, batch)


Args = Callable[[World], dict[str, object]]
SIGNED_IN, LEADS, EVERYBODY = "signed in", "leads", "everybody"


@dataclass(frozen=True, slots=True)
class Page:
    """An address. `role`: the least one in its team that may use it; `SIGNED_IN`: a page about the person, or about all
    of their teams, so that a stranger gets one of their own; `LEADS`: the same, for people who lead any team;
    `EVERYBODY`: no sign-in. `fragment`: htmx gets a part. `ok`: how it answers who may use it.
    """

    name: str
    args: Args = lambda world: {}
    method: str = "get"
    role: str = "viewer"
    fragment: bool = False
    data: Callable[[World], dict[str, object]] = lambda world: {}
    ok: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def accepted(self) -> tuple[int, ...]:
        """The statuses that say "you may"."""
        return self.ok or ((200,) if self.method == "get" else (200, 302, 422))

    def url(self, world: World) -> str:
        """Its address in this world."""
        return reverse(self.name, kwargs=self.args(world))


def team(world: World) -> dict[str, object]:
    return {"slug": world.team.slug}


def item(world: World) -> dict[str, object]:
    return {"pk": world.item.pk}


def reviewed_item(world: World) -> dict[str, object]:
    return {"pk": Item.objects.filter(checklist__review__run=world.reviewed).first().pk}


def finding(world: World) -> dict[str, object]:
    return {"pk": world.finding.pk}


def described(world: World) -> dict[str, object]:
    return {"pk": Finding.objects.filter(rule__tool="review").first().pk}


def repository(world: World) -> dict[str, object]:
    return {"slug": world.repository.slug}


def run(world: World) -> dict[str, object]:
    return {"pk": world.run.pk}


def review(world: World) -> dict[str, object]:
    return {"pk": world.review.pk}


def review_finding(world: World) -> dict[str, object]:
    return {"pk": world.review.pk, "anchor": "p0-0"}


def review_item(world: World) -> dict[str, object]:
    return {"pk": world.review.pk, "anchor": reread(world.review).items[0].anchor}


def decision(world: World) -> dict[str, object]:
    return {"version": world.review.payload["version"], "priority": "P1"}


def membership(world: World) -> dict[str, object]:
    return team(world) | {"pk": Membership.objects.get(team=world.team, user=world.bob).pk}


def a_token(world: World) -> dict[str, object]:
    return team(world) | {"pk": world.team.tokens.first().pk}


def promise(world: World) -> dict[str, object]:
    return team(world) | {"pk": Promise.objects.filter(week__team=world.team).first().pk}


def a_view(world: World) -> dict[str, object]:
    return {"pk": View.objects.get(team=world.team).pk}


def week(world: World) -> dict[str, object]:
    return team(world) | {"iso": str(Week.of(date.today()).shift(-1))}


def token(world: World) -> dict[str, object]:
    return {"token": unsubscribe_token(world.bob)}


def hook(world: World) -> dict[str, object]:
    return {"provider": "github", "token": world.repository.hook_token}


ITEM_VERBS = ("move", "why", "assign", "due", "claim", "unclaim", "attest", "reopen")
FINDING_VERBS = ("verdict", "withdraw", "assign", "due", "attest", "look_at", "which")

PLAN = (
    Page("remediation:week", role=SIGNED_IN, fragment=True),
    Page("remediation:week", team, fragment=True),
    Page("remediation:week", week, fragment=True),
    Page("remediation:commit_week", team, role="lead"),
    Page("remediation:commit_week", team, "post", "lead", data=lambda world: {"items": world.item.pk, "version": 1}),
    Page("remediation:drop_promise", promise, role="lead"),
    Page("remediation:drop_promise", promise, "post", "lead", data=lambda world: {"why": "no budget"}),
    Page("remediation:board", role=SIGNED_IN, fragment=True),
    Page("remediation:board", team, fragment=True),
    Page("remediation:item", item),
    *(Page(f"remediation:item_{verb}", item, role="member") for verb in ITEM_VERBS),
    *(Page(f"remediation:item_{verb}", item, "post", "member") for verb in ITEM_VERBS),
    Page("remediation:item_links", reviewed_item, role="lead"),
    Page("remediation:item_links", reviewed_item, "post", "lead"),
)
TEAMS = (
    Page("remediation:team", team),
    Page("remediation:team_settings", team, role="lead"),
    Page("remediation:team_settings", team, "post", "lead"),
    Page("remediation:invite", team, "post", "lead", data=lambda world: {"email": "new@example.com", "role": "member"}),
    Page("remediation:set_scale", team, "post", "lead", data=lambda world: SCALE | {"error": "P0"}),
    Page("remediation:set_role", membership, "post", "lead", data=lambda world: {"role": "viewer", "capacity": 5}),
    Page("remediation:remove_member", membership, "post", "lead"),
    Page(
        "remediation:make_token", team, "post", "lead", data=lambda world: {"name": "CI", "scopes": "read", "days": 9}
    ),
    Page("remediation:revoke_token", a_token, "post", "lead"),
    Page("remediation:costs", team),
    Page("remediation:cost_lines", team),
    Page("remediation:cost_import", team, role="lead"),
    Page("remediation:cost_import", team, "post", "lead"),
    Page("remediation:cost_remove", team, "post", "lead"),
)
FINDINGS = (
    Page("remediation:findings", role=SIGNED_IN, fragment=True),
    Page("remediation:facets", role=SIGNED_IN),
    Page("remediation:folders", role=SIGNED_IN),
    Page("remediation:view_save", role=SIGNED_IN, fragment=True),
    Page("remediation:view_save", lambda world: {}, "post", SIGNED_IN, data=lambda world: {"name": "Mine"}),
    Page("remediation:view_remove", a_view, "post", "member"),
    Page("remediation:finding", finding, fragment=True),
    *(Page(f"remediation:finding_{verb}", finding, role="member", fragment=True) for verb in FINDING_VERBS),
    *(Page(f"remediation:finding_{verb}", finding, "post", "member") for verb in FINDING_VERBS),
    *(Page(f"remediation:finding_{verb}", finding, role="lead", fragment=True) for verb in ("approve", "decline")),
    *(Page(f"remediation:finding_{verb}", finding, "post", "lead") for verb in ("approve", "decline")),
    Page("remediation:bulk", lambda world: {}, "post", SIGNED_IN, data=lambda world: {"verb": "accept"}),
    Page("remediation:bulk_undo", lambda world: {}, "post", SIGNED_IN),
    *(
        Page("remediation:export", lambda world, k=kind: {"kind": k}, role=SIGNED_IN)
        for kind in ("csv", "json", "sarif")
    ),
    Page("remediation:finding_links", described, role="lead"),
    Page("remediation:finding_links", described, "post", "lead"),
    Page("remediation:imports", role=SIGNED_IN),
    Page("remediation:imports", lambda world: {}, "post", LEADS),
    Page("remediation:run", run),
    Page("remediation:run", review),
    Page("remediation:run_report", lambda world: {"pk": world.reviewed.pk}),
    Page("remediation:run_finding", review_finding, role="lead"),
    Page("remediation:run_finding", review_finding, "post", "lead", decision),
    Page("remediation:run_item", review_item, role="lead"),
    Page("remediation:run_item", review_item, "post", "lead", decision),
    Page("remediation:run_date", review, "post", "lead", decision),
    Page("remediation:run_candidates", review, "post", "lead", decision),
    Page("remediation:run_encoding", review, "post", "lead", decision),
    *(Page(f"remediation:run_{verb}", run, "post", "lead") for verb in ("accept", "drop", "undo")),
)
REPOSITORIES = (
    Page("findings:repositories", role=SIGNED_IN),
    Page("findings:add_repository", role=LEADS, fragment=True),
    Page("findings:add_repository", lambda world: {}, "post", LEADS),
    Page("findings:repository", repository),
    Page("findings:edit_repository", repository, role="lead", fragment=True),
    Page("findings:edit_repository", repository, "post", "lead"),
    Page("findings:stop_following", repository, role="lead"),
    Page("findings:stop_following", repository, "post", "lead"),
    Page("findings:follow_again", repository, "post", "lead"),
    Page("findings:scan_now", repository, "post", "member"),
    Page("findings:past", repository, role="lead", fragment=True),
    Page("findings:past", repository, "post", "lead"),
    Page("findings:rotate_secret", repository, "post", "lead"),
    Page("findings:scan", lambda world: {"pk": world.scan.pk}, fragment=True),
    Page("findings:webhook", hook, "post", EVERYBODY, ok=(403,)),
)
PERSON = (
    Page("remediation:profile", role=SIGNED_IN),
    Page("remediation:profile", lambda world: {}, "post", SIGNED_IN),
    Page("remediation:theme", lambda world: {}, "post", SIGNED_IN),
    Page("remediation:language", lambda world: {}, "post", SIGNED_IN),
    Page("remediation:digest", role=SIGNED_IN),
    Page("remediation:digest", lambda world: {}, "post", SIGNED_IN),
    Page("remediation:digest_preview", role=SIGNED_IN),
    Page("remediation:digest_send", lambda world: {}, "post", SIGNED_IN),
    *(Page(f"remediation:{name}", token, role=EVERYBODY) for name in ("unsubscribe", "subscribe")),
    *(Page(f"remediation:{name}", token, "post", EVERYBODY) for name in ("unsubscribe", "subscribe")),
    Page("password_change", role=SIGNED_IN),
    Page("password_change", lambda world: {}, "post", SIGNED_IN),
    Page("password_change_done", role=SIGNED_IN),
    Page("logout", lambda world: {}, "post", SIGNED_IN),
    *(
        Page(name, role=EVERYBODY)
        for name in ("login", "password_reset", "password_reset_done", "password_reset_complete")
    ),
    Page("password_reset_confirm", lambda world: {"uidb64": "x", "token": "x-y"}, role=EVERYBODY),
)
HOUSE = (
    Page("health", role=LEADS),
    Page("healthz", role=EVERYBODY, ok=(200, 503)),
    Page("api:docs", role=EVERYBODY),
    Page("api:openapi", role=EVERYBODY),
    Page("api:nowhere", lambda world: {"rest": "nowhere"}, role=EVERYBODY, ok=(404,)),
)
PAGES = (*PLAN, *TEAMS, *FINDINGS, *REPOSITORIES, *PERSON, *HOUSE)
