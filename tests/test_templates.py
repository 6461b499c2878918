"""Every template: it compiles, stays small, and holds nothing the content policy would block."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*.*") if p.suffix in {".html", ".svg"})
FORBIDDEN = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|href=\"#\"|javascript:")
CSS = sorted((ROOT / "static/css").glob("*.css"))


def ids(path):
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_a_template_compiles_and_is_short(path):
    assert get_template(ids(path)) is not None
    assert len(path.read_text().splitlines()) <= 150


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_a_template_has_nothing_inline_and_no_multi_line_comment(path):
    text = path.read_text()
    if "emails" not in path.parts:
        assert FORBIDDEN.search(text) is None
    assert all(line.count("{#") == line.count("#}") for line in text.splitlines())


def test_every_icon_named_in_a_template_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="(\w+)"', (ROOT / "static/icons/sprite.svg").read_text()))
    used = {n for p in TEMPLATES for n in re.findall(r'{% icon "(\w+)"', p.read_text())}
    assert used <= drawn


def test_styles_and_scripts_stay_within_their_budget():
    assert sum(p.stat().st_size for p in CSS) < 40_000
    assert sum(len(p.read_text().splitlines()) for p in (ROOT / "static/js").glob("*.js")) < 150


def test_every_colour_is_a_token():
    colour = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", re.I)
    assert [p.name for p in CSS if p.name != "tokens.css" and colour.search(p.read_text())] == []


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT = [
    *((ink, paper) for ink in ("ink", "ink-2") for paper in ("paper", "sunk", "float", "accent-soft", "rule")),
    *((ink, paper) for ink in ("accent", "p0", "p1", "p2", "proven") for paper in ("paper", "sunk", "accent-soft")),
    ("on-accent", "accent"),
    *(("on-priority", priority) for priority in ("p0", "p1", "p2")),
]
MARKS = [
    ("edge", "paper"),
    ("edge", "sunk"),
    ("ring", "paper"),
    ("ring", "sunk"),
    ("claimed", "rule"),
    ("proven", "rule"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (MARKS, 3.0)], ids=["text", "marks"])
def test_colours_keep_their_contrast(pairs, least, theme):
    text = (ROOT / "static/css/tokens.css").read_text()
    tokens = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", text)}
    poor = [(a, b) for a, b in pairs if contrast(tokens[a][theme], tokens[b][theme]) < least]
    assert poor == []
