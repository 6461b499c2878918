"""Addresses of what people do: the week, the board, findings, items, teams, costs, imports, digests."""

from django.urls import URLPattern

app_name = "remediation"
urlpatterns: list[URLPattern] = []
