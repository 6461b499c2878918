"""How bad a SARIF result is."""

import math
from typing import Any

from findings.core.formats.document import Node
from findings.core.severity import ERROR, MEDIUM, NOTE, UNKNOWN, Scale, scored
from findings.core.types import Priority

LEVELS = frozenset({"none", "note", "warning", "error"})
PRIORITIES = frozenset(Priority.__members__)


class Judge:
    """The priority of results; see the table in `sarif`. What results of one rule share is worked out once."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._known: dict[Any, Priority] = {}

    def __call__(self, result: dict[str, Any], rule: Node, where: str) -> Priority:
        if result.get("properties"):
            return self.judge(Node(result, where), rule)
        name = id(rule), result.get("level"), result.get("kind")
        try:
            return self._known[name]
        except KeyError:
            found = self._known[name] = self.judge(Node(result, where), rule)
            return found
        except TypeError:  # an array or an object, which may not even count
            return self.judge(Node(result, where), rule)

    def judge(self, result: Node, rule: Node) -> Priority:
        """See the table in `sarif`."""
        for own in (result["properties"]["priority"].value, rule["properties"]["priority"].value):
            if isinstance(own, str) and own in PRIORITIES:
                return Priority(own)
        if result["kind"].text("fail") != "fail":
            return self._scale[UNKNOWN]
        default = rule["defaultConfiguration"]["level"].one_of(LEVELS, "warning")
        level = result["level"].one_of(LEVELS, default)
        by_level = self._scale[NOTE if level == "none" else level]
        score = _score(result)
        score = _score(rule) if score is None else score
        if score is None:
            return by_level
        step = scored(score)
        by_score = self._scale[step]
        return min(by_score, by_level) if step == MEDIUM and level == ERROR else by_score


def _score(node: Node) -> float | None:
    """`security-severity`, 0 to 10, a number or its text; None where there is none that makes sense."""
    value = node["properties"]["security-severity"].value
    try:
        score = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return score if math.isfinite(score) else None
