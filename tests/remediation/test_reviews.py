"""A review becomes a plan: previewed, accepted, handed to the rules that test it, undone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from findings import actions
from findings.actions.batches import Moved
from findings.core.types import FormatError
from findings.models import Change, Event, Finding, Run
from remediation.actions.imports import accept_import, preview_file
from remediation.models import Checklist, CostLine, Item, Link, Review
from remediation.reads.problems import problems_of
from tests.cast import NOON, land, only, seen

pytestmark = pytest.mark.django_db
PASSWORD = "Zk4v-Tr0mbone-91x"
REPORT = f"""# Review of the shop

**Date**: 2026-03-02

## P0 Blockers

### P0-1: Topics live on one broker

**Location**: `k8s/a.yaml` (line 3)

Kafka topics have replicas 1.

### P0-2: Nobody is on call

**Impact**: nights are long, and the pager's login is in the wiki:

```yaml
DB_PASSWORD: "{PASSWORD}"
```

## Checklist

### Week 1 (P0)

- [ ] Kafka topics: replicas 1 to 3
- [x] Agree on an on-call rota

### Month 2 (P2)

- [ ] Cut costs ($100 to $40 a month)

## Costs

### Current monthly cost

| Resource | Cost |
|---|---|
| Nodes | $60 |
| Kafka | $40 |
| **Total** | **$100/mo** |

### Optimised monthly cost

| Resource | Cost |
|---|---|
| Nodes | $40 |
| **Total** | **$40/mo** |
"""


def upload(repository, team, actor, text=REPORT):
    return preview_file(repository, team, text.encode(), file_name="review.md", actor=actor)[0][0]


def test_a_preview_writes_no_finding_and_no_item(repository, platform, alice):
    run = upload(repository, platform, alice)
    assert (run.state, run.counts["new"]) == ("preview", 2)
    assert not Finding.objects.exists()
    assert not Item.objects.exists()


def test_accepting_makes_findings_items_dates_and_costs(repository, platform, alice):
    accept_import(upload(repository, platform, alice), actor=alice)
    assert sorted(Finding.objects.values_list("priority", "title")) == [
        ("P0", "P0-1: Topics live on one broker"),
        ("P0", "P0-2: Nobody is on call"),
    ]
    kafka = Item.objects.get(title__startswith="Kafka")
    assert (kafka.priority, kafka.due.isoformat(), kafka.report_line) == ("P0", "2026-03-06", 25)
    assert Item.objects.get(title__startswith="Agree").claimed_by == "the report"
    assert Item.objects.get(title__startswith="Cut costs").saving == 60
    totals = {r: sum(x.amount for x in CostLine.objects.filter(unit__role=r)) for r in ("baseline", "target")}
    assert totals == {"baseline": 100, "target": 40}


def test_a_secret_in_the_report_is_stored_nowhere(repository, platform, alice):
    run = upload(repository, platform, alice)
    assert PASSWORD not in str(run.payload)
    accept_import(run, actor=alice)
    rows = [*Finding.objects.values(), *Review.objects.values(), *Run.objects.values(), *Event.objects.values()]
    assert PASSWORD not in str([*rows, *Change.objects.values()])


def test_its_item_takes_over_what_the_standing_list_held(repository, platform, alice):
    land(repository, [seen("kafka/under-replicated-topic", key="main/orders")])
    accept_import(upload(repository, platform, alice), actor=alice)
    (item,) = Finding.objects.get(key="main/orders").items.all()
    assert item.checklist.review.title == "Review of the shop"
    assert not Item.objects.filter(checklist__review=None).exists()


def test_the_scan_that_proves_the_rule_closes_the_review_finding_with_its_evidence(repository, platform, alice):
    land(repository, [seen("kafka/under-replicated-topic", key="main/orders"), seen()])
    accept_import(upload(repository, platform, alice), actor=alice)
    tomorrow = timezone.now() + timedelta(days=1)
    run = land(repository, [seen()], at=tomorrow)
    finding = only(title__startswith="P0-1")
    assert (finding.state, finding.evidence.kind, finding.evidence.commit) == ("fixed", "diff", run.commit)
    land(repository, [seen(), seen("kafka/under-replicated-topic", key="main/orders")], at=tomorrow)
    finding.refresh_from_db()
    assert (finding.state, finding.reopened) == ("open", 1)


def test_the_same_report_again_changes_nothing(repository, platform, alice):
    accept_import(upload(repository, platform, alice), actor=alice)
    run = upload(repository, platform, alice)
    assert (run.counts["new"], run.counts["again"]) == (0, 2)
    accept_import(run, actor=alice)
    assert (Finding.objects.count(), Item.objects.count(), Checklist.objects.count()) == (2, 3, 1)


def test_undo_leaves_nothing_of_it(repository, platform, alice):
    run = upload(repository, platform, alice)
    accept_import(run, actor=alice)
    actions.undo(run, actor=alice)
    left = [m.objects.count() for m in (Finding, Review, Checklist, Item, Link, CostLine)]
    assert left == [0] * len(left)


def test_accepting_a_preview_that_is_out_of_date_is_refused(repository, platform, alice):
    first, second = upload(repository, platform, alice), upload(repository, platform, alice)
    accept_import(first, actor=alice)
    with pytest.raises(Moved):
        accept_import(second, actor=alice)
    assert Finding.objects.count() == 2


def test_what_is_no_text_is_refused_and_nothing_is_kept(repository, platform, alice):
    with pytest.raises(FormatError):
        preview_file(repository, platform, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", file_name="r.md", actor=alice)
    assert not Run.objects.exists()


def test_a_review_speaks_of_the_day_it_was_written(repository, platform, alice):
    accept_import(upload(repository, platform, alice), actor=alice, at=NOON)
    assert Review.objects.get().reviewed.isoformat() == "2026-03-02"


def test_what_was_fixed_before_the_review_proves_nothing_for_it(repository, platform, alice):
    land(repository, [seen("kafka/under-replicated-topic", key="main/orders"), seen()], at=NOON - timedelta(days=9))
    land(repository, [seen()], at=NOON - timedelta(days=8))
    accept_import(upload(repository, platform, alice), actor=alice)
    land(repository, [seen()])
    assert only(title__startswith="P0-1").state == "open"
    assert Item.objects.get(title__startswith="Kafka").findings.exclude(rule__tool="review").count() == 0


def test_the_grade_counts_it_through_its_rule_only_where_that_saw_the_same_repository(repository, platform, alice):
    accept_import(upload(repository, platform, alice), actor=alice)
    elsewhere = actions.track("https://git.example.com/b.git", team=platform, actor="test", slug="b")
    land(elsewhere, [seen("kafka/under-replicated-topic", key="main/orders")])
    mine = set(Finding.objects.filter(repository=repository, rule__tool="review").values_list("pk", flat=True))
    assert len(mine & {p.id for p in problems_of(platform, NOON.date()).problems}) == 2
    land(repository, [seen("kafka/under-replicated-topic", key="main/orders")])
    counted = mine & {p.id for p in problems_of(platform, NOON.date()).problems}
    assert counted == {only(title__startswith="P0-2").pk}


def test_a_plan_that_does_not_say_when_is_taken_without_dates(repository, platform, alice):
    text = REPORT.replace("### Month 2 (P2)\n", "### In good time\n")
    accept_import(upload(repository, platform, alice, text), actor=alice)
    item = Item.objects.get(title__startswith="Cut costs")
    assert (item.phase.title, item.due) == ("Without a date", None)
