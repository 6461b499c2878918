"""A small review by an invented auditor, as a lead would upload it."""

PASSWORD = "quay-Lantern-58-mistral"

REVIEW = f"""\
# Ternpost: audit of operations

**Review date**: 2026-02-11

**Verdict**: 🟡 C. Sound at heart, careless at the edges.

## Critical problems (P0)

### P0-1: The backup account's password is written down

**Location**: `deploy/base/postgres.yaml` (line 9)

```yaml
BACKUP_USER: backup
BACKUP_PASSWORD: "{PASSWORD}"
```

**Impact**: whoever reads this file reads every backup.

**Fix**: give the backup job a credential of its own from the secret store.

**Effort**: 2 hours

## Important problems (P1)

### P1-1: Telemetry is sent without a deadline

**Location**: `libs/telemetry/src/lib.rs` (line 3)

**Impact**: a slow collector slows every request.

**Fix**: a deadline of one second, then drop the sample.

**Effort**: 1 day

### P1-2: The search heap is set in a file that is not there

**Location**: `deploy/base/search-heap.yaml` (line 4)

**Impact**: nobody knows how large the heap is.

**Fix**: set it where the stateful set is.

## Costs

### Now

| Service | Size | A month |
|---|---|---|
| Backup storage | 2 TB | $90 |
| Collectors | 3 × 2 GB | $60 |
| **Total** | | **$150/month** |

### After

| Service | Size | A month |
|---|---|---|
| Backup storage | 1 TB | $45 |
| Collectors | 1 × 2 GB | $20 |
| **Total** | | **$75/month** |

**Saves $75 a month.**

## Checklist

### Week 1

- [ ] Give the backup job a credential of its own

### Month 2

- [ ] Put a deadline on telemetry
- [ ] Write down how large the search heap is
"""

UNSURE = """\
# Ternpost: remarks of a visitor

## What was seen

### 1. Logs carry no request number

**Problem**: nobody can follow one request.
**Location**: `libs/telemetry/src/lib.rs:3`

### 2. The runbook names people who left

**Problem**: who is on call rings in vain.
**Location**: `docs/runbook.md`

### 3. Two names for one queue

**Problem**: readers are puzzled.
**Location**: `services/gateway/src/main.rs`
"""
