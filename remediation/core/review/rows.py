"""Findings told as table rows."""

import re
from dataclasses import replace
from posixpath import basename

from findings.core.types import Priority
from remediation.core.review import groups, places
from remediation.core.review.blocks import Block, Row
from remediation.core.review.body import SENTENCE
from remediation.core.review.drafts import CODED, Draft, Found
from remediation.core.review.heads import read_head
from remediation.core.review.kinds import PROBLEMS
from remediation.core.review.owners import name_in
from remediation.core.review.priorities import USUAL, Scale, rank_of, usual, word_of
from remediation.core.review.schedule import effort_aside, effort_of
from remediation.core.review.tables import TICKET, Column, cell, closed, columns_of, identified, is_done, settled, sizes
from remediation.core.review.terms import NOTHING
from remediation.core.review.words import fold
from remediation.core.types import Place

RANK = re.compile(
    r"[\[【(]?\s*(?:P[0-4](?:[-.#][A-Z]?\d+[a-z]?)?|(?:[A-Z]{1,10}[-_])*(?:[A-Z]{1,3}[-_]?)?\d{1,4}[a-z]?|#?\d{1,3}\.?"
    r"|[A-Za-z]{3,10})\s*[\]】)]?[:：]?"
)
"""Emphasised words that are a priority or number and no title: "**[P1]**", "**L-2**"."""
BEYOND = re.compile(r"P(?:[5-9]|[1-9]\d)$")
"""A number beyond all priorities: so P1 of the same column is the first, and no priority."""
TELLING = re.compile(rf"{PROBLEMS.pattern}|\b(?:gap|weakness|concern|shortcoming)|缺口|短板|不足")
"""A column that names what is wrong."""
PARAGRAPH = 160
"""Characters of a cell from which on only its first sentence is a title."""
LONG = 100
"""Characters of a cell from which on the emphasised words that it begins with are its title."""


def read_table(
    found: Found,
    table: Block,
    ranked: Priority | None,
    scale: Scale,
    told: int | bool,
    summary: bool,
    *,
    file: str = "",
    tasks: bool = False,
) -> int:
    """Takes the rows of a table of findings; how many it held. Where headings tell findings (`told`), a row must be
    one of those, or have a number, a place or a fix to count as another; in a summary it never does. A table half
    of which was told before is one. Rows that only say lines are of the `file`. `tasks` may name a problem.
    """
    columns = _columns(table, scale, tasks)
    if "title" not in columns or "count" in columns or not (ranked or "priority" in columns):
        return 0
    whole = bool({"id", "location", "fix"} & columns.keys()) or bool(file and "line" in columns)
    if not whole and not ("priority" in columns or "impact" in columns):
        return 0
    if groups.register(table) or ("id" not in columns and groups.coded(table)):
        return 0
    lost: list[int] = []
    taken = 0
    marks = [text for row in table.rows if (text := cell(row, columns, "priority").strip().upper())]
    said = frozenset(marks)
    ordered = len(said) == len(marks) and said.isdisjoint(USUAL)  # each row a number of its own
    scale = replace(scale, letters=(usual(said) if not ordered else {}) or scale.letters)
    scale = replace(scale, counted=scale.counted or any(BEYOND.match(cell(row, columns, "id")) for row in table.rows))
    drafts = [d for row in table.rows if (d := _row(row, columns, ranked, scale, file))]
    for draft in drafts:
        draft.summed = summary
    known_ones = [_known(draft, found) for draft in drafts]
    # By file, without a number or line: what was told of those files before is summed up.
    if told and "id" not in columns and not summary and _by_file(drafts, found):
        summary = True
    repeated = sum(k is not None for k in known_ones)
    again = repeated * 2 >= len(drafts)
    told = told or (repeated * 4 >= len(drafts) * 3 and any(k and k.places for k in known_ones))
    # Problems with a severity each, of which few sound like one told before, are no sum of those that were.
    afresh = repeated * 3 <= len(drafts) and bool(TELLING.search(fold(table.header[columns["title"]])))
    for draft, known in zip(drafts, known_ones, strict=True):
        vague = summary or not (whole or afresh) or (again and not (draft.label or draft.places))
        if known and draft.done and draft.label and known.label == draft.label:
            found.drop(known, draft.line)
        elif known:
            known.complete(draft)
        elif draft.priority and not draft.done and not (told and vague):
            found.add(draft)
        else:
            lost.append(draft.line)
            if draft.done and not known:
                found.settled.append((draft.line, draft.priority))
            continue
        taken += 1
    if lost and ("priority" in columns or taken):
        found.lost.append(lost)
    return taken


def _known(draft: Draft, found: Found) -> Draft | None:
    """The draft that tells what a row does: by label or ticket, else by number or title, where not each is a row about
    files of its own.
    """
    if sure := found.labelled(draft.label) or found.ticketed(draft.tickets):
        return sure
    known = found.numbered(draft.number, draft.title) or found.alike(draft.title) or found.alike(_whole(draft))
    if known and known.source == "row" and known.places and draft.places:
        shared = {basename(place.path) for place in known.places} & {basename(place.path) for place in draft.places}
        return known if shared else None
    return known or found.naming(draft) or found.at(draft, "entry")


def _by_file(drafts: list[Draft], found: Found) -> bool:
    """Whether each row is about a whole file that a finding told before names, and no file has two."""
    known = {place.path for draft in found.drafts for place in draft.places}
    files = [[place.path for place in draft.places if not place.line] for draft in drafts]
    each = [paths[0] for paths in files if len(paths) == 1]
    return len(each) == len(drafts) == len(set(each)) > 1 and set(each) <= known


def _columns(table: Block, scale: Scale, tasks: bool) -> dict[Column, int]:
    columns = columns_of(identified(table))
    columns |= _place_column(table, columns)
    if tasks and "title" not in columns and "task" in columns:
        columns |= {"title": columns["task"]}
    if "priority" not in columns:
        columns |= _priority_column(table, columns, scale)
    if "line" in columns and sizes(table, columns["line"]):
        del columns["line"]
    return groups.titled(table, columns)


def _place_column(table: Block, columns: dict[Column, int]) -> dict[Column, int]:
    """A column of nothing but places, where none that is called so has any."""
    cells = [[row.cells[i] for row in table.rows if i < len(row.cells)] for i in range(len(table.header))]
    if "location" in columns and any(map(places.find, cells[columns["location"]])):
        return {}
    known = {i for name, i in columns.items() if name not in ("problem", "note", "location")}
    named = {i: sum(map(places.only, column)) for i, column in enumerate(cells) if i not in known}
    best = max(named, key=lambda i: named[i], default=0)
    return {"location": best} if named and named[best] * 2 > len(table.rows) else {}


def _priority_column(table: Block, columns: dict[Column, int], scale: Scale) -> dict[Column, int]:
    """A column without a telling name whose every cell is a severity."""
    for i in range(len(table.header)):
        cells = [r.cells[i] for r in table.rows if i < len(r.cells)]
        if i not in columns.values() or i == columns.get("impact"):
            ranks = [word_of(c, scale) if len(c) < 20 and not read_head(c, scale).own else None for c in cells]
            if cells and all(ranks):
                return {"priority": i}
    return {}


def _row(row: Row, columns: dict[Column, int], ranked: Priority | None, scale: Scale, file: str) -> Draft | None:
    said, lead = cell(row, columns, "title"), _lead(row, columns, scale)
    head = read_head(lead or said, scale)
    title, aside = effort_aside(head.title)
    if (
        not re.search(r"[^\W\d_]", title)
        or NOTHING.match(fold(title))
        or (RANK.fullmatch(title) and any(c.isdigit() for c in title))
    ):
        return None
    number = read_head(f"{cell(row, columns, 'id')}: x", scale)
    whole = said if lead else title
    title = title if len(title) < PARAGRAPH else SENTENCE.split(title)[0]
    draft = Draft(row.line, one_line(title), head.label or number.label, source="row")
    rated = cell(row, columns, "priority")
    draft.priority = rank_of(rated, scale) or head.priority or (None if scale.counted else number.priority)
    if not re.search(r"[^\W\d_]", rated):  # "ironic" is no severity, and not that of the heading
        draft.priority = draft.priority or ranked
    draft.tickets = frozenset(text for text in row.cells if TICKET.fullmatch(text))
    draft.effort, draft.number = effort_of(cell(row, columns, "effort")) or aside, number.number
    draft.body.owner = name_in(cell(row, columns, "owner"))
    draft.done = is_done(cell(row, columns, "status")) or settled(row) or closed(cell(row, columns, "title"))
    draft.done = draft.done or closed(rated)
    for part in ("problem", "impact", "fix"):
        if text := cell(row, columns, part):
            draft.body.texts[part] = text.split("\n")
    if title != whole:
        draft.body.texts["problem"] = [*whole.split("\n"), *draft.body.texts.get("problem", [])]
    where = places.find(cell(row, columns, "location"), folders=True)
    if not where and file and cell(row, columns, "line"):
        where = [Place(file)]
    where = places.lined(where, cell(row, columns, "line"))
    said_elsewhere = [] if where else [text for i, text in enumerate(row.cells) if i != columns.get("fix")]
    where = where or ([Place(file)] if file else [])
    named = [p for text in (whole, *said_elsewhere) for p in places.find(text)]
    draft.places = places.gather(where, named) or places.sources(named)
    return draft


def _whole(draft: Draft) -> str:
    """All that the cell says of which a row's title is the beginning."""
    told = draft.body.text("problem")
    return told if told.startswith(draft.title) else ""


def _lead(row: Row, columns: dict[Column, int], scale: Scale) -> str:
    """The emphasised sentence that a row's title begins with, or emphasised words in front of a paragraph."""
    text, i = cell(row, columns, "title"), columns["title"]
    lead = row.leads[i] if i < len(row.leads) else ""
    told = lead.rstrip(" .。:：")
    sentence = lead.endswith((".", "。")) and len(lead) < len(text)
    if not lead or not text.startswith(lead) or not (sentence or len(text) >= LONG) or RANK.fullmatch(told):
        return ""
    return told if re.search(r"\w", CODED.sub("", told)) and read_head(told, scale).own else ""


def one_line(title: str) -> str:
    """A title without line breaks and the full stop of a sentence."""
    return re.sub(r"(?<=[^.\s])[.。]$", "", title.replace("\n", " "))
