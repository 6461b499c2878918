"""Pieces of pages that are made once for the same values: a list of rows is mostly the list it was a moment ago."""

import secrets
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

from findings.core.same import Same

register = template.Library()
KEPT = 4096  # pieces, of about a kilobyte each
STILL = 64  # what one place in a template said last, for other values and languages
# What stands in a piece for what is another thing each time. Nobody outside of this process can write these.
TOKEN, HERE = secrets.token_hex(), secrets.token_hex()


class Values:
    """What a piece is made of. Equal values look equal: 1 is not True, a marked text is not a plain one."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values, self.key = values, frozen(values)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Values) and self.key == other.key


def frozen(value: Any) -> Hashable:
    """A value as it would look, in a form that can be compared and kept."""
    if type(value) in (str, int, type(None), Same):
        return value
    if isinstance(value, Mapping):
        return ("map", *((name, frozen(one)) for name, one in value.items()))
    if isinstance(value, list | tuple):
        return (type(value).__name__, *map(frozen, value))
    if is_dataclass(value):
        return (type(value).__name__, *(frozen(getattr(value, one.name)) for one in fields(value)))
    if isinstance(value, Promise | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return (type(value).__name__, value)


@register.simple_tag
def remembered(name: str, **values: Any) -> SafeString:
    """A template that is made of these values alone (and of language and time zone): no request, no token of a form."""
    return _made(name, get_language(), get_current_timezone(), Values(values))


@register.simple_tag
def remembered_forms(name: str, token: Any, here: str, **values: Any) -> SafeString:
    """The same for a template with forms, which may use `csrf_token` and `here`, the address to come back to. Both are
    put into what is kept, and are never kept themselves.
    """
    piece = remembered(name, csrf_token=TOKEN, here=HERE, **values)
    return SafeString(piece.replace(TOKEN, escape(token)).replace(HERE, escape(here)))


@lru_cache(maxsize=KEPT)
def _made(name: str, _language: str | None, _zone: tzinfo, values: Values) -> SafeString:
    return SafeString(render_to_string(name, dict(values.values)))


class Still(template.Node):
    """The tag `still [name=value …]` up to `endstill`: what stands between them says the same for the same values in
    one language, and sees nothing but these. It is made once, where else each word would be looked up for each page.
    """

    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList, values: Mapping[str, FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values
        self.made: dict[Hashable, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        """As it was made before, or anew."""
        values = {name: value.resolve(context) for name, value in self.values.items()}
        key = (get_language(), *map(frozen, values.values()))
        known = self.made.get(key)
        if known is None:
            if len(self.made) >= STILL:
                self.made.clear()
            known = self.made[key] = SafeString(self.nodelist.render(context.new(values)))
        return known


@register.tag("still")
def still_tag(parser: Parser, token: Token) -> Still:
    """Reads the tag. No times in it: they depend on the zone."""
    words = token.split_contents()[1:]
    values = token_kwargs(words, parser)
    if words:
        raise template.TemplateSyntaxError("still takes name=value only")
    nodelist = parser.parse(("endstill",))
    parser.delete_first_token()
    return Still(nodelist, values)
