"""The human half."""

from django.apps import AppConfig


class RemediationConfig(AppConfig):
    """Remediation: what people promised."""

    name = "remediation"
