"""What a SARIF run says about itself: its rules, what it covered, and where the code came from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from findings.core.formats.document import Node
from findings.core.formats.sarif_priority import LEVELS
from findings.core.formats.uris import Locator
from findings.core.types import Coverage, FormatError, Notice

UNNAMED = "unnamed"  # the rule of results that name none
MAX_KEY = 300
MAX_TITLE = 500
MAX_HELP = 20_000
MAX_NOTICES = 200

_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d{1,3})\}")
_LINK = re.compile(r"\[([^\[\]]*)\]\(\d+\)")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a run by tool component (driver first, then extensions) and by id (first wins)."""

    components: tuple[tuple[Node, ...], ...]
    by_id: dict[str, Node] = field(default_factory=dict)
    taxonomies: tuple[Node, ...] = ()

    @classmethod
    def of(cls, run: Node) -> "Rules":
        tool = run["tool"].required("an object with a driver")
        components = [tool["driver"].required("an object with a name"), *tool["extensions"].items()]
        taxonomies = tuple(run["taxonomies"].items())
        rules = cls(tuple(tuple(component["rules"].items()) for component in components), taxonomies=taxonomies)
        for rule in (rule for component in rules.components for rule in component):
            rules.by_id.setdefault(_key(rule["id"]), rule)
        return rules

    def find(self, result: Node) -> tuple[str, Node]:
        """Key and description (absent if there is none) of the rule of a result, or of a notification's rule."""
        reference = result["rule"]
        key = _key(result["ruleId"]) or _key(reference["id"])
        named = self.by_id.get(key) or self.by_id.get(key.rpartition("/")[0])
        if named is not None:
            return key, named
        described = self._at(result["ruleIndex"], reference)
        if key:
            return key, described
        return _key(described["id"]) or UNNAMED, described

    def taxon(self, reference: Node) -> str:
        """What a reference to a taxon is called, with the name of its taxonomy where that is CWE's."""
        component = reference["toolComponent"]
        number, place = reference["index"].integer(-1), component["index"].integer(-1)
        taxonomy = self.taxonomies[place] if 0 <= place < len(self.taxonomies) else Node(None)
        taxa = list(taxonomy["taxa"].items()) if number >= 0 else []
        name = reference["id"].text().strip() or (taxa[number]["id"].text().strip() if number < len(taxa) else "")
        family = component["name"].text() or taxonomy["name"].text()
        return f"CWE-{name}" if name.isdecimal() and family.upper() == "CWE" else name

    def _at(self, rule_index: Node, reference: Node) -> Node:
        """The description that an index points at; absent without an index."""
        place = rule_index if rule_index else reference["index"]
        index = place.integer(-1)
        component = reference["toolComponent"]["index"].integer(-1) + 1  # the driver has no index and is our first
        if index < 0:
            return Node(None, place.where)
        rules = self.components[component] if 0 <= component < len(self.components) else ()
        if index >= len(rules):
            raise FormatError(f"no rule {index}", place.where, f"an index below {len(rules)}, or a ruleId")
        return rules[index]


def _key(rule_id: Node) -> str:
    key = rule_id.text().strip()
    if len(key) > MAX_KEY:
        raise FormatError(f"a rule id of {len(key)} characters", rule_id.where, f"at most {MAX_KEY}")
    return key


def title(key: str, rule: Node) -> str:
    """One line that names a rule."""
    first = rule["shortDescription"]["text"].text() or rule["name"].text() or rule["fullDescription"]["text"].text()
    return " ".join(first.split())[:MAX_TITLE] or ("Results without a rule" if key == UNNAMED else key)


def help_text(rule: Node) -> str:
    """What a rule means and how to repair it, with the tool's own page."""
    texts = rule["fullDescription"]["text"].text(), rule["help"]["markdown"].text() or rule["help"]["text"].text()
    parts = dict.fromkeys([*(text.strip() for text in texts), rule["helpUri"].text().strip()])
    return "\n\n".join(part for part in parts if part)[:MAX_HELP]


def message(node: Node, *strings: Node) -> str:
    """The text of a message. One given by id is looked up in `strings`, the rule's first; arguments are put in;
    links to other places of the result become their text.
    """
    text = node["text"].text() or node["markdown"].text()
    if not text and (name := node["id"].text()):
        found = (table[name]["text"].text() or table[name]["markdown"].text() for table in strings)
        text = next((one for one in found if one), "")
    if arguments := [argument.text() for argument in node["arguments"].items()]:
        text = _PLACEHOLDER.sub(lambda place: _argument(place, arguments), text)
    return _LINK.sub(r"\1", text).strip()


def _argument(place: re.Match[str], arguments: list[str]) -> str:
    if place.group(1) is None:
        return place.group(0)[0]
    index = int(place.group(1))
    return arguments[index] if index < len(arguments) else place.group(0)


def provenance(run: Node) -> tuple[str, str]:
    """Commit and branch that were scanned, where the run says so (our own export does in its properties)."""
    place = next(iter(run["versionControlProvenance"].items()), run["properties"])
    commit = place["revisionId"].text().strip()
    branch = place["branch"].text().strip().removeprefix("refs/heads/")
    return commit.lower() if _COMMIT.fullmatch(commit) else "", branch[:200]


def category(run: Node) -> str:
    """The category of `automationDetails.id`: what stands before the last slash, or all of it where there is none."""
    name = run["automationDetails"]["id"].text().strip()
    return (name.rpartition("/")[0] if "/" in name else name)[:MAX_KEY]


def origin(run: Node) -> str:
    """The address of the repository that was scanned, where the run says so."""
    place = next(iter(run["versionControlProvenance"].items()), Node(None))
    return place["repositoryUri"].text().strip()[:MAX_TITLE]


# Tools that describe every rule they run, with results or without (names in small letters). What is not described was
# not run, and an absence of it proves nothing.
LISTS_ALL = frozenset({"codeql", "gitleaks", "nova", "semgrep", "semgrep oss", "semgrep pro"})


def coverage(run: Node, rules: Rules, used: set[str], locator: Locator) -> tuple[Coverage, list[Notice]]:
    """What the run looked at. `used` are the rules that its results name, dropped results included.

    A tool that is known to describe all that it runs ran what it describes; of any other tool every rule counts as
    run, since most describe only rules with results. A rule or a file that the tool reports an error about was not
    covered, a run without results or with a failed invocation covers nothing.
    """
    notices = list(_whole(run))
    complete = not notices
    broken: set[str] = set()
    unreadable: set[str] = set()
    for place, executed in _notifications(run):
        level = place["level"].one_of(LEVELS, "warning")
        paths = [locator.path(one["physicalLocation"]["artifactLocation"]) for one in place["locations"].items()]
        about = _associated(rules, place["associatedRule"])
        if executed and level in ("error", "warning"):
            unreadable.update(path for path in paths if path)
        if level == "error" and about:
            broken.add(about)
        if level in ("error", "warning"):
            text = message(place["message"]) or place["descriptor"]["id"].text() or level
            notices.append(Notice(text, next((path for path in paths if path), "")))
    enabled = {
        key for key, rule in rules.by_id.items() if key and rule["defaultConfiguration"]["enabled"].flag(default=True)
    }
    lists_all = run["tool"]["driver"]["name"].text().strip().lower() in LISTS_ALL
    ran = frozenset((enabled | used | {UNNAMED}) - broken) if lists_all or broken else None
    return Coverage(ran, frozenset(unreadable), None, complete), notices[:MAX_NOTICES]


def _associated(rules: Rules, reference: Node) -> str:
    """The rule a notification is about; old files name it `ruleId`."""
    if not reference:
        return ""
    key, _ = rules.find(Node({"ruleId": reference["ruleId"].value, "rule": reference.value}, reference.where))
    return "" if key == UNNAMED else key


def _whole(run: Node) -> Iterator[Notice]:
    """Why the run as a whole proves no absence; nothing where it does."""
    if not run["results"]:
        yield Notice("The run has no results: the tool did not scan.")
    if any(run["externalPropertyFileReferences"]["results"].items()):
        yield Notice("Results of the run are in other files, which are not part of this one.")
    for call in run["invocations"].items():
        if not call["executionSuccessful"].flag(default=True):
            why = call["exitCodeDescription"].text() or call["exitSignalName"].text()
            yield Notice(f"The tool says that its run failed: {why}" if why else "The tool says that its run failed.")


def _notifications(run: Node) -> Iterator[tuple[Node, bool]]:
    """Each notification, and whether it is about the execution and not the configuration."""
    for call in run["invocations"].items():
        yield from ((place, True) for place in call["toolExecutionNotifications"].items())
        yield from ((place, False) for place in call["toolConfigurationNotifications"].items())
