"""The admin pages: everything can be looked at, only people and teams can be changed, and no secret is shown."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from findings.models import Repository, Team, User
from remediation.models import Item
from tests.cast import NOON, land, seen

pytestmark = pytest.mark.django_db
OURS = [m for app in ("findings", "remediation") for m in apps.get_app_config(app).get_models()]
LOOK_ONLY = [model for model in OURS if model not in (Team, User)]
INLINE = {"Membership"}


@pytest.fixture
def root(client) -> Client:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse"))
    return client


def page(model, *words: object) -> str:
    return "/".join(["/admin", model._meta.app_label, model._meta.model_name, *map(str, words)]) + "/"


def test_every_model_has_its_pages():
    assert {m.__name__ for m in OURS} - {m.__name__ for m in admin.site._registry} - _between() == INLINE


def _between() -> set[str]:
    return {m.__name__ for m in OURS if m._meta.auto_created}


@pytest.mark.parametrize("model", [m for m in LOOK_ONLY if m.__name__ not in INLINE], ids=lambda m: m.__name__)
def test_nothing_can_be_added_or_deleted(root, model):
    assert root.get(page(model)).status_code == 200
    assert root.get(page(model, "add")).status_code == 403
    refused = root.post(page(model), {"action": "delete_selected", "_selected_action": ["1"]})
    assert b"delete_selected" not in root.get(page(model)).content
    assert refused.status_code in (200, 302)


def test_a_row_is_shown_and_cannot_be_written(root, repository):
    land(repository, [seen(rule="kafka/under-replicated-topic", key="main/orders")], at=NOON)
    for row in (repository, repository.findings.get(), Item.objects.get()):
        address = page(type(row), row.pk, "change")
        assert b'name="_save"' not in root.get(address).content
        assert root.post(address, {"slug": "other", "title": "other"}).status_code == 403
        assert root.post(page(type(row), row.pk, "delete"), {"post": "yes"}).status_code == 403
        row.refresh_from_db()
        assert "other" not in str(row)


def test_no_hash_of_a_password_and_no_hook_secret_is_shown(root, repository, alice):
    User.objects.filter(pk=alice.pk).update(password="pbkdf2_sha256$1$salt$feedfacecafe")
    shown = root.get(page(User, alice.pk, "change")).content.decode()
    assert alice.email in shown
    assert "feedface" not in shown
    assert "pbkdf2" not in shown
    assert root.get(page(User, alice.pk, "password")).status_code == 200
    shown = root.get(page(Repository, repository.pk, "change")).content.decode()
    assert repository.url in shown
    assert repository.hook_secret not in shown
    assert repository.hook_token not in shown


def test_people_are_made_with_an_address_in_small_letters(root):
    answer = root.post(page(User, "add"), {"email": "New@Example.com", "name": "New", "usable_password": "false"})
    assert answer.status_code == 302
    assert User.objects.filter(email="new@example.com").exists()
    again = root.post(page(User, "add"), {"email": "NEW@example.com", "name": "New", "usable_password": "false"})
    assert again.status_code == 200
    assert b"already exists" in again.content


def test_a_team_and_its_members_can_be_changed(root, platform, alice, bob):
    address = page(Team, platform.pk, "change")
    assert root.get(address).status_code == 200
    kept = platform.memberships.get(user=alice)
    form = {
        "slug": "platform", "name": "Core", "timezone": "UTC", "language": "en", "sla_p0": 7, "sla_p1": 21, "sla_p2": 60,
        "holidays": "", "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1, "memberships-0-id": kept.pk,
        "memberships-0-team": platform.pk, "memberships-0-user": alice.pk, "memberships-0-role": "viewer",
        "memberships-0-capacity": "5",
    }  # fmt: skip
    assert root.post(address, form).status_code == 302
    kept.refresh_from_db()
    platform.refresh_from_db()
    assert (platform.name, kept.role) == ("Core", "viewer")


def test_a_team_that_owns_code_is_not_deleted(root, platform, repository):
    assert root.post(page(Team, platform.pk, "delete"), {"post": "yes"}).status_code == 403
    assert Team.objects.filter(pk=platform.pk).exists()


def test_people_who_are_not_staff_do_not_get_in(client, alice):
    client.force_login(alice)
    assert client.get("/admin/").status_code == 302
