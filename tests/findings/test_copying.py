"""What goes in by COPY, a column at a time, is what comes out."""

import socket
from datetime import UTC, date, datetime

import pytest
from django.db import DataError, transaction
from hypothesis import given
from hypothesis import strategies as st

from findings.actions import bulk, copying
from findings.models import Draft, Event, Finding
from tests.cast import NOON, RULES, land, seen

AWKWARD = (
    "",
    "\\",
    "\\N",
    "\\.",
    "a\tb",
    "\\t",
    "two\nlines",
    "win\r\n",
    "\r",
    "\u2028",
    "\x1f",
    "naïve 值",
    "\\\\n",
    "{}",
)
NAMES = ("at", "actor", "verb", "subject", "before", "team_ref")
texts = st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=9))
rows = st.lists(
    st.tuples(
        st.datetimes(datetime(1, 2, 1), datetime(9999, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
        texts,
        texts,
        st.sampled_from(("one", "two")),
        st.dictionaries(texts, st.one_of(texts, st.integers(), st.none()), max_size=2),
        st.none() | st.integers(-(2**63), 2**63 - 1),
    ),
    max_size=7,
)


@pytest.mark.django_db
@given(rows)
def test_rows_come_back_as_they_were(given_rows):
    with transaction.atomic():
        copied = [(*row[:4], bulk.dump(row[4]), row[5]) for row in given_rows]
        rest = {"label": "", "after": "{}"}
        bulk.copy_in(Event, (*NAMES, *rest), [(*row, *rest.values()) for row in copied])
        assert list(Event.objects.order_by("pk").values_list(*NAMES)) == given_rows
        transaction.set_rollback(True)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(), max_size=2))
def test_json_is_written_one_way(value):
    assert bulk.dump(value) == bulk._encode(value)


def test_more_rows_than_go_together_all_go():
    numbers = range(2 * copying.TOGETHER + 1)
    written = "".join(copying.lines([copying.whole, copying.words], ((n, "x") for n in numbers)))
    assert written == "".join(f"{n}\tx\n" for n in numbers)


@pytest.mark.parametrize(("family", "wider"), [(socket.AF_UNIX, True), (socket.AF_INET, False)])
def test_only_a_local_connection_is_widened(family, wider):
    with socket.socket(family) as line:
        before = line.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        copying.widen(line.fileno())
        assert (line.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) > before) == wider


@pytest.mark.django_db
def test_what_no_database_keeps_is_refused_and_leaves_nothing():
    row = (NOON, "a", "b", "c", "{}", None, "", "{}")
    with pytest.raises(DataError, match="NUL"), transaction.atomic():
        bulk.copy_in(Event, (*NAMES, "label", "after"), [row, (NOON, "a\0b", *row[2:])])
    assert not Event.objects.filter(verb="b").exists()


@pytest.mark.django_db
def test_changed_rows_take_days_flags_and_nothing(repository):
    land(repository, [seen(RULES[0].key, "k8s/a.yaml", line) for line in range(bulk.FEW + 5)], at=NOON)
    keys = list(Finding.objects.order_by("pk").values_list("pk", flat=True))
    rows = [(key, 3, date(2026, 1, 2) if n % 2 else None, bool(n % 3)) for n, key in enumerate(keys)]
    bulk.update_in(Finding, ["due", "flapping"], rows)
    found = Finding.objects.order_by("pk").values_list("pk", "due", "flapping")
    assert list(found) == [(key, due, flapping) for key, _, due, flapping in rows]


def test_a_kind_without_a_way_goes_value_by_value():
    assert copying.kind_of(Draft._meta.get_field("seen")) is None
    assert copying.kind_of(Draft._meta.get_field("run")) is copying.whole
