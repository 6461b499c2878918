"""What the code says of whose its findings are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from findings.models import Finding, Repository


class Trace(models.Model):
    """What the code said of whose a finding is, when a worker looked: `owners` as CODEOWNERS has them for its first
    path, the address of the last author of its lines. Who reads it looks the accounts up.
    """

    finding = models.OneToOneField(Finding, models.CASCADE, related_name="trace")
    path = models.TextField(blank=True)
    owners = ArrayField(models.CharField(max_length=200), default=list)
    author = models.CharField(max_length=254, blank=True)
    commit = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.owners or self.author}"


class Traced(models.Model):
    """How far a repository is traced: every open finding as of `commit`, by the CODEOWNERS whose hash is `rules`."""

    repository = models.OneToOneField(Repository, models.CASCADE, primary_key=True, related_name="traced")
    commit = models.CharField(max_length=64, blank=True)
    rules = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.repository_id} at {self.commit[:7]}"
