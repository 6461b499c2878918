"""A person's choices about the frame: theme and language. Plain forms, so they work without scripts."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from findings.actions import save_profile
from findings.pages import person

YEAR = 365 * 24 * 3600
THEMES = ("light", "dark")


def back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page the form stood on; never to another site."""
    there = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(there, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(there if safe else "/")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system says. A cookie: it belongs to this browser, not to the person."""
    chosen, response = request.POST.get("theme", ""), back(request)
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=settings.SECURE)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of pages and mail. The cookie speaks for pages without a person: signing in."""
    chosen, user, response = request.POST.get("language", ""), person(request), back(request)
    if chosen in dict(settings.LANGUAGES):
        save_profile(user, name=user.name, language=chosen, timezone=user.timezone, shortcuts=user.shortcuts)
        name = settings.LANGUAGE_COOKIE_NAME
        response.set_cookie(name, chosen, max_age=YEAR, samesite="Lax", secure=settings.SECURE)
    return response
