"""Small reviews by invented reviewers, each in the manner of another house."""

ENGLISH = """\
# Shop backend: architecture review

**Review date**: 2025-03-14
**Verdict**: 🟡 workable, not yet safe

## Executive summary

Two blockers, [P0-1] and [P0-2], stand in the way of the launch.

| Severity | Count |
|---|---|
| P0 | 2 |
| P1 | 2 |

## P0 Blockers

### P0-1: Database password in the repository

**Location**: `deploy/prod/` and `deploy/base/db.yaml` (lines 12-14)

```yaml
# orders.yaml (line 31)
PASSWORD: "hunter2-hunter2"
```

**Impact**:
- Everyone with a clone can log in.

**Fix (today)**:
```bash
# rotate.sh is new
./rotate.sh
```

### P0-2: Session store forgets on restart

**Location**: deploy/base/redis.yaml:40-41
**Problem**: the data directory is an `emptyDir`.
**Effort**: 1-2 days

## P1 – should fix before the launch

### P1-1: One query per row

**Files affected:**
- `orders/src/list.rs:88` and `orders/src/main.rs` (412 lines)

**Recommendation**: join the tables.

### P1-AUTH-002: Admin routes are open

- **Severity:** P1 - HIGH
- **File:** [routes](gateway/src/routes.rs#L10-L20)
- **Impact:** anyone can delete.

### ✅ P1-3: TLS is now enforced

Done in March.

## What works well

### 1. Tests

The tests in `orders/tests/api.rs` are good.

## Infrastructure

### 🔥 Overlay full of patches

**Location**: `deploy/staging/kustomization.yaml`
**Problem**: 14 patches for one kustomize overlay.
**Fix**: three of them would do.

## Costs

**Current monthly cost**:

| Service | Size | Monthly |
|---|---|---|
| Database | large | $120 |
| Broker | 3 nodes | $1,080/yr |
| Search | ? | TBD |
| **Total** | | **$210/mo** |

| Service | Current | Optimised | Saving |
|---|---|---|---|
| Database | $120 | $60–80 | 40% |
| Total | $120 | $90 | |

## Action list

### This week (P0)

1. **Secure the secrets** (3 hours):
   - Rotate the database password
   - Remove it from git history
2. **Move the session store to a volume** (1 day)

### Next quarter (P2)

1. **Simplify the staging overlay** (2 days): kustomize patches 14 -> 3

## Checklist

### Week 1 (P0)

- [x] Rotate the database password
- [ ] Purge the password from git history
- [ ] Give the session store a persistent volume (redis)

### Week 2-3 (P0)

- [ ] Fetch orders in one query (P1-1)

### Month 3+

- [ ] Rethink the number of services
"""

SIMPLIFIED = """\
# 仓储系统审查

审查日期：2025年4月2日

## 第一部分：数据

### ⚠️ 致命问题 (P0)

#### 1. 消息主题只有一个副本
**问题描述**：Kafka 主题的副本数为 1。

**受影响位置**：
- `/infra/kafka/topics.yaml:5-9` (订单主题)
- `/infra/kafka/audit.yaml`

```yaml
# 文件: kafka/topics.yaml, 6-7 行
replicas: 1
```

**为什么不行**：
1. **节点会坏** - 数据就丢了

**修复方案**：
- 写 `infra/kafka/new.yaml`

**影响范围**：
- 全部订单

### ⚠️ 严重问题 (P1)

#### 2. 启动函数太长
文件: `stock/src/main.rs`（第 20 至 480 行）

| 步骤 | 耗时 | 问题 |
|---|---|---|
| 配置 | 1s | 慢 |

**预计工时**：3 天

## 第二部分：限流

### 🔴 高危问题

#### 1. 连接外面包了一层锁
**位置**：`stock/src/pool.rs` 第 8-9 行
**问题**：`Arc<Mutex<ConnectionManager>>` 是多余的。

## 行动计划

### 第一周

| 任务 | 优先级 | 预计工时 |
|---|---|---|
| Kafka 主题改为三个副本 | P0 | 4h |
| 去掉连接外面的锁 (Mutex) | P0 | 半天 |
"""

TRADITIONAL = """\
# 帳務後端審查報告

**審查日期**: 2025-05-06

### 🎯 核心判斷：❌ 還不能上線

| 風險等級 | 數量 | 影響範圍 |
|---|---|---|
| P0-阻斷 | 2個 | 全部 |

## 安全審計

### 2.1 P0級安全漏洞（必須立即修復）

#### **[P0-1] 金鑰寫在程式裡**

**位置**: `ledger/src/keys.rs:44-48`

**影響**：任何人都能偽造。

**修復**：
改用密鑰管理。

**工時**：2 小時

#### **[P0] 帳目表沒有索引**
```sql
SELECT 1;
```
**修復**：加上索引。

### 2.2 其他
沒有問題。

## 修復路線圖（優先級排序）

### 🚨 第1週：P0阻斷問題

1. **Day 1-2**: 換掉金鑰（P0-1）
   - 刪除舊的
2. **Day 3**: 為帳目表加索引

### 持續改進（2-3月）

3. 合併服務
"""

LISTS = """\
# Audit

## Critical Issues

### SQL injection in the search
**File:** `search/query.py:42`
**Issue:** user input inside SQL
**Effort:** 2-3 hours

### Background
Words.

## High Priority

1. **No retries** - `http/client.py:10-30` gives up at once (2h)
2. **Slow lists** - see `http/list.py`
- none

## Medium

**1. Functions are long**
`app/big.py` has 900 lines.

**2. No types**
`app/untyped.py`

## Low

| # | Issue | File | Fix |
|---|---|---|---|
| 7 | Typo in a log line | `app/log.py:9` | correct it |

## All in one table

| ID | Severity | Finding | Location | Recommendation | Effort |
|---|---|---|---|---|---|
| SEC-1 | Critical | SQL injection in the search | `search/query.py:42` | bind | 2h |
| SEC-2 | High | No TLS | `ingress.yaml` | turn it on | 1 day |
| SEC-3 | 🟡 Medium | Open port | `fw.tf` | close it | 1h |
| SEC-4 | Low | Old thing | | | |
"""
