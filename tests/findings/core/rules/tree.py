"""A tree of texts, judged by one family: what a scan does, without git."""

from collections.abc import Mapping
from dataclasses import replace

from findings.core.errors import Unreadable
from findings.core.facts import Blob, Family, Place, Settings
from findings.core.types import Observation

KEY = b"a key for tests"


def see(
    family: Family, files: Mapping[str, str | bytes], past: Mapping[str, str] | None = None, patches: int = 5
) -> list[Observation]:
    """The observations of a family over these files; `past` are files that only history holds."""
    places = [place for path, text in files.items() if (place := _place(family, path, text))]
    places += [
        replace(place, commit="c0ffee") for path, text in (past or {}).items() if (place := _place(family, path, text))
    ]
    return list(family.judge(places, Settings(patches=patches)))


def _place(family: Family, path: str, text: str | bytes) -> Place | None:
    path_class = family.classify(path)
    if not path_class:
        return None
    data = text if isinstance(text, bytes) else text.encode()
    facts = family.extract(Blob(data, path_class, KEY))
    return Place(path, facts) if facts else None


def why_unreadable(family: Family, path: str, text: str) -> str:
    """The reason the family cannot read this file, or an empty text."""
    try:
        see(family, {path: text})
    except Unreadable as error:
        return str(error)
    return ""
