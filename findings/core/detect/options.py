"""Values that stand beside the name that they are of, as options, fields and settings of programs have them."""

import re

from findings.core.detect.dialect import Dialect
from findings.core.detect.patterns import QUOTED, WORD

OPTIONS = (
    Dialect(
        "before its name",
        (
            r"(?i)\((?:[ \t]*default[ \t]*=)?\s*[\"'][^\"'\s]{6,}[\"']\s*,\s*(?:forHTTPHeaderField|forKey|envvar|env"
            rf"|(?:validation_)?alias)\s*[:=]\s*[\"'][\w\-]*{WORD}",
            rf"(?i)\bdefault_value\s*=\s*\"[^\"\s]{{4,}}\"\s*,[^\n]*\benv\s*=\s*\"\w*{WORD}",
        ),
        re.compile(
            rf"(?:\(\s*|default(?:_value)?\s*=\s*){QUOTED}\s*,[^\n\"']*\b(?:forHTTPHeaderField|forKey|envvar|env"
            r"|(?:validation_)?alias)\s*[:=]\s*"
            r"[\"'](?P<key>[\w-]+)"
        ),
        kinds=frozenset({"code"}),
        coded=True,
    ),
    Dialect(
        "option",
        (
            rf"(?i)\b\w+[ \t]*[=:][ \t]*\"[\w.\-]*{WORD}[^\n]*default(?:_?value)?(?:_t)?"
            r"[ \t]*[=:][ \t]*\"[^\"\s]{4}",
            rf"(?i){WORD}[ \t]+string[ \t]+`[^`\n]*\bdefault:\"[^\"\s]{{4}}",
            rf"(?i)[\"']--(?:\w+-)*\w*{WORD}[\"'][^\n()]*\bdefault[ \t]*=[ \t]*[\"'][^\"'\s]{{4}}",
        ),
        re.compile(
            r"(?:\b(?:(?:env|long|from|name|names)\s*=|(?:env|envconfig|yaml|json|toml|mapstructure):)\s*\"(?:--)?(?P<key>[\w.-]+)[\",]"
            r"|[\"']--(?P<argument>[\w-]+)[\"']|\b(?P<variable>\w+)[ \t]+string[ \t]+`)[^\n]*?"
            rf"(?:\bdefault|envDefault)(?:_value|Value)?(?:_t)?\s*[=:]\s*{QUOTED}"
        ),
        kinds=frozenset({"code"}),
        coded=True,
    ),
    Dialect(
        "option of a field",  # #[arg(default_value = "…")] above it
        (
            r"\bdefault_value(?:_t)?[ \t]*=[ \t]*(?:[\w:]+\([ \t]*)?\"[^\"\s]{4,}\"[^\n]*\n"
            rf"(?:[ \t]*(?://|#\[)[^\n]*\n){{0,4}}[ \t]*(?:pub(?:\([\w: ]+\))?[ \t]+)?\w*(?i:{WORD})[ \t]*:",
        ),
        re.compile(
            rf"\bdefault_value(?:_t)?\s*=\s*(?:[\w:]+\(\s*)?{QUOTED}[^\n]*\n"
            r"(?:[ \t]*(?://|#\[)[^\n]*\n){0,4}[ \t]*(?:pub(?:\([\w: ]+\))?\s+)?(?P<key>\w+)[ \t]*:"
        ),
        kinds=frozenset({"code"}),
        coded=True,
        before=6,
        leading=True,
    ),
)
