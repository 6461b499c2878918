"""Trivy JSON: vulnerable packages, wrong configuration, secrets and licences, of files, images and clusters."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from findings.core.formats.cursor import Cursor
from findings.core.formats.document import Node, clean
from findings.core.formats.fields import number, objects, some, text, within
from findings.core.formats.hiding import Redact
from findings.core.formats.report import Entry, How, Report, Seen, each, guarded, rule_key
from findings.core.formats.sarif_flows import tag
from findings.core.formats.source import Source
from findings.core.hashing import line_hash
from findings.core.severity import named
from findings.core.types import Batch, FormatError

MEMBERS = ("Title", "Message", "Description", "Match", "Code", "CauseMetadata", "PkgName", "Name")
CLUSTER = ("Resources", "Findings", "Vulnerabilities", "Misconfigurations")  # lists of resources with results each
WHOLE = frozenset({"SchemaVersion", "ClusterName", "ArtifactName", "Results"})  # members of a whole report
_TAG = re.compile(r"(?:@sha256:[0-9a-f]+|:[\w.-]+)$")
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")


def matches(name: str, head: bytes) -> bool:
    """Schema 2 with its version, the list that schema 1 was, a list of reports, or the report of a cluster."""
    whole = b'"SchemaVersion"' in head and b'"Artifact' in head
    if head.lstrip()[:1] == b"[":
        return whole or b'"Target"' in head
    return whole or (b'"ClusterName"' in head and any(f'"{one}"'.encode() in head for one in CLUSTER))


def read(source: Source, how: How) -> list[Batch]:
    """A batch for each scope. Raises `FormatError` with the JSON path of what is wrong."""
    cursor = Cursor(source)
    if cursor.kind() == "[":
        reports = _several(cursor, how)
    else:
        reports = [Report("trivy")]
        _object(cursor, reports[0], how)
    cursor.end()
    return [report.batch() for report in reports]


def _several(cursor: Cursor, how: How) -> list[Report]:
    """The targets of schema 1, or whole reports that somebody put into one list: those of one scope together."""
    bare, reports = Report("trivy"), dict[str, Report]()
    for index in cursor.elements("$"):
        node = Node(cursor.value(), f"$[{index}]")
        if WHOLE.isdisjoint(node.names()):
            _target(node, bare, how, "")
            continue
        report = _about({name: node[name] for name in node.names()}, Report("trivy"), node.where)
        report = reports.setdefault(report.category, report)
        for place in node["Results"].items():
            _target(place, report, how, "")
        for name in CLUSTER:
            for one in node[name].items():
                _resource(one, report, how)
    return [bare, *reports.values()] if bare.observations or not reports else list(reports.values())


def _object(cursor: Cursor, report: Report, how: How) -> None:
    about: dict[str, Node] = {}
    for name in cursor.members("$"):
        where = f"$.{name}"
        if name == "Results":
            for index in cursor.elements(where):
                _target(Node(cursor.value(), f"{where}[{index}]"), report, how, "")
        elif name in CLUSTER:
            for index in cursor.elements(where):
                _resource(Node(cursor.value(), f"{where}[{index}]"), report, how)
        else:
            about[name] = Node(cursor.value(), where)
    _about(about, report, "$")


def _about(about: dict[str, Node], report: Report, where: str) -> Report:
    """What a report says of itself. Raises `FormatError` where it is of another schema."""
    if "SchemaVersion" not in about and "ClusterName" not in about:
        raise FormatError("missing", f"{where}.SchemaVersion", "2")
    if (version := about.get("SchemaVersion")) and version.integer(2) != 2:
        raise FormatError(f"schema {version.integer()}", version.where, "schema 2, or the list of schema 1")
    _provenance(about, report)
    return report


def _provenance(about: dict[str, Node], report: Report) -> None:
    """An image is a scope of its own: the report of one does not close what another has."""
    absent = Node(None)
    meta = about.get("Metadata", absent)
    kind = about.get("ArtifactType", absent).text()
    artifact = about.get("ArtifactName", absent).text() or about.get("ClusterName", absent).text()
    if kind in ("container_image", "vm") or "ClusterName" in about:
        report.category = _TAG.sub("", artifact)
    commit = meta["Commit"].text()
    report.commit = commit.lower() if _COMMIT.fullmatch(commit) else ""
    report.branch, report.origin = meta["Branch"].text(), meta["RepoURL"].text()
    report.tool_version = about.get("Trivy", absent)["Version"].text()


def _resource(node: Node, report: Report, how: How) -> None:
    """A workload of a cluster: its results stand under its name."""
    name = "/".join(part for part in (node[key].text() for key in ("Namespace", "Kind", "Name")) if part)
    for place in node["Results"].items():
        _target(place, report, how, name)


Taker = Callable[[dict[str, Any], str, "_Place"], Seen]


class _Place:
    """The target that results belong to, and where they are put down."""

    def __init__(self, node: Node, report: Report, how: How, resource: str) -> None:
        self.report, self.how = report, how
        target, kind = node["Target"].text(), node["Class"].text()
        self.resource = resource
        # The packages of an operating system belong to no file; neither does what a cluster runs.
        self.path = "" if kind == "os-pkgs" or resource else target
        self.subject = f"{resource} {target}".strip() if resource else target


def _target(node: Node, report: Report, how: How, resource: str) -> None:
    names = node.names()
    if names and "Target" not in names and TAKERS.keys().isdisjoint(names):
        raise FormatError("nothing that Trivy reports", node.where, f"Target, with {', '.join(TAKERS)}")
    if node["MisconfSummary"]["Failures"].integer() > 0 and not any(node["Misconfigurations"].items()):
        report.note("Trivy counted failures of configuration and did not list them: nothing is closed by this report.")
        report.complete = False
    place = _Place(node, report, how, resource)
    for name, take in TAKERS.items():
        entries: Iterator[Entry] = ((one.where, one.value) for one in node[name].items())
        for where, entry, hide in each(entries, how, partial(_rule_of, name), MEMBERS):
            guarded(_put, entry, where, where, place, take, hide)
    for one in node["ExperimentalModifiedFindings"].items():
        if one["Type"].text() == "vulnerability" and one["Finding"]:
            finding = one["Finding"]
            finding.names()
            guarded(_put, finding.value, finding.where, finding.where, place, vulnerability, how.redact, True)


def _rule_of(kind: str, entry: dict[str, Any]) -> str:
    return "secret" if kind == "Secrets" else text(entry, "ID") or text(entry, "VulnerabilityID")


def _put(entry: dict[str, Any], where: str, place: _Place, take: Taker, hide: Redact, muted: bool = False) -> None:
    if text(entry, "Status") in ("PASS", "EXCEPTION"):  # of a configuration check: it holds, or somebody let it be
        return
    seen = take(entry, where, place)
    if muted:
        seen = Seen(**{name: getattr(seen, name) for name in Seen.__slots__} | {"suppressed": True})
    place.report.add(seen, where, hide)


def vulnerability(entry: dict[str, Any], where: str, place: _Place) -> Seen:
    """A package with a known hole. An upgrade that does not close it is the same finding."""
    rule = rule_key(text(entry, "VulnerabilityID"), f"{where}.VulnerabilityID")
    package, fixed = text(entry, "PkgName"), text(entry, "FixedVersion")
    priority = place.how.scale[named(text(entry, "Severity"))]
    title = text(entry, "Title") or next(iter(text(entry, "Description").split("\n")), "") or rule
    _describe(entry, rule, title, place)
    repair = f"fixed in {fixed}" if fixed else "no fixed version yet"
    installed = text(entry, "InstalledVersion")
    inside = text(entry, "PkgPath")
    return Seen(
        rule=rule,
        path=place.path or inside,
        message=f"{package} {installed}: {title} ({repair})".strip(),
        priority=priority,
        partial=_subject(place, rule, package, inside),
        tags=[tag(one) for one in some(entry, "CweIDs")],
        properties={"package": package[:200], "installed": installed[:100], "fixed": fixed[:200]},
    )


def misconfiguration(entry: dict[str, Any], where: str, place: _Place) -> Seen:
    """A check that failed."""
    rule = rule_key(text(entry, "ID") or text(entry, "AVDID"), f"{where}.ID")
    cause = within(entry, "CauseMetadata")
    title = text(entry, "Title") or rule
    _describe(entry, rule, title, place)
    line, resource = number(cause, "StartLine"), text(cause, "Resource")
    code, first = _code(cause)
    return Seen(
        rule=rule,
        path=place.path,
        message=text(entry, "Message") or title,
        priority=place.how.scale[named(text(entry, "Severity"))],
        line=line,
        end_line=number(cause, "EndLine", line),
        code=code,
        code_line=first,
        partial=_subject(place, rule, resource) if resource else {},
        properties={"logical": resource[:300]},
    )


def secret(entry: dict[str, Any], where: str, place: _Place) -> Seen:
    """A credential; Trivy masks its value itself."""
    rule = rule_key(text(entry, "RuleID"), f"{where}.RuleID")
    title = text(entry, "Title") or rule
    place.report.rule(rule, title, place.how.scale[named(text(entry, "Severity"))])
    line = number(entry, "StartLine")
    code, first = _code(entry)
    return Seen(
        rule=rule,
        path=place.path or place.subject,
        message=title,
        priority=place.how.scale[named(text(entry, "Severity"))],
        line=line,
        end_line=number(entry, "EndLine", line),
        code=code or text(entry, "Match").split("\n"),
        code_line=first or line,
    )


def licence(entry: dict[str, Any], where: str, place: _Place) -> Seen:
    """A licence that somebody may not want."""
    name, package = text(entry, "Name"), text(entry, "PkgName")
    rule = rule_key(f"license/{name}" if name else "", f"{where}.Name")
    category = text(entry, "Category") or "unknown"
    priority = place.how.scale[named(text(entry, "Severity"))]
    place.report.rule(rule, f"Licence {name} ({category})", priority, text(entry, "Link"))
    path = text(entry, "FilePath") or place.path
    return Seen(
        rule=rule,
        path=path,
        message=f"{package or path or place.subject}: licence {name} ({category})",
        priority=priority,
        partial=_subject(place, rule, package),
    )


TAKERS: dict[str, Taker] = {
    "Vulnerabilities": vulnerability,
    "Misconfigurations": misconfiguration,
    "Secrets": secret,
    "Licenses": licence,
}


def _describe(entry: dict[str, Any], rule: str, title: str, place: _Place) -> None:
    parts = text(entry, "Description"), text(entry, "Resolution"), text(entry, "PrimaryURL")
    advice = place.how.redact("\n\n".join(part for part in parts if part))
    place.report.rule(rule, title, place.how.scale[named(text(entry, "Severity"))], advice)


def _subject(place: _Place, *parts: str) -> dict[str, str]:
    resource = place.resource or ("" if place.path else _TAG.sub("", place.subject.split(" ")[0]))
    return {"subject/v1": line_hash("\0".join((*parts, resource)))}


def _code(entry: dict[str, Any]) -> tuple[list[str], int]:
    """The lines that are shown, and the number of the first."""
    rows = objects(within(entry, "Code"), "Lines")
    numbers = [number(row, "Number") for row in rows]
    return [clean(text(row, "Content")) for row in rows], numbers[0] if numbers else 0
