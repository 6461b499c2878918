"""Addresses of what people do: the week, the board, findings, items, teams, costs, imports, digests."""

from django.urls import path

from remediation.views import (
    board,
    cost_import,
    costs,
    digest,
    findings,
    frame,
    imports,
    items,
    settings,
    teams,
    triage,
    week,
)

app_name = "remediation"
urlpatterns = [
    path("", week.week, name="week"),
    path("week/<slug:slug>/", week.week, name="week"),
    path("week/<slug:slug>/commit/", week.commit_week, name="commit_week"),
    path("week/<slug:slug>/drop/<int:pk>/", week.drop_promise, name="drop_promise"),
    path("week/<slug:slug>/<str:iso>/", week.week, name="week"),
    path("board/", board.board, name="board"),
    path("board/<slug:slug>/", board.board, name="board"),
    path("items/<int:pk>/", items.item, name="item"),
    *(path(f"items/<int:pk>/{verb}/", items.change, {"verb": verb}, name=f"item_{verb}") for verb in items.VERBS),
    path("teams/<slug:slug>/", teams.team, name="team"),
    path("teams/<slug:slug>/settings/", teams.team_settings, name="team_settings"),
    path("teams/<slug:slug>/scale/", teams.set_scale, name="set_scale"),
    path("teams/<slug:slug>/invite/", teams.invite, name="invite"),
    path("teams/<slug:slug>/members/<int:pk>/", teams.set_role, name="set_role"),
    path("teams/<slug:slug>/members/<int:pk>/remove/", teams.remove_member, name="remove_member"),
    path("teams/<slug:slug>/tokens/", teams.make_token, name="make_token"),
    path("teams/<slug:slug>/tokens/<int:pk>/revoke/", teams.revoke_token, name="revoke_token"),
    path("profile/", settings.profile, name="profile"),
    path("findings/", findings.findings, name="findings"),
    path("findings/facets/", findings.facets, name="facets"),
    path("findings/bulk/", triage.bulk, name="bulk"),
    path("findings/undo/", triage.bulk_undo, name="bulk_undo"),
    path("findings/export/<slug:kind>/", findings.export, name="export"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    *(
        path(f"findings/<int:pk>/{verb.replace('_', '-')}/", triage.change, {"verb": verb}, name=f"finding_{verb}")
        for verb in triage.VERBS
    ),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.run, name="run"),
    path("imports/<int:pk>/accept/", imports.accept, name="run_accept"),
    path("imports/<int:pk>/drop/", imports.drop, name="run_drop"),
    path("imports/<int:pk>/undo/", imports.undo, name="run_undo"),
    path("theme/", frame.theme, name="theme"),
    path("language/", frame.language, name="language"),
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
