"""All candidates of one text: the structure of its format, then what stands anywhere, each value once per line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from findings.core.detect import blocks, company, lines, names, page, structured, tables, values
from findings.core.detect.dialects import DIALECTS
from findings.core.detect.hit import Hit
from findings.core.detect.page import Page
from findings.core.errors import Unreadable
from findings.core.lately import lately
from findings.core.vocabulary import words

_RANK = {worth: rank for rank, worth in enumerate(values.WORTHS)}
_ENDINGS = {
    "yaml": ("yaml", "yml"),
    "prose": ("md", "markdown", "mdx", "rst", "adoc"),
    "env": words("env properties ini cfg conf cnf toml service netrc pgpass htpasswd tfvars"),
    "code": words(
        "rs py pyi go java kt kts scala js jsx ts tsx mjs cjs vue svelte rb php c h cc cpp hpp cs swift m dart ex exs "
        "erl lua pl json json5 jsonc graphql proto gradle groovy html css scss sql ipynb tf hcl "
        "ino tiltfile bzl star pm vim tcl el clj cljs hs ml jl zig nim vb fs sol"
    ),
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings}
_STRUCTURED = frozenset(one.name for one in DIALECTS if one.structured)
_PARSED = frozenset({"reversed", "flag", "sealed", "block"})
ELSEWHERE = frozenset({"url", "provider", "pem", "encoded", "secret"})  # not as a pair of a name and a value
CELLS = frozenset({"pair", "prose", "cell", "two words", "table"})  # what a row of a Markdown table is read by
SOUND = values.SOUND
TYPED = frozenset({"command", "continued", "flag"})  # in a terminal
PROGRAMMED = frozenset(
    {"quoted", "below", "fallback", "unwrapped", "returned", "getter", "property"}
)  # in what only programs have
_UNSOUND = frozenset({values.WEAK, values.DEVELOPMENT, values.COMMON})
_TELLING = frozenset({*SOUND, values.WEAK, values.DEVELOPMENT, values.COMMON})
KINDS = ("yaml", "env", "code", "conf", "prose")


@lru_cache(maxsize=8192)
def kind_of(path: str) -> str:
    """How the pairs of a file are written: one of `KINDS`. A kind is taken as itself. Anything unknown is "conf", a
    text without a path "prose", where plain words are no values.
    """
    name = path.rsplit("/", 1)[-1].lower()
    if not name:
        return "prose"
    if name in KINDS and "." not in name:
        return name
    parts = name.split(".")
    if _KINDS.get(parts[-1]) in ("code", "prose") and len(parts) > 1 and parts[0]:
        return _KINDS[parts[-1]]  # env.js is a program
    if "env" in parts or name.startswith((".env", "env.")) or name == "dockerfile":
        return "env"
    return next((_KINDS[part] for part in reversed(parts[1:]) if part in _KINDS), "conf")


def suspicious(data: bytes, kind: str) -> bool:
    """Whether the bytes of a file may hold a credential at all: the answer for nine files of ten is no, at once."""
    return bool(page.marks(data, kind))


def anything(text: str, path: str = "") -> bool:
    """Whether a text may hold a credential, or the hash of one, at all."""
    return bool(page.read(text, kind_of(path)).places)


@lately(8)
def find(text: str, path: str = "") -> tuple[Hit, ...]:
    """Candidates in a text, most telling first within a line; comments, references and placeholders included. What a
    comment repeats of a credential is one more place of it.
    """
    kind = kind_of(path)
    seen = page.read(text, kind)
    best: dict[tuple[int, str], Hit] = {}
    for hit in _found(seen, kind):
        name = (hit.line, hit.value)
        known = best.get(name)
        if known is None or (hit.comment, _RANK[hit.worth]) < (known.comment, _RANK[known.worth]):
            best[name] = hit
    told = {hit.value for hit in best.values() if hit.worth in SOUND and not hit.comment}
    here = (replace(hit, comment=False) if hit.value in told else hit for hit in best.values())
    return tuple(sorted(_innermost(here), key=lambda hit: (hit.line, _RANK[hit.worth])))


def _weighed(hit: Hit, seen: Page) -> Hit:
    """A hit; one that is no more than the name of a user or a database beside it is worth less."""
    if hit.worth == values.REFERENCE and values.KEY_ID.fullmatch(hit.value):
        return replace(hit, worth=values.REAL) if company.has_secret(seen.lines, hit.line - 1) else hit
    if hit.worth == values.REFERENCE and hit.how == "pair" and hit.name.lower() == "secret":
        hit = replace(hit, worth=_below(hit, seen.lines))
    if hit.worth == values.REFERENCE and hit.how in ("pair", "quoted") and _signs(hit, seen.lines):
        return replace(hit, worth=values.REAL)
    if hit.how == "pair" and company.is_elsewhere(hit.name, hit.value, seen.lines, hit.line - 1):
        return replace(hit, worth=values.REFERENCE)
    if hit.worth in _UNSOUND and _is_nobodys(hit, seen.lines):
        return replace(hit, worth=values.PLACEHOLDER)
    if hit.worth in SOUND and hit.how not in ELSEWHERE and _is_for_trying(hit, seen):
        return replace(hit, worth=values.DEVELOPMENT)
    if hit.worth in SOUND and hit.how in CELLS and tables.shows(hit.raw or hit.value, seen.lines, hit.line - 1):
        return replace(hit, worth=values.PLACEHOLDER)
    return hit


def _found(seen: Page, kind: str) -> Iterator[Hit]:
    weighed = (_weighed(hit, seen) for hit in _all(seen, kind)) if seen.places else iter(())
    return (_placed(hit, seen.lines) for hit in weighed) if kind == "prose" else weighed


def _placed(hit: Hit, lines: Sequence[str]) -> Hit:
    """A hit; what a document types in a terminal, below a heading about it, is for a developer's own machine."""
    typed = hit.worth in SOUND and hit.how in TYPED
    return replace(hit, loopback=True) if typed and blocks.is_tried(lines, hit.line - 1) else hit


def _is_nobodys(hit: Hit, lines: Sequence[str]) -> bool:
    """Whether a weak value signs nobody in: it is who signs in, or a word for an emulator where AWS makes its own."""
    emulated = hit.worth == values.COMMON and "aws" in names.words(hit.name) and "minio" not in hit.value
    return emulated or company.has_own_secret(hit.name, lines, hit.line - 1)


def _is_for_trying(hit: Hit, seen: Page) -> bool:
    """Whether a program says that a value is for development only, or it is no more than the name of who signs in
    beside it, on no machine that all may reach.
    """
    at = hit.line - 1
    if hit.how in PROGRAMMED and company.is_remarked(seen.lines, at):
        return True
    return company.names_user(hit.value, seen.lines, at) and not company.signs_in_abroad(hit.name, seen.lines, at)


def _signs(hit: Hit, lines: Sequence[str]) -> bool:
    """Whether a word is the key of what signs, beside how long that is valid: `jwt:` above `secret:` and `expires:`."""
    if hit.comment or not values.may_sign(hit.value) or not company.lasts(lines, hit.line - 1):
        return False
    at = hit.line - 1
    inner = blocks.section(lines, at) or blocks.parent(lines, at)
    above = blocks.opened(lines, at) if hit.how == "quoted" else inner
    return names.signs(hit.name) or (hit.name.lower() == "secret" and names.signs(f"{above} secret"))


def _below(hit: Hit, lines: Sequence[str]) -> str:
    """What `secret = …` is worth below what it is of: `[jwt]`, `jwt:`."""
    if section := blocks.section(lines, hit.line - 1):
        return values.judge(f"{section} secret", hit.value, applied=True)
    return values.judge(f"{blocks.parent(lines, hit.line - 1)} secret", hit.value)


def _innermost(found: Iterable[Hit]) -> Iterator[Hit]:
    """Without what merely surrounds another credential of its line: a connection string around its key."""
    by_line: dict[int, list[Hit]] = {}
    for hit in found:
        by_line.setdefault(hit.line, []).append(hit)
    for row in by_line.values():
        inner = [hit.value for hit in row if hit.worth in SOUND and len(hit.value) >= 8][:50]
        yield from (hit for hit in row if not any(value in hit.value and value != hit.value for value in inner))


def _all(seen: Page, kind: str) -> Iterator[Hit]:
    flat = lines.hits(seen, kind)
    if kind != "yaml" or not _needs_structure(seen, flat):
        yield from flat
        return
    try:
        found = structured.hits(seen.data)
    except Unreadable:
        yield from flat
        return
    yield from found
    yield from (hit for hit in flat if hit.comment or hit.how not in _STRUCTURED)


def _needs_structure(seen: Page, flat: list[Hit]) -> bool:
    """Parsing costs a hundred times the prefilter: only where a line holds a candidate, or may hold half of one."""
    if not _PARSED.isdisjoint(seen.places):
        return True
    return any(hit.how in _STRUCTURED and not hit.comment and _may_tell(hit) for hit in flat)


def _may_tell(hit: Hit) -> bool:
    """Whether a value is one, or would be where structure shows that it is no name: `password: correct-horse`."""
    return hit.worth in _TELLING or (hit.how == "pair" and values.judge(hit.name, hit.value) in _TELLING)


def digests(text: str, path: str = "") -> list[tuple[str, int]]:
    """(64 hex digits, line) that may be the bare SHA-256 of a credential."""
    return lines.digests(page.read(text, kind_of(path)))
