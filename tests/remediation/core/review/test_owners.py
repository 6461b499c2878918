"""Whom a report names as owner, in every way that reports name people; and who of the team that is."""

import pytest

from remediation.core.owners import person_of
from remediation.core.review import parse

REPORT = """# Review of the depot

## P0 Blockers

### P0-1: Topics live on one broker

**Location**: `k8s/a.yaml` (line 3)
**Owner**: @anna

Kafka topics have replicas 1.

### P0-2: 缓存没有持久化

**负责人**：张伟
**位置**: `k8s/redis.yaml`

数据会丢失。

### P0-3: Nobody is on call

**Owner**: TBD
**Impact**: nights are long.

## P1 Problems

| ID | Problem | File | Assignee |
|---|---|---|---|
| P1-1 | Slow list of parcels | `src/list.rs:12` | Bo Lindqvist |
| P1-2 | Too many patches | `k8s/kustomization.yaml` | - |

## Checklist

### Week 1 (P0)

- [ ] Kafka topics: replicas 1 to 3
- [ ] Rotate the signing key (@chen)
- [ ] Add `@Transactional` to the outbox writer
- [ ] Write the pager's handbook, owner: dora@example.com

## Action plan

| Task | Owner | Effort |
|---|---|---|
| Split the gateway | 李雷、韩梅梅 | 2 days |
"""


@pytest.fixture(scope="module")
def review():
    return parse(REPORT, redact=str)


def test_owners_of_findings_are_read_from_labels_and_columns(review):
    assert {f.label: f.owner for f in review.findings} == {
        "P0-1": "@anna",
        "P0-2": "张伟",
        "P0-3": "",
        "P1-1": "Bo Lindqvist",
        "P1-2": "",
    }


def test_owners_of_entries_are_read_from_brackets_words_and_columns(review):
    owners = {item.title.split()[0]: item.owner for item in review.items}
    assert owners == {
        "Kafka": "@anna",
        "Rotate": "@chen",
        "Add": "",
        "Write": "dora@example.com",
        "Split": "李雷、韩梅梅",
    }


def test_a_label_of_an_owner_is_no_part_of_the_problem(review):
    assert all("Owner" not in f.problem and "负责人" not in f.problem for f in review.findings)


PEOPLE = {
    1: ("anna.berg@example.com", "Anna Berg"),
    2: ("bo@example.com", "Bo Lindqvist"),
    3: ("zhangwei@example.com", "张 伟"),
    4: ("bob@example.com", "Bob Stone"),
    5: ("robert@example.com", "Bob Marsh"),
}


@pytest.mark.parametrize(
    ("said", "account"),
    [
        ("Anna.Berg@Example.com", 1),
        ("Anna Berg <anna.berg@example.com>", 1),
        ("@bo", 2),
        ("bo", 2),
        ("bo lindqvist", 2),
        ("Bo (backend)", 2),
        ("张伟", 3),
        ("@nobody, @bo", 2),
        ("李雷、张伟", 3),
        ("Bob", 4),  # what stands before an @ goes before a first name
        ("Anna", 1),
        ("@zoe", None),
        ("anna@other.example.com", None),
        ("Platform team", None),
        ("", None),
    ],
)
def test_a_name_is_the_account_of_that_address_handle_or_name(said, account):
    assert person_of(said, PEOPLE) == account


def test_a_name_that_two_people_answer_to_is_nobody():
    assert person_of("Bob", {4: ("b.stone@example.com", "Bob Stone"), 5: ("b.marsh@example.com", "Bob Marsh")}) is None
