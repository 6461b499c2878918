"""The results of a SARIF run as observations: places, code, fingerprints, flows, tags."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from findings.core.formats import fields
from findings.core.formats.document import Node, clean
from findings.core.formats.fields import NOTHING, number, objects, text, within
from findings.core.formats.hiding import Redact, hides, plain
from findings.core.formats.sarif_flows import flows, related, tags
from findings.core.formats.sarif_own import OWN, own_fields
from findings.core.formats.sarif_priority import Judge
from findings.core.formats.sarif_run import Rules, message, title
from findings.core.formats.uris import Locator
from findings.core.hashing import block_hash, line_hash, message_shape
from findings.core.pairing import versioned
from findings.core.severity import Scale
from findings.core.types import Observation

MAX_MESSAGE = 4_000  # characters
MAX_FINGERPRINTS = 20
MAX_FINGERPRINT = 300  # characters
MAX_PLACES = 20
EXCERPT_BEFORE, EXCERPT_LINES, EXCERPT_WIDTH = 5, 20, 400

NO_CODE = ("", "", "", 0)
CODE = ("line_hash", "block_hash", "excerpt", "excerpt_line")
KINDS = frozenset({"notApplicable", "pass", "fail", "review", "open", "informational"})
PRESENT_KINDS = frozenset({"fail", "review", "open"})
KEPT_PROPERTIES = ("confidence", "precision", "class")
TOLD = (
    "message", "locations", "relatedLocations", "codeFlows", "stacks", "fingerprints", "partialFingerprints",
    "properties",
)  # fmt: skip


# What only some results say.
SPECIAL = frozenset(
    {
        "analysisTarget", "codeFlows", "correlationGuid", "fingerprints", "relatedLocations", "relationships", "stacks",
        "suppressions", "taxa",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rule:
    """What the results of one rule share."""

    key: str
    node: Node
    title: str
    tags: tuple[str, ...]


class Results:
    """Reads the results of one run. `used` gathers the rules that they name, dropped results included."""

    def __init__(self, run: Node, redact: Redact, scale: Scale) -> None:
        self.run, self.redact = run, redact
        self.rules, self.locator = Rules.of(run), Locator(run)
        self.used: dict[str, Node] = {}
        self._judge = Judge(scale)
        self._strings = run["tool"]["driver"]["globalMessageStrings"]
        self._known: dict[Any, _Rule] = {}
        self._paths: dict[Any, str] = {}

    def read(self, block: Sequence[tuple[str, Any]], written: str) -> Iterator[Observation]:
        """The observations of some results, each given with its place in the file; `written`: all of them as JSON."""
        there = [(where, result, self._rule(result, where)) for where, result in block]
        there = [(where, result, rule) for where, result, rule in there if _present(result, where)]
        safe = hides(self.redact, [(rule.key, result) for _, result, rule in there], TOLD, written)
        for (where, result, rule), hide in zip(there, safe, strict=True):
            try:
                yield self._usual(result, where, rule, hide) or self._observation(result, where, rule, hide)
            except fields.Misplaced as wrong:
                raise wrong.at(result, where) from None

    def _rule(self, result: Any, where: str) -> _Rule:
        if result.__class__ is dict and "rule" not in result:
            name = result.get("ruleId"), result.get("ruleIndex")
            if name[0].__class__ is str and name in self._known:
                return self._known[name]
        else:
            name = None, None
        key, node = self.rules.find(Node(result, where))
        self.used.setdefault(key, node)
        rule = _Rule(key, node, title(key, node), tags(node, self.rules))
        if name[0].__class__ is str:
            self._known[name] = rule
        return rule

    def _usual(self, result: dict[str, Any], where: str, rule: _Rule, hide: Redact) -> Observation | None:
        """What most results say, in half the time: the same as `_observation`, and None where that has more to look at
        or something to complain about.
        """
        if not SPECIAL.isdisjoint(result) or result.get("properties", NOTHING) != NOTHING:
            return None
        try:
            [place] = result["locations"]
            physical, told = place["physicalLocation"], result["message"]
            artifact, region, said = physical["artifactLocation"], physical["region"], told["text"]
            line = region["startLine"]
            end = region.get("endLine", line)
        except (KeyError, TypeError, ValueError):
            return None
        if (
            not (said.__class__ is str and line.__class__ is end.__class__ is int and artifact.__class__ is dict)
            or not (0 <= line < 2**31 and 0 <= end < 2**31 and artifact)
            or "logicalLocations" in place
            or "contextRegion" in physical
            or "arguments" in told
            or "](" in said
        ):
            return None
        said = hide((said if said.isprintable() else clean(said)).strip() or rule.title)[:MAX_MESSAGE]
        line_text, block, excerpt, first = _code(region, NOTHING, line, hide)
        return Observation(
            rule=rule.key,
            path=self._path(artifact, result, where),
            line=line,
            end_line=max(end, line),
            message=said,
            priority=self._judge(result, rule.node, where),
            partial=self._fingerprints(result, "partialFingerprints", hide),
            line_hash=line_text,
            block_hash=block,
            shape=message_shape(said),
            excerpt=excerpt,
            excerpt_line=first,
            properties={"tags": list(rule.tags)} if rule.tags else {},
        )

    def _observation(self, result: dict[str, Any], where: str, rule: _Rule, hide: Redact) -> Observation:
        places = objects(result, "locations")
        first = places[0] if places else NOTHING
        physical = within(first, "physicalLocation")
        region, context = within(physical, "region"), within(physical, "contextRegion")
        artifact = within(physical, "artifactLocation") or within(result, "analysisTarget")
        line = max(number(region, "startLine"), 0)
        said = hide(self._message(result, where, rule) or rule.title)[:MAX_MESSAGE]
        partial = self._fingerprints(result, "partialFingerprints", hide)
        full = self._fingerprints(result, "fingerprints", hide)
        seen: dict[str, Any] = {
            "rule": rule.key,
            "path": self._path(artifact, result, where),
            "line": line,
            "end_line": max(number(region, "endLine", line), line),
            "message": said,
            "priority": self._judge(result, rule.node, where),
            "tool_id": _tool_id(text(result, "correlationGuid"), full) if full or "correlationGuid" in result else "",
            "partial": full | partial if full else partial,
            "shape": message_shape(said),
            "properties": self._properties(result, where, rule, hide),
            "suppressed": bool(result.get("suppressions")) and _suppressed(result),
            **dict(zip(CODE, _code(region, context, line, hide), strict=True)),
        }
        if "properties" not in result:
            return Observation(**seen)
        properties = within(result, "properties")
        if properties.get("atHead") is False:  # our own export: only history still holds it
            seen["at_head"] = False
        if OWN in properties:
            seen |= own_fields(within(properties, OWN), hide)
        return Observation(**seen)

    def _message(self, result: dict[str, Any], where: str, rule: _Rule) -> str:
        node = within(result, "message")
        said = text(node, "text")
        if said and "arguments" not in node and "](" not in said:
            return said.strip()
        place = f"{where}{fields.place_of(result, node) or ''}"
        return message(Node(node, place), rule.node["messageStrings"], self._strings)

    def _path(self, artifact: dict[str, Any], result: dict[str, Any], where: str) -> str:
        """Files are named again and again; each is worked out once."""
        name = artifact.get("uri"), artifact.get("uriBaseId"), artifact.get("index")
        try:
            return self._paths[name]
        except (KeyError, TypeError):  # the latter for a member that is an array or an object
            place = f"{where}{fields.place_of(result, artifact) or ''}"
        path = self.locator.path(Node(artifact, place))
        self._paths[name] = path
        return path

    def _properties(self, result: dict[str, Any], where: str, rule: _Rule, hide: Redact) -> dict[str, Any]:
        """The few properties that are shown. The rest may hold anything, secrets too."""
        kept: dict[str, Any] = {}
        given = within(result, "properties")
        if given:
            kept = {name: _scalar(given[name], hide) for name in KEPT_PROPERTIES if name in given}
        places = objects(result, "locations")
        if places and "logicalLocations" in places[0]:
            logical = [text(one, "fullyQualifiedName") for one in objects(places[0], "logicalLocations")]
            kept["logical"] = hide(next(filter(None, logical), ""))[:MAX_MESSAGE]
        if len(places) > 1:
            others = [within(one, "physicalLocation") for one in places[1 : MAX_PLACES + 1]]
            kept["places"] = [self._place(one, result, where) for one in others]
        if "relatedLocations" in result:
            kept["related"] = related(result, lambda one: self._place(one, result, where), hide)
        if "codeFlows" in result or "stacks" in result:
            kept["flows"] = flows(result, lambda one: self._place(one, result, where), hide)
        if rule.tags or "taxa" in result or "tags" in given:
            kept["tags"] = list(dict.fromkeys((*rule.tags, *tags(Node(result, where), self.rules))))
        return {name: value for name, value in kept.items() if value} if kept else kept

    def _place(self, physical: dict[str, Any], result: dict[str, Any], where: str) -> dict[str, Any]:
        path = self._path(within(physical, "artifactLocation"), result, where)
        return {"path": path, "line": max(number(within(physical, "region"), "startLine"), 0)}

    def _fingerprints(self, result: dict[str, Any], name: str, hide: Redact) -> dict[str, str]:
        """Fingerprints by name. A value with spaces is a remark of the tool and no fingerprint, nor is a credential."""
        if name not in result:
            return {}
        table = within(result, name)
        if len(table) == 1 and hide is plain:
            [(only, value)] = table.items()
            if (
                value.__class__ is str
                and _plain_word(value)
                and only.isprintable()
                and len(only + value) < MAX_FINGERPRINT
            ):
                return {only: value}
        names = sorted(table)[:MAX_FINGERPRINTS] if len(table) > 1 else table
        found = {}
        for one in names:
            value = text(table, one).strip()
            if value and len(one) + len(value) < MAX_FINGERPRINT and not value.split()[1:] and hide(value) == value:
                found[clean(one)] = value
        return found


def _plain_word(value: str) -> bool:
    """Whether there is nothing to strip, to split or to clean: in printable text only a space divides words."""
    return value.isprintable() and " " not in value and value != ""


def _present(result: Any, where: str) -> bool:
    """Whether the result says that there is a problem now."""
    if result.__class__ is dict and "kind" not in result and "baselineState" not in result:
        return True
    node = Node(result, where)
    return node["kind"].one_of(KINDS, "fail") in PRESENT_KINDS and node["baselineState"].text() != "absent"


def _code(region: dict[str, Any], context: dict[str, Any], line: int, hide: Redact) -> tuple[str, str, str, int]:
    """Hashes and excerpt, as `CODE` names them. The context has whole lines, so it is preferred; the snippet may be a
    part of a line.
    """
    if not context and "snippet" not in region:
        return NO_CODE
    snippet = _lines(region, hide)
    if len(snippet) == 1 and not context:  # as most results have it
        return line_hash(snippet[0]), "", snippet[0][:EXCERPT_WIDTH], line
    around = _lines(context, hide)
    if not snippet and not around:
        return NO_CODE
    first = number(context, "startLine", line)
    at = line - first
    if line and 0 <= at < len(around):
        hashes = line_hash(around[at]), block_hash(around, at)
    else:
        hashes = line_hash(snippet[0]) if snippet else "", ""
        around, first, at = (snippet, line, 0) if snippet else (around, first, 0)
    start = max(at - EXCERPT_BEFORE, 0)
    shown = [one[:EXCERPT_WIDTH] for one in around[start : start + EXCERPT_LINES]]
    return *hashes, "\n".join(shown), first + start if shown else 0


def _lines(region: dict[str, Any], hide: Redact) -> list[str]:
    if "snippet" not in region:
        return []
    snippet = hide(text(within(region, "snippet"), "text"))
    if "\n" not in snippet:
        return [snippet] if snippet.strip() else []
    snippet = snippet.replace("\r\n", "\n")
    return snippet.rstrip("\n").split("\n") if snippet.strip() else []


def _tool_id(guid: str, full: dict[str, str]) -> str:
    """The identity that the tool itself keeps for a result from run to run: its `correlationGuid`, else the full
    fingerprint of the first name, highest version.
    """
    if guid := guid.strip():
        return guid[:MAX_FINGERPRINT].lower()
    if not full:
        return ""
    base = min(versioned(name)[0] for name in full)
    best = max((name for name in full if versioned(name)[0] == base), key=versioned)
    return f"{best}={full[best]}"


def _scalar(value: Any, hide: Redact) -> Any:
    if isinstance(value, str):
        return hide(clean(value))[:MAX_MESSAGE]
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _suppressed(result: dict[str, Any]) -> bool:
    """Whether every suppression is accepted; one that is under review or rejected leaves the result open."""
    states = [text(one, "status") or "accepted" for one in objects(result, "suppressions")]
    return bool(states) and all(state == "accepted" for state in states)
