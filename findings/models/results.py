"""What was found, where, and why it is over: identities, places, evidence, verdicts."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from findings.querysets import ChangeQuerySet, FindingQuerySet, Kinds, Words

from .people import User
from .repositories import Component, Repository, Rule, Run

PATH = 200  # characters of a path that the order of places looks at


class State(models.TextChoices):
    """What a finding is: the machine's fact and the human's word in one."""

    OPEN = "open", _("open")
    FIXED = "fixed", _("fixed")
    ACCEPTED = "accepted", _("accepted")
    FALSE_POSITIVE = "false_positive", _("false positive")


class EvidenceKind(models.TextChoices):
    """What proves it."""

    DIFF = "diff", _("change")
    DELETED = "deleted", _("deletion")
    UPLOAD = "upload", _("report")
    ATTESTED = "attested", _("attestation")


class Finding(models.Model):
    """A problem with an identity over time. `present` is the machine's fact (at HEAD, or in history and not
    rotated), `verdict` the human's word; `state` is generated from both and cannot disagree.

    `version` counts every change, so that an undo and a second editor notice what happened meanwhile. `said` is the
    stamp of what the last batch said of it (see `core.hashing.stamp`): the same stamp again means nothing to write.
    Keys with `db_constraint=False` are checked for each statement: see `findings.keys`.
    """

    repository = models.ForeignKey(
        Repository, models.CASCADE, related_name="findings", db_index=False, db_constraint=False
    )
    component = models.ForeignKey(
        Component, models.PROTECT, related_name="findings", db_index=False, db_constraint=False
    )
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="findings", db_index=False, db_constraint=False)
    category = models.CharField(max_length=300, blank=True)
    identity = models.CharField(max_length=10, blank=True)
    key = models.CharField(max_length=400, blank=True)
    title = models.CharField(max_length=500)
    message = models.TextField(blank=True)
    priority = models.CharField(max_length=2)
    properties = models.JSONField(default=dict, blank=True)

    present = models.BooleanField(default=True, db_default=True)
    at_head = models.BooleanField(default=True)
    in_history = models.BooleanField(default=False)
    rotated = models.BooleanField(default=False, db_default=False)
    verdict = models.CharField(max_length=20, blank=True, default="", db_default="")
    state = models.GeneratedField(
        expression=Case(
            When(present=False, then=Value("fixed")),
            When(verdict="", then=Value("open")),
            default=F("verdict"),
        ),
        output_field=models.CharField(max_length=20, choices=State.choices),
        db_persist=True,
    )
    # Held by a constraint over both keys: it is this very finding's.
    evidence = models.ForeignKey(
        "Evidence", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False
    )

    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="findings", db_index=False, db_constraint=False
    )
    due = models.DateField(null=True, blank=True)
    flapping = models.BooleanField(default=False, db_default=False)
    reopened = models.PositiveSmallIntegerField(default=0, db_default=0)
    first_seen_at = models.DateTimeField()
    first_seen_commit = models.CharField(max_length=64, blank=True)
    fixed_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, db_default=1)
    said = models.BigIntegerField(default=0, db_default=0, editable=False)

    places: list["Occurrence"]  # what `FindingQuerySet.for_list` adds: the present places the reader may see

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "rule", "key"], condition=~Q(key=""), name="finding_key_once"
            ),
            models.CheckConstraint(
                condition=Q(key="", identity="") | (~Q(key="") & Q(identity__in=["logical", "secret"])),
                name="finding_key_has_identity",
            ),
            models.CheckConstraint(
                condition=Q(present=True) | Q(evidence__isnull=False), name="no_close_without_evidence"
            ),
            models.CheckConstraint(
                condition=Q(present=True, at_head=True)
                | Q(present=True, at_head=False, in_history=True, rotated=False)
                | Q(present=False, at_head=False, in_history=False)
                | Q(present=False, at_head=False, rotated=True),
                name="present_is_head_or_unrotated_history",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["", "accepted", "false_positive"]), name="verdict_is_a_word"
            ),
        ]
        indexes = [
            # The triage table in its usual order. What filters and facets look at is included: they read no rows.
            models.Index(
                fields=["state", "priority", "id"],
                include=["component", "rule", "owner", "first_seen_at"],
                name="finding_order",
            ),
            models.Index(fields=["repository", "category"], name="finding_scope"),  # what a batch is compared with
            models.Index(fields=["component", "state"], name="finding_component"),  # small teams, grades
            models.Index(fields=["rule", "state"], name="finding_rule"),  # items, one rule
            models.Index(  # the table, newest or oldest first; what is new and whose, in figures
                fields=["first_seen_at", "id"],
                include=["component", "rule", "priority", "state", "owner"],
                name="finding_age",
            ),
            models.Index(fields=["evidence"], condition=Q(evidence__isnull=False), name="finding_evidence"),
            models.Index(fields=["owner"], condition=Q(owner__isnull=False), name="finding_owner"),
            # Filters for what is rare: they cost an import nothing.
            models.Index(fields=["due"], condition=Q(due__isnull=False), name="finding_due"),
            models.Index(fields=["priority", "id"], condition=Q(reopened__gt=0), name="finding_back"),
            models.Index(fields=["priority", "id"], condition=Q(flapping=True), name="finding_flapping"),
            models.Index(fields=["priority", "id"], condition=Q(present=True, at_head=False), name="finding_history"),
            models.Index(
                fields=["component", "first_seen_at"], condition=~Q(key=""), name="finding_shared"
            ),  # visible_to
            # A team's figures: of dates that are over, of repairs, of what came back.
            models.Index(
                fields=["component", "due"],
                include=["rule", "priority", "state"],
                condition=Q(due__isnull=False),
                name="finding_dated",
            ),
            models.Index(
                fields=["component", "fixed_at"],
                include=["priority", "first_seen_at", "reopened_at"],
                condition=Q(present=False),
                name="finding_fixed",
            ),
            models.Index(
                fields=["component", "reopened_at"], condition=Q(reopened_at__isnull=False), name="finding_returned"
            ),
            models.Index(fields=["rule", "priority"], condition=Q(reopened__gt=0), name="finding_rule_back"),
            models.Index(
                KeyTextTransform("class", "properties"),
                condition=Q(properties__has_key="class"),
                name="finding_class",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("remediation:finding", args=[self.pk])


class Occurrence(models.Model):
    """A place where a finding holds, as an interval of runs: from `from_run` until `to_run` (none = still).

    Hashes are hints for tracking, `step` the pass that matched it last, `moved` the lines it moved then. The
    excerpt was redacted by the worker; its first line is `excerpt_line`. `said` is the stamp of all it was told with.
    `rule_ref` is the rule of its finding, for text search; none where nobody noted it.

    Its keys are checked for each statement: see `findings.keys`.
    """

    finding = models.ForeignKey(
        Finding, models.CASCADE, related_name="occurrences", db_index=False, db_constraint=False
    )
    component = models.ForeignKey(
        Component, models.PROTECT, related_name="occurrences", db_index=False, db_constraint=False
    )
    path = models.TextField(blank=True)
    line = models.PositiveIntegerField(default=0)
    end_line = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    at_head = models.BooleanField(default=True)
    commit = models.CharField(max_length=64, blank=True)
    line_hash = models.CharField(max_length=40, blank=True)
    block_hash = models.CharField(max_length=40, blank=True)
    shape = models.CharField(max_length=40, blank=True)
    tool_id = models.CharField(max_length=300, blank=True)
    partial = models.JSONField(default=dict, blank=True)
    excerpt = models.TextField(blank=True)
    excerpt_line = models.PositiveIntegerField(default=0)
    rule_ref = models.BigIntegerField(null=True, editable=False)
    properties = models.JSONField(default=dict, blank=True)
    from_run = models.ForeignKey(Run, models.PROTECT, related_name="begun", db_index=False, db_constraint=False)
    to_run = models.ForeignKey(
        Run, models.PROTECT, null=True, blank=True, related_name="ended", db_index=False, db_constraint=False
    )
    step = models.PositiveSmallIntegerField(default=0, db_default=0)
    moved = models.IntegerField(default=0, db_default=0)
    ambiguous = models.BooleanField(default=False, db_default=False)
    said = models.BigIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["finding", "to_run"], name="occurrence_finding"),  # all of a finding, or those present
            # visible_to; the table by path
            models.Index("component", Left("path", PATH), condition=Q(to_run=None), name="occurrence_component"),
            GinIndex(Words("path", "message"), Kinds("rule_ref"), name="occurrence_words"),  # text search
        ]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


_FIELDS_OF_KIND = (
    Q(kind="diff", run__isnull=False) & ~Q(commit="") & ~Q(path="") & ~Q(hunk="") & Q(rule_version__gt=0)
    | Q(kind="deleted", run__isnull=False) & ~Q(commit="") & ~Q(path="")
    | Q(kind="upload", run__isnull=False) & ~Q(file_hash="")
    | Q(kind="attested") & ~Q(person="") & ~Q(text="")
)


class Evidence(models.Model):
    """Why a finding is closed (`closes`) or came back. The database refuses a kind without its fields."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="proofs")
    closes = models.BooleanField()
    kind = models.CharField(max_length=10, choices=EvidenceKind.choices)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="evidence")
    commit = models.CharField(max_length=64, blank=True)
    author = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    committed_at = models.DateTimeField(null=True)
    rule_version = models.PositiveIntegerField(default=0)
    path = models.TextField(blank=True)
    hunk = models.TextField(blank=True)
    file_hash = models.CharField(max_length=64, blank=True)
    person = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=_FIELDS_OF_KIND, name="evidence_has_its_fields")]
        indexes = [models.Index(fields=["finding", "-id"], name="evidence_finding")]

    def __str__(self) -> str:
        return f"{self.kind} {self.commit[:7]}"


class Verdict(models.Model):
    """What a person said about a finding, about the code block it had then. At most one is in force, and at most one
    waits for a lead's approval (`asked`).
    """

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="verdicts")
    verdict = models.CharField(max_length=20)
    reason = models.TextField()
    person = models.CharField(max_length=200)
    block_hash = models.CharField(max_length=40, blank=True)
    until = models.DateField(null=True, blank=True)
    asked = models.BooleanField(default=False)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finding"], condition=Q(ended_at=None, asked=False), name="one_verdict_in_force"
            ),
            models.UniqueConstraint(
                fields=["finding"], condition=Q(ended_at=None, asked=True), name="one_verdict_asked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.person}"


class Sweep(models.Model):
    """What a person said last of many findings at once, so that it can be taken back: `befores` are the values of
    `field` that the findings `keys` had, as text, and `versions` those that the change gave them. A person has one at
    most.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="sweeps")
    field = models.CharField(max_length=10)
    at = models.DateTimeField()
    keys = ArrayField(models.BigIntegerField())
    versions = ArrayField(models.IntegerField())
    befores = ArrayField(models.TextField(null=True))

    def __str__(self) -> str:
        return f"{self.field} of {len(self.keys)} findings"


class Change(models.Model):
    """What a run did to one row, so that it can be undone: `before` holds the fields it had (all of them where it was
    `deleted`). Rows it made have no `before`, and stand together: those from key `row` to key `last`.

    `table` is a model's label. `version` is the row's version after the change (0: it has none); a higher one now
    means that somebody came later.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="changes")
    table = models.CharField(max_length=60)
    row = models.BigIntegerField()
    last = models.BigIntegerField()
    version = models.PositiveIntegerField(default=0)
    before = models.JSONField(null=True)
    deleted = models.BooleanField(default=False)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["run"], name="change_run")]

    def __str__(self) -> str:
        return f"{self.table} {self.row}" + (f" to {self.last}" if self.last != self.row else "")
