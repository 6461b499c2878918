"""Ways in which different houses write findings down: each is read, and nothing is read into the rest."""

import pytest

from remediation.core.review import parse
from remediation.core.types import Place, Review


def read(text: str) -> Review:
    return parse(text, redact=lambda t: t)


def told(text: str) -> list[tuple[str, str, str]]:
    return [(f.priority.value, f.title, f.places[0].path if f.places else "") for f in read(text).findings]


SECURITY = """\
# 登录审计总结

## 级别说明
- **CRITICAL (CVSS 9+)**: 马上
- **HIGH (CVSS 7+)**: 尽快

## 1. 令牌
### 1.1 ✅ 做对的部分
#### 文件: `libs/jwt.rs`
**优点:**
1. **算法固定**: 很好

### 1.2 ⚠️ MEDIUM 风险: 没有检查签发时间
**严重程度**: MEDIUM (CVSS 5)
**位置**: `/libs/jwt.rs` 第 56-61 行

**问题**: 少一个检查

## 2. 内部调用
### 2.1 🔴 CRITICAL: 内部调用没有认证
**严重程度**: CRITICAL | **工时**: 2 天 | **文件**: `libs/client.rs:92-127`

## 3. 检查清单
| 检查项 | 状态 | 风险 |
|---|---|---|
| nbf | ❌ | HIGH |

## 4. 修复路线图
### 立即修复 (P0 - 1-2 周)
#### P0.1: 启用双向认证
```rust
a
```

## 5. 审计结论
### 关键缺陷
1. 🔴 **内部调用完全无认证** (CRITICAL)
2. ⚠️ **日志太多** (MEDIUM)
"""


def test_severity_in_numbered_headings_and_labels_counts_and_conclusions_repeat_nothing():
    assert told(SECURITY) == [
        ("P2", "没有检查签发时间", "libs/jwt.rs"),
        ("P0", "内部调用没有认证", "libs/client.rs"),
    ]


def test_labels_that_share_a_line_are_told_apart():
    call = read(SECURITY).findings[1]
    assert call.places == (Place("libs/client.rs", 92, 127),)
    assert call.effort is not None and call.effort.low == 16


def test_a_numbered_heading_in_a_roadmap_is_a_step_and_no_finding():
    review = read(SECURITY)
    assert [(i.title, i.phase, i.priority.value if i.priority else "") for i in review.items] == [
        ("启用双向认证", "立即修复", "P0")
    ]
    assert [(p.starts, p.days) for p in review.phases] == [(0, 14)]


def test_bold_lines_with_a_bracketed_priority_are_findings_even_under_praise():
    text = """\
# Practices

## 1. Errors
#### ✅ User service (GOOD)
Fine.

**[BLOCKER] Error text leaks**

Location: `svc/error.rs:122-127`

Risk: internals are shown.

#### ⚠️ Content (ACCEPTABLE)
- no derive

### 1.2 Panics
**1. Tests (fine)**
Words.

**4. Request handlers - CRITICAL**
See `svc/handlers.rs`.
"""
    assert told(text) == [("P0", "Error text leaks", "svc/error.rs"), ("P0", "Request handlers", "svc/handlers.rs")]
    assert read(text).findings[0].impact == "internals are shown."


def test_counted_problems_without_a_priority_take_it_from_a_table():
    text = """\
# 审查
### 问题 1️⃣：两张表重复计数
**问题：**
- 重复
### 问题 2️⃣：隐式依赖
**问题：**
- 无人知道

## 哪些会出事
| 问题 | 严重性 | 会出事 |
|---|---|---|
| 两张表重复 | 🔴 高 | 是 |
| 没有版本 | 🟡 中 | 是 |
"""
    review = read(text)
    assert [(f.priority.value, f.title, f.line) for f in review.findings] == [
        ("P1", "两张表重复计数", 2),
        ("P2", "没有版本", 13),
    ]
    assert [n.line for n in review.notices if "隐式依赖" in n.message] == [5]


def test_an_own_label_beats_the_section_and_a_resolved_one_is_told_but_not_taken():
    text = """\
## 🔴 P0 Critical Blockers
### 1. **[BLOCKER] Reads past the cache**
**位置**: `feed/src/lib.rs:L185`
**优先级**: P0 - MUST FIX
### 2. **[P1] Cache is off**
**位置**: `gate/src/lib.rs`
**状态**: ✅ 已解决
## 🟢 Optimisation
### 6. **Index audit**
```sql
SELECT 1;
```
**优先级**: P2 - next window
"""
    review = read(text)
    assert told(text) == [
        ("P0", "Reads past the cache", "feed/src/lib.rs"),
        ("P2", "Index audit", ""),
    ]
    assert [n.line for n in (*review.notices, *review.conflicts)] == [5]


def test_a_property_table_and_a_table_of_places_are_read_as_labels():
    text = """\
## P1 Issues
### 1. Slow lists
| 项目 | 内容 |
|---|---|
| 位置 | `a/list.rs` |
| 工时 | 3 天 |

### 2. Blocking reads
| File | Line | Call |
|---|---|---|
| `a/x.rs` | 12 | read |
| `a/y.rs` | 30-31 | write |
"""
    first, second = read(text).findings
    assert first.places == (Place("a/list.rs"),)
    assert first.effort is not None and first.effort.low == 24
    assert second.places == (Place("a/x.rs", 12), Place("a/y.rs", 30, 31))


@pytest.mark.parametrize(
    "text",
    [
        "# R\n\n## Recommended architecture\n\n1. **One service** - `a/b.rs`\n\n**Phase 1 (now)**:\n```\nx\n```\n",
        "# R\n\n## Statistics\n\n| Severity | Count |\n|---|---|\n| P0 | 3 |\n",
        "# R\n\n## P0 Blockers\n\nNone found.\n\n- None\n",
        "# R\n\n## Executive summary\n\n- **[P0]** see below, `a/b.rs`\n",
        "# R\n\n## What works well\n\n### 1. Tests\n\n**Location**: `a/b.rs`\n**Impact**: good\n",
        "# R\n\n## P0: fixed\n\n### ✅ P0-1: Done (`a/b.rs`)\n\n**Location**: `a/b.rs`\n",
    ],
    ids=["plans", "counts", "none", "summary", "praise", "done"],
)
def test_what_is_no_finding_is_not_made_one(text):
    assert told(text) == []


def test_a_bare_heading_of_priority_counts_for_its_neighbours():
    text = "## P0\n## 1. Secrets in git\n`a/b.yaml:1`\n## 2. No backups\n`a/c.yaml`\n## Other\nwords\n"
    assert [t[:2] for t in told(text)] == [("P0", "Secrets in git"), ("P0", "No backups")]


def test_a_second_telling_of_a_labelled_finding_completes_the_first():
    text = """\
## P0 Blockers
| ID | Problem | Fix |
|---|---|---|
| P0-1 | Pages answer 502 | add a route |

## Fixes in detail
### Fix P0-1: pages
words

### P0-1: Pages answer 502
**File**: `server.js:12`
"""
    review = read(text)
    assert [(f.label, f.places, f.fix) for f in review.findings] == [("P0-1", (Place("server.js", 12),), "add a route")]
