"""What people promised, and how it goes. Every write goes through `remediation.actions`."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext

from findings.models import Finding, Repository, Rule, Run, Team
from remediation.models.tally import Tally as Tally
from remediation.models.traces import Trace as Trace
from remediation.models.traces import Traced as Traced
from remediation.models.views import View as View
from remediation.querysets import ChecklistQuerySet, CostQuerySet, GradeQuerySet, ItemQuerySet


class Review(models.Model):
    """A review a person wrote, as it was understood. The file itself is not kept, its `text` is without secrets.

    `anchors` tells under which its rows are kept ("findings", "items": the text's own -> the kept), `checks` what the
    code said of its findings when it was accepted.
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="review")
    team = models.ForeignKey(Team, models.CASCADE, related_name="reviews")
    repository = models.ForeignKey(Repository, models.CASCADE, related_name="reviews")
    title = models.CharField(max_length=500)
    reviewed = models.DateField()
    language = models.CharField(max_length=10, default="en")
    verdict = models.TextField(blank=True)
    notices = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True)
    anchors: Any = models.JSONField(default=dict, blank=True)
    checks: Any = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


class Checklist(models.Model):
    """A plan: one per review, and a standing one per team for rules no review spoke of."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="checklists")
    review = models.OneToOneField(Review, models.CASCADE, null=True, blank=True, related_name="checklist")
    title = models.CharField(max_length=500)

    objects = ChecklistQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team"], condition=Q(review=None), name="one_standing_checklist"),
        ]

    def __str__(self) -> str:
        return gettext(self.title)


class Phase(models.Model):
    """A stretch of the plan with its dates; a column of the board. `key` puts equal phases of two plans together."""

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="phases")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField()
    starts = models.DateField(null=True)
    due = models.DateField(null=True)
    report_line = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["checklist", "key"], name="phase_once")]

    def __str__(self) -> str:
        return gettext(self.title)


class Item(models.Model):
    """Something promised. It is linked to rules and paths, so that a new finding of a known rule is on the list.

    A claim is a person's tick; `settled_at` with `settled_by` (proven, attested, accepted) says that it is over.
    Progress is not stored: it is counted from `findings`. `anchor` names it in the next version of the report.
    """

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="items")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="items")
    anchor = models.CharField(max_length=200)
    title = models.CharField(max_length=500)
    priority = models.CharField(max_length=2)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="items")
    due = models.DateField(null=True, blank=True)
    first_due = models.DateField(null=True, blank=True)
    effort_low = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    effort_high = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    report_line = models.PositiveIntegerField(default=0)
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, blank=True, related_name="items")
    successor_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="successors")

    claimed_by = models.CharField(max_length=200, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    refuted = models.PositiveSmallIntegerField(default=0)
    refuted_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=10, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_commit = models.CharField(max_length=64, blank=True)
    attested_by = models.CharField(max_length=200, blank=True)
    attestation = models.TextField(blank=True)

    saving = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    saving_currency = models.CharField(max_length=3, blank=True)
    promised_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    findings: Any = models.ManyToManyField(Finding, through="Placement", related_name="items")

    # Counts that `ItemQuerySet.for_list` adds.
    n_total: int
    n_open: int
    n_accepted: int
    n_links: int
    n_back: int
    n_tree: int
    n_gone: int

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["phase__position", "priority", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "anchor"], name="item_once"),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by="")
                | Q(settled_at__isnull=False, settled_by__in=["accepted"])
                | (Q(settled_at__isnull=False, settled_by="proven") & ~Q(settled_commit=""))
                | (Q(settled_at__isnull=False, settled_by="attested") & ~Q(attested_by="") & ~Q(attestation="")),
                name="settled_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("remediation:item", args=[self.pk])

    @property
    def hours(self) -> Decimal | None:
        """The middle of its estimate, in hours."""
        ends = [e for e in (self.effort_low, self.effort_high) if e is not None]
        return sum(ends, Decimal(0)) / len(ends) if ends else None


class Placement(models.Model):
    """A finding on an item's list. Its keys are checked for each statement: see `findings.keys`."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="placements", db_index=False, db_constraint=False)
    finding = models.ForeignKey(Finding, models.CASCADE, related_name="placements", db_constraint=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "finding"], name="placement_once")]

    def __str__(self) -> str:
        return f"{self.finding_id} on {self.item_id}"


class Link(models.Model):
    """A rule and a path scope that test an item, or a finding a person described. `why` = the words that led here."""

    item = models.ForeignKey(Item, models.CASCADE, null=True, blank=True, related_name="links")
    finding = models.ForeignKey(Finding, models.CASCADE, null=True, blank=True, related_name="links")
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="links")
    scope = models.CharField(max_length=500, blank=True)
    why = models.CharField(max_length=300, blank=True)
    confidence = models.FloatField(default=1.0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False, finding=None) | Q(item=None, finding__isnull=False),
                name="link_has_one_end",
            ),
        ]
        indexes = [models.Index(fields=["rule"], name="link_rule")]

    def __str__(self) -> str:
        return f"{self.rule_id} in {self.scope or 'all'}"


class Week(models.Model):
    """What a team committed to for an ISO week. `capacity` in hours. `version` counts its changes.

    `closed_at` is the end of its Sunday, set once its result was written down.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="weeks")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    capacity = models.DecimalField(max_digits=6, decimal_places=1)
    committed_at = models.DateTimeField()
    committed_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    items: Any = models.ManyToManyField(Item, through="Promise", related_name="weeks")

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [models.UniqueConstraint(fields=["team", "year", "number"], name="week_once")]

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"


class Promise(models.Model):
    """An item in a week's commitment, with its hours and owner as they were when it was taken in.

    `carried` counts the weeks it was promised before, `added` says that it came after the week was committed.
    `outcome` is a word of `core.promises`: "dropped" is written at once (with `why`), the others when the week is over.
    """

    week = models.ForeignKey(Week, models.CASCADE, related_name="promises")
    item = models.ForeignKey(Item, models.CASCADE, related_name="promises")
    carried = models.PositiveSmallIntegerField(default=0)
    added = models.BooleanField(default=False)
    hours = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="promises")
    outcome = models.CharField(max_length=10, blank=True)
    why = models.CharField(max_length=300, blank=True)
    dropped_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["week", "item"], name="promise_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "proven", "attested", "claimed", "carried", "dropped"]),
                name="promise_outcome_is_a_word",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} in {self.week_id}"


class Grade(models.Model):
    """A grade as it stood: at a batch (`run`) or at the end of a day (`day`). `subject` = "team:3",
    "repository:1" or "component:2"; `plain` = the score without acceptances and moved dates. `parts` are the rows
    whose sum explains the score.
    """

    subject = models.CharField(max_length=40)
    run = models.ForeignKey(Run, models.CASCADE, null=True, related_name="grades")
    day = models.DateField(null=True)
    formula = models.PositiveSmallIntegerField()
    score = models.DecimalField(max_digits=4, decimal_places=1)
    plain = models.DecimalField(max_digits=4, decimal_places=1)
    letter = models.CharField(max_length=1)
    caps = models.JSONField(default=list, blank=True)
    parts = models.JSONField(default=list, blank=True)
    open_p0 = models.PositiveIntegerField(default=0)
    open_p1 = models.PositiveIntegerField(default=0)
    open_p2 = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    objects = GradeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "run"], name="grade_once_a_run"),
            models.UniqueConstraint(fields=["subject", "day", "formula"], name="grade_once_a_day"),
            models.CheckConstraint(
                condition=Q(run=None, day__isnull=False) | Q(run__isnull=False, day=None), name="grade_has_one_moment"
            ),
        ]
        indexes = [models.Index(fields=["subject", "-at"], name="grade_trend")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.letter} {self.score}"


class CostUnit(models.Model):
    """One month of one account from one source: what an import replaces as a whole. `role` tells the two tables of
    a review (baseline, target) apart; it is empty for bills.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="cost_units")
    source = models.CharField(max_length=100)
    account = models.CharField(max_length=200, blank=True)
    month = models.DateField()
    kind = models.CharField(max_length=10)
    role = models.CharField(max_length=10, blank=True)
    file_hash = models.CharField(max_length=64, blank=True)
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=200, blank=True)

    objects = CostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "source", "account", "month", "kind", "role"], name="cost_unit_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=["billed", "estimate", "plan"]), name="cost_kind_is_a_word"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.month:%Y-%m}"


class CostLine(models.Model):
    """Money for one service in one month; `amount` none = not known, `high` the upper end of a range.

    `month` is the month it was spent in, which differs from the unit's for a correction of an earlier month.
    """

    unit = models.ForeignKey(CostUnit, models.CASCADE, related_name="lines")
    month = models.DateField()
    service = models.CharField(max_length=300)
    category = models.CharField(max_length=40, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    high = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=300, blank=True)
    report_line = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.service} {self.amount} {self.currency}"


class DigestSetting(models.Model):
    """When a person gets the digest, in their own zone: weekday 0 = Monday. `next_at` is what a worker claims."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest_setting")
    enabled = models.BooleanField(default=True)
    weekday = models.PositiveSmallIntegerField(default=0)
    hour = models.PositiveSmallIntegerField(default=9)
    when_quiet = models.BooleanField(default=False)
    next_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"digest of {self.user_id}"


class Digest(models.Model):
    """One mail to one person for one period. `sent_at` is written after the server accepted it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests")
    period = models.CharField(max_length=20)
    message_id = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField()
    lease = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    subject = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=10, default="waiting")
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "period"], name="digest_once")]

    def __str__(self) -> str:
        return f"digest {self.period} of {self.user_id}"
