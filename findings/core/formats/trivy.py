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
_TAG = re.compile(r"(?:@sha256:[0-9a-f]+|:[\w.-]+)$")
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")


def matches(name: str, head: bytes) -> bool:
    """Schema 2 with its version, the list that schema 1 was, or the report of a cluster."""
    if head.lstrip()[:1] == b"[":
        return b'"Target"' in head
    cluster = b'"ClusterName"' in head and any(f'"{one}"'.encode() in head for one in CLUSTER)
    return (b'"SchemaVersion"' in head and b'"Artifact' in head) or cluster


def read(source: Source, how: How) -> list[Batch]:
    """One batch. Raises `FormatError` with the JSON path of what is wrong."""
    cursor, report = Cursor(source), Report("trivy")
    if cursor.kind() == "[":
        _targets(cursor, "$", report, how)
    else:
        _object(cursor, report, how)
    cursor.end()
    return [report.batch()]


def _object(cursor: Cursor, report: Report, how: How) -> None:
    about: dict[str, Node] = {}
    for name in cursor.members("$"):
        where = f"$.{name}"
        if name == "Results":
            _targets(cursor, where, report, how)
        elif name in CLUSTER:
            for index in cursor.elements(where):
                _resource(Node(cursor.value(), f"{where}[{index}]"), report, how)
        else:
            about[name] = Node(cursor.value(), where)
    if "SchemaVersion" not in about and "ClusterName" not in about:
        raise FormatError("missing", "$.SchemaVersion", "2")
    if (version := about.get("SchemaVersion")) and version.integer(2) != 2:
        raise FormatError(f"schema {version.integer()}", version.where, "schema 2, or the list of schema 1")
    _provenance(about, report)


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


def _targets(cursor: Cursor, where: str, report: Report, how: How) -> None:
    for index in cursor.elements(where):
        _target(Node(cursor.value(), f"{where}[{index}]"), report, how, "")


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
    node.names()
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
