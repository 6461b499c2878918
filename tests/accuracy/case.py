"""One labelled case: a text file that unfolds into a git repository and what the rules should say of it.

    # what the case is about
    === k8s/redis.yaml                         starts a file; `=== PATH DELETED`, `=== OLD -> NEW`, `=== PATH CRLF`
          emptyDir: {}     ⟵ kubernetes/ephemeral-state P0
    # the line below only looks like one       ⟵ not kubernetes/ephemeral-state: a comment
    @@@ subject                                starts a further commit; labels of its last tree count

`⟵ gone RULE` in an earlier commit is expected of history. Labels are cut off before use. So are the marks that keep
this file from looking like a leak: `⁞` is dropped, `⟪b64⟫text⟪/b64⟫` is encoded, a line `⟪pem⟫` becomes the body of a
private key, `⟪300×⟫text {n}` becomes 300 lines.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.findings.git_repo import Repo

CORPUS = Path(__file__).parent / "corpus"
# The body of a throw-away RSA key, in two halves so that nobody takes this file for a leak.
PEM = (Path(__file__).parent / "key.txt").read_text().replace("⁞", "").splitlines()

_ARROW = re.compile(r"\s*⟵\s*(?P<said>.*)$")
_LABEL = re.compile(
    r"(?P<sign>not |gone )?(?P<rule>[a-z]+/[a-z0-9-]+)(?: (?P<priority>P[012]))?(?: class=(?P<kind>[a-z-]+))?"
)
_TIMES = re.compile(r"^⟪(\d+)×⟫(.*)$")
_ENCODE = re.compile(r"⟪b64⟫(.*?)⟪/b64⟫")


@dataclass(frozen=True, slots=True)
class Label:
    """What is said of a line: a rule holds there, only seems to (`trap`), or held and is left in history (`gone`)."""

    case: str
    path: str
    line: int
    rule: str
    priority: str = ""
    kind: str = ""
    trap: bool = False
    gone: bool = False
    at: int = 0  # the line of the case file


@dataclass(slots=True)
class Case:
    """A repository to be made, commit by commit, and its labels."""

    name: str
    commits: list["Step"] = field(default_factory=list)

    def labels(self) -> list[Label]:
        """Those of the last tree, and those that history keeps."""
        live: dict[str, list[Label]] = {}
        gone: list[Label] = []
        for step in self.commits:
            gone += [label for labels in step.labels.values() for label in labels if label.gone]
            for old, new in step.renames.items():
                live[new] = [replace(label, path=new) for label in live.pop(old, [])]
            live |= {path: [one for one in labels if not one.gone] for path, labels in step.labels.items()}
        return [label for labels in live.values() for label in labels] + gone

    def build(self, folder: Path) -> Repo:
        """The repository, made by git."""
        repo = Repo(folder)
        for step in self.commits:
            for old, new in step.renames.items():
                (repo.path / new).parent.mkdir(parents=True, exist_ok=True)
                repo.git("mv", old, new)
            repo.commit(step.subject, dict(step.files))
        return repo


@dataclass(slots=True)
class Step:
    """One commit: files (None: deleted), renames, the labels of every file it writes, and whose lines end in CRLF."""

    subject: str
    files: dict[str, str | None] = field(default_factory=dict)
    renames: dict[str, str] = field(default_factory=dict)
    labels: dict[str, list[Label]] = field(default_factory=dict)
    crlf: set[str] = field(default_factory=set)


def cases(folder: Path = CORPUS) -> list[Case]:
    """Every case of the corpus, by name."""
    return [
        parse(str(file.relative_to(folder).with_suffix("")), file.read_text(encoding="utf-8"))
        for file in sorted(folder.rglob("*.case"))
    ]


def parse(name: str, text: str) -> Case:
    """A case from its text. Raises ValueError with the line where it is not in the form above."""
    case, path = Case(name, [Step("start")]), ""
    for number, raw in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        step = case.commits[-1]
        if raw.startswith("@@@ "):
            path = ""
            case.commits.append(Step(raw[4:]))
        elif raw.startswith("=== "):
            path = _open(step, raw[4:].strip())
        elif path:
            _line(step, path, raw, (name, number))
        elif raw.strip() and not raw.startswith("#"):
            raise ValueError(f"{name}.case:{number}: text before the first file")
    return case


def _open(step: Step, head: str) -> str:
    if head.endswith(" DELETED"):
        step.files[head.removesuffix(" DELETED")] = None
        step.labels[head.removesuffix(" DELETED")] = []
        return ""
    if head.endswith(" CRLF"):
        head = head.removesuffix(" CRLF")
        step.crlf.add(head)
    old, arrow, new = head.partition(" -> ")
    if arrow:
        step.renames[old] = new
    return new or old


def _line(step: Step, path: str, raw: str, where: tuple[str, int]) -> None:
    """Adds a line to the file at `path`; a renamed file without lines of its own keeps what it had."""
    if path in step.renames.values() and path not in step.files and not raw.strip():
        return
    before = step.files.get(path) or ""
    step.labels.setdefault(path, [])
    arrow = _ARROW.search(raw)
    for text in _unfold(raw[: arrow.start()] if arrow else raw):
        before += text + ("\r\n" if path in step.crlf else "\n")
    step.files[path] = before
    if arrow:
        step.labels[path] += _labels(arrow["said"], path, before.count("\n"), where)


def _labels(said: str, path: str, line: int, where: tuple[str, int]) -> Iterator[Label]:
    for part in said.split(";"):
        found = _LABEL.match(part.strip())
        if found is None:
            if part is said.split(";")[0]:
                raise ValueError(f"{where[0]}.case:{where[1]}: a label names a rule, not {part.strip()!r}")
            continue  # the reason of a trap may hold a semicolon
        yield Label(
            case=where[0],
            path=path,
            line=line,
            rule=found["rule"],
            priority=found["priority"] or "",
            kind=found["kind"] or "",
            trap=found["sign"] == "not ",
            gone=found["sign"] == "gone ",
            at=where[1],
        )


def _unfold(text: str) -> list[str]:
    text = text.replace("⁞", "")
    if text.strip() == "⟪pem⟫":
        return [text.replace("⟪pem⟫", row) for row in PEM]
    if times := _TIMES.match(text):
        return [times[2].replace("{n}", str(n)) for n in range(1, int(times[1]) + 1)]
    return [_ENCODE.sub(lambda found: base64.b64encode(found[1].encode()).decode(), text)]
