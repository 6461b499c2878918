"""Reports that say how bad something is behind it: at the end of an entry, of an answer, of a numbered paragraph."""

import pytest

from remediation.core.review import parse
from remediation.core.types import Place


def read(text: str) -> list[tuple[str, str, tuple[Place, ...]]]:
    return [(f.priority, f.title, f.places) for f in parse(text, redact=str).findings]


def ranked(text: str) -> list[tuple[str, str]]:
    return [(priority, title) for priority, title, _ in read(text)]


ENTRIES = (
    ("The tide is read twice from `a/tide.py:3`", 0),
    ("Ebb has no end, see `a/ebb.py:14`", 1),
    ("Buoys are named by hand", 2),
    ("The lamp keeps its key in the log", 0),
    ("Fog is asked for by each boat", 1),
)
WANTED = [(("P0", "P1", "P2")[rank], text) for text, rank in ENTRIES]


@pytest.mark.parametrize(
    "end",
    [
        ". ({})",
        " [{}]",
        "。〔{}〕",
        " → {}",
        ". *Rating: {}.*",
        ". Severity: {}",
        ". (`a/quay.py:7`, {})",
        ". ({}, 2 h)",
        " -> {} (told the harbour master)",
    ],
)
@pytest.mark.parametrize("ranks", [("Critical", "High", "Medium"), ("P0", "P1", "P2"), ("严重", "高", "中")])
def test_an_entry_may_end_in_its_severity(end: str, ranks: tuple[str, ...]):
    entries = "".join(f"- {text}{end.format(ranks[rank])}\n" for text, rank in ENTRIES)
    assert ranked(f"# Harbour\n\n## Quay\n\n{entries}") == WANTED


def test_coloured_marks_and_letters_are_severities_at_the_end_too():
    for ranks, end in (("🔴🟠🟡", " → {}"), ("🔴🟠🟡", ". {}"), ("CHM", " ({})")):
        entries = "".join(f"- {text}{end.format(ranks[rank])}\n" for text, rank in ENTRIES)
        assert ranked(f"# Harbour\n\n## Quay\n\n{entries}") == WANTED


def test_an_entry_ends_behind_what_stands_under_it():
    entries = "".join(
        f"- 10:{10 + i} {text}\n\n  ```py\n  # a/quay.py:7\n  pass\n  ```\n\n  Seen twice. → {'🔴🟠🟡'[rank]}\n"
        for i, (text, rank) in enumerate(ENTRIES)
    )
    assert ranked(f"# Harbour\n\n## Quay\n\n{entries}") == WANTED


def test_entries_begin_with_lines_of_the_file_in_the_heading():
    text = "# R\n\n### a/tide.py\n\n- 3-8: read twice for each boat. (H)\n- 14: good names here. (+)\n- 20: no end. (M)\n\n### a/ebb.py\n\n- 5: nobody waits for it. (H)\n- 9: two spellings of ebb. (L)\n"
    assert read(text) == [
        ("P1", "read twice for each boat", (Place("a/tide.py", 3, 8),)),
        ("P2", "no end", (Place("a/tide.py", 20),)),
        ("P1", "nobody waits for it", (Place("a/ebb.py", 5),)),
        ("P2", "two spellings of ebb", (Place("a/ebb.py", 9),)),
    ]


NUMBERED = """# Survey

Quay
----

1.1. The stones are sound.

1.2. **The tide is read twice.** Each boat asks for it, see `a/tide.py:3`.

    tide = read()

  *Rating: Critical.*

1.3. The lamp is good, and has been for years.

1.4. Ebb has no end. It goes on in `a/ebb.py:14`.

  *Rating: High.*

Water
-----

2.1. Buoys are named by hand in `a/buoys.py`.

  *Rating: Low.*

2.2. Fog is asked for by each boat.

  *Rating: High.*
"""


def test_a_line_below_numbered_paragraphs_rates_the_last_of_them():
    assert read(NUMBERED) == [
        ("P0", "The tide is read twice", (Place("a/tide.py", 3),)),
        ("P1", "Ebb has no end", (Place("a/ebb.py", 14),)),
        ("P2", "Buoys are named by hand in `a/buoys.py`", (Place("a/buoys.py"),)),
        ("P1", "Fog is asked for by each boat", ()),
    ]


def test_an_answer_rates_its_question():
    text = "# 问答\n\n## 码头\n\n**问：整体怎么样？**\n\n答：不错。\n\n**问：潮汐表为什么会被每一条船读两次而不是一次？**\n\n答：`a/tide.py:3` 没有缓存。\n\n```py\nread()\n```\n\n加一个就好。〔P0〕\n\n**问：退潮呢？**\n\n答：`a/ebb.py:14` 没有上限。以后再说。〔P1〕\n\n**问：浮标呢？**\n\n答：名字是手写的。〔P2〕\n\n**问：有雾的时候每一条船都会单独去问一遍吗？**\n\n答：会。〔P1〕\n"
    assert read(text) == [
        ("P0", "潮汐表为什么会被每一条船读两次而不是一次？", (Place("a/tide.py", 3),)),
        ("P1", "退潮呢？ `a/ebb.py:14` 没有上限", (Place("a/ebb.py", 14),)),
        ("P2", "浮标呢？ 名字是手写的", ()),
        ("P1", "有雾的时候每一条船都会单独去问一遍吗？", ()),
    ]


def test_the_last_words_under_a_heading_rate_it():
    sections = "".join(
        f"### {text}\n\nSeen in `a/quay.py:{i + 1}`. [{('critical', 'high', 'low')[rank]}]\n\n"
        for i, (text, rank) in enumerate(ENTRIES)
    )
    assert ranked(f"# Harbour\n\n## Quay\n\n{sections}") == WANTED


@pytest.mark.parametrize(
    "entries",
    [
        "- Tide at `a.py:1` is up (high)\n- Ebb at `b.py:1` is down (low)\n- Fog at `c.py:1` is thick (high)\n",
        "- Boats at `a.py:1` (M)\n- Sails at `a.py:2` (L)\n- Oars at `a.py:3` (S)\n- Nets at `a.py:4` (L)\n- Rope at `a.py:5` (XL)\n",
        "- Move the tide in `a.py:1` (high)\n- Add an end to ebb in `a.py:2` (low)\n- Rename the buoys (high)\n- Drop the fog (low)\n",
        "- Splitting the tide of `a.py:1` (low risk)\n- Moving ebb of `a.py:2` (high risk)\n- Naming buoys (low risk)\n- Waiting for fog (high risk)\n",
        "- Demand in the north (high)\n- Demand in the south (low)\n- Demand in the east (high)\n- Demand in the west (low)\n",
        "- [ ] Tide of `a.py:1` (high)\n- [ ] Ebb of `a.py:2` (low)\n- [x] Fog of `a.py:3` (high)\n- [ ] Buoys of `a.py:4` (low)\n",
    ],
    ids=["few", "sizes", "steps", "risk of the work", "no places", "boxes"],
)
def test_not_every_word_in_brackets_at_the_end_is_a_severity(entries: str):
    assert ranked(f"# Harbour\n\n## Quay\n\n{entries}") == []


def test_a_summary_that_ends_in_severities_tells_nothing_new():
    heads = "".join(f"### P{rank}-{i + 1}: {text}\n\nSeen.\n\n" for i, (text, rank) in enumerate(ENTRIES))
    again = "".join(f"- {text} ({('critical', 'high', 'low')[rank]})\n" for text, rank in ENTRIES)
    for title in ("In short", "Summary"):
        assert ranked(f"# Harbour\n\n## Quay\n\n{heads}## {title}\n\n{again}") == WANTED


def test_what_ends_so_in_praise_or_a_plan_is_no_finding():
    entries = "".join(f"- {text}. ({'HML'[rank]})\n" for text, rank in ENTRIES)
    assert ranked(f"# Harbour\n\n## What is good\n\n{entries}\n## Roadmap\n\n{entries}") == []


def test_entries_below_the_name_of_a_file_are_of_that_file():
    text = "# R\n\n## Quay\n\n- `a/tide.py`\n  - L3: read twice for each boat (H)\n  - L9: no end of it (M)\n- `a/ebb.py`\n  - L4: nobody waits for it (H)\n  - L8: two spellings of ebb (L)\n"
    assert read(text) == [
        ("P1", "read twice for each boat", (Place("a/tide.py", 3),)),
        ("P2", "no end of it", (Place("a/tide.py", 9),)),
        ("P1", "nobody waits for it", (Place("a/ebb.py", 4),)),
        ("P2", "two spellings of ebb", (Place("a/ebb.py", 8),)),
    ]


def test_how_good_each_file_is_finds_nothing():
    entries = "".join(
        f"- `a/{name}.py` {mark}\n"
        for name, mark in zip(("tide", "ebb", "fog", "quay", "lamp"), "🔴🟠🟡🔴🟠", strict=True)
    )
    assert read(f"# Harbour\n\n## Files\n\n{entries}") == []
