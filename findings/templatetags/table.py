"""Rows of the findings table and menus of its filter: there are many of them on a page, so they are written here and
not in a template, in a twentieth of the time.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from findings.templatetags.nova import AGES, due, icon, priority, shortpath, state

register = template.Library()

BOX = '<td class="tick"><label><input type="checkbox" name="pk" value="{}" aria-label="{}"></label></td>'
LINK = '<a href="{0}" data-row data-panel hx-get="{0}" hx-target="#panel" hx-push-url="true">{1}</a>'
HEADING = (
    '<tr class="group"><th scope="rowgroup" colspan="{}"><a class="break" href="{}">{}</a>'
    ' <span class="muted">{}</span></th></tr>'
)
TITLE = f'<td class="title">{LINK}</td>'
CHOICE = '<label><input type="{}" name="{}" value="{}"{}><span class="ellipsis">{}</span>{}</label>\n'
MENU = """<details class="menu facet" data-facet="{name}"><summary class="btn">{label}{arrow}</summary>
<fieldset class="menu-box"><legend class="sr">{label}</legend>
{choices}<button class="no-js-only" type="submit">{check}{apply}</button>
</fieldset>
</details>
"""


@register.simple_tag
def finding_rows(
    rows: Sequence[Any], today: date, may_edit: bool, columns: Collection[str], here: str = ""
) -> SafeString:
    """The findings of the list: what `remediation.reads.finding_rows.Row` holds, in the columns that are shown; each
    group under its heading, which leads to the group alone (`here` is the address of the list).
    """
    alike, span = (today, may_edit, tuple(columns), get_language() or "", get_current_timezone_name()), len(columns) + 3
    now, made, last = timezone.now(), [], None
    for row in rows:
        if row.heading and row.group != last:
            made.append(_heading(row.heading, here, span))
        last = row.group if row.heading else last
        made.append(_row(row, *_old(row.first_seen, now), *alike))
    return SafeString("".join(made))


@lru_cache(maxsize=2000)
def _row(
    row: Any, size: int, unit: int, today: date, may_edit: bool, columns: Sequence[str], language: str, zone: str
) -> str:
    """A row so old (`size` of a unit), as a reader of this language and zone sees it. What a list shows is mostly what
    it showed a moment ago.
    """
    title = escape(row.title)
    box = BOX.format(row.pk, escape(_("Select %(title)s") % {"title": row.title})) if may_edit else ""
    shown = "".join(_age(row, size, unit) if name == "age" else CELLS[name](row, today) for name in columns)
    link = TITLE.format(escape(row.url), title)
    return f'<tr>{box}<td class="pick">{priority(row.priority)}</td>\n{link}\n{shown}</tr>'


def _old(since: datetime, now: datetime) -> tuple[int, int]:
    """(how many, of which unit of `AGES`): how old a finding is said to be."""
    size = max((now - since).total_seconds(), 0)
    place = next((n for n, (unit, _word) in enumerate(AGES) if size >= unit), len(AGES) - 1)
    return int(size // AGES[place][0]), place


def _heading(group: Any, here: str, span: int) -> str:
    address = escape(f"{here}?{group.query}")
    return HEADING.format(span, address, escape(str(group.label)), escape(str(group.count)))


def _rule(row: Any, today: date) -> str:
    rule = escape(row.rule)
    return f'<td class="full ellipsis" title="{rule}">{rule}</td>'


def _part(row: Any, today: date) -> str:
    return f'<td class="owner">{escape(row.part)}</td>'


def _where(row: Any, today: date) -> str:
    line = f":{row.line}" if row.line else ""
    more = f' <span title="{escape(_("more places"))}">+{localize(row.places)}</span>' if row.places else ""
    return f'<td class="path full" title="{escape(row.path)}">{escape(shortpath(row.path, 21))}{line}{more}</td>'


def _age(row: Any, size: int, unit: int) -> str:
    local, told = timezone.localtime(row.first_seen), str(AGES[unit][1]) % size
    exact = date_format(local, "DATETIME_FORMAT")
    return f'<td class="num muted"><time datetime="{local.isoformat()}" title="{exact}">{told}</time></td>'


def _owner(row: Any, today: date) -> str:
    return f'<td class="owner">{escape(row.owner)}</td>' if row.owner else '<td class="owner spare">—</td>'


def _due(row: Any, today: date) -> str:
    return f'<td class="nowrap">{due(row.due, today, row.overdue) if row.due else ""}</td>'


def _state(row: Any, today: date) -> str:
    return f'<td class="nowrap">{" ".join(state(mark) for mark in row.marks) or state(row.state)}</td>'


CELLS = {"rule": _rule, "part": _part, "where": _where, "owner": _owner, "due": _due, "state": _state}


@register.simple_tag
def menus(facets: Sequence[Any]) -> SafeString:
    """Menus of the filter form: {name (parameter), label, single, choices: [{value, label, shown, checked}]} of each,
    where `shown` is the count. The summary is marked by CSS while one is checked.
    """
    language = get_language() or ""
    return SafeString("".join(_menu(one, language) for one in facets))


@lru_cache(maxsize=500)
def _menu(menu: Any, language: str) -> SafeString:
    """One of them, as a reader of this language sees it: a page has a dozen, and most are those of the page before."""
    kind, name = "radio" if menu.single else "checkbox", escape(menu.name)
    choices = "".join(
        CHOICE.format(
            kind,
            name,
            escape(choice.value),
            " checked" if choice.checked else "",
            escape(choice.label),
            f'<span class="count">{escape(choice.shown)}</span>' if choice.shown else "",
        )
        for choice in menu.choices
    )
    label, apply = escape(menu.label), escape(_("Apply"))
    marks = {"arrow": icon("chevron"), "check": icon("check")}
    return SafeString(MENU.format(name=name, label=label, choices=choices, apply=apply, **marks))
