"""Draws a review: how each of its levels, entries and places is told, and what stands around them that is none."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.accuracy.forms.vocabulary import CHINESE, ENGLISH, TO_TRADITIONAL, Problem, Words

MARKS = {"P0": "🔴", "P1": "🟠", "P2": "🟡"}
REASON = "| {word} | {fix} | 2h | {because} |"
LANGUAGES = ("en", "zh", "hant")
LEVELS = (
    "section",
    "lines",
    "chapter",
    "mark",
    "behind",
    "bracket",
    "suffix",
    "prefix",
    "badge",
    "label",
    "impact",
    "column",
    "plan",
)
"""How bad: a heading or a line over all of a level, a heading in each chapter by subject, a mark before or a word behind
an entry, in the title, under a label, in front of what
comes of it, in a table, or only in the plan.
"""
ENTRIES = ("heading", "numbered", "bullet", "bold", "table")
PLACED = ("label", "split", "title", "sentence", "comment", "citation")
STYLES = (
    "**{L}**: {v}",
    "**{L}:** {v}",
    "- **{L}**: {v}",
    "- {L}: {v}",
    "{L}: {v}",
    "> **{L}**: {v}",
    "【{L}】{v}",
    "| {L} | {v} |",
)
BEFORE = ("nothing", "counts", "sentence", "contents", "top", "titles", "legend", "scores", "glossary")
AFTER = (
    "nothing",
    "phases",
    "tasks",
    "checklist",
    "praise",
    "risks",
    "cut",
    "conclusion",
    "metrics",
    "sample",
    "order",
    "reasons",
    "lengths",
)
DIMENSIONS: dict[str, Sequence[str]] = {
    "language": LANGUAGES,
    "level": LEVELS,
    "entry": ENTRIES,
    "placed": PLACED,
    "style": STYLES,
    "before": BEFORE,
    "after": AFTER,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A finding that the drawn review tells."""

    priority: str
    word: str
    title: str
    path: str
    first: int
    last: int
    fix: str
    label: str


@dataclass(slots=True)
class Form:
    """A drawn form: one choice of each dimension, and a source of chance for the smaller ones."""

    chosen: dict[str, str]
    chance: random.Random
    small: dict[str, str] = field(default_factory=dict)

    def pick(self, name: str, options: Sequence[str]) -> str:
        """One of some alternatives, the same for a whole review."""
        return self.small.setdefault(name, self.chance.choice(options))


def draw(seed: int, **forced: str) -> Form:
    """A form in which some dimensions are `forced`; choices that cannot be together are drawn again."""
    chance = random.Random(f"{seed} {sorted(forced.items())}")
    while True:
        chosen = {name: forced.get(name) or chance.choice(options) for name, options in DIMENSIONS.items()}
        if possible(chosen):
            return Form(chosen, chance)


def possible(chosen: dict[str, str]) -> bool:
    """Whether people write so: a table has its places in cells, a column is of a table, a list needs short labels."""
    level, entry, placed, style = (chosen[name] for name in ("level", "entry", "placed", "style"))
    if (level == "column") != (entry == "table" and level not in ("section", "chapter")):
        return False
    if entry == "table":
        return placed == "label"
    if level == "lines":
        return entry == "heading"
    if level in ("mark", "behind"):
        return entry in ("numbered", "bullet") and placed == "title"
    if level == "impact":
        return entry == "heading" and placed in ("label", "split") and not style.startswith(("> ", "|"))
    if entry in ("numbered", "bullet"):
        return placed in ("label", "split", "title") and style.startswith(("**", "- ")) and level != "plan"
    if level == "plan":
        return entry == "heading" and chosen["after"] in ("tasks", "order")
    return True


class Review:
    """The text of a drawn review, and the facts that it tells."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.words: Words = ENGLISH if form.chosen["language"] == "en" else CHINESE
        scale = form.pick("scale", tuple(self.words.scales))
        self.scale = self.words.scales[scale]
        self.facts = self._facts()
        self.text = self._traditional("\n".join([*self._before(), *self._body(), *self._after()]) + "\n")

    def expected(self) -> list[tuple[str, str, str, int, int]]:
        """Priority, title, path and lines of each finding."""
        return [(f.priority, self._traditional(f.title), f.path, f.first, f.last) for f in self.facts]

    def _traditional(self, text: str) -> str:
        if self.form.chosen["language"] != "hant":
            return text
        return "".join(TO_TRADITIONAL.get(character, character) for character in text)

    def _facts(self) -> list[Fact]:
        chance = self.form.chance
        problems = chance.sample(self.words.problems, chance.randint(4, 7))
        ranked = sorted(problems, key=lambda _: chance.random())
        facts = []
        for i, problem in enumerate(ranked):
            word, priority = self.scale[min(i * len(self.scale) // len(ranked), len(self.scale) - 1)]
            facts.append(self._fact(problem, word, priority, i + 1))
        return facts

    def _fact(self, problem: Problem, word: str, priority: str, number: int) -> Fact:
        first = self.form.chance.randint(5, 300)
        last = first + self.form.chance.randint(2, 30)
        return Fact(priority, word, problem.title, problem.path, first, last, problem.fix, f"HB-{number:02}")

    def place(self, fact: Fact) -> str:
        """Where, as this review writes it."""
        written = self.form.pick("place form", self.words.places)
        return written.format(path=fact.path, a=fact.first, b=fact.last)

    def labelled(self, name: str, value: str) -> str:
        """A line that says something under a label."""
        label = self.form.pick(name, getattr(self.words, name))
        return self.form.chosen["style"].format(L=label, v=value)

    def _body(self) -> list[str]:
        level, said = self.form.chosen["level"], self.words
        if level == "section":
            return [line for group in self._by_level(self.facts) for line in self._level(*group, "##")]
        if level == "lines":
            groups = self._by_level(self.facts)
            told = [line for word, some in groups for line in (f"**{word}**\n", *self._entries(some, "###"))]
            return [f"## {self.form.pick('head', said.findings_head)}\n", *told]
        if level == "chapter":
            lines = []
            for i, chapter in enumerate(said.chapters):
                lines.append(f"## {i + 1}. {chapter}\n")
                for group in self._by_level(self.facts[i :: len(said.chapters)]):
                    lines += self._level(*group, "###")
            return lines
        return [f"## {self.form.pick('head', said.findings_head)}\n", *self._entries(self.facts, "###")]

    def _by_level(self, facts: Sequence[Fact]) -> list[tuple[str, list[Fact]]]:
        groups = [(word, [fact for fact in facts if fact.word == word]) for word, _ in self.scale]
        return [(word, some) for word, some in groups if some]

    def _level(self, word: str, facts: list[Fact], marks: str) -> list[str]:
        written = self.form.pick("level head", self.words.level_heads)
        code = facts[0].priority
        plain = word == code or " " in word or (len(word) == 1 and "的" in written)
        title = word if plain else written.format(w=word, p=code, n=len(facts))
        return [f"{marks} {title}\n", *self._entries(facts, f"{marks}#")]

    def _entries(self, facts: Sequence[Fact], marks: str) -> list[str]:
        entry = self.form.chosen["entry"]
        if entry == "table":
            return self._table(facts)
        written: dict[str, Callable[[int, Fact], str]] = {
            "heading": lambda n, fact: f"{marks} {self._numbered(n)}{self._title(fact)}\n\n{self._told(fact)}\n",
            "bold": lambda n, fact: f"**{n}. {self._title(fact)}**\n\n{self._told(fact)}\n",
            "numbered": lambda n, fact: f"{n}. {self._item(fact)}",
            "bullet": lambda n, fact: f"- {self._item(fact)}",
        }
        return [*(written[entry](n, fact) for n, fact in enumerate(facts, 1)), ""]

    def _numbered(self, number: int) -> str:
        return self.form.pick("number", ("", "{n}. ", "#{n} ")).format(n=number)

    def _title(self, fact: Fact) -> str:
        chosen, english = self.form.chosen, self.form.chosen["language"] == "en"
        title = f"{fact.label}: {fact.title}" if chosen["level"] == "plan" else fact.title
        if chosen["placed"] == "title":
            title = f"{title} (`{fact.path}:{fact.first}-{fact.last}`)"
        ranked = {
            "bracket": "[{w}] {t}" if english else "【{w}】{t}",
            "suffix": "{t} ({w})" if english else "{t}（{w}）",
            "prefix": "{w}: {t}" if english else "{w}：{t}",
            "badge": "`{w}` {t}",
        }
        return ranked.get(chosen["level"], "{t}").format(w=fact.word, t=title)

    def _told(self, fact: Fact) -> str:
        lines = self._parts(fact)
        if self.form.chosen["style"].startswith("|"):
            rows = [line for line in lines if line.startswith("|")]
            rest = [line for line in lines if not line.startswith("|")]
            return "\n".join([self.words.said["fields"], "|---|---|", *rows, "", *rest])
        return "\n".join(lines) if self.form.chosen["style"].startswith(("- ", "> ")) else "\n\n".join(lines)

    def _parts(self, fact: Fact) -> list[str]:
        said, placed = self.words.said, self.form.chosen["placed"]
        where = {
            "label": lambda: [self.labelled("place", self.place(fact))],
            "split": lambda: [
                self.labelled("place", f"`{fact.path}`"),
                self.labelled("line", f"{fact.first}-{fact.last}"),
            ],
            "title": list,
            "sentence": lambda: [f"\n{said['sentence'].format(place=self.place(fact))}\n"],
            "comment": lambda: [f"\n```py\n# {fact.path}:{fact.first}-{fact.last}\nkeep()\n```\n"],
            "citation": lambda: [f"\n```{fact.first}:{fact.last}:{fact.path}\nkeep()\n```\n"],
        }[placed]()
        level = [self.labelled("level", fact.word)] if self.form.chosen["level"] == "label" else []
        told = self.labelled("told", said["told"])
        parts = (
            [*level, *where, told] if self.form.pick("order", ("where", "what")) == "where" else [*level, told, *where]
        )
        weighed = (
            f"{self.form.pick('mark', ('', '🟠 '))}{fact.word} — " if self.form.chosen["level"] == "impact" else ""
        )
        return [*parts, self.labelled("impact", f"{weighed}{said['impact']}"), self.labelled("fix", f"{fact.fix}.")]

    def _item(self, fact: Fact) -> str:
        """A list entry: a bold title, and its parts below or behind it."""
        if self.form.chosen["level"] == "mark":
            return f"{MARKS[fact.priority]} **{fact.title}** — {self.place(fact)}"
        if self.form.chosen["level"] == "behind":
            return f"{fact.title} (`{fact.path}:{fact.first}-{fact.last}`) — {fact.word}"
        title = f"**{self._title(fact)}**"
        if self.form.chosen["level"] == "badge":
            title = f"**{fact.word}** **{fact.title}**"
            if self.form.chosen["placed"] == "title":
                title += f" (`{fact.path}:{fact.first}-{fact.last}`)"
        if (
            self.form.chosen["placed"] == "label"
            and self.form.chosen["level"] != "label"
            and self.form.pick("short", ("y", "n")) == "y"
        ):
            return f"{title} — {self.place(fact)}: {self.words.said['told']}"
        parts = (part.removeprefix("- ").strip() for part in self._parts(fact))
        return "\n".join([title, *(f"   - {part}" for part in parts)])

    def _table(self, facts: Sequence[Fact]) -> list[str]:
        columns = (
            ["title", "place", "fix"]
            if self.form.pick("columns", ("title", "place")) == "title"
            else ["place", "title"]
        )
        columns = ["level", *columns] if self.form.chosen["level"] == "column" else columns
        heads = [self.form.pick(f"column {name}", self.words.columns[name]) for name in columns]
        lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        for fact in facts:
            cells = {"level": fact.word, "title": fact.title, "place": self.place(fact), "fix": fact.fix}
            lines.append(f"| {' | '.join(cells[name] for name in columns)} |")
        return [*lines, ""]

    def _before(self) -> list[str]:
        said, before = self.words.said, self.form.chosen["before"]
        counts = [(word, sum(fact.word == word for fact in self.facts)) for word, _ in self.scale]
        told = {
            "nothing": list,
            "counts": lambda: [said["counts"], "|---|---|", *(f"| {word} | {n} |" for word, n in counts)],
            "sentence": lambda: [", ".join(f"{word}: {n}" for word, n in counts)],
            "contents": lambda: [f"- [{fact.title}](#{n})" for n, fact in enumerate(self.facts)],
            "top": lambda: [said["top"], "", *(f"{n}. **{fact.title}**" for n, fact in enumerate(self.facts[:3], 1))],
            "titles": lambda: [said["titles"], "|---|---|---|", *self._rows("| {n} | {title} | {word} |")],
            "legend": lambda: [
                f"{said['legend']}: "
                + " ".join(f"{mark} {word}" for mark, (word, _) in zip("🔴🟠🟡", self.scale, strict=True))
            ],
            "scores": lambda: [said["scores"]],
            "glossary": lambda: [f"### {said['glossary']}", "", f"- {said['term']}"],
        }[before]()
        if before == "titles" and self.form.chosen["level"] == "plan":
            told = []
        title = f"# {said['title']}\n"
        return [title, f"## {said['summary']}\n", *told, ""] if told else [title]

    def _rows(self, written: str) -> list[str]:
        return [
            written.format(
                n=n,
                title=f.title,
                word=f.word,
                fix=f.fix,
                path=f.path,
                last=f.last * 3,
                cut=_cut(f.title),
                label=f.label,
                because=self.words.said["impact"],
            )
            for n, f in enumerate(self.facts, 1)
        ]

    def _after(self) -> list[str]:
        said, after = self.words.said, self.form.chosen["after"]
        half = len(self.facts) // 2
        steps = [f"{n}. {fact.fix}" for n, fact in enumerate(self.facts, 1)]
        tasks = "| {word} | {label} {fix} | 2h |" if self.form.chosen["level"] == "plan" else "| {word} | {fix} | 2h |"
        told: dict[str, Callable[[], list[str]]] = {
            "nothing": list,
            "phases": lambda: [
                f"## {said['plan']}\n",
                f"### {said['first']}\n",
                *steps[:half],
                "",
                f"### {said['second']}\n",
                *steps[half:],
            ],
            "tasks": lambda: [f"## {said['plan']}\n", said["tasks"], "|---|---|---|", *self._rows(tasks)],
            "checklist": lambda: [f"## {said['checklist']}\n", *self._rows("- [ ] {fix}")],
            "praise": lambda: [f"## {said['praise']}\n", said["good"]],
            "risks": lambda: [f"## {said['risks']}\n", f"### {said['high']}\n", *self._rows("- {cut}")[:3]],
            "cut": lambda: [
                f"## {said['ranks']}\n",
                said["cut"],
                "|---|---|---|",
                *self._rows("| {word} | {cut} | 2h |"),
            ],
            "conclusion": lambda: [f"## {said['conclusion']}\n", f"{said['start']}\n", *steps[:2]],
            "metrics": lambda: [
                f"## {said['metrics']}\n",
                said["sizes"],
                "|---|---|---|",
                *self._rows("| `{path}` | {last} | 12 |"),
            ],
            "sample": lambda: [f"## {said['sample']}\n", "```py\n# src/other/sample.py:3\nkeep()\n```"],
            "order": lambda: [f"## {said['order']}\n", *self._order()],
            "reasons": lambda: [f"## {said['ranks']}\n", said["reasons"], "|---|---|---|---|", *self._rows(REASON)],
            "lengths": lambda: [
                f"## {said['metrics']}\n",
                f"**{self.scale[0][0]} (>600 LOC):**",
                *self._rows("{n}. `{path}` - {last} LOC"),
            ],
        }
        return told[after]()

    def _order(self) -> list[str]:
        """The order in which to mend: by label, under the level of each where nothing else says it."""
        if self.form.chosen["level"] != "plan":
            return self._rows("{n}. {cut}")
        lines = []
        for word, facts in self._by_level(self.facts):
            lines += [f"### {word}\n", *(f"- [ ] {fact.label}: {fact.fix}" for fact in facts), ""]
        return lines


def _cut(title: str) -> str:
    """The beginning of a title, as tables cut it off."""
    return " ".join(title.split()[:3]) if title.isascii() else title[: max(4, len(title) * 2 // 3)]
