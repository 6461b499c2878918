"""The Chinese of the product: nothing left in English, nothing lost on the way, and what is compiled is what is written."""

import ast
import re
import struct
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, number_format

from findings.core.rules import RULES
from findings.core.types import RuleInfo
from findings.words import full_stop, listed, paragraph, translated

CATALOGUE = Path(settings.BASE_DIR) / "locale/zh_Hans/LC_MESSAGES/django.po"
FIELD = re.compile(r'(msgid|msgid_plural|msgctxt|msgstr(?:\[0\])?) (".*")')
PLACEHOLDER = re.compile(r"%\(\w+\)\d*[a-z]|%\d*[a-z]|</?\w+>")
SAME = {"Webhook", "Payload URL", "%(first)s %(second)s"}  # said in English by Chinese engineers, or not words


@dataclass
class Entry:
    """A message as the catalogue has it, by the names gettext gives its parts; `flags` are those after "#,"."""

    parts: dict[str, str] = field(default_factory=dict)
    flags: str = ""

    @property
    def source(self) -> str:
        """The English, in the plural where it has one: that form keeps every number."""
        return self.parts.get("msgid_plural", self.parts["msgid"])

    @property
    def chinese(self) -> str:
        return self.parts.get("msgstr", "") or self.parts.get("msgstr[0]", "")

    @property
    def key(self) -> str:
        """The message as the compiled catalogue names it."""
        context = self.parts.get("msgctxt")
        return f"{context}\x04{self.parts['msgid']}" if context else self.parts["msgid"]


def entries() -> list[Entry]:
    """Every message of the catalogue but its header."""
    found = []
    for block in CATALOGUE.read_text(encoding="utf-8").split("\n\n"):
        entry, name = Entry(), ""
        for line in block.splitlines():
            if line.startswith("#,"):
                entry.flags += line
            elif told := FIELD.fullmatch(line):
                name = told[1]
                entry.parts[name] = ast.literal_eval(told[2])
            elif line.startswith('"'):
                entry.parts[name] += ast.literal_eval(line)
        found.append(entry)
    return [entry for entry in found if entry.parts.get("msgid")]


def compiled() -> dict[str, str]:
    """The compiled catalogue: message -> translation, by GNU gettext's layout of two tables of (length, offset)."""
    data = CATALOGUE.with_suffix(".mo").read_bytes()
    _magic, _revision, count, *tables = struct.unpack("<5I", data[:20])

    def text(table: int, row: int) -> str:
        length, start = struct.unpack_from("<2I", data, table + 8 * row)
        return data[start : start + length].decode().partition("\0")[0]

    found = {text(tables[0], row): text(tables[1], row) for row in range(count)}
    return {message: said for message, said in found.items() if message}


def test_every_message_is_in_chinese_and_none_is_a_guess() -> None:
    read = entries()
    assert len(read) > 800
    assert [e.source for e in read if not e.chinese or "fuzzy" in e.flags or "msgstr[1]" in e.parts] == []


def test_what_is_compiled_is_what_is_written() -> None:
    assert compiled() == {e.key: e.chinese for e in entries()}


def test_a_translation_keeps_the_placeholders_and_tags_of_its_source() -> None:
    def kept(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text.replace("%%", "")))

    assert [e.source for e in entries() if "```" not in e.source and kept(e.source) != kept(e.chinese)] == []


def test_a_message_begins_and_ends_with_a_line_break_where_its_source_does() -> None:
    edges = [(e.source, e.chinese) for e in entries()]
    assert [s for s, c in edges if (s[0] == "\n", s[-1] == "\n") != (c[0] == "\n", c[-1] == "\n")] == []


def test_no_translation_is_plain_english() -> None:
    chinese = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
    left = [e.source for e in entries() if not chinese.search(e.chinese) and re.search(r"[A-Za-z]{3}", e.chinese)]
    assert set(left) <= SAME


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.key)
def test_a_rule_says_its_title_and_its_help_in_chinese_with_the_same_code(rule: RuleInfo) -> None:
    with translation.override("zh-hans"):
        title, text = translated(rule.title), translated(rule.help)
    assert title != rule.title
    assert text != rule.help
    code = re.compile(r"```.*?```", re.DOTALL)
    assert code.findall(text) == code.findall(rule.help)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "3 new, 2 fixed. 1 left."), ("zh-hans", "3 new，2 fixed。1 left.")],
)
def test_sentences_are_set_apart_as_the_language_does(language: str, said: str) -> None:
    with translation.override(language):
        assert paragraph([full_stop(listed(["3 new", "2 fixed"])), "", "1 left."]) == said


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("MONTH_DAY_FORMAT", "3 Nov", "11月3日"),
        ("SHORT_DATE_FORMAT", "3 Nov 2026", "2026年11月3日"),
        ("SHORT_MONTH_FORMAT", "Nov 2026", "2026年11月"),
        ("MONTH_FORMAT", "Nov", "11月"),
    ],
)
def test_dates_are_written_as_the_language_does(name: str, english: str, chinese: str) -> None:
    day = date(2026, 11, 3)
    for language, said in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert date_format(day, name) == said


def test_large_numbers_are_grouped_in_threes_in_both_languages() -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert number_format(1234567, force_grouping=True) == "1,234,567"


def test_texts_of_others_and_empty_ones_are_left_as_they_are() -> None:
    with translation.override("zh-hans"):
        assert translated("") == ""
        assert translated("SQL injection in handler") == "SQL injection in handler"
