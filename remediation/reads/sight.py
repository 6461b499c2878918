"""A finding as one person may see it: with the places in the code of their own teams, and none of another's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from findings.models import Finding, Occurrence


@dataclass(frozen=True, slots=True)
class Sight:
    """Title and places; `place` is the first of them (none where nothing is known of any)."""

    title: str
    message: str
    place: Occurrence | None
    places: Sequence[Occurrence]

    @property
    def path(self) -> str:
        """The path of the first place."""
        return self.place.path if self.place else ""

    @property
    def line(self) -> int:
        """The line of the first place."""
        return self.place.line if self.place else 0


def sight(finding: Finding, components: Collection[int]) -> Sight:
    """What of a finding (from `for_list(components)`) may be shown to who owns these components.

    Title and message are the words of its first place, which may lie in another team's code: then those of the first
    place of one's own stand in for them.
    """
    places: Sequence[Occurrence] = getattr(finding, "places", ())
    first = min(places, key=lambda p: (not p.at_head, p.path, p.line), default=None)
    if finding.component_id in components or first is None:
        return Sight(finding.title, finding.message, first, places)
    title = first.message.strip().split("\n")[0] or finding.rule.title
    return Sight(title[:500], first.message, first, places)


def marks(finding: Finding) -> list[str]:
    """What there is to say beyond open or closed: names of states (see the `state` tag)."""
    if finding.state != "open":
        return []
    said = (
        ("flapping", finding.flapping),
        ("regression", finding.reopened > 0 and not finding.flapping),
        ("rotated", finding.rotated),
        ("history", not finding.at_head),
    )
    return [name for name, holds in said if holds]


def last_places(findings: Collection[Finding], components: Collection[int]) -> dict[int, Any]:
    """Closed finding -> the last place it had: what a list shows of something that is nowhere any more."""
    closed = [f.pk for f in findings if not getattr(f, "places", ())]
    rows = Occurrence.objects.filter(finding__in=closed, component__in=components)
    return {row.finding_id: row for row in rows.order_by("finding_id", "-id").distinct("finding_id")}
