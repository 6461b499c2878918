"""`GET /healthz`: is everything there that the product needs? For load balancers, monitors and the health page."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from findings.models import Heartbeat

STALE = timedelta(seconds=45)
FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True)
class Health:
    """What answers. Errors are named for operators without addresses or credentials."""

    database: bool
    broker: bool
    workers: list[tuple[str, timedelta]]

    @property
    def down(self) -> list[str]:
        """What the product cannot do without and what does not answer. One silent worker among others is shown only."""
        alive = any(age <= STALE for _name, age in self.workers)
        parts = {"database": self.database, "broker": self.broker, "workers": alive or not self.database}
        return [name for name, answers in parts.items() if not answers]


def measure() -> Health:
    """Ask the database, the broker and the heartbeats. Takes at most a few seconds when something hangs."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        workers = heartbeats()
    except DatabaseError:
        return Health(False, broker_answers(), [])
    return Health(True, broker_answers(), workers)


def heartbeats() -> list[tuple[str, timedelta]]:
    """Every worker heard of within a day, and how long ago."""
    now = timezone.now()
    rows = Heartbeat.objects.filter(at__gt=now - FORGOTTEN).order_by("name")
    return [(row.name, now - row.at) for row in rows]


def broker_answers() -> bool:
    """Whether Redis answers a PING within a second."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when everything needed answers, else 503; the body says what is down either way."""
    health = measure()
    body: dict[str, Any] = {
        "status": "down" if health.down else "ok",
        "down": health.down,
        "database": "ok" if health.database else "down",
        "broker": "ok" if health.broker else "down",
        "workers": [
            {"name": name, "seconds": round(age.total_seconds(), 1), "status": "ok" if age <= STALE else "down"}
            for name, age in health.workers
        ],
        "version": settings.VERSION,
    }
    return JsonResponse(body, status=503 if health.down else 200)
