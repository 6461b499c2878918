"""`make accuracy`: how much of each review arrives as its reader would have it. Arguments: parts of names; -v lists
every difference.
"""

import sys

from tests.accuracy.reviews.measure import Score, cases, measure, share, together

HEAD = f"{'review':24} {'findings':>8} {'recall':>7} {'precision':>9} {'priority':>8} {'location':>8} {'both':>6}"


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parts = [word for word in arguments if not word.startswith("-")]
    chosen = [case for case in cases() if not parts or any(part in case.name for part in parts)]
    scores = [measure(case) for case in chosen]
    print(HEAD)
    for case, score in zip(chosen, scores, strict=True):
        print(row(case.name, score))
    print(row("together", together(scores)))
    if "-v" in arguments:
        details(together(scores))


def row(name: str, score: Score) -> str:
    """One line of the table. Shares of priority and location are of the findings that arrived, the last of all."""
    priority = share(score.matched - len(score.other_priority), score.matched)
    location = share(score.matched - len(score.other_place), score.matched)
    found = f"{score.wanted:8} {score.recall:7.3f} {score.precision:9.3f}"
    return f"{name:24} {found} {priority:8.3f} {location:8.3f} {score.arrived:6.3f}"


def details(score: Score) -> None:
    """Every difference between what was expected and what was read."""
    for name in ("missed", "invented", "other_priority", "other_place", "other_count"):
        for place in getattr(score, name):
            print(f"{name.replace('_', ' ')}: {place}")


main(sys.argv[1:])
