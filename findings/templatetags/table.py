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
    select, cells, span = _("Select %(title)s"), [CELLS[name] for name in columns], len(columns) + 3
    made, last = [], None
    for row in rows:
        if row.heading and row.group != last:
            made.append(_heading(row.heading, here, span))
        last = row.group if row.heading else last
        title = escape(row.title)
        box = BOX.format(row.pk, escape(select % {"title": row.title})) if may_edit else ""
        shown = "".join(cell(row, today) for cell in cells)
        link = TITLE.format(escape(row.url), title)
        made.append(f'<tr>{box}<td class="pick">{priority(row.priority)}</td>\n{link}\n{shown}</tr>')
    return SafeString("".join(made))


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


def _age(row: Any, today: date) -> str:
    local, language = timezone.localtime(row.first_seen), get_language() or ""
    size = max((timezone.now() - row.first_seen).total_seconds(), 0)
    place = next((n for n, (unit, _word) in enumerate(AGES) if size >= unit), len(AGES) - 1)
    exact, old = _exact(local.replace(second=0, microsecond=0, tzinfo=None), language), _old(place, language)
    told = old % (size // AGES[place][0])
    return f'<td class="num muted"><time datetime="{local.isoformat()}" title="{exact}">{told}</time></td>'


@lru_cache(maxsize=4096)
def _exact(minute: datetime, language: str) -> str:
    """A time as people read it, to the minute. What a list shows is mostly what it showed a moment ago."""
    return date_format(minute, "DATETIME_FORMAT")


@lru_cache
def _old(place: int, language: str) -> str:
    """The words for an age in the unit at this place."""
    return str(AGES[place][1])


def _owner(row: Any, today: date) -> str:
    return f'<td class="owner">{escape(row.owner)}</td>' if row.owner else '<td class="owner spare">—</td>'


def _due(row: Any, today: date) -> str:
    return f'<td class="nowrap">{_date(row.due, today, row.overdue, get_language() or "") if row.due else ""}</td>'


@lru_cache(maxsize=1000)
def _date(value: date, today: date, overdue: bool, language: str) -> str:
    """As the tag `due`; many rows have the same date."""
    return due(value, today, overdue)


def _state(row: Any, today: date) -> str:
    return f'<td class="nowrap">{" ".join(state(mark) for mark in row.marks) or state(row.state)}</td>'


CELLS = {"rule": _rule, "part": _part, "where": _where, "age": _age, "owner": _owner, "due": _due, "state": _state}


@register.simple_tag
def facet(menu: Any) -> SafeString:
    """A menu of the filter form: {name (parameter), label, single, choices: [{value, label, shown, checked}]}, where
    `shown` is the count. The summary is marked by CSS while one is checked.
    """
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
