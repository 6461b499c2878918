"""What the code says of whose its findings are, kept beside them. Owners that people chose are never touched."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from findings.core.blame import Writer
from findings.models import Finding, Occurrence, Repository
from remediation.core.owners import Owners
from remediation.models import Trace, Traced


class Untraced(NamedTuple):
    """An open finding that nobody owns and nobody looked at yet, with its first present place."""

    finding: int
    path: str
    line: int
    end_line: int


def behind() -> QuerySet[Repository]:
    """Repositories that were scanned since they were traced."""
    up_to_date = Traced.objects.filter(repository=OuterRef("pk"), commit=OuterRef("proven_commit"))
    return Repository.objects.exclude(proven_commit="").filter(~Exists(up_to_date))


def untraced(repository: Repository, most: int) -> list[Untraced]:
    """Findings to look at, most urgent first: those without a trace, and those whose first place lies elsewhere now."""
    places = Occurrence.objects.filter(finding=OuterRef("pk"), to_run=None, at_head=True).order_by("path", "line", "pk")
    ours = Finding.objects.filter(repository=repository, state="open", owner=None).exclude(rule__tool="review")
    found = ours.annotate(place=Subquery(places.values("pk")[:1]), path=Subquery(places.values("path")[:1]))
    fresh = found.exclude(place=None).filter(Q(trace=None) | ~Q(trace__path=F("path")))
    chosen = dict(fresh.order_by("priority", "pk").values_list("pk", "place")[:most])
    rows = {row.pk: row for row in Occurrence.objects.filter(pk__in=chosen.values())}
    return [Untraced(pk, (o := rows[place]).path, o.line, o.end_line) for pk, place in chosen.items()]


@transaction.atomic
def trace(rows: Iterable[tuple[Untraced, Owners, Writer | None]]) -> int:
    """Write down what was read."""
    made = [
        Trace(
            finding_id=row.finding,
            path=row.path,
            owners=list(owners),
            author=writer.email[:254] if writer else "",
            commit=writer.commit if writer else "",
        )
        for row, owners, writer in rows
    ]
    fields = ["path", "owners", "author", "commit"]
    Trace.objects.bulk_create(made, update_conflicts=True, unique_fields=["finding"], update_fields=fields)
    return len(made)


@transaction.atomic
def follow_rules(repository: Repository, rules: str, owners: Callable[[str], Owners]) -> None:
    """Where CODEOWNERS changed since, read all traces anew by it."""
    known, _made = Traced.objects.get_or_create(repository=repository)
    if known.rules == rules:
        return
    rows = list(Trace.objects.filter(finding__repository=repository).only("path", "owners"))
    changed = [row for row in rows if row.owners != list(owners(row.path))]
    for row in changed:
        row.owners = list(owners(row.path))
    Trace.objects.bulk_update(changed, ["owners"], batch_size=1000)
    known.rules = rules
    known.save(update_fields=["rules"])


def traced(repository: Repository, commit: str) -> None:
    """All open findings as of this commit are looked at."""
    Traced.objects.update_or_create(repository=repository, defaults={"commit": commit})


def spans(rows: Sequence[Untraced]) -> list[tuple[int, int]]:
    """The stretches of lines that these stand on; none for what stands on a whole file."""
    return [(row.line, max(row.line, row.end_line)) for row in rows if row.line]
