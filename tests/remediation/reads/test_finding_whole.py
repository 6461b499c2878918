"""A finding's page is of whom a list shows it to, and of nobody else."""

import pytest

from findings.models import Finding
from remediation.forms.filters import reader
from remediation.reads.finding_whole import whole
from tests.cast import NOON

pytestmark = pytest.mark.django_db


def test_a_page_shows_what_a_list_shows_and_the_same_of_it(mixed, django_assert_num_queries):
    Finding.objects.filter(pk__in=[f.pk for f in Finding.objects.order_by("pk")[::3]]).update(owner=mixed[0])
    for user in mixed:
        who, listed = reader(user, NOON), set(Finding.objects.visible_to(user).values_list("pk", flat=True))
        assert 0 < len(listed) <= Finding.objects.count()
        for finding in Finding.objects.select_related("rule", "owner"):
            with django_assert_num_queries(1):
                found = whole(finding.pk, who)
            assert (found is not None) == (finding.pk in listed)
            if found:
                said = [(f.__dict__ | {"_state": None, "_prefetched_objects_cache": None}) for f in (finding, found)]
                assert {name: said[1][name] for name in said[0]} == said[0]
                assert (found.rule, found.owner) == (finding.rule, finding.owner)


def test_a_key_that_no_row_can_have_is_nobodys(mixed):
    assert whole(10**30, reader(mixed[0], NOON)) is None
