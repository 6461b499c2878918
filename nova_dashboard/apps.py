"""The composition root."""

from django.apps import AppConfig

from nova_dashboard.celery import app as celery_app

__all__ = ["NovaDashboardConfig", "celery_app"]


class NovaDashboardConfig(AppConfig):
    """Settings, the story of a scan, and the commands that need both halves.

    Importing the Celery app here makes it the current one wherever Django runs.
    """

    name = "nova_dashboard"
