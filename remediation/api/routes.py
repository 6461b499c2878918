"""Every address of the API."""

from django.urls import path

from remediation.api import batches, costs, findings, grades, imports, items, repositories, scans
from remediation.api.description import views_for
from remediation.api.operation import Operation, name_of, nowhere, view_of

app_name = "api"
RESOURCES = (imports, batches, findings, items, repositories, scans, grades, costs)
OPERATIONS: tuple[Operation, ...] = tuple(o for resource in RESOURCES for o in resource.OPERATIONS)
document, page = views_for(OPERATIONS)
ROUTES = dict.fromkeys(operation.path for operation in OPERATIONS)
urlpatterns = [
    path("openapi.json", document, name="openapi"),
    path("", page, name="docs"),
    *(path(route, view_of([o for o in OPERATIONS if o.path == route]), name=name_of(route)) for route in ROUTES),
    path("<path:rest>", nowhere, name="nowhere"),
]
