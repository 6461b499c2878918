"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from nova_dashboard.health import healthz
from nova_dashboard.passwords import NewPassword
from nova_dashboard.views import health

handler500 = "nova_dashboard.views.broken"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("health/", health, name="health"),
    path("admin/", admin.site.urls),
    path("accounts/reset/<uidb64>/<token>/", NewPassword.as_view(), name="password_reset_confirm"),
    path("accounts/", include("django.contrib.auth.urls")),
    path("api/v1/", include("remediation.api.routes")),
    path("", include("findings.urls")),
    path("", include("remediation.urls")),
]
