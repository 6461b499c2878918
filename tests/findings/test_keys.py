"""Keys that are checked once for each statement: nothing may point at what is not there, from either side."""

import threading
from contextlib import suppress
from copy import copy

import pytest
from django.db import IntegrityError, connection, transaction

from findings.models import Component, Evidence, Finding, Occurrence, Run, User
from remediation.models import Placement
from tests.cast import NOON, RULES, land, seen

pytestmark = pytest.mark.django_db
KEYS = [
    (Finding, "repository_id"),
    (Finding, "component_id"),
    (Finding, "rule_id"),
    (Finding, "owner_id"),
    (Occurrence, "finding_id"),
    (Occurrence, "component_id"),
    (Occurrence, "from_run_id"),
    (Occurrence, "to_run_id"),
    (Placement, "item_id"),
    (Placement, "finding_id"),
]
NOBODY = 987_654


@pytest.fixture
def landed(repository):
    land(repository, [seen(RULES[0].key, "k8s/a.yaml", line) for line in (1, 2, 3)], at=NOON)
    Occurrence.objects.update(to_run=Run.objects.get())
    Finding.objects.update(owner=User.objects.create_user("owner@example.com"))
    return repository


@pytest.mark.parametrize(("model", "column"), KEYS)
def test_a_new_row_points_at_what_is_there(landed, model, column):
    row = model.objects.order_by("pk")[0]
    row.pk = None
    setattr(row, column, NOBODY)
    with pytest.raises(IntegrityError, match=column):
        row.save(force_insert=True)


@pytest.mark.parametrize(("model", "column"), KEYS)
def test_a_changed_row_points_at_what_is_there(landed, model, column):
    with pytest.raises(IntegrityError, match=column):
        model.objects.update(**{column: NOBODY})


@pytest.mark.parametrize(("model", "column"), KEYS)
def test_what_is_pointed_at_stays(landed, model, column):
    parent = model._meta.get_field(column).related_model._meta.db_table
    key = model.objects.order_by("pk").values_list(column, flat=True)[0]
    with pytest.raises(IntegrityError, match=column), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {parent} WHERE id = %s", [key])
        cursor.execute(f"SET CONSTRAINTS {model._meta.db_table}_{column}_left IMMEDIATE")


@pytest.mark.django_db(transaction=True)
def test_what_is_about_to_be_pointed_at_cannot_go_meanwhile(landed):
    component = Component.objects.create(repository=landed, team=landed.components.get().team, name="late", position=1)
    place, refused = Occurrence.objects.order_by("pk")[0], []

    def remove():
        try:
            component.delete()
        except IntegrityError as error:
            refused.append(str(error))
        finally:
            connection.close()

    other = threading.Thread(target=remove)
    with transaction.atomic():
        place.pk, place.component = None, component
        place.save(force_insert=True)
        other.start()
        other.join(1)
        assert other.is_alive()  # it waits for us
    other.join(10)
    assert "component_id still points" in refused[0]
    assert Occurrence.objects.filter(component=component).exists()


@pytest.mark.django_db(transaction=True)
def test_what_goes_meanwhile_cannot_be_pointed_at(landed):
    component = Component.objects.create(repository=landed, team=landed.components.get().team, name="late", position=1)
    place, refused = Occurrence.objects.order_by("pk")[0], []

    def point():
        try:
            place.pk, place.component = None, component
            place.save(force_insert=True)
        except IntegrityError as error:
            refused.append(str(error))
        finally:
            connection.close()

    other = threading.Thread(target=point)
    with transaction.atomic():
        Component.objects.filter(name="late").delete()
        other.start()
        other.join(1)
        assert other.is_alive()
    other.join(10)
    assert "component_id points at what is not" in refused[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("missing", [[], [0], [75], [149]])
def test_many_rows_that_point_at_what_was_just_made_are_checked_as_well(landed, missing):
    one, place, count = (
        Finding.objects.order_by("pk")[0],
        Occurrence.objects.order_by("pk")[0],
        Occurrence.objects.count(),
    )
    fields = {f.attname: getattr(one, f.attname) for f in Finding._meta.concrete_fields if not f.generated}
    fresh = [Finding(**fields | {"id": one.pk + 1_000 + n}) for n in range(150)]
    rows = [copy(place) for _ in fresh]
    for row, finding in zip(rows, fresh, strict=True):
        row.pk, row.finding_id = None, finding.pk
    with suppress(IntegrityError), transaction.atomic():
        Finding.objects.bulk_create([finding for n, finding in enumerate(fresh) if n not in missing])
        Occurrence.objects.bulk_create(rows)
    assert Occurrence.objects.count() - count == (0 if missing else 150)


def test_what_closes_a_finding_is_there_and_its_own(landed):
    one, other = Finding.objects.order_by("pk")[:2]
    proof = Evidence.objects.create(
        finding=other, closes=True, kind="attested", person="ada", text="rotated", at=NOON, rule_version=1
    )
    for key in (NOBODY, proof.pk):
        with pytest.raises(IntegrityError, match="closed_by_own_evidence"), transaction.atomic():
            Finding.objects.filter(pk=one.pk).update(evidence=key)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS closed_by_own_evidence IMMEDIATE")
