"""What the tests of the laws look at: the broker's queue, everything that is stored, all rows as they are."""

import base64
import html
import json
import threading
from collections.abc import Iterator

import pytest
import redis
from django.apps import apps
from django.db import connection

from tests.hostile import SECRETS, spellings
from tests.nova_dashboard.forge import Forge

NOT_RESTORED = {"Event", "Run", "Scan", "Draft", "Change", "Rule", "Delivery", "Heartbeat"}
CACHES = {"Fact", "Reading", "TreeFold", "TreePart"}
NOT_RESTORED |= CACHES | {"Tally"}  # its rows are sums of each other


@pytest.fixture
def forge(tmp_path, platform) -> Forge:
    return Forge(tmp_path, platform)


@pytest.fixture
def queue(redis_server, monkeypatch) -> Iterator[redis.Redis]:
    """The broker's own view of the queue, empty at first."""
    client = redis.Redis.from_url(redis_server)
    client.flushall()
    yield client
    await_senders()
    client.flushall()


def await_senders() -> None:
    for thread in threading.enumerate():
        if thread.name == "wake":
            thread.join(10)


def waking(queue: redis.Redis) -> list[int]:
    """The ids in the messages that wait."""
    await_senders()
    bodies = [json.loads(base64.b64decode(json.loads(row)["body"])) for row in queue.lrange("nova", 0, -1)]
    return [body[0][0] for body in bodies]


def table_counts() -> dict[str, int]:
    passing = {*CACHES, "Session"}
    return {m.__name__: m._default_manager.count() for m in apps.get_models() if m.__name__ not in passing}


def everything_stored() -> str:
    """Every row of every table, as PostgreSQL itself writes it."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        texts = []
        for table in tables:
            cursor.execute(f'SELECT to_json(t)::text FROM "{table}" t')
            texts += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return "\n".join(texts)


def leaks(text: str) -> list[str]:
    """Where any spelling of any secret stands in a text, with a little around it."""
    plain = html.unescape(text.replace("\\/", "/").replace('\\"', '"'))
    found = []
    for said in (text, plain):
        for secret in SECRETS:
            for spelling in spellings(secret):
                at = said.find(spelling)
                if at >= 0:
                    found.append(f"{spelling}: …{said[max(0, at - 120) : at + 60]}…")
    return found


def state_of_everything() -> dict[str, list[dict]]:
    models = [m for m in apps.get_models() if m._meta.app_label in ("findings", "remediation")]
    return {
        m.__name__: list(m._default_manager.order_by("pk").values()) for m in models if m.__name__ not in NOT_RESTORED
    }


KINDS = "component_id, rule_id, priority, state, kind, owner_id, dated, marks, items"
COUNTED = """
SELECT component_id, rule_id, priority, state, coalesce(properties ->> 'class', ''), owner_id, due IS NOT NULL,
    (reopened > 0)::int + 2 * flapping::int + 4 * (present AND NOT at_head)::int,
    ARRAY(SELECT item_id FROM remediation_placement WHERE finding_id = f.id ORDER BY 1) AS items, count(*)
FROM findings_finding f GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def wrong_tallies() -> list[tuple]:
    """Kinds of findings of which the tally tells another number than there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {KINDS}, sum(n) FROM (SELECT {KINDS}, n FROM remediation_tally UNION ALL SELECT {KINDS}, -n FROM"
            f" ({COUNTED}) counted ({KINDS}, n)) both_ways GROUP BY {KINDS} HAVING sum(n) <> 0"
        )
        return cursor.fetchall()
