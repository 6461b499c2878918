"""Whether a path lies in the scope of a link: a glob as reviews and CODEOWNERS write them."""

from collections.abc import Iterable
from functools import lru_cache

from pathspec import GitIgnoreSpec


@lru_cache(maxsize=4096)
def _spec(scope: str) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines([scope])


def covers(scope: str, paths: Iterable[str]) -> bool:
    """Whether any of the paths lies in `scope` ("" = everywhere). A file scope also covers what is inside it.

    A subject without a path (a finding about the whole tree) lies in every scope.
    """
    places = list(paths)
    if not scope or not any(places):
        return True
    return any(_spec(scope).match_file(path) for path in places)
