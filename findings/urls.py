"""Addresses of what machines do: webhooks, repositories, scans."""

from django.urls import path

from findings.webhooks import webhook

app_name = "findings"
urlpatterns = [
    path("webhooks/<str:provider>/<str:token>/", webhook, name="webhook"),
]
