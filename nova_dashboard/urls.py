"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from nova_dashboard.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
    path("", include("findings.urls")),
    path("", include("remediation.urls")),
]
