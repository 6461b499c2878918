"""Addresses of what machines do: webhooks, repositories, scans."""

from django.urls import path

from findings.views import following, past, repositories, scans
from findings.webhooks import webhook

app_name = "findings"
urlpatterns = [
    path("webhooks/<str:provider>/<str:token>/", webhook, name="webhook"),
    path("repositories/", repositories.repositories, name="repositories"),
    path("repositories/add/", repositories.add_repository, name="add_repository"),
    path("repositories/<slug:slug>/", repositories.repository, name="repository"),
    path("repositories/<slug:slug>/edit/", repositories.edit_repository, name="edit_repository"),
    path("repositories/<slug:slug>/stop/", following.stop_following, name="stop_following"),
    path("repositories/<slug:slug>/follow/", following.follow_again, name="follow_again"),
    path("repositories/<slug:slug>/scan/", repositories.scan_now, name="scan_now"),
    path("repositories/<slug:slug>/past/", past.past, name="past"),
    path("repositories/<slug:slug>/secret/", repositories.rotate_secret, name="rotate_secret"),
    path("scans/<int:pk>/", scans.scan, name="scan"),
]
