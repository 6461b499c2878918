"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest

THEMES = ("light", "dark")


def site(request: HttpRequest) -> dict[str, str]:
    """The version, and the theme this browser chose: `light`, `dark`, or nothing for the system's own."""
    theme = request.COOKIES.get("theme", "")
    return {"version": settings.VERSION, "theme": theme if theme in THEMES else ""}
