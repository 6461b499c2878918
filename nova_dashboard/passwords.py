"""Setting a password by the link in a mail: whoever did so is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.utils import translation
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.contrib.auth.forms import SetPasswordForm
    from django.http import HttpResponse

    from findings.models import User


class NewPassword(PasswordResetConfirmView):
    """Django's own page, which goes on to the start page, signed in. The link works once."""

    post_reset_login = True
    success_url = "/"

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        """Keep it, sign in, and say so in the person's language."""
        answer = super().form_valid(form)
        with translation.override(form.user.language):
            messages.success(self.request, _("Your password is set, and you are signed in."))
        return answer
