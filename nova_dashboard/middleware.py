"""What every answer carries: a strict policy, the reader's language and time zone, and what htmx can use."""

import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

GetResponse = Callable[[HttpRequest], HttpResponseBase]
View = Callable[..., HttpResponseBase]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def security_headers(get_response: GetResponse) -> GetResponse:
    """Nothing inline, nothing from elsewhere, no device features: on every answer, static files and errors included."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        response["Permissions-Policy"] = FEATURES
        return response

    return middleware


class SignInRequired(LoginRequiredMiddleware):
    """Every view needs a sign-in unless it says otherwise; one that does is not even asked whose session it is.

    So health and webhooks answer when the database is away, and spend no query on a stray cookie.
    """

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """A redirect to the sign-in page, or nothing."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class Person:
    """Speaks the signed-in person's language and reckons in their time zone.

    It waits for the view to be known: a page that needs no sign-in (health, webhooks) must not touch the session.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer; what was active before is active again after it."""
        language, zone = translation.get_language(), timezone.get_current_timezone()
        try:
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
            return response
        finally:
            translation.activate(language or settings.LANGUAGE_CODE)
            timezone.activate(zone)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        """Switch to the person's settings; a zone that this machine does not know is left alone."""
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return
        translation.activate(request.user.language)
        with suppress(zoneinfo.ZoneInfoNotFoundError, ValueError):
            timezone.activate(zoneinfo.ZoneInfo(request.user.timezone))


def htmx_answers(get_response: GetResponse) -> GetResponse:
    """Fragments and pages share URLs, so caches must tell them apart; an expired session moves the whole page."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        patch_vary_headers(response, ("HX-Request",))
        htmx = HtmxDetails(request)
        if htmx and response.status_code == 302:
            login = resolve_url(settings.LOGIN_URL)
            if response["Location"].startswith(login):
                # htmx would follow a 302 and swap the sign-in page into a table cell.
                here = htmx.current_url_abs_path or "/"
                return HttpResponseClientRedirect(f"{login}?next={quote(here)}")
        return response

    return middleware
