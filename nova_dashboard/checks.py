"""Checks of ours that `manage.py check --deploy` runs, and with it `make lint`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateSyntaxError
from django.template.loader import get_template


@register("templates", deploy=True)
def templates_compile(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every template of ours can be read, so that a typing error in a rare page is found here and not by its reader."""
    problems: list[CheckMessage] = []
    root = Path(settings.BASE_DIR) / "templates"
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        name = str(file.relative_to(root))
        try:
            get_template(name)
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            problems.append(Error(str(error), obj=name, id="nova.E001"))
    return problems
