"""Addresses of what people do: the week, the board, findings, items, teams, costs, imports, digests."""

from django.urls import path

from remediation.views import cost_import, costs, digest

app_name = "remediation"
urlpatterns = [
    path("teams/<slug:slug>/costs/", costs.costs, name="costs"),
    path("teams/<slug:slug>/costs/lines/", costs.lines, name="cost_lines"),
    path("teams/<slug:slug>/costs/import/", cost_import.import_file, name="cost_import"),
    path("teams/<slug:slug>/costs/remove/", costs.remove, name="cost_remove"),
    path("digest/", digest.settings, name="digest"),
    path("digest/preview/", digest.preview, name="digest_preview"),
    path("digest/send/", digest.send_now, name="digest_send"),
    path("digest/unsubscribe/<str:token>/", digest.unsubscribe, name="unsubscribe"),
    path("digest/subscribe/<str:token>/", digest.subscribe, name="subscribe"),
]
