"""Filters of the findings that somebody gave a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from findings.models import Team
from remediation.querysets import ViewQuerySet


class View(models.Model):
    """A filter of the findings under a name: a person's own, or a team's (then everybody in the team sees it). `query`
    is the filter's address.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="views")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)

    objects = ViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], condition=Q(team=None), name="own_view_once"),
            models.UniqueConstraint(fields=["team", "name"], name="team_view_once"),
        ]

    def __str__(self) -> str:
        return self.name
