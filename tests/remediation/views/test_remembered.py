"""Pieces of pages are made once for the same values, and anew for all that would look another way."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from remediation.templatetags import remembered
from remediation.templatetags.remembered import Values

ROW = {"title": "Raise <replicas>", "url": "/x/", "count": 3, "points": Decimal("-2.0")}


@pytest.fixture(autouse=True)
def made(monkeypatch):
    """The names of what is rendered."""
    names, real = [], remembered.render_to_string
    monkeypatch.setattr(remembered, "render_to_string", lambda name, *more: names.append(name) or real(name, *more))
    remembered._made.cache_clear()
    yield names
    remembered._made.cache_clear()


def test_the_same_values_are_rendered_once_and_others_anew(made):
    first = remembered.remembered("remediation/team_reason.html", row=ROW)
    assert remembered.remembered("remediation/team_reason.html", row=dict(ROW)) == first
    assert len(made) == 1
    assert "Raise &lt;replicas&gt;" in first
    assert remembered.remembered("remediation/team_reason.html", row=ROW | {"count": 4}) != first
    assert len(made) == 2


def test_a_language_and_a_time_zone_have_their_own(made):
    for language, zone in (("en", "UTC"), ("zh-hans", "UTC"), ("en", "Asia/Tokyo")):
        with translation.override(language), timezone.override(zone):
            remembered.remembered("remediation/team_reason.html", row=ROW)
    assert len(made) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        ("<b>", SafeString("<b>")),
        (Decimal("1.0"), Decimal("1.00")),
        (date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": None}),
    ],
)
def test_what_looks_another_way_is_not_the_same(one, other):
    assert Values({"x": one}) != Values({"x": other})
    assert Values({"x": one}) == Values({"x": one})


def test_a_piece_with_forms_keeps_neither_token_nor_address(made):
    values = {"frame": {"nav": [], "teams": []}, "team": "Shop", "theme": "", "person": "Ann Lee"}
    first = remembered.remembered_forms("components/side.html", "token-of-ann", "/week/?q=<b>", **values)
    other = remembered.remembered_forms("components/side.html", "token-of-bob", "/board/", **values)
    assert len(made) == 1
    assert first.count('value="token-of-ann"') == other.count('value="token-of-bob"') == 3
    assert first.count('value="/week/?q=&lt;b&gt;"') == other.count('value="/board/"') == 2
    assert other == first.replace("token-of-ann", "token-of-bob").replace("/week/?q=&lt;b&gt;", "/board/")


def still(text, **values):
    return Template("{% load remembered %}" + text), Context(values)


def test_what_is_still_is_made_once_for_its_values_and_language():
    asked = []
    template, context = still("{% still n=n %}{{ n }} {% translate 'Findings' %}{% endstill %}", n=1)
    template.nodelist[-1].nodelist.append(Asked(asked))
    assert [template.render(context), template.render(context), len(asked)] == ["1 Findings", "1 Findings", 1]
    assert template.render(Context({"n": 2})) == "2 Findings"
    with translation.override("zh-hans"):
        assert template.render(context) == f"1 {translation.gettext('Findings')}" != "1 Findings"
    assert len(asked) == 3


class Asked:
    """A part of a template that notes when it is rendered."""

    def __init__(self, seen):
        self.seen = seen

    def render_annotated(self, context):
        self.seen.append(1)
        return ""


def test_what_is_still_sees_nothing_but_its_values():
    template, context = still("{% still %}[{{ secret }}]{% endstill %}", secret="token")
    assert template.render(context) == "[]"
    with pytest.raises(TemplateSyntaxError):
        still("{% still secret %}{% endstill %}")


def test_what_is_still_keeps_no_more_than_some():
    template, _context = still("{% still n=n %}{{ n }}{% endstill %}")
    assert [template.render(Context({"n": n})) for n in range(200)] == [str(n) for n in range(200)]
    assert len(template.nodelist[-1].made) <= remembered.STILL
