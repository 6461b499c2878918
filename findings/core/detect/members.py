"""Values that a class gives out under a name: a property that begins with one, a function that does nothing else."""

import re

from findings.core.detect.dialect import Dialect
from findings.core.detect.patterns import HINT, QUOTED, SEEN_KEY, SEEN_MADE, SEEN_TOKEN, WORD

_GET = r"[ \t]*\{[ \t]*get;[^{}\n]{0,60}\}[ \t]*="  # of C#
_ONLY = r"[ \t]*\((?:&?self|this|cls)?\)"  # it is asked for nothing
_KIND = r"[^{}();\"'`\n=]{0,40}"  # of what is given out
_GIVES = r"\s*(?:get[ \t]*\{\s*)?return[ \t]+"
# What stands before a name, and from there to the value.
_BODIES = {
    "key": (r"\b(?:func|get|def|fun|function|[sS]tring)[ \t]+", rf"{_ONLY}{_KIND}[{{:]{_GIVES}"),
    "variable": (r"\b(?:var|[sS]tring)[ \t]+", rf"{_KIND}\s*\{{{_GIVES}"),
    "argument": (
        r"\b(?:var|func?|def)[ \t]+",
        rf"(?:(?:{_ONLY}[ \t]*->|[ \t]*:)[ \t]*String\??[ \t]*\{{|{_ONLY}(?:[ \t]*:[ \t]*\w{{1,20}}\??)?[ \t]*=)\s*",
    ),
}
_NAMED = "|".join(rf"{before}(?P<{key}>[A-Za-z_]\w*){behind}" for key, (before, behind) in _BODIES.items())

MEMBERS = (
    Dialect(
        "property",  # public string JwtKey { get; set; } = "…";
        (
            rf"{SEEN_KEY}{_GET}[ \t]*@?{SEEN_TOKEN}",
            rf"(?i){HINT}{_GET}[ \t]*@?[\"]{SEEN_MADE}",
        ),
        re.compile(rf"\b(?P<key>[A-Za-z_]\w*){_GET}[ \t]*@?{QUOTED}"),
        kinds=frozenset({"code"}),
        coded=True,
    ),
    Dialect(
        "getter",  # var apiToken: String { return "…" }
        # What stands before the name is in every line of a program: to begin there is a quarter of the whole search.
        tuple(rf"(?i){WORD}{behind}{SEEN_TOKEN}" for _, behind in _BODIES.values()),
        re.compile(rf"(?:{_NAMED}){QUOTED}[ \t]*(?:;[ \t]*)?(?:\}}|//|#|\r?\Z)"),
        kinds=frozenset({"code"}),
        coded=True,
        before=3,
    ),
)
