"""What a report says of the whole: verdicts in headings, labels and sums of tables; and what is no judgement and no cost."""

import pytest

from remediation.core.review import links, parse
from remediation.core.types import Review


def read(text: str) -> Review:
    return parse(text, redact=str)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("**Production Readiness: NOT READY**", "NOT READY"),
        ("**Overall Risk Level**: **HIGH** - not before the spring", "HIGH - not before the spring"),
        ("### 總體健康度：**5.4/10** 需要改進", "5.4/10 需要改進"),
        ("### Score: 57/100", "57/100"),
        ("**Overall Grade: B+ → A** (after the fixes)", "B+"),
        (
            "## 总体评分\n### 9.1 两版对比\n|维度|旧|新|变化|\n|-|-|-|-|\n|代码|6/10|7/10|⬆️|\n|**综合评分**|6/10|**7/10**|⬆️ 11%|",
            "7/10",
        ),
    ],
)
def test_a_verdict_is_read_where_the_whole_is_judged(said: str, verdict: str):
    assert read(f"# Review of the ferry\n\n{said}\n\nThe boats are old.\n").verdict == verdict


@pytest.mark.parametrize("said", ["**Risk Level**: HIGH", "## 审查结论\n位置：`boat.py:4` 缺日志", "| Speed | 7/10 |"])
def test_what_is_said_of_one_finding_is_no_verdict(said: str):
    assert read(f"# Review of the ferry\n\n{said}\n").verdict == ""


COSTS = """# Review
## Current monthly costs
| Service | {head} | Current cost |
|---|---|---|
| Gate | 500k | $180 |
| Pier | 50k | $35 |
"""


@pytest.mark.parametrize("head", ["Requests/Month", "Messages per month", "每月请求"])
def test_what_is_counted_by_the_month_costs_nothing(head: str):
    assert [str(table.total) for table in read(COSTS.format(head=head)).costs] == ["215"]


def test_what_is_counted_and_paid_for_costs():
    tables = read(
        "# Review\n## Costs\n| Service | Request costs/month |\n|---|---|\n| Gate | 20 |\n| Pier | 5 |\n"
    ).costs
    assert [str(table.total) for table in tables] == ["25"]


def test_rows_that_another_reading_took_are_not_told_as_lost():
    rows = "".join(f"| {title} | `boat.py:{n}` | Critical |\n" for n, title in enumerate(("Rust", "Rot", "Worms"), 1))
    told = "### 1. Tickets are sold twice\n**Severity**: High\n**Location**: `sell.py:3`\n**Problem**: no lock.\n"
    table = f"| Issue | File | Severity |\n|-|-|-|\n{rows}"
    counts = "- **Critical issues**: {n}\n- **High issues**: 1\n"
    taken, left = (
        read(f"# Review\n## Figures\n{counts.format(n=n)}\n## Findings\n{told}\n## Summary\n{table}") for n in (3, 0)
    )
    assert [len(review.findings) for review in (taken, left)] == [4, 1]
    assert [sum("rows of this table" in n.message for n in review.notices) for review in (taken, left)] == [0, 1]


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Sign-in without a second factor", "Account compromise if the password is leaked"),
        ("No TLS between the services", "Without TLS, tokens are sent and credentials are in plaintext"),
        ("Secrets - hardcoded service URLs", ""),
        ("JWT secret is not validated", "JWT secret from .env is not validated"),
        ("密码策略过弱", "一旦泄露密码，账户失守"),
        ("Tables of the main store", "`schema_version`, `messages`, `chats`"),
    ],
)
def test_what_would_come_of_it_and_what_is_no_secret_point_to_no_rule(title: str, body: str):
    assert not links.propose(title, body)


@pytest.mark.parametrize(
    "title",
    [
        "Hardcoded URLs and passwords in `app.py`",
        "TLS private keys committed to git",
        "Hardcoded database password in values.yaml",
        "硬编码地址和密码",
    ],
)
def test_a_secret_beside_something_else_is_still_one(title: str):
    assert [link.rule for link in links.propose(title)] == ["secrets/plaintext"]
