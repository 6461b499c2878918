"""The rows beside a finding are those of the list that its page was opened from, however it is sorted."""

import pytest

from findings.models import Finding
from remediation.forms.filters import ORDERS, Filter, reader
from remediation.reads.matching import matching
from remediation.reads.neighbours import neighbours
from tests.cast import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def readers(mixed):
    """One who sees both teams, and one for whom part of what they see is shared by the other team."""
    return tuple(reader(user, NOON) for user in mixed)


@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize("asked", [{}, {"state": ("accepted",)}, {"state": ("any",)}, {"priority": ("P1",)}])
def test_each_row_has_those_beside_it_that_the_list_has(readers, sort, asked):
    for who in readers:
        chosen = Filter(sort=sort, **asked)
        listed = list(chosen.order.sorted(matching(chosen, who)))
        assert len(listed) > 1
        for n, finding in enumerate(listed):
            beside = {True: listed[n - 1].pk if n else None, False: listed[n + 1].pk if listed[n + 1 :] else None}
            assert neighbours(finding, chosen, who) == {side: pk for side, pk in beside.items() if pk}


def test_what_is_not_in_the_list_stands_where_it_would_be(readers):
    who, chosen = readers[0], Filter()
    for finding in Finding.objects.filter(state="accepted"):
        rows = [*matching(chosen, who), finding]
        listed = [row.pk for row in sorted(rows, key=lambda row: (row.priority, row.pk))]
        at = listed.index(finding.pk)
        known = {True: listed[at - 1] if at else None, False: listed[at + 1] if listed[at + 1 :] else None}
        assert neighbours(finding, chosen, who) == {side: pk for side, pk in known.items() if pk}


def test_a_finding_of_others_is_beside_only_where_it_is_shared(readers):
    _alice, charlie = readers
    assert charlie.others
    seen_by = set(matching(Filter(), charlie).values_list("pk", flat=True))
    assert 0 < len(seen_by) < Finding.objects.filter(state="open").count()
    beside = {pk for finding in Finding.objects.all() for pk in neighbours(finding, Filter(), charlie).values()}
    assert beside <= seen_by


def test_it_is_one_statement_whatever_the_order(readers, django_assert_num_queries):
    finding = Finding.objects.latest("pk")
    for who in readers:
        for sort in ORDERS:
            with django_assert_num_queries(1):
                neighbours(finding, Filter(sort=sort), who)
