"""A database of very many findings, made inside PostgreSQL in seconds: three teams of one lead, three repositories of
eight parts, forty rules, plans with owners and dates, findings in every state with places, grounds, verdicts, events.
"""

import json
import sys
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from findings import actions
from findings.models import Finding, Repository, Rule, Run, Scan, Team, User
from remediation.models import Checklist, Item, Phase

TEAMS = ("platform", "data", "delivery")
PARTS = {"shop": (0, ("k8s", "services/cart")), "stream": (1, ("pipelines", "schemas")), "depot": (2, ("api",))}
TOOLS = ("nova", "semgrep", "trivy", "ruff")
PHASES = {"P0": "week-1", "P1": "week-2-3", "P2": "month-2"}

# Every row follows from its number, so that two databases of one size are equal.
FINDINGS = """
INSERT INTO findings_finding (id, repository_id, component_id, rule_id, category, identity, key, title, message,
    priority, properties, present, at_head, in_history, rotated, verdict, evidence_id, owner_id, due, flapping,
    reopened, first_seen_at, first_seen_commit, fixed_at, reopened_at, version, said)
SELECT n, c.repository_id, c.id, r.id, '', CASE WHEN n %% 20 = 0 THEN 'logical' ELSE '' END,
    CASE WHEN n %% 20 = 0 THEN 'subject/' || n ELSE '' END, one.said, one.said, one.priority,
    CASE WHEN r.proof = 'history' THEN '{"class": "real"}' ELSE '{}' END::jsonb,
    fate < 85, fate < 85, false, false, CASE WHEN fate BETWEEN 74 AND 80 THEN 'accepted' WHEN fate IN (81, 82) THEN
    'false_positive' ELSE '' END, CASE WHEN fate >= 85 THEN n END,
    CASE WHEN n %% 9 = 0 THEN (%(people)s::bigint[])[1 + n %% 5] END,
    CASE WHEN n %% 50 = 0 THEN %(now)s::date + (n %% 90)::int - 30 END, n %% 1009 = 0, (n %% 61 = 0)::int,
    seen, md5(n::text), CASE WHEN fate >= 85 THEN seen + interval '3 days' END,
    CASE WHEN n %% 61 = 0 THEN seen + interval '4 days' END, 1, n
FROM (
    SELECT n, 1 + mixed %% 40 AS rule, 1 + (mixed / 64) %% 8 AS part, mixed / 512 %% 100 AS fate,
        CASE WHEN mixed / 4096 %% 100 < 2 THEN 'P0' WHEN mixed / 4096 %% 100 < 20 THEN 'P1' ELSE 'P2' END AS priority,
        %(now)s::timestamptz - make_interval(hours => (mixed / 7 %% 9600)::int) AS seen,
        (ARRAY['Query per row', 'Password in plain text', 'Missing timeout', 'Blocking call', '缺少超时设置',
            'Unbounded buffer', 'Topic with one replica', 'Cluster without 持久化'])[1 + mixed %% 8] || ': '
        || (ARRAY['load', 'store', 'list', 'send'])[1 + mixed / 8 %% 4] || (ARRAY['Creator', 'Order', 'Stream', 'Cart'])
        [1 + mixed / 32 %% 4] || '_' || n %% 5000 || ' in redis' AS said
    FROM (SELECT n, abs(hashint8(n))::bigint AS mixed FROM generate_series(1, %(size)s) n) numbered
) one
JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM findings_rule) r ON r.place = one.rule
JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM findings_component) c ON c.place = one.part
"""
PLACES = """
INSERT INTO findings_occurrence (finding_id, component_id, path, line, end_line, message, at_head, commit, line_hash,
    block_hash, shape, tool_id, partial, excerpt, excerpt_line, properties, from_run_id, to_run_id, step, moved,
    ambiguous, said, rule_ref)
SELECT f.id, f.component_id, coalesce(nullif(c.paths[1], '') || '/', '') || 'module' || f.id %% 40 || '/file'
    || f.id %% 700 || CASE WHEN copy > 1 THEN '_copy' || copy ELSE '' END || '.py', 1 + f.id %% 900, 1 + f.id %% 900,
    f.message, f.present, '', left(md5(f.id::text), 16), left(md5('b' || f.id), 16), left(md5('s' || f.id %% 99), 16),
    '', '{}', E'def load():\\n    rows = fetch()\\n    call_' || f.id || E'(value)\\n    return rows',
    greatest(f.id %% 900 - 1, 1), '{}', %(run)s, CASE WHEN NOT f.present THEN %(run)s END, 0, 0, false, f.id, f.rule_id
FROM findings_finding f JOIN findings_component c ON c.id = f.component_id
CROSS JOIN generate_series(1, CASE WHEN f.id %% 20 = 0 THEN 3 ELSE 1 END) copy
"""
PROOFS = """
INSERT INTO findings_evidence (id, finding_id, closes, kind, run_id, commit, author, subject, committed_at,
    rule_version, path, hunk, file_hash, person, text, at)
SELECT id, id, true, 'diff', %(run)s, md5(id::text), 'Chen <chen@example.com>', 'raise the limit', fixed_at, 1, 'a.py',
    E'@@ -1 +1 @@\\n-a\\n+b', '', '', '', fixed_at
FROM findings_finding WHERE NOT present
"""
VERDICTS = """
INSERT INTO findings_verdict (finding_id, verdict, reason, person, block_hash, ended_by, at, asked)
SELECT id, verdict, 'Only tests read it', 'bob@example.com', '', '', first_seen_at, false
FROM findings_finding WHERE verdict <> ''
"""
EVENTS = """
INSERT INTO findings_event (at, actor, verb, subject, label, before, after, team_ref, repository_ref, run_ref)
SELECT f.first_seen_at, 'nova', 'found', 'finding:' || f.id, f.title, '{}', '{}', c.team_id, f.repository_id, %(run)s
FROM findings_finding f JOIN findings_component c ON c.id = f.component_id
"""
PLACEMENTS = """
INSERT INTO remediation_placement (item_id, finding_id)
SELECT i.id, f.id FROM findings_finding f JOIN findings_component c ON c.id = f.component_id
JOIN remediation_checklist l ON l.team_id = c.team_id
JOIN remediation_item i ON i.checklist_id = l.id AND i.rule_id = f.rule_id AND i.priority = f.priority
"""
# Half a year of grades of each day; what a grade is made of counts for the last one before this week.
GRADES = """
INSERT INTO remediation_grade (subject, day, formula, score, plain, letter, caps, parts, open_p0, open_p1, open_p2, at)
SELECT 'team:' || t.id, day::date, 1, 10 + n %% 25, 10, 'F', '[]', parts.told, 40 + n, 90 + n, 400 - n, day
FROM findings_team t
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('finding', f.id, 'points', '0.1', 'overdue', false)) AS told FROM (
        SELECT f.id FROM findings_finding f JOIN findings_component c ON c.id = f.component_id AND c.team_id = t.id
        WHERE f.priority = 'P0' ORDER BY f.id LIMIT 900
    ) f
) parts
CROSS JOIN generate_series(1, 180) n
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - make_interval(days => n) AS day) one
"""
TABLES = ("findings_finding", "findings_evidence")


def fill(size: int) -> None:
    """Make the tables and the rows; prints {"session": …, "finding": …}: a cookie of the lead, and one key."""
    call_command("migrate", verbosity=0)
    lead = grow(size)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    one = Finding.objects.filter(state="open").order_by("-pk").first()
    print(json.dumps({"session": sign_in(lead), "finding": one.pk if one else 0}))


def grow(size: int) -> User:
    """Fill empty tables; answers the lead who sees all of it."""
    teams = [actions.create_team(slug, actor="bench") for slug in TEAMS]
    lead = [actions.invite(team, "alice@example.com", "lead", actor="bench", name="Alice").user for team in teams][-1]
    seats = [(teams[n % 3], f"p{n}@example.com", f"Person {n}") for n in range(4)]
    people = [actions.invite(team, email, actor="bench", name=name).user for team, email, name in seats]
    for slug, (owner, paths) in PARTS.items():
        _repository(slug, teams[owner], [(path, teams[(owner + n) % 3]) for n, path in enumerate(paths)])
    _rules()
    run = _run()
    for team in teams:
        _plan(team, [lead, *people])
    values = {"size": size, "now": timezone.now(), "run": run.pk, "people": [lead.pk, *(p.pk for p in people)]}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # rows that fit by construction
        for statement in (FINDINGS, PLACES, PROOFS, VERDICTS, EVENTS, "ANALYZE", PLACEMENTS, GRADES):
            cursor.execute(statement, values)
        for table in TABLES:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute("SELECT remediation_tally_anew()")
    return lead


def sign_in(user: User) -> str:
    """The key of a session of this person."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    [session[BACKEND_SESSION_KEY]] = settings.AUTHENTICATION_BACKENDS
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _repository(slug: str, team: Team, parts: list[tuple[str, Team]]) -> None:
    made = actions.track(f"https://git.example.com/{slug}.git", team=team, actor="bench", slug=slug, branch="main")
    for path, owner in parts:
        actions.define_component(made, path, team=owner, paths=[path], actor="bench")
    Repository.objects.filter(pk=made.pk).update(proven_commit="0" * 40, proven_at=timezone.now(), remote_head="0" * 40)


def _rules() -> None:
    Rule.objects.bulk_create(
        Rule(
            tool=TOOLS[n % 4],
            key=f"family-{n % 7}/rule-{n}",
            title=f"Problem of kind {n}",
            help="Why it matters, in a sentence or two.",
            proof="history" if n == 7 else "tree",
        )
        for n in range(40)
    )


def _run() -> Run:
    repository = Repository.objects.order_by("pk")[0]
    scan = Scan.objects.create(repository=repository, kind="manual", state="done", commit="0" * 40)
    fields = {"tool": "nova", "commit": "0" * 40, "state": "applied", "observed_at": timezone.now()}
    return Run.objects.create(scan=scan, repository=repository, **fields)


def _plan(team: Team, people: list[User]) -> None:
    """A standing list: an item for each rule and priority, a quarter of them somebody's, a tenth of them late."""
    plan, today = Checklist.objects.create(team=team, title="Standing list"), timezone.localdate()
    rows = (Phase(checklist=plan, key=key, title=key, position=n) for n, key in enumerate(PHASES.values()))
    phases = {phase.key: phase for phase in Phase.objects.bulk_create(rows)}
    Item.objects.bulk_create(
        Item(
            checklist=plan,
            phase=phases[PHASES[priority]],
            anchor=f"rule:{rule.pk}:{priority}",
            title=rule.title,
            priority=priority,
            rule=rule,
            owner=people[rule.pk % 5] if rule.pk % 4 == 0 else None,
            due=(due := today + timedelta(days=30 * n + rule.pk % 10 * 3 - 3)),
            first_due=due,
        )
        for rule in Rule.objects.order_by("pk")
        for n, priority in enumerate(PHASES)
    )


def main() -> None:
    """Fill the database of the settings with as many findings as the command line says."""
    fill(int(sys.argv[1]))
