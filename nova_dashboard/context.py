"""What every template may use."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from findings.frame import frame, team_of

THEMES = ("light", "dark")


def site(request: HttpRequest) -> dict[str, Any]:
    """The theme this browser chose (`light`, `dark`, or nothing for the system's own), and the frame.

    What costs a query waits until a template asks: fragments have no frame, and pay nothing for it.
    """
    theme = request.COOKIES.get("theme", "")
    always = {"theme": theme if theme in THEMES else ""}
    user = getattr(request, "user", None)  # an error page may come before there is one
    if user is None or not user.is_authenticated:
        return always
    return always | {
        "keys": user.shortcuts,
        "team": SimpleLazyObject(lambda: team_of(request)),
        "frame": lambda: frame(request),
    }
