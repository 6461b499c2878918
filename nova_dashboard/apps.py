"""The composition root."""

from django.apps import AppConfig

from nova_dashboard.celery import app as celery_app
from nova_dashboard.checks import templates_compile

__all__ = ["NovaDashboardConfig", "celery_app", "templates_compile"]


class NovaDashboardConfig(AppConfig):
    """Settings, the story of a scan, and the commands that need both halves.

    Importing the Celery app and the checks here makes them known wherever Django runs.
    """

    name = "nova_dashboard"
