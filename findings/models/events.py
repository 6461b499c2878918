"""What happened: the append-only log, pushes as they arrived, and signs of life of the workers."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from findings.querysets import EventQuerySet

from .repositories import Repository


class Event(models.Model):
    """One thing somebody or something did. Rows are never changed (a database trigger refuses), and outlive what
    they tell of: actor, subject and label are text, team and repository plain numbers.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    label = models.CharField(max_length=300, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    team_ref = models.BigIntegerField(null=True)
    repository_ref = models.BigIntegerField(null=True)
    run_ref = models.BigIntegerField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            # What a digest asks for: a stretch of time of a log that grows at its end costs an import nothing.
            BrinIndex(fields=["at"], name="event_at", pages_per_range=32, autosummarize=True),
            models.Index(fields=["subject", "-id"], name="event_subject"),  # history of a finding, item, repository
            models.Index(fields=["team_ref", "-at"], name="event_team"),  # feed and digest
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.subject}"


class Delivery(models.Model):
    """A push as a forge delivered it: a hint that something may have changed. The payload itself is not kept."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="deliveries")
    provider = models.CharField(max_length=20)
    delivery_id = models.CharField(max_length=100)
    event = models.CharField(max_length=60)
    ref = models.CharField(max_length=300, blank=True)
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=40)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["repository", "provider", "delivery_id"], name="delivery_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event} {self.delivery_id}"


class Heartbeat(models.Model):
    """When a worker last said that it lives."""

    name = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
