"""The machine half."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from findings.core.detect import keep_in
from findings.kept import Folder


class FindingsConfig(AppConfig):
    """Findings: what machines observed."""

    name = "findings"

    def ready(self) -> None:
        """Say where compiled patterns are kept; they are made when first needed."""
        keep_in(Folder(Path(settings.NOVA_CACHE)))
