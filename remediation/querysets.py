"""Reads of the human half, named for what they guarantee. `visible_to(user)` is the only way a view may fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Q

from findings.querysets import at_least

if TYPE_CHECKING:
    from findings.models import User

SCANNED = ~Q(placements__finding__rule__tool="review") & Q(placements__finding__component__team__aside_of=None)


class ChecklistQuerySet(models.QuerySet[Any]):
    """Plans."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """Plans of this person's teams."""
        return self.filter(team__memberships__user=user, team__memberships__role__in=at_least(role))


class ItemQuerySet(models.QuerySet[Any]):
    """Things promised."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """Items of this person's teams."""
        return self.filter(
            checklist__team__memberships__user=user, checklist__team__memberships__role__in=at_least(role)
        )

    def for_list(self) -> Self:
        """Joins what a card shows, and counts the scanned findings behind it: total, open, accepted, linked rules."""
        return self.select_related("phase", "owner", "checklist__team", "rule").annotate(
            n_total=Count("placements__finding", filter=SCANNED, distinct=True),
            n_open=Count("placements__finding", filter=SCANNED & Q(placements__finding__state="open"), distinct=True),
            n_accepted=Count(
                "placements__finding",
                filter=SCANNED & Q(placements__finding__state__in=["accepted", "false_positive"]),
                distinct=True,
            ),
            n_links=Count("links", distinct=True),
        )

    def with_links(self) -> Self:
        """Counts the linked rules alone (`n_links`); `reads.stock.count_for` adds the findings, from the tally."""
        return self.annotate(n_links=Count("links"))

    def unsettled(self) -> Self:
        """What is still owed."""
        return self.filter(settled_at=None)


class GradeQuerySet(models.QuerySet[Any]):
    """Grades over time."""

    def of(self, subject: str) -> Self:
        """The grades of one subject, oldest first."""
        return self.filter(subject=subject).order_by("at", "id")


class CostQuerySet(models.QuerySet[Any]):
    """Money by month."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """Cost units of this person's teams."""
        return self.filter(team__memberships__user=user, team__memberships__role__in=at_least(role))


class ViewQuerySet(models.QuerySet[Any]):
    """Named filters."""

    def visible_to(self, user: User, role: str = "viewer") -> Self:
        """A person's own, and those of teams in which they have at least that role."""
        seats = user.memberships.filter(role__in=at_least(role)).values("team")
        return self.filter(Q(team=None, user=user) | Q(team__in=seats))
