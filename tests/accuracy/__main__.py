"""`make accuracy`: recall and precision by rule over the labelled corpus. Arguments: parts of case names; -v lists
every miss and every false observation.
"""

import sys

from tests.accuracy.case import cases
from tests.accuracy.measure import Result, Score, measure

HEAD = f"{'rule':34} {'labels':>6} {'recall':>7} {'precision':>9} {'same line':>9} {'other priority':>14} {'traps sprung':>14}"


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parts = [word for word in arguments if not word.startswith("-")]
    chosen = [case for case in cases() if not parts or any(part in case.name for part in parts)]
    result = measure(chosen)
    print(f"{len(chosen)} cases\n\n{HEAD}")
    for rule, score in sorted(result.rules.items()):
        print(row(rule, score, f"{result.sprung[rule]} of {result.traps[rule]}"))
    print(row("together", _sum(result), f"{result.sprung.total()} of {result.traps.total()}"))
    for kind, score in sorted(result.classes.items()):
        print(f"secrets of class {kind:17} {score.labels:6} {score.recall:7.3f}")
    if "-v" in arguments:
        details(result)


def row(name: str, score: Score, traps: str) -> str:
    """One line of the table."""
    exact = score.exact / score.found if score.found else 1.0
    other = len(score.other_priority)
    return f"{name:34} {score.labels:6} {score.recall:7.3f} {score.precision:9.3f} {exact:9.3f} {other:14} {traps:>14}"


def _sum(result: Result) -> Score:
    whole = Score()
    for score in result.rules.values():
        whole.found += score.found
        whole.exact += score.exact
        whole.missed += score.missed
        whole.false += score.false
        whole.other_priority += score.other_priority
    return whole


def details(result: Result) -> None:
    """Every difference between labels and observations."""
    for rule, score in sorted(result.rules.items()):
        for title, places in (("missed", score.missed), ("false", score.false), ("differs", score.other_priority)):
            for place in places:
                print(f"{rule} {title}: {place}")


main(sys.argv[1:])
