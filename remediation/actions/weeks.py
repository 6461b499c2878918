"""What a team commits to for a week."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from findings.events import name_of, record
from findings.models import Team, User
from remediation.core.planning import Week as IsoWeek
from remediation.models import Item, Promise, Week


@transaction.atomic
def commit_week(team: Team, items: Iterable[Item], *, today: date, actor: User | str) -> Week:
    """Freeze this week's promise: the items, the capacity, and how often each was carried over before.

    Committing again in the same week adds what is new and takes nothing away.
    """
    iso = IsoWeek.of(today)
    capacity = team.memberships.aggregate(hours=Sum("capacity"))["hours"] or Decimal(0)
    week, made = Week.objects.get_or_create(
        team=team,
        year=iso.year,
        number=iso.number,
        defaults={"capacity": capacity, "committed_at": timezone.now(), "committed_by": name_of(actor)},
    )
    chosen = list(items)
    before = Promise.objects.filter(item__in=chosen).exclude(week=week).values_list("item_id", flat=True)
    carried = list(before)
    Promise.objects.bulk_create(
        [Promise(week=week, item=item, carried=carried.count(item.pk)) for item in chosen], ignore_conflicts=True
    )
    Item.objects.filter(pk__in=[i.pk for i in chosen], promised_at=None).update(promised_at=week.committed_at)
    verb = "committed" if made else "added to"
    record(verb, f"week:{week.pk}", actor=actor, label=str(week), team=team, after={"items": [i.pk for i in chosen]})
    return week
