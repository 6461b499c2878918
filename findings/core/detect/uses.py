"""Where a weak value is in use as it stands: nobody has to set it, and nothing says that it is for trying out."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from findings.core.detect.hit import Hit
from findings.core.detect.names import signs, words
from findings.core.detect.values import WEAK


class Use(NamedTuple):
    """What a line says that puts its value to use, in files of which kinds. `blank`: one that is to be changed, too."""

    seen: re.Pattern[str]
    kinds: frozenset[str]
    blank: bool = True


_SCRIPTS = frozenset({"conf", "env", "code"})
# By number, by a name that all may reach, or by that of one of many or of those that serve: `sql02`, `db-prod`.
_REMOTE = (
    r"(?:tcp:)?(?!127\.|0\.)(?:\d{1,3}(?:\.\d{1,3}){3}\b|[\w-]+\.[\w.-]+\.[a-z]{2,}\b|[a-z][a-z-]*0\d\b"
    r"|(?:[\w-]*-)?prod(?:uction)?(?:-\w+)*\b)"
)
USES = (
    Use(re.compile(r"\s*ENV\s+\w+(?:\s+|=)\S"), frozenset({"env", "conf"})),  # of an image
    Use(re.compile(r"\s*Environment=[\"']?\w+="), frozenset({"env", "conf"})),  # of a unit of systemd
    Use(re.compile(r"[^\n]*\|[^\n]*\bchpasswd\b"), _SCRIPTS),
    Use(
        re.compile(
            r"(?i)(?![^\n]*\bdocker\b)[^\n]*\b(?:grant|(?:create|alter)\s+(?:user|role|login))\b[^\n]*\bidentified\s+by\b"
        ),
        _SCRIPTS,
    ),
    Use(re.compile(r"(?![^\n]*(?:--dry-run|\bdocker\b))[^\n]*\bkubectl\b[^\n]*--from-literal"), _SCRIPTS, blank=False),
    Use(re.compile(rf"(?i)[^\n]*\b(?:data source|server|host|address)\s*=\s*{_REMOTE}[^\n]*;"), _SCRIPTS),
)
_CONSTANT = re.compile(
    r"\s*(?:pub(?:\([\w: ]+\))?\s+)?(?:const|static)\s+"
    r"(?!\w*(?:DEFAULT|FALLBACK|DEV|LOCAL|TEST|INSECURE|PLACEHOLDER))\w+\s*:"
)
_SIGNS_IN = r"\b(?:sshpass|lftp|smbclient)\b[^\n]*\$\{{?{name}\b"  # what a script hands on by this name
LONGEST = 2000  # letters of a line that may put something to use: no more are read of what a tool packed into one
_USERS = re.compile(r"<(?:clickhouse|yandex)>[\s\S]*<users>")
_FOR_PRODUCTION = re.compile(r"(?m)^[ \t]*(?:environment|env|stage)[ \t]*=[ \t]*\"(?:prod|production|staging|live)\"")
# What a template says of all that is in it.
_TO_REPLACE = re.compile(
    r"(?im)^\s*#[^\n]*\b(?:replace|change|generate|set|fill|edit)\b[^\n]*\bbefore\s+(?:you\s+)?(?:apply|deploy|using|use\b|install)"
    r"|^\s*#[^\n]*\bfill in (?:the |your |all )?(?:actual|real)\b"
    r"|^\s*#[^\n]*(?:部署|应用|上线|套用)[^\n]{0,12}前[^\n]{0,12}(?:替换|修改|更换|替換)"
)

_BEFORE = ("efore", "EFORE", "前", "ctual", "real", "CTUAL", "REAL")  # which such a remark has, and few manifests
# What the first comments of a file, or of one of its documents, say of all that follows.
_TRIED = re.compile(
    r"(?i)\b(?:intended |meant |used |only )?for (?:local )?(?:dev(?:elopment)?|testing|tests)\b(?![^\n]*\bprod)"
    r"|\b(?:local|dev(?:elopment)?|test(?:ing)?)[ -]only\b|\b(?:only|solely) for (?:local|dev|test)"
    r"|\bnot (?:meant |intended )?for prod"
    r"|(?:仅|只)(?:用于|供)?(?:本地|开发|测试)"
)
_LABELLED = re.compile(
    r"(?i)\s+[\w./-]*\b(?:environment|env|stage)[\"']?:\s*[\"']?(?:local|dev(?:elopment)?)\b"
    r"|\s+namespace:\s*[\"']?(?:[\w-]+-)?(?:local|dev(?:elopment)?)[\"']?\s*(?:#|$)"
)
_OVERRIDDEN = re.compile(r"(?i)\s*#[^\n]*\boverrid")
HEAD = 12  # lines of a file or document that may say what it is for
KEPT_FROM = 12  # lines above a value in which a comment says that every installation sets its own


def are_used(text: str, kind: str) -> bool:
    """Whether all that a file sets is in use: it says that it is for production."""
    return kind == "env" and bool(_FOR_PRODUCTION.search(text))


def are_blanks(text: str, kind: str) -> bool:
    """Whether a file with a Secret of Kubernetes says that its values are to be replaced before it is applied."""
    said = kind == "yaml" and "kind: Secret" in text and any(word in text for word in _BEFORE)
    return said and bool(_TO_REPLACE.search(text))


class Trials:
    """Which documents of a file are for development: the first comments of the file, those of a document of YAML, or
    what that is labelled with, say so. Each document is looked at once, however many values stand in it.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._starts = [0, *(n for n, line in enumerate(lines) if n and line.startswith("---"))]
        self._known: dict[int, bool] = {}

    def has(self, at: int) -> bool:
        """Whether line `at` from 0 is of such a document."""
        start = self._starts[bisect_right(self._starts, at) - 1]
        if start not in self._known:
            above = [*_comments(self.lines, 0), *_comments(self.lines, start), *self.lines[max(0, start - 1) : start]]
            told = any(_TRIED.search(line) for line in above if line.startswith(("#", "//")))
            self._known[start] = told or any(map(_LABELLED.match, self.lines[start : start + HEAD]))
        return self._known[start]


def _comments(lines: Sequence[str], start: int) -> list[str]:
    """The comments that a file or a document begins with."""
    found = []
    for line in lines[start : start + HEAD]:
        if line.strip() and not line.startswith(("#", "---", "//")):
            break
        found.append(line)
    return found


def is_overridden(lines: Sequence[str], at: int) -> bool:
    """Whether a comment above line `at` from 0 says that what follows is to be overridden."""
    return any(map(_OVERRIDDEN.match, lines[max(0, at - KEPT_FROM) : at]))


def is_used(hit: Hit, kind: str, text: str, lines: Sequence[str]) -> bool:
    """Whether a weak value is put to use by its line, or by a line that hands on what it is called."""
    line = lines[hit.line - 1][:LONGEST]
    if any(kind in use.kinds and (use.blank or hit.worth != WEAK) and use.seen.match(line) for use in USES):
        return True
    if _CONSTANT.match(line):
        return hit.worth == WEAK or (signs(hit.name) and not _is_setting(hit))
    if hit.how == "xml":
        return hit.name == "password" and bool(_USERS.search(text)) and not _is_off("\n".join(lines[: hit.line - 1]))
    handed = hit.name.isidentifier() and kind == "conf" and ("sshpass" in text or "lftp" in text or "smbclient" in text)
    return handed and bool(re.search(_SIGNS_IN.format(name=re.escape(hit.name)), text))


def _is_off(before: str) -> bool:
    """Whether a comment of XML is open behind this text."""
    return before.rfind("<!--") > before.rfind("-->")


def _is_setting(hit: Hit) -> bool:
    """Whether a value is the name of a setting: `const JWT_SECRET: &str = "JWT_SECRET"`."""
    said = set(words(hit.value))
    return len(said) > 1 and said <= set(words(hit.name))
