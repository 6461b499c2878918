"""How machines get in: tokens of a team, and what was handed in under a key so that it is not taken twice."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .people import Team, User

# What a token may be allowed, and the least role in the team that this takes.
SCOPES = {
    "read": ("viewer", _("read everything the team sees")),
    "triage": ("member", _("verdicts, owners and dates of findings")),
    "plan": ("member", _("owners, dates, claims and attestations of items")),
    "scan": ("member", _("ask for scans")),
    "import": ("lead", _("hand reports in, decide about them, take them back")),
    "configure": ("lead", _("follow more repositories")),
}


class Token(models.Model):
    """A key to the API for one team. The key itself is shown once; `digest` is its SHA-256, `prefix` how it begins.

    `user` is the account it reads as: in its team alone, with the role its scopes take, and nobody can sign in to it.
    `used` counts the requests of the minute that began at `window`.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="tokens")
    user = models.OneToOneField(User, models.CASCADE, related_name="token")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    window = models.DateTimeField(null=True)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"token {self.name}"

    @property
    def live(self) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class Submission(models.Model):
    """What a token handed in under an `Idempotency-Key`: `digest` of the request, and the answer once there is one."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="submissions")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer: Any = models.JSONField(default=dict)
    location = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="submission_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.token_id}"
