"""The admin pages of the human half: for looking only."""

from django.contrib import admin

from findings.admin import ReadOnly
from remediation.models import (
    Checklist,
    CostLine,
    CostUnit,
    Digest,
    DigestSetting,
    Grade,
    Item,
    Link,
    Phase,
    Placement,
    Promise,
    Review,
    Tally,
    Trace,
    Traced,
    View,
    Week,
)


@admin.register(Review)
class ReviewAdmin(ReadOnly):
    """Reviews as they were understood."""

    list_display = ("title", "team", "repository", "reviewed", "language")
    list_select_related = ("team", "repository")


@admin.register(Checklist)
class ChecklistAdmin(ReadOnly):
    """Plans."""

    list_display = ("title", "team", "review")
    list_select_related = ("team", "review")


@admin.register(Phase)
class PhaseAdmin(ReadOnly):
    """Stretches of plans."""

    list_display = ("title", "checklist", "starts", "due")
    list_select_related = ("checklist",)


@admin.register(Item)
class ItemAdmin(ReadOnly):
    """Things promised."""

    list_display = ("title", "checklist", "phase", "priority", "owner", "due", "settled_by", "settled_at")
    list_filter = ("priority", "settled_by")
    list_select_related = ("checklist", "phase", "owner")
    search_fields = ("title",)


@admin.register(Placement)
class PlacementAdmin(ReadOnly):
    """Findings on items."""

    list_display = ("item", "finding")
    list_select_related = ("item", "finding")


@admin.register(Link)
class LinkAdmin(ReadOnly):
    """Rules that test items and findings."""

    list_display = ("rule", "scope", "item", "finding", "confidence")
    list_select_related = ("rule", "item", "finding")


@admin.register(Week)
class WeekAdmin(ReadOnly):
    """Commitments."""

    list_display = ("team", "year", "number", "capacity", "committed_by")
    list_select_related = ("team",)


@admin.register(Promise)
class PromiseAdmin(ReadOnly):
    """Items in commitments."""

    list_display = ("week", "item", "carried")
    list_select_related = ("week", "item")


@admin.register(Grade)
class GradeAdmin(ReadOnly):
    """Grades as they stood."""

    list_display = ("subject", "letter", "score", "plain", "formula", "at")
    list_filter = ("letter",)
    search_fields = ("subject",)


@admin.register(CostUnit)
class CostUnitAdmin(ReadOnly):
    """Months of bills."""

    list_display = ("team", "source", "account", "month", "kind", "role")
    list_filter = ("kind",)
    list_select_related = ("team",)


@admin.register(CostLine)
class CostLineAdmin(ReadOnly):
    """Money by service."""

    list_display = ("service", "month", "amount", "high", "currency", "unit")
    list_select_related = ("unit",)
    search_fields = ("service",)


@admin.register(DigestSetting)
class DigestSettingAdmin(ReadOnly):
    """Who wants the digest when."""

    list_display = ("user", "enabled", "weekday", "hour", "next_at")
    list_select_related = ("user",)


@admin.register(Digest)
class DigestAdmin(ReadOnly):
    """Mails."""

    list_display = ("user", "period", "outcome", "attempts", "sent_at")
    list_filter = ("outcome",)
    list_select_related = ("user",)


@admin.register(View)
class ViewAdmin(ReadOnly):
    """Filters under a name."""

    list_display = ("name", "user", "team", "query")
    list_select_related = ("user", "team")


@admin.register(Trace)
class TraceAdmin(ReadOnly):
    """What the code says of owners."""

    list_display = ("finding", "path", "owners", "author", "commit")
    list_select_related = ("finding",)


@admin.register(Traced)
class TracedAdmin(ReadOnly):
    """How far repositories are traced."""

    list_display = ("repository", "commit", "rules")
    list_select_related = ("repository",)


@admin.register(Tally)
class TallyAdmin(ReadOnly):
    """How many findings are alike; rows of one kind are added up."""

    list_display = ("component_id", "rule_id", "priority", "state", "n")
    list_filter = ("priority", "state")
