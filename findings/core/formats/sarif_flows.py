"""What a SARIF result says beside its place: the ways data took, related places, and the weaknesses it is one of."""

import re
from collections.abc import Callable
from typing import Any

from findings.core.formats.document import Node
from findings.core.formats.fields import objects, text, within
from findings.core.formats.hiding import Redact
from findings.core.formats.sarif_run import Rules

MAX_FLOWS, MAX_STEPS, MAX_RELATED, MAX_TAGS = 3, 30, 20, 20
MAX_TEXT = 300
Place = Callable[[dict[str, Any]], dict[str, Any]]

_CWE = re.compile(r"(?:external/)?(?:cwe/)?cwe[/:_\s-]*0*(\d{1,5})\b.*", re.I | re.S)


def flows(result: dict[str, Any], place: Place, hide: Redact) -> list[list[dict[str, Any]]]:
    """Each code flow, or stack of calls, as steps {path, line, message}. The first thread of a flow tells it."""
    ways = [objects(flow, "threadFlows")[:1] for flow in objects(result, "codeFlows")]
    told = [[within(step, "location") for step in objects(way[0], "locations")] for way in ways if way]
    told += [[within(frame, "location") for frame in objects(one, "frames")] for one in objects(result, "stacks")]
    found = [_steps(steps, place, hide, MAX_STEPS) for steps in told[:MAX_FLOWS]]
    return [steps for steps in found if steps]


def related(result: dict[str, Any], place: Place, hide: Redact) -> list[dict[str, Any]]:
    """Other places that the message speaks of."""
    return _steps(objects(result, "relatedLocations"), place, hide, MAX_RELATED)


def _steps(locations: list[dict[str, Any]], place: Place, hide: Redact, most: int) -> list[dict[str, Any]]:
    steps = []
    for one in locations[:most]:
        said = text(within(one, "message"), "text")
        step = place(within(one, "physicalLocation")) | {"message": hide(said)[:MAX_TEXT]}
        if step["path"] or step["message"]:
            steps.append(step)
    return steps


def tags(node: Node, rules: Rules) -> tuple[str, ...]:
    """The weaknesses (CWE-79) and other classes that a rule or a result is one of, and its tags."""
    found: dict[str, None] = {}
    taxa = [one["target"] for one in node["relationships"].items()] + list(node["taxa"].items())
    for taxon in taxa:
        if name := rules.taxon(taxon):
            found[tag(name)] = None
    given = node["properties"]["tags"].value
    for name in given if isinstance(given, list) else ():
        if isinstance(name, str) and name.strip():
            found[tag(Node(name).text())] = None
    return tuple(found)[:MAX_TAGS]


def tag(name: str) -> str:
    """A tag as it is shown: weaknesses by their common number.

    >>> tag("external/cwe/cwe-079"), tag("CWE-78: OS Command Injection"), tag("security")
    ('CWE-79', 'CWE-78', 'security')
    """
    name = name.strip()
    if found := _CWE.fullmatch(name):
        return f"CWE-{found.group(1)}"
    return name[:60]
