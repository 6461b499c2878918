"""What a machine has to say of a report or a scan is said in the language of who reads it."""

import pytest
from django.utils import translation

from findings.core.types import Notice
from findings.words import noticed
from remediation.core.review.decode import decode
from remediation.core.review.parser import parse

REPORT = """# Mill

## P0-1: The gate opens by itself

**Location**: `mill/gate.py:12`

## Costs

| Service | Now |
|---|---|
| Wheel | $40 |
| Total | $90 |
"""


def test_a_total_that_is_wrong_is_told_in_english_and_in_chinese():
    (notice,) = (n for n in parse(REPORT, redact=str).notices if "add up" in n.message)
    assert noticed(notice) == notice.message
    with translation.override("zh-hans"):
        assert noticed(notice) == "表格总计写 90 USD，各行相加为 40"


def test_a_report_in_another_encoding_is_told_of_in_chinese():
    _, (notice,) = decode("# 评审\n\n数据库没有备份，密码写在清单里，服务只有一个副本。\n".encode("gb18030"))
    with translation.override("zh-hans"):
        assert noticed(notice).startswith("文件按 GB18030 读取")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("a symbolic link", "符号链接"),
        ("larger than 5000000 bytes", "大于 5000000 字节"),
        ("YAML is nested more than 100 deep", "YAML 嵌套超过 100 层"),
        ("what another tool says itself", "what another tool says itself"),
    ],
)
def test_why_a_file_was_not_read_is_told_in_chinese(reason, said):
    assert noticed(Notice(reason, "a.yaml")) == reason
    with translation.override("zh-hans"):
        assert noticed(Notice(reason, "a.yaml")) == said


def test_others_words_are_no_template():
    with translation.override("zh-hans"):
        assert noticed(Notice("100 % sure")) == "100 % sure"  # others' words are no template
