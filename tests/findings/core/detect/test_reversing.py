"""A value above its name is marked; a name without a value above it is not."""

import pytest

from findings.core.detect import page, reversing

LONG = "x" * 9000


def marked(text: str) -> bool:
    return any(role == reversing.ROLE for role, _ in page.marks(text.encode(), "yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "- value: plum\n  name: DB_PASSWORD\n",
        "- value:\n    plum\n\n  name:\n    db.password\n",
        "{value: plum, name: DB_PASSWORD}\n",
        '"value": "plum",\n"key": "api-token"\n',
        f"# {LONG}\n- value: plum  \n  name: DB_PASSWORD\n",
    ],
)
def test_a_value_above_its_name_is_marked(text: str):
    assert marked(text)


@pytest.mark.parametrize(
    "text",
    [
        "- name: DB_PASSWORD\n  value: plum\n",
        "- value: plum\n  other: pear\n  name: DB_PASSWORD\n",
        "- value: $PLUM\n  name: DB_PASSWORD\n",
        "- revalue: plum\n  name: DB_PASSWORD\n",
        "- value: plum\n  rename: DB_PASSWORD\n",
        "- value: plum\n  name: COLOUR\n",
    ],
)
def test_what_only_looks_like_one_is_not(text: str):
    assert not marked(text)
