"""The demo's two reviews: Markdown with tokens, completed against the tree their reviewer read.

`@@date@@` and `@@next@@` are days; `@@line PATH | TEXT@@` is the line on which a text first stands in a file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nova_dashboard.demo import fakes
from nova_dashboard.demo.changes import DemoError
from nova_dashboard.demo.plan import Planned, tree_on, workday

FOLDER = Path(__file__).parent / "reviews"
LINE = re.compile(r"@@line (?P<path>\S+) \| (?P<needle>.+?)@@")


@dataclass(frozen=True, slots=True)
class ReviewSpec:
    """A review as it is kept: `day` is its offset from today, `again` that of the next review it announces."""

    file: str
    team: str
    language: str
    day: int
    again: int


@dataclass(frozen=True, slots=True)
class ReviewText:
    """A review as somebody would upload it."""

    filename: str
    team: str
    language: str
    reviewed: date
    text: str


REVIEWS = (
    ReviewSpec("review-en.md", team="platform", language="en", day=-56, again=14),
    ReviewSpec("review-zh.md", team="delivery", language="zh-hans", day=-28, again=14),
)


def written(planned: Sequence[Planned], today: date) -> tuple[ReviewText, ...]:
    """Both reviews, dates and lines filled in."""
    return tuple(complete(spec, tree_on(planned, spec.day), today) for spec in REVIEWS)


def complete(spec: ReviewSpec, tree: Mapping[str, str], today: date) -> ReviewText:
    """One review against the tree of its day. Raises `DemoError` where it names a text that is not there."""
    reviewed = workday(today, spec.day)
    text = (FOLDER / spec.file).read_text()
    text = text.replace("@@date@@", reviewed.isoformat()).replace("@@next@@", workday(today, spec.again).isoformat())
    text = fakes.fill(LINE.sub(lambda found: str(line_of(tree, found["path"], found["needle"])), text))
    return ReviewText(spec.file, spec.team, spec.language, reviewed, text)


def line_of(tree: Mapping[str, str], path: str, needle: str) -> int:
    """The number (from 1) of the first line of a file that holds a text."""
    for number, line in enumerate(tree.get(path, "").splitlines(), 1):
        if needle in line:
            return number
    raise DemoError(f"a review names {needle!r} in {path}, which is not there")
