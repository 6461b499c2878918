"""What the prefilter looks for in files of each style: the dialects, and what stands anywhere."""

from findings.core.detect import inserted, reversing
from findings.core.detect.dialect import EVERY
from findings.core.detect.dialects import DIALECTS
from findings.core.detect.engine import Expression
from findings.core.detect.names import PROMISING
from findings.core.detect.patterns import SEEN_KEY, WORD

FORMAT = "provider "  # and its rule: the role of a provider's format
STYLES = {"code": {"code"}, "prose": {"prose"}, "text": EVERY - {"code", "prose"}}
ANYWHERE = (
    Expression("url", r"://[^\s/:@\"'<>]*:[^\s/@\"'<>]+@"),
    Expression("pem", r"PRIVATE KEY(?: BLOCK)?-----"),
    Expression("encoded", r"(?:^|[^A-Za-z0-9+/_-])(?:eyJ|eyA|ewo|ew0|W3s|LS0t)[A-Za-z0-9+/_-]{37}"),
    Expression("default", r"\$\{(?:[A-Za-z_][\w.\-]*|\d):?[-=:][^{}\n]"),
    Expression(inserted.ROLE, inserted.SEEN),
    Expression("digest", r"(?i)(?:passw|pwd|secret|token|credential)[^\n]*[^0-9a-f\n][0-9a-f]{64}\b"),
)
SPECIAL = {
    "code": (),
    "prose": (Expression("table", rf"(?i)\|[^\n|]*{WORD}[^\n|]*(?:\|[^\n]*)?\n[ \t]*\|?[ \t]*:?--"),),
    "text": (
        Expression(reversing.ROLE, reversing.SEEN),
        Expression("columns", rf"^(?i)[^\n:=({{]*{WORD}[\"' ]*[,;\t\r\n]"),  # of CSV
        Expression("sealed", r"\bkind[\"']?:[ \t]*[\"']?Secret\b"),
        Expression(
            "block",
            rf"{SEEN_KEY}[ \t]*:[ \t]*(?:[>|][+\-]?\d?)?[ \t]*\n"
            r"\s+[\"']?[^\s\"'\-#$<{*][^\s:]{3,}[\"']?[ \t]*(?:\n|$)",
        ),
    ),
}
# What a line of plain YAML has on it that `structured` reads: a name that promises, a setting, an option, an address,
# a block of text, a list in brackets, an entry of several words. An expression ends on the line that it begins on.
STRUCTURE = (
    Expression("telling", rf"{PROMISING}|[=|>\[]|--|://"),
    Expression("words", r"(?m)^ *(?:- +)+(?:[^\s\"']\S*[^\s:]|[^\s\"':]|[\"'][^ \n]*) "),
)

_OBJECT = (r"\{[^{]+", r"[^}]+\}")


def style_of(kind: str) -> str:
    """The style that a kind is searched in: kinds of one style share an automaton."""
    return kind if kind in STYLES else "text"


def expressions(style: str, formats: dict[str, str]) -> list[Expression]:
    """All that the prefilter looks for in files of a style."""
    own = [Expression(one.name, seen) for one in DIALECTS if one.kinds & STYLES[style] for seen in one.seen]
    return [
        *own,
        *ANYWHERE,
        *SPECIAL[style],
        *(Expression(f"{FORMAT}{rule}", _inner(one), once=True) for rule, one in formats.items()),
    ]


def _inner(pattern: str) -> str:
    """The pattern of a whole object in braces without those: every brace of a program would be a beginning."""
    before, behind = _OBJECT
    return pattern.removeprefix(before).removesuffix(behind) if pattern.startswith(before) else pattern
