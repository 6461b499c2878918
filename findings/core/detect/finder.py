"""All candidates of one text: the structure of its format, then what stands anywhere, each value once per line."""

from collections.abc import Iterator

from findings.core.detect import lines, structured, values
from findings.core.detect.hit import Hit
from findings.core.detect.providers import tokens
from findings.core.errors import Unreadable
from findings.core.vocabulary import words
from findings.core.yamls import documents

_RANK = {worth: rank for rank, worth in enumerate(values.WORTHS)}
_ENDINGS = {
    "yaml": ("yaml", "yml"),
    "env": ("env", "properties", "ini", "cfg", "conf", "cnf", "toml", "service", "netrc", "pgpass", "htpasswd"),
    "code": words(
        "rs py go java kt kts scala js jsx ts tsx mjs cjs vue svelte rb php c h cc cpp hpp cs swift m dart ex exs erl "
        "lua pl json json5 jsonc graphql proto gradle groovy html css scss sql ipynb tf tfvars hcl"
    ),
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings}
KINDS = ("yaml", "env", "code", "conf")


def kind_of(path: str) -> str:
    """How the pairs of a file are written: one of `KINDS`. A kind is taken as itself. Anything unknown is "conf"."""
    name = path.rsplit("/", 1)[-1].lower()
    if name in KINDS and "." not in name:
        return name
    parts = name.split(".")
    if "env" in parts or name.startswith((".env", "env.")) or name == "dockerfile":
        return "env"
    return next((_KINDS[part] for part in reversed(parts[1:]) if part in _KINDS), "conf")


def find(text: str, path: str = "", comments: bool = False) -> list[Hit]:
    """Candidates in a text, most telling first within a line; references, placeholders and empty values included."""
    best: dict[tuple[int, str], Hit] = {}
    for hit in _all(text, kind_of(path), comments):
        name = (hit.line, hit.value)
        known = best.get(name)
        if known is None or _RANK[hit.worth] < _RANK[known.worth]:
            best[name] = hit
    return sorted(best.values(), key=lambda hit: (hit.line, _RANK[hit.worth]))


def _all(text: str, kind: str, comments: bool) -> Iterator[Hit]:
    if kind == "yaml" and not comments:
        try:
            yield from structured.hits(documents(text.encode("utf-8", "surrogatepass")))
        except Unreadable:
            yield from lines.pairs(text, "conf")
    else:
        yield from lines.pairs(text, kind, comments=comments)
        if comments and kind == "yaml":
            yield from _all(text, kind, comments=False)
    yield from lines.anywhere(text)
    for name, value, line in tokens(text.encode("utf-8", "replace")):
        worth = values.judge(name, value)
        yield Hit(name, value, line, "provider", worth if worth in (values.PLACEHOLDER, values.WEAK) else values.REAL)
