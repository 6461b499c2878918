"""What templates say in one word: marks, times, money, hunks. Everything here is pure but for the clock in `ago`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.forms import BaseForm
from django.template.base import FilterExpression, Parser, Token
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from findings.templatetags.highlight import highlighted

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400
AGES = ((DAY, gettext_lazy("%d d")), (HOUR, gettext_lazy("%d h")), (MINUTE, gettext_lazy("%d min")))
MINUS = "\N{MINUS SIGN}"
NARROW = 4
"""Columns of figures that a narrow screen shows side by side."""
SYMBOL = re.compile(r'<symbol id="(\w+)" viewBox="([\d ]+)">(.*?)</symbol>')

# state -> (icon, word, class). Green is for proof alone; what needs a person is set in ink.
STATES = {
    "open": ("open", pgettext_lazy("state", "Open"), ""),
    "fixed": ("fixed", gettext_lazy("Fixed"), "proven"),
    "proven": ("proof", gettext_lazy("Proven"), "proven"),
    "attested": ("proof", gettext_lazy("Attested"), "proven"),
    "accepted": ("accepted", gettext_lazy("Accepted"), ""),
    "false_positive": ("false_positive", gettext_lazy("False positive"), ""),
    "regression": ("regression", gettext_lazy("Came back"), "loud"),
    "flapping": ("flapping", gettext_lazy("Flapping"), "loud"),
    "history": ("clock", gettext_lazy("In history"), ""),
    "rotated": ("key", gettext_lazy("Rotated, still there"), ""),
    "claimed": ("claim", gettext_lazy("Claimed"), ""),
    "refuted": ("refuted", gettext_lazy("Claim refuted"), "loud"),
    "partial": ("open", gettext_lazy("Partly done"), ""),
    "settled": ("accepted", gettext_lazy("Settled"), ""),
    "not_seen": ("not_seen", gettext_lazy("Not seen"), ""),
    "dropped": ("close", gettext_lazy("Dropped"), ""),
    "queued": ("clock", gettext_lazy("Queued"), ""),
    "running": ("running", gettext_lazy("Running"), "loud"),
    "done": ("check", gettext_lazy("Done"), ""),
    "failed": ("warning", gettext_lazy("Failed"), "loud"),
    "preview": ("clock", gettext_lazy("Waiting for you"), "loud"),
    "applied": ("check", gettext_lazy("Applied"), ""),
    "held": ("held", gettext_lazy("Held"), "loud"),
    "undone": ("undo", gettext_lazy("Undone"), ""),
    "confirmed": ("check", gettext_lazy("Confirmed"), ""),
    "moved": ("next", gettext_lazy("Moved"), "loud"),
    "counted": ("warning", gettext_lazy("Different count"), "loud"),
    "not_found": ("not_seen", gettext_lazy("Not found"), "loud"),
    "untested": ("open", gettext_lazy("No rule can test it"), ""),
    "refused": ("refuted", gettext_lazy("Refused"), ""),
}


def icon(name: str, label: str = "") -> SafeString:
    """A symbol of the sprite. Without a label it is decoration and hidden from screen readers."""
    return _symbol(name, str(label))


class Icon(template.Node):
    """The tag `icon NAME [LABEL]`. A simple tag would cost ten times the symbol, a hundred times on a page."""

    def __init__(self, words: Sequence[FilterExpression]) -> None:
        self.words = words

    def render(self, context: template.Context) -> SafeString:
        """The symbol."""
        return icon(*(word.resolve(context) for word in self.words))


@register.tag("icon")
def icon_tag(parser: Parser, token: Token) -> Icon:
    """Reads the tag."""
    words = token.split_contents()[1:]
    if len(words) not in (1, 2):
        raise template.TemplateSyntaxError("icon takes a name, and a label where it says something")
    return Icon([parser.compile_filter(word) for word in words])


@lru_cache(maxsize=1000)
def _symbol(name: str, label: str) -> SafeString:
    """There are a hundred on a page, and few kinds of them. Each brings its shapes: used from a file they would be no
    fewer bytes, and before its first paint a browser would make a document of the file and a tree for each use.
    """
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    box, shapes = _sprite().get(name, ("0 0 16 16", SafeString()))
    return format_html('<svg class="icon" viewBox="{}" {}>{}</svg>', box, said, shapes)


@cache
def _sprite() -> dict[str, tuple[str, SafeString]]:
    """The symbols as they are drawn: name -> (view box, shapes)."""
    text = Path(str(finders.find("icons/sprite.svg"))).read_text(encoding="utf-8")
    return {name: (box, SafeString(shapes)) for name, box, shapes in SYMBOL.findall(text)}


@register.simple_tag
@lru_cache(maxsize=100)
def priority(value: str) -> SafeString:
    """P0, P1 or P2 as a letter and a number in a solid square; nothing where there is no priority."""
    return format_html('<b class="prio {}">{}</b>', str(value).lower(), value) if value else SafeString()


@register.simple_tag
def state(value: str) -> SafeString:
    """The state of a finding, item, scan or run: icon and word. An unknown state shows its own name."""
    return _state(str(value), get_language() or "")


@lru_cache(maxsize=1000)
def _state(value: str, language: str) -> SafeString:
    """As a reader of this language has it."""
    name, word, look = STATES.get(value, ("open", value, ""))
    return format_html('<span class="state {}">{} {}</span>', look, icon(name), word)


def relative(seconds: float) -> str:
    """How long ago (positive) or ahead (negative) something is, in the one unit that fits."""
    size, past = abs(seconds), seconds > 0
    if size < MINUTE:
        return _("just now")
    if size < HOUR:
        return (_("%d min ago") if past else _("in %d min")) % (size // MINUTE)
    if size < DAY:
        return (_("%d h ago") if past else _("in %d h")) % (size // HOUR)
    days = int(size // DAY)
    words = ngettext("%d day ago", "%d days ago", days) if past else ngettext("in %d day", "in %d days", days)
    return words % days


@register.simple_tag
def ago(when: datetime | None, now: datetime | None = None) -> SafeString:
    """A time as people say it, the exact local time in the title. Over 30 days away: the date."""
    if when is None:
        return SafeString("—")
    now, local = now or timezone.now(), timezone.localtime(when)
    seconds = (now - when).total_seconds()
    text = relative(seconds) if abs(seconds) < 30 * DAY else day(local.date(), now.date())
    exact = date_format(local, "DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{} {}">{}</time>', local.isoformat(), exact, local.tzname(), text)


@register.simple_tag
def age(since: datetime, now: datetime | None = None) -> SafeString:
    """How old something is, as short as a column asks: "40 min", "5 h", "12 d"; the exact time in the title."""
    local = timezone.localtime(since)
    size = max(((now or timezone.now()) - since).total_seconds(), 0)
    unit, word = next((u, w) for u, w in AGES if size >= u or u == AGES[-1][0])
    text = str(word) % (size // unit)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), date_format(local, "DATETIME_FORMAT"), text
    )


def day(value: date, today: date) -> str:
    """A date in few clear words: the weekday within six days, else day and month, with the year if not this one."""
    if abs(value - today) < timedelta(days=7):
        return date_format(value, "D")
    return date_format(value, "MONTH_DAY_FORMAT" if value.year == today.year else "SHORT_DATE_FORMAT")


@register.simple_tag
def due(value: date | None, today: date, overdue: bool = False) -> SafeString:
    """A due date: "Thu", "3 Dec", or "was Fri" when it is overdue (which the caller knows, not this tag)."""
    if value is None:
        return SafeString("—")
    text = _("was %s") % day(value, today) if overdue else day(value, today)
    exact = date_format(value, "DATE_FORMAT")
    late = "late" if overdue else ""
    return format_html('<time class="{}" datetime="{}" title="{}">{}</time>', late, value.isoformat(), exact, text)


@register.filter
def money(amount: Decimal | None, currency: str = "") -> str:
    """An amount with its currency behind it ("1,240 USD"), cents only where there are any; "—" for unknown."""
    if amount is None:
        return "—"
    whole = amount == amount.to_integral_value()
    figure = number_format(abs(amount), 0 if whole else 2, use_l10n=True, force_grouping=True)
    return f"{MINUS if amount < 0 else ''}{figure}\N{NO-BREAK SPACE}{currency}".strip()


@register.filter
def hours(value: Decimal | float | None) -> str:
    """Effort in hours, at most one decimal: "3 h", "0.5 h"; "—" for unknown."""
    if value is None:
        return "—"
    rounded = round(Decimal(value), 1)
    whole = rounded == rounded.to_integral_value()
    return (_("%s h") % number_format(rounded, 0 if whole else 1)).replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def signed(value: Decimal | int | float) -> str:
    """A change with its sign, a true minus: "+14", "−3", "0"."""
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return f"{sign}{number_format(value if value >= 0 else -value)}"


@register.filter
def seconds(value: float | None) -> str:
    """A duration in seconds: "0.4 s", "75 s"; "—" for unknown."""
    return "—" if value is None else f"{number_format(value, 1 if value < 10 else 0)}\N{NO-BREAK SPACE}s"


@register.filter
def shortsha(sha: str) -> str:
    """The first seven digits of a commit."""
    return (sha or "")[:7]


@register.filter
def shortpath(path: str, room: int = 32) -> str:
    """A path that fits `room` characters: its file name, and as many leading folders as fit ("services/…/main.rs")."""
    if len(path) <= room:
        return path
    folders, _slash, name = path.rpartition("/")
    kept = ""
    for folder in folders.split("/"):
        if len(kept) + len(folder) + len("/…/") + len(name) > room:
            break
        kept += f"{folder}/"
    return f"{kept}…/{name}" if len(name) + 2 <= room else f"…{path[1 - room :]}"


@register.filter
def cursor(form: BaseForm) -> BaseForm:
    """The form of a page that asks nothing else: one types into its first field, or the first that was refused. A
    choice that stands open before one's eyes is none of them: it has an answer, and takes no letters.
    """
    fields = [field for field in form.visible_fields() if not field.use_fieldset]
    asked = next((field for field in fields if field.errors), fields[0] if fields else None)
    if asked is not None:
        asked.field.widget.attrs["autofocus"] = True
    return form


@register.filter
def initials(name: str) -> str:
    """Up to two letters for a person: of the first and last word, else the first two of the one word."""
    words: list[str] = re.findall(r"\w+", name or "")
    if not words:
        return "?"
    letters = words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]
    return letters.upper()


@dataclass(frozen=True, slots=True)
class HunkRow:
    """One line of a unified diff. `kind` is head, add, del or same; a number is 0 on the side that lacks the line."""

    kind: str
    old: int
    new: int
    text: str


HEAD = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
KINDS = {"+": "add", "-": "del"}


@register.filter
def hunk(text: str) -> Iterator[HunkRow]:
    """The rows of a unified diff, numbered on both sides; what precedes a file's first "@@" is left out.

    A bare hunk, without any "@@", is shown without numbers.
    """
    old = new = 0
    inside = bare = "@@ -" not in (text or "")
    for line in (text or "").splitlines():
        if head := HEAD.match(line):
            old, new, inside = int(head[1]), int(head[2]), True
            yield HunkRow("head", 0, 0, line)
        elif line.startswith("diff --git "):
            inside = False
        elif inside and not line.startswith("\\"):
            kind = KINDS.get(line[:1], "same")
            yield HunkRow(kind, old * (kind != "add"), new * (kind != "del"), line[1:])
            if not bare:
                old, new = old + (kind != "add"), new + (kind != "del")


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One numbered line of code, escaped and in colours; `marked` where the finding is."""

    number: int
    text: SafeString
    marked: bool


@register.simple_tag
def excerpt(text: str, first: int = 1, line: int = 0, end: int = 0, path: str = "") -> list[CodeRow]:
    """The lines of an excerpt that starts at line `first`, those from `line` to `end` marked (line 0: none). The end of
    `path` tells the language.
    """
    last = max(line, end)
    rows = enumerate(highlighted(text or "", path or ""), start=max(first, 1))
    return [CodeRow(number, code, bool(line) and line <= number <= last) for number, code in rows]


@register.filter
def under(row: Sequence[Any], names: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Each cell of a table's row behind the name of its column, which a narrow screen shows with it where its columns
    do not stand side by side; where they do, they have a head, and the names are empty.
    """
    return zip(names if len(names) > NARROW else [""] * len(names), row, strict=True)


@register.inclusion_tag("components/progress.html")
def progress(proven: int, claimed: int, total: int, width: int = 120) -> dict[str, Any]:
    """A thin bar proven / claimed / open with the count in words; `width` in pixels. Nothing to do draws no bar."""
    scale = width / total if total else 0
    widths = {"proven_width": round(proven * scale, 1), "claimed_width": round(claimed * scale, 1)}
    return {"proven": proven, "claimed": claimed, "total": total, "width": width, **widths}
