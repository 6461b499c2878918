"""The folders below a part of a path, each with how many findings of a filter lie in it."""

from collections import Counter
from dataclasses import replace

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F

from findings.core import searching
from findings.models import Occurrence
from remediation.forms.filters import Filter, Reader
from remediation.reads.finding_facets import Choice
from remediation.reads.matching import OneOf, matching

FIRST = 1_000  # findings that are looked at
PLACES = 5_000
SHOWN = 15  # folders, the fullest


def folders(chosen: Filter, who: Reader) -> list[tuple[Choice, str]]:
    """The next folders (or files) below the part of a path that was chosen, and the filter that each stands for. Of
    very many findings the first are counted, and there may be more of each.
    """
    found = matching(chosen, who).order_by().values("pk")[: FIRST + 1]
    places = Occurrence.objects.filter(component__in=who.components, path__icontains=chosen.path)
    rows = list(places.filter(OneOf(F("finding"), ArraySubquery(found))).values_list("finding", "path")[:PLACES])
    more = len({finding for finding, _ in rows}) > FIRST or len(rows) == PLACES
    near = Counter(folder for folder, _ in {(below(path, chosen.path), finding) for finding, path in rows})
    ranked = sorted((folder for folder in near if folder not in ("", chosen.path)), key=lambda f: (-near[f], f))
    inside = {folder: len({finding for finding, path in rows if _within(folder, path)}) for folder in ranked[:SHOWN]}
    return [
        (Choice(folder, folder, inside[folder], False, more), replace(chosen, path=folder).query())
        for folder in sorted(inside, key=lambda folder: -inside[folder])  # it may be part of other paths, too
    ]


def _within(folder: str, path: str) -> bool:
    """As the filter decides: in any case, but that large letters may divide words."""
    if folder in path:
        return True
    return folder.lower() in path.lower() and (not searching.terms(folder) or searching.has(path, folder))


def below(path: str, part: str) -> str:
    """A path up to the folder behind a part of it, or all of it.

    >>> below("k8s/base/redis.yaml", "k8s/"), below("k8s/base/redis.yaml", ""), below("k8s/a.yaml", "k8s/")
    ('k8s/base/', 'k8s/', 'k8s/a.yaml')
    """
    begun = path.lower().find(part.lower())
    end = path.find("/", begun + len(part)) + 1
    return path[:end] if end else path
