"""Pages of the human half: fetch with permission, form, action, render."""

from django.http import HttpRequest

from findings.models import User


class Request(HttpRequest):
    """A request of somebody who is signed in, as every view gets it that does not say otherwise."""

    user: User
