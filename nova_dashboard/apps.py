"""The composition root."""

from django.apps import AppConfig


class NovaDashboardConfig(AppConfig):
    """Settings, the story of a scan, and the commands that need both halves."""

    name = "nova_dashboard"
