"""What people hand in."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.core.formats import FORMATS
from findings.models import Repository, User
from remediation.actions.imports import REVIEW

SIZE_LIMIT = 26 * 1024 * 1024


class UploadForm(forms.Form):
    """A review or a report, and the repository it speaks of (one that this person leads)."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=300,
        help_text=gettext_lazy("A review in Markdown, or SARIF 2.1.0 from any scanner; 26 MB at most."),
        widget=forms.ClearableFileInput(attrs={"accept": ".md,.markdown,.sarif,.json,.txt"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        led = Repository.objects.led_by(user).order_by("name")
        self.fields["repository"] = forms.ModelChoiceField(
            led, label=_("Repository"), empty_label=None, initial=led.first()
        )
        formats = [(name, form.title) for name, form in FORMATS.items()]
        self.fields["form"] = forms.ChoiceField(
            label=_("It is"),
            required=False,
            choices=[("", _("what its name says")), (REVIEW, _("a review in Markdown")), *formats],
        )
        self.order_fields(["repository", "file", "form"])

    def clean_file(self) -> UploadedFile:
        """Not larger than we read at once."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > SIZE_LIMIT:
            raise forms.ValidationError(_("This file is larger than 26 MB; split the report."))
        return file


class AnywayForm(forms.Form):
    """Whether closings that cannot explain themselves are taken all the same."""

    anyway = forms.BooleanField(label=gettext_lazy("Close what it no longer names, all the same"), required=False)
