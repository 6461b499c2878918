"""What every answer carries, and in whose language and time zone it is written."""

import logging
from io import StringIO

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone, translation

from nova_dashboard.middleware import POLICY

pytestmark = pytest.mark.django_db


def where(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{translation.get_language()} {timezone.get_current_timezone_name()}")


@login_not_required
def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("boom")


urlpatterns = [path("where", where), path("crash", crash), path("", include("nova_dashboard.urls"))]


@pytest.fixture(autouse=True)
def routes():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere():
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self';")


@pytest.mark.parametrize("address", ["/healthz", "/where", "/no/such/page", "/crash", "/admin/login/"])
def test_every_answer_has_the_headers_errors_included(address):
    response = Client(raise_request_exception=False).get(address)
    assert response["Content-Security-Policy"] == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    assert "camera=()" in response["Permissions-Policy"]


def test_a_person_reads_in_their_language_and_zone_and_nobody_else_does(client, alice):
    alice.language, alice.timezone = "zh-hans", "Asia/Shanghai"
    alice.save()
    before = translation.get_language(), timezone.get_current_timezone_name()
    client.force_login(alice)
    response = client.get("/where")
    assert response.content == b"zh-hans Asia/Shanghai"
    assert response["Content-Language"] == "zh-hans"
    assert (translation.get_language(), timezone.get_current_timezone_name()) == before


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd"])
def test_a_zone_this_machine_does_not_know_is_left_alone(client, alice, zone):
    alice.timezone = zone
    alice.save()
    client.force_login(alice)
    assert client.get("/where").content == b"en UTC"


def test_fragments_and_pages_are_told_apart_by_caches(client, alice):
    client.force_login(alice)
    assert "HX-Request" in client.get("/where")["Vary"]


def test_an_expired_session_moves_the_whole_page_to_sign_in(client):
    page = {"HX-Request": "true", "HX-Current-URL": "http://testserver/findings/?q=a b"}
    response = client.get("/where", headers=page)
    assert response["HX-Redirect"] == "/accounts/login/?next=/findings/%3Fq%3Da%20b"
    assert response.status_code == 200


def test_a_page_of_another_site_is_no_place_to_return_to(client):
    page = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"}
    assert client.get("/where", headers=page)["HX-Redirect"] == "/accounts/login/?next=/"


def test_without_htmx_a_sign_in_is_an_ordinary_redirect(client):
    assert client.get("/where").url == "/accounts/login/?next=/where"


def test_a_foreign_host_is_refused_and_told_in_one_line(monkeypatch):
    (console,) = (handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler)
    written = StringIO()
    monkeypatch.setattr(console, "stream", written)
    assert Client(headers={"host": "elsewhere.example"}).get("/healthz").status_code == 400
    assert written.getvalue().count("\n") == 1
    assert "elsewhere.example" in written.getvalue()
