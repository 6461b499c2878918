"""What a scan says on a terminal, and as JSON for scripts."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.core.types import Identity, Observation
from findings.scanner import ScanResult

ROWS = 40
NOTICES = 10
WIDTH = 110


def as_text(result: ScanResult) -> str:
    """A short table, worst first; sums by rule; what was not covered."""
    seen = sorted(result.batch.observations, key=lambda one: (one.priority, one.rule, one.path, one.line))
    lines = [f"{one.priority}  {one.rule:32}  {_where(one)}\n    {one.message[:WIDTH]}" for one in seen[:ROWS]]
    if len(seen) > ROWS:
        lines.append(_("… and %(count)d more (--sarif or --json has all)") % {"count": len(seen) - ROWS})
    lines += ["", *_sums(result), "", *_notices(result)]
    return "\n".join(lines).strip() + "\n"


def as_json(result: ScanResult) -> dict[str, Any]:
    """The scan as plain values; keys of secrets stay inside."""
    return {
        "commit": result.batch.commit,
        "files": result.counts.files,
        "blobs_read": result.counts.blobs_read,
        "history_blobs": result.counts.history_blobs,
        "observations": [_plain(one) for one in result.batch.observations],
        "rules": dict(result.counts.rules),
        "notices": [{"path": notice.path, "message": notice.message} for notice in result.batch.notices],
    }


def _plain(one: Observation) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "priority": str(one.priority),
        "path": one.path,
        "line": one.line,
        "message": one.message,
        "key": one.key if one.identity is Identity.LOGICAL else "",
        "at_head": one.at_head,
        "commit": one.commit,
        **one.properties,
    }


def _where(one: Observation) -> str:
    place = f"{one.path}:{one.line}" if one.line else one.path
    return place if one.at_head else _("%(place)s in history, %(commit)s") % {"place": place, "commit": one.commit[:10]}


def _sums(result: ScanResult) -> list[str]:
    findings = Counter(rule for rule, _key in {(one.rule, _name(one)) for one in result.batch.observations})
    lines = [
        ngettext("%(count)5d finding   %(rule)s", "%(count)5d findings  %(rule)s", count)
        % {"count": count, "rule": rule}
        for rule, count in sorted(findings.items())
    ]
    return [
        *(lines or [_("No findings.")]),
        _("%(files)d files at %(commit)s, %(read)d blobs read, %(past)d of history")
        % {
            "files": result.counts.files,
            "commit": result.batch.commit[:10],
            "read": result.counts.blobs_read,
            "past": result.counts.history_blobs,
        },
    ]


def _name(one: Observation) -> str:
    return one.key if one.identity is not Identity.HINTS else f"{one.path}:{one.line}:{one.line_hash}"


def _notices(result: ScanResult) -> list[str]:
    notices = result.batch.notices
    lines = [_("Not covered: %(path)s: %(why)s") % {"path": n.path or "-", "why": n.message} for n in notices[:NOTICES]]
    if len(notices) > NOTICES:
        lines.append(_("… and %(count)d more that were not covered") % {"count": len(notices) - NOTICES})
    return lines
