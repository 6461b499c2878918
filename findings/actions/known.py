"""What the database knows about the things a batch speaks of, in the shape tracking takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from findings.core.types import Identity, Known, Observation, Proof
from findings.models import Finding, Occurrence, Run


@dataclass(slots=True)
class Book:
    """The findings of one scope (repository, tool, category) with their places: present ones, and for a closed
    finding the last place it had, as a hint for regressions.
    """

    findings: dict[int, Finding] = field(default_factory=dict)
    places: dict[int, Occurrence] = field(default_factory=dict)

    def known(self) -> list[Known]:
        """One row for each place."""
        return [_known(self.findings[p.finding_id], p) for p in self.places.values()]

    def places_of(self, finding: int) -> list[Occurrence]:
        """The places a finding has now."""
        return [p for p in self.places.values() if p.finding_id == finding and p.to_run_id is None]

    @property
    def open_count(self) -> int:
        """How many findings were present before this batch."""
        return sum(f.present for f in self.findings.values())


def load(run: Run) -> Book:
    """The book of a run's scope, in three statements whatever its size."""
    findings = Finding.objects.filter(
        repository=run.repository_id, rule__tool=run.tool, category=run.category
    ).select_related("rule", "component")
    book = Book(findings={f.pk: f for f in findings})
    scope = Occurrence.objects.filter(
        finding__repository=run.repository_id, finding__rule__tool=run.tool, finding__category=run.category
    )
    book.places = {p.pk: p for p in scope.filter(to_run=None)}
    last = (
        scope.filter(finding__present=False).exclude(to_run=None).order_by("finding_id", "-id").distinct("finding_id")
    )
    with_places = {p.finding_id for p in book.places.values()}
    book.places.update({p.pk: p for p in last if p.finding_id not in with_places})
    return book


def lasting(finding: Finding) -> bool:
    """Whether a finding outlives its code: a real secret, until it is rotated. One of a test or of local development
    is nothing to rotate, so it closes when it is gone.
    """
    return finding.rule.proof == Proof.HISTORY and finding.properties.get("class") not in ("dev", "test")


def _known(finding: Finding, place: Occurrence) -> Known:
    return Known(
        finding=finding.pk,
        occurrence=place.pk if place.to_run_id is None else 0,
        rule=finding.rule.key,
        path=place.path,
        line=place.line,
        present=finding.present,
        identity=Identity(finding.identity),
        key=finding.key,
        tool_id=place.tool_id,
        partial=place.partial,
        line_hash=place.line_hash,
        block_hash=place.block_hash,
        shape=place.shape,
        excerpt=place.excerpt,
        excerpt_line=place.excerpt_line,
        at_head=place.at_head,
        rotated=finding.rotated or not lasting(finding),
    )


def speakable(observations: Sequence[Observation], book: Book) -> tuple[Observation, ...]:
    """The observations that may say something: what only history holds of a rotated secret is settled."""
    settled = {f.key for f in book.findings.values() if f.rotated and f.key}
    return tuple(o for o in observations if o.at_head or o.key not in settled)
