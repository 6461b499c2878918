"""Whose a finding probably is: CODEOWNERS of the scanned commit, else the last author of its lines. Only a suggestion.

What files and commits say is kept as it stands there; accounts are looked up when somebody asks, so a person who joins
later is found too.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from findings.core.ownership import owner_of

Owners = tuple[str, ...]
SEVERAL = re.compile(r"[,，、;；/&+]|\s(?:and|with)\s|[和与及]")
ASIDE = re.compile(r"[(（][^()（）@]*[)）]")
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NOREPLY = "@users.noreply."


class Source(StrEnum):
    """Where a suggestion comes from."""

    CODEOWNERS = "codeowners"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class Trace:
    """What the code says of one finding: the owners its path has in CODEOWNERS, the address of its last author."""

    owners: Owners = ()
    author: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An account, why, and of how many of all traces."""

    account: int
    source: Source
    n: int
    of: int


def parse_codeowners(text: str) -> list[tuple[Owners, list[str]]]:
    """(owners, [pattern]) in the order of the file. A pattern without owners takes its paths from everybody.

    GitLab's sections give their default owners to the patterns that name none.
    """
    rows: list[tuple[Owners, list[str]]] = []
    usual: Owners = ()
    for line in text.splitlines():
        words = line.split(" #")[0].strip()
        if not words or words.startswith("#"):
            continue
        if words.lstrip("^").startswith("["):
            usual = _owners(words.partition("]")[2].partition("]")[2] or words.partition("]")[2])
            continue
        pattern, *rest = words.replace("\\ ", "\0").split()
        rows.append((_owners(" ".join(rest)) or usual, [pattern.replace("\0", "\\ ")]))
    return rows


def _owners(text: str) -> Owners:
    return tuple(word.lower() for word in text.split() if "@" in word)


def owners_by_path(text: str) -> Callable[[str], Owners]:
    """Path -> its owners; the last pattern that matches decides."""
    nobody: Owners = ()
    return owner_of(parse_codeowners(text), nobody)


def account_of(said: str, accounts: Mapping[str, int]) -> int | None:
    """The account behind an address of a commit or an owner of CODEOWNERS; `accounts` by address, in lower case.

    A handle (`@ana`, or of an address that a forge made up) is the one account whose address begins with it.
    """
    said = said.lower()
    if said in accounts:
        return accounts[said]
    handle = said[1:] if said.startswith("@") else said.partition("@")[0].rpartition("+")[2] if NOREPLY in said else ""
    if not handle or "/" in handle:
        return None
    named = {pk for address, pk in accounts.items() if address.partition("@")[0] == handle}
    return named.pop() if len(named) == 1 else None


def person_of(said: str, people: Mapping[int, tuple[str, str]]) -> int | None:
    """The account that a report names, of several the first it knows; `people` = account -> address and name.

    By address, by handle or what stands before the @, by the whole name, by the first name; None where nobody or more
    than one person answers to it.
    """
    for part in SEVERAL.split(ASIDE.sub("", said)):
        word = part.strip().casefold()
        mail = MAIL.search(word)
        if mail:
            found = {pk for pk, (address, _) in people.items() if address.casefold() == mail.group()}
        else:
            handle, name = word.removeprefix("@"), "".join(word.split())
            ways = (
                {pk for pk, (address, _) in people.items() if address.partition("@")[0].casefold() == handle},
                {pk for pk, (_, known) in people.items() if "".join(known.split()).casefold() == name},
                {pk for pk, (_, known) in people.items() if known.casefold().split()[:1] == [word]},
            )
            found = next((way for way in ways if word and way), set())
        if len(found) == 1:
            return found.pop()
    return None


def suggest(traces: Sequence[Trace], accounts: Mapping[str, int]) -> Suggestion | None:
    """Who owns most of what these traces speak of; where CODEOWNERS names nobody of the team, who wrote most of it."""
    ways: Iterable[tuple[Source, Callable[[Trace], Owners]]] = (
        (Source.CODEOWNERS, lambda trace: trace.owners),
        (Source.AUTHOR, lambda trace: (trace.author,)),
    )
    for source, said in ways:
        found: Counter[int] = Counter()
        for trace in traces:
            known = [pk for name in said(trace) if (pk := account_of(name, accounts)) is not None]
            found.update(known[:1])
        if found:
            account, n = max(found.items(), key=lambda row: (row[1], -row[0]))
            return Suggestion(account, source, n, len(traces))
    return None
