"""Who wrote lines last: `git blame --porcelain`, read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Span = tuple[int, int]  # first and last line


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a line last, by address, and with which commit."""

    email: str
    commit: str


def parse_blame(output: bytes) -> dict[int, Writer]:
    """Line -> writer. A commit's author is told only the first time that it is named."""
    emails: dict[str, str] = {}
    lines: dict[int, str] = {}
    commit = ""
    for raw in output.split(b"\n"):
        if raw.startswith(b"\t"):
            commit = ""
        elif not commit:
            words = raw.split(b" ")
            if len(words) >= 3 and len(words[0]) in (40, 64):
                commit = words[0].decode("ascii", "replace")
                lines[int(words[2])] = commit
        elif raw.startswith(b"author-mail "):
            emails[commit] = raw[12:].decode("utf-8", "replace").strip().strip("<>").lower()
    return {line: Writer(emails.get(name, ""), name) for line, name in lines.items()}


def writer_of(span: Span, lines: Mapping[int, Writer]) -> Writer | None:
    """Who wrote most of a stretch of lines; of equals, who wrote the first of theirs before the others'."""
    found = [lines[n] for n in range(span[0], span[1] + 1) if n in lines]
    authors = Counter(w.email for w in found)
    return max(found, key=lambda w: authors[w.email], default=None)


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same lines in as few stretches as they take, in order."""
    ordered: list[Span] = []
    for first, last in sorted(spans):
        if ordered and first <= ordered[-1][1] + 1:
            ordered[-1] = (ordered[-1][0], max(last, ordered[-1][1]))
        else:
            ordered.append((first, last))
    return ordered


def arguments(spans: Sequence[Span]) -> list[str]:
    """The stretches as git takes them."""
    return [f"-L{first},{last}" for first, last in joined(spans)]
