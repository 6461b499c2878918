"""The machine half."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Findings: what machines observed."""

    name = "findings"
