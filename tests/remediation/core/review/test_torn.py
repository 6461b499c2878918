"""What a report tells in pieces: tables torn by blank lines, a file and its lines under labels of their own."""

from remediation.core.review.blocks import read
from tests.remediation.core.review.test_by_strangers import told

HEADER, RULE, ROWS = (
    "| 問題 | 位置 | 嚴重程度 |",
    "|------|------|:---:|",
    ["| 鎖從不釋放 | `a.py:3` | 高 |", "| 沒有逾時 | `b.py` | 低 |"],
)
FOUND = [("P1", "鎖從不釋放", "a.py:3"), ("P2", "沒有逾時", "b.py")]


def test_a_table_with_a_blank_line_between_all_its_rows_is_one():
    assert told("# 報告\n\n## 問題\n\n" + "\n\n".join([HEADER, RULE, *ROWS]) + "\n") == FOUND


def test_a_table_that_is_torn_above_and_below_its_rule_only_is_one():
    assert told("# 報告\n\n## 問題\n\n" + "\n\n".join([HEADER, RULE, "\n".join(ROWS)]) + "\n") == FOUND


def test_rows_of_a_torn_table_know_their_lines():
    document = read("text\n\n| a |\n\n|---|\n\n| 1 |\n\n\n| 2 |\n\nmore\n")
    assert [(row.line, row.cells) for row in document.root.blocks[1].rows] == [(7, ("1",)), (10, ("2",))]
    assert document.root.blocks[2].line == 12


def test_two_tables_stay_two_torn_or_whole():
    for gap in ("\n", "\n\n"):
        tables = [gap.join([f"| {name} |", "|---|", f"| {name}1 |"]) for name in "ab"]
        blocks = read("\n\n".join(tables) + "\n").root.blocks
        assert [(block.header, [row.cells for row in block.rows]) for block in blocks] == [
            (("a",), [("a1",)]),
            (("b",), [("b1",)]),
        ]


def test_lines_under_a_label_of_their_own_are_of_the_file_in_the_label_before():
    text = (
        "# 审查\n\n## 严重问题\n\n### 1. 签收接口可以重放\n\n**文件**: `orders/sign.go`\n"
        "**位置**: 第 24-28 行（SignByClerk）、第 39 行（SignByGuest）\n\n**问题描述**:\n没有校验。\n"
    )
    assert told(text) == [("P0", "签收接口可以重放", "orders/sign.go:24-28 orders/sign.go:39")]


def test_the_degree_of_severity_makes_a_heading_whatever_is_counted_under_it():
    text = "# 审查\n\n## 3. 中严重度错误\n\n### 3.1 引擎层\n\n| # | 位置 | 问题 |\n|---|---|---|\n| M1 | `a.py:3` | 重试没有退避 |\n"
    assert told(text) == [("P2", "重试没有退避", "a.py:3")]
    assert told("# 审查\n\n## 问题\n\n### 中间件错误处理太散\n\n没有统一的格式。\n") == []
