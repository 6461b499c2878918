"""Who is signed in: read by statements of ours, with nothing let through that Django would not."""

from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.forms.models import model_to_dict
from django.utils import timezone

from findings import actions
from findings.accounts import Accounts
from findings.columns import Columns
from findings.models import Component, Membership, Repository, Team, User
from findings.parts import components_near
from tests.cast import member

LIST = "/findings/"


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    assert client.get(LIST).status_code == 200
    return client


def test_a_session_that_is_over_signs_nobody_in(signed_in):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert signed_in.get(LIST).status_code == 302


def test_a_session_that_nobody_gave_out_signs_nobody_in(signed_in):
    signed_in.cookies["sessionid"] = "x" * 32
    assert signed_in.get(LIST).status_code == 302


def test_who_may_sign_in_no_more_is_out_with_the_next_page(signed_in, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert signed_in.get(LIST).status_code == 302


def test_an_account_that_is_gone_is_nobodys(signed_in, alice):
    Membership.objects.filter(user=alice).delete()
    User.objects.filter(pk=alice.pk).delete()
    assert signed_in.get(LIST).status_code == 302


def test_another_password_ends_the_sessions_there_were(signed_in, alice):
    alice.set_password("another horse")
    alice.save()
    assert signed_in.get(LIST).status_code == 302


def test_a_seat_counts_from_the_next_page_on_and_until_it_is_gone(signed_in, alice, other_team):
    assert signed_in.get("/teams/delivery/").status_code == 404
    seat = Membership.objects.create(team=other_team, user=alice, role="viewer")
    assert signed_in.get("/teams/delivery/").status_code == 200
    seat.delete()
    assert signed_in.get("/teams/delivery/").status_code == 404


def test_seats_are_by_the_names_of_their_teams_with_all_that_a_team_is(alice, platform):
    first = actions.create_team("early", name="Early", actor="test")
    Team.objects.filter(pk=first.pk).update(scale={"HIGH": "P0"}, holidays=[date(2026, 12, 25)])
    member(first, "alice", "member")
    seats = Accounts().get_user(alice.pk).seats
    assert [(seat.team.slug, seat.role) for seat in seats] == [("early", "member"), ("platform", "lead")]
    assert [model_to_dict(seat.team) for seat in seats] == [
        model_to_dict(team) for team in Team.objects.order_by("name")
    ]
    assert seats[0].capacity == Membership.objects.get(pk=seats[0].pk).capacity
    assert seats[0].user == alice


def test_who_sits_nowhere_has_no_seats(db):
    nobody = User.objects.create_user("nobody@example.com", "correct horse")
    assert Accounts().get_user(nobody.pk).seats == []


@pytest.mark.parametrize("model", [User, Team, Membership, Component, Repository])
def test_a_row_of_a_statement_is_what_a_queryset_makes_of_it(model, alice, platform, repository):
    Team.objects.update(scale={"HIGH": "P0"}, holidays=[date(2026, 12, 25)])
    columns, made = Columns(model, "one"), model.objects.order_by("pk").first()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {model._meta.db_table} one WHERE id = %s", [made.pk])
        [values] = cursor.fetchall()
    read = columns.read(values)
    assert len(columns) == len(values)
    assert vars(read) | {"_state": None} == vars(made) | {"_state": None}
    assert (read._state.adding, read._state.db) == (False, "default")


def test_the_components_beside_ones_own_come_with_theirs(alice, platform, other_team, repository):
    actions.define_component(repository, "k8s", team=other_team, paths=["k8s"], actor="test")
    parts = components_near([platform], [platform.pk])
    rows = Component.objects.filter(repository=repository).select_related("team", "repository")
    assert list(parts.values()) == list(rows.order_by("position", "pk"))
    assert {part.team.slug for part in parts.values()} == {"platform", "delivery"}
    assert all(part.team is platform for part in parts.values() if part.team_id == platform.pk)
    assert {part.repository for part in parts.values()} == {repository}
