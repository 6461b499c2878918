"""Proposing which rules would test a finding or an item, and where: from the words in it, with the words as reason."""

from collections.abc import Iterable, Sequence
from os.path import commonpath
from posixpath import dirname

from remediation.core.review.reach import candidate
from remediation.core.review.rulebook import RULES, Signal
from remediation.core.review.words import fold
from remediation.core.types import LinkProposal, Place

BODY = 0.85
"""What a line of the body weighs beside the title."""
LEAST = 0.5
NEAR = 0.35
"""A rule this far behind the best one is about a side remark."""
MOST = 3


def propose(
    title: str, body: str = "", places: Sequence[Place] = (), report: Iterable[Place] = ()
) -> tuple[LinkProposal, ...]:
    """The rules that a title and the lines of a body point to, surest first; none is a good answer. A rule that reads
    no file like those stated is none of them; where no file is stated, those of the whole report tell.
    """
    lines = [(fold(title), 1.0), *((fold(line), BODY) for line in body.split("\n") if line.strip())]
    named = tuple(report)
    found = [
        (max(hits), key)
        for key, signals in RULES.items()
        if (hits := list(_hits(signals, lines))) and candidate(key, places, named)
    ]
    found.sort(key=lambda hit: (-hit[0][0], hit[1]))
    best = found[0][0][0] if found else 0.0
    kept = [(c, why, key) for (c, why), key in found if c >= LEAST and c >= best - NEAR][:MOST]
    # A side remark is about another thing than the place that the finding names.
    scopes = [scope(places), *[""] * (MOST - 1)]
    return tuple(LinkProposal(key, at, why, round(c, 2)) for (c, why, key), at in zip(kept, scopes, strict=False))


def inherit(links: Iterable[LinkProposal], label: str) -> tuple[LinkProposal, ...]:
    """The surest link of a finding, as an item has it that settles the finding without naming what is wrong."""
    first = max(links, key=lambda link: link.confidence, default=None)
    if first is None:
        return ()
    return (LinkProposal(first.rule, first.scope, f"through {label}", round(first.confidence * 0.75, 2)),)


def scope(places: Sequence[Place]) -> str:
    """One path glob over all places: the file itself, the folder, or what their folders share ("" = everywhere)."""
    paths = list(dict.fromkeys(p.path for p in places))
    if not paths:
        return ""
    if len(paths) == 1:
        return f"{paths[0]}**" if paths[0].endswith("/") else paths[0]
    folders = [p.rstrip("/") if p.endswith("/") else dirname(p.partition("*")[0] if "*" in p else p) for p in paths]
    if "" in folders or len({f.startswith("../") for f in folders}) > 1:
        return ""
    shared = commonpath(folders)
    return f"{shared}/**" if shared else ""


def _hits(signals: Iterable[Signal], lines: list[tuple[str, float]]) -> Iterable[tuple[float, str]]:
    """The confidence and the words of each signal that a line gives."""
    for signal in signals:
        for line, weight in lines:
            matches = [pattern.search(line) for pattern in signal.patterns]
            if all(matches) and not (signal.unless and signal.unless.search(line)):
                said = dict.fromkeys(m.group().strip() for m in matches if m and m.group().strip())
                yield signal.confidence * weight, " + ".join(said)[:80]
