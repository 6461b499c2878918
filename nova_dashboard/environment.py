"""Values from the environment. A malformed one stops the start with its name: it must not become a default."""

import os

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str) -> str:
    """A text; set but empty counts as not set."""
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int) -> int:
    """A whole number of at least 1."""
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number of at least 1, not {value!r}.")
    return int(value)
