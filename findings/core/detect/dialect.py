"""One way to write a credential down, as the prefilter and the exact reading know it."""

import re
from dataclasses import dataclass

EVERY = frozenset({"yaml", "env", "code", "conf", "prose"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """`seen`: expressions for the prefilter. `exact`: a group of `VALUES` and, where `key` is not given, one of `KEYS`.

    `key`: what the value is called where no key has to promise it. `before`: how many lines above a mark may belong to
    it. `coded`: words are names here, and strings have escapes. `structured`: in YAML the parser reads it better.
    `made`: only what a generator made is a value here. `leading`: the name, which a mark ends in, stands below it.
    `remarked`: a comment may tell it.
    """

    name: str
    seen: tuple[str, ...]
    exact: re.Pattern[str]
    kinds: frozenset[str] = EVERY
    key: str = ""
    before: int = 0
    coded: bool = False
    structured: bool = False
    made: bool = False
    leading: bool = False
    remarked: bool = False
