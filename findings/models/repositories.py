"""Where code lives, who owns which part, and what looked at it when."""

import secrets
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from findings.querysets import RepositoryQuerySet, RunQuerySet, ScanQuerySet

from .people import Team


def new_token() -> str:
    """A random name for a URL that nobody can guess (128 bits)."""
    return secrets.token_urlsafe(16)


def new_secret() -> str:
    """A random webhook secret (256 bits)."""
    return secrets.token_hex(32)


class Repository(models.Model):
    """A git repository we follow. `proven_commit` is the newest commit a finished scan speaks for; `remote_head` the
    newest one known to exist. The previous hook secret stays valid while a forge is being switched over.

    `aside_of`: this one is where the past of another is told until that takes it over; teams of its own, which nobody
    sits in, own it.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=500)
    default_branch = models.CharField(max_length=200, blank=True)
    hook_token = models.CharField(max_length=40, unique=True, default=new_token)
    hook_secret = models.CharField(max_length=100, default=new_secret)
    hook_secret_previous = models.CharField(max_length=100, blank=True)
    proven_commit = models.CharField(max_length=64, blank=True)
    proven_at = models.DateTimeField(null=True)
    remote_head = models.CharField(max_length=64, blank=True)
    remote_seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    aside_of = models.OneToOneField("self", models.CASCADE, null=True, blank=True, editable=False, related_name="aside")

    objects = RepositoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "repositories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("findings:repository", args=[self.slug])

    @property
    def behind(self) -> bool:
        """Whether a newer commit than the proven one is known."""
        return bool(self.remote_head) and self.remote_head != self.proven_commit


class Component(models.Model):
    """A part of a repository that one team owns: `paths` are CODEOWNERS patterns, the last matching component (by
    position) wins, the default one takes the rest.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="components")
    team = models.ForeignKey(Team, models.PROTECT, related_name="components")
    name = models.CharField(max_length=200)
    paths = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    is_default = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["repository", "name"], name="component_name_once"),
            models.UniqueConstraint(fields=["repository"], condition=Q(is_default=True), name="one_default_component"),
        ]

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """A kind of problem, as its tool describes it. `help` is Markdown."""

    tool = models.CharField(max_length=100)
    key = models.CharField(max_length=300)
    title = models.CharField(max_length=500)
    priority = models.CharField(max_length=2, default="P2")
    proof = models.CharField(max_length=10, default="tree")
    help = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tool", "key"], name="rule_once")]

    def __str__(self) -> str:
        return self.key


class ScanKind(models.TextChoices):
    """Why a scan was made."""

    PUSH = "push", _("push")
    MANUAL = "manual", _("by hand")
    SCHEDULE = "schedule", _("schedule")
    BACKFILL = "backfill", _("backfill")
    UPLOAD = "upload", _("upload")
    REVIEW = "review", _("review")


LIVE_KINDS = (ScanKind.PUSH, ScanKind.MANUAL, ScanKind.SCHEDULE)


class ScanState(models.TextChoices):
    """Where a scan stands."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Scan(models.Model):
    """A durable job. A worker owns it until `lease`; `ticket` tells that worker from a later one. `commit` empty =
    the head of the tracked branch when the worker gets to it. `counts`: files, blobs read, seconds by stage.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="scans")
    kind = models.CharField(max_length=10, choices=ScanKind.choices)
    state = models.CharField(max_length=10, choices=ScanState.choices, default=ScanState.QUEUED)
    commit = models.CharField(max_length=64, blank=True)
    actor = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ticket = models.CharField(max_length=40, blank=True)
    lease = models.DateTimeField(null=True)
    stage = models.CharField(max_length=20, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    notices = models.JSONField(default=list, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "state"],
                condition=Q(state__in=["queued", "running"], kind__in=["push", "manual", "schedule"]),
                name="one_queued_one_running_scan",
            ),
            models.UniqueConstraint(
                fields=["repository"],
                condition=Q(state="running", kind__in=["push", "manual", "schedule", "backfill"]),
                name="one_scan_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "lease"], name="scan_claimable")]  # the sweeper

    def __str__(self) -> str:
        return f"scan {self.pk} of {self.repository_id}"

    def get_absolute_url(self) -> str:
        """Its page, which shows progress while it runs."""
        return reverse("findings:scan", args=[self.pk])

    @property
    def active(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in (ScanState.QUEUED, ScanState.RUNNING)


class RunState(models.TextChoices):
    """What became of what a tool said."""

    PREVIEW = "preview", _("preview")
    APPLIED = "applied", _("applied")
    HELD = "held", _("held")
    UNDONE = "undone", _("undone")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("failed")


class Run(models.Model):
    """What one tool and category said within a scan: the unit of tracking, hold, evidence and undo.

    `coverage` = {"rules": [...]|None, "unreadable": [...], "complete": bool}; `counts` = findings by outcome.
    A failed one says in `reason` why its tool said nothing.
    A run that waits for a person has a `draft`, until `expires_at`; `payload` is what else its decision needs.
    """

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="runs")
    repository = models.ForeignKey(Repository, models.CASCADE, related_name="runs")
    tool = models.CharField(max_length=100)
    category = models.CharField(max_length=300, blank=True)
    tool_version = models.CharField(max_length=100, blank=True)
    branch = models.CharField(max_length=200, blank=True)
    commit = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=300, blank=True)
    file_hash = models.CharField(max_length=64, blank=True)
    coverage = models.JSONField(default=dict, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.PREVIEW)
    reason = models.CharField(max_length=500, blank=True)
    payload: Any = models.JSONField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True)
    observed_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=200, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["repository", "tool", "category", "-id"], name="run_scope")]

    def __str__(self) -> str:
        return f"{self.tool} run {self.pk}"

    def get_absolute_url(self) -> str:
        """The page that shows what it would change, or what it changed."""
        return reverse("remediation:run", args=[self.pk])


class Draft(models.Model):
    """What a waiting run said (redacted) and would do, packed (see `core.serial`): `seen` its batch, `plan` its plan,
    true as long as `mark` is how its scope stands.
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="draft")
    seen = models.BinaryField()
    plan = models.BinaryField()
    mark = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"draft of run {self.run_id}"


class Fact(models.Model):
    """What one extractor read in one blob: content never changes, so a fact is read once. No secret values."""

    blob = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    data: Any = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blob", "kind", "version"], name="fact_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.blob}"


class Reading(models.Model):
    """A blob that was read as one kind (the extractors of a path class, in their versions): which of them found facts,
    one bit each, and which failed and why. Most find nothing, and then this is all there is.
    """

    blob = models.CharField(max_length=64)
    kind = models.CharField(max_length=24)
    found = models.PositiveIntegerField(default=0)
    failed: Any = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blob", "kind"], name="reading_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.blob}"


class TreeFold(models.Model):
    """What the tree that was scanned last came to, so that the next scan costs what changed. A cache: losing it costs
    one look at the whole tree.
    """

    repository = models.OneToOneField(Repository, models.CASCADE, primary_key=True, related_name="fold")
    token = models.CharField(max_length=32)
    signature = models.CharField(max_length=64)
    commit = models.CharField(max_length=64)
    data = models.TextField()  # JSON that is only ever read whole

    def __str__(self) -> str:
        return f"Tree of {self.commit}"


class TreePart(models.Model):
    """A share of a tree's fold: some places of one family, or what its rules saw at some."""

    fold = models.ForeignKey(TreeFold, models.CASCADE, related_name="parts")
    family = models.CharField(max_length=40)
    bucket = models.PositiveSmallIntegerField()
    data = models.TextField()  # JSON that is only ever read whole

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fold", "family", "bucket"], name="tree_part_once")]

    def __str__(self) -> str:
        return f"{self.family} {self.bucket} of {self.fold_id}"
