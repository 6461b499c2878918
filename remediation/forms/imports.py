"""What people hand in."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.core.formats.table import FORMATS
from findings.models import Repository, User
from remediation.actions.imports import REVIEW

MOST = 20  # files at once


class FilesInput(forms.ClearableFileInput):
    """An input for several files; a browser lets them be dropped on it."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files, none of them empty or too large."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The list of the files."""
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if len(given) > MOST:
            raise forms.ValidationError(_("At most %d files at once.") % MOST)
        files: list[UploadedFile] = [super(FilesField, self).clean(one, initial) for one in given or [None]]
        for file in files:
            if (file.size or 0) > settings.NOVA_UPLOAD_LIMIT:
                limit = filesizeformat(settings.NOVA_UPLOAD_LIMIT)
                wrong = _("%(name)s is larger than %(limit)s; split the report.") % {"name": file.name, "limit": limit}
                raise forms.ValidationError(wrong)
        return files


class UploadForm(forms.Form):
    """Reviews or reports, and the repository they speak of (one that this person leads)."""

    file = FilesField(
        label=gettext_lazy("Files"),
        max_length=300,
        widget=FilesInput(
            attrs={"accept": ".md,.markdown,.sarif,.json,.csv,.txt,.gz", "class": "dropzone", "multiple": True}
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        led = Repository.objects.led_by(user).order_by("name")
        self.fields["file"].help_text = _(
            "Choose files or drop them here: a review in Markdown; SARIF of any scanner; JSON of Gitleaks, Semgrep, "
            "Trivy or Checkov; our own JSON or CSV. Packed by gzip or not, %s each at most."
        ) % filesizeformat(settings.NOVA_UPLOAD_LIMIT)
        self.fields["repository"] = forms.ModelChoiceField(
            led, label=_("Repository"), empty_label=None, initial=led.first()
        )
        formats = [(name, form.title) for name, form in FORMATS.items()]
        self.fields["form"] = forms.ChoiceField(
            label=_("It is"),
            required=False,
            choices=[("", _("what its name and content say")), (REVIEW, _("a review in Markdown")), *formats],
        )
        self.order_fields(["repository", "file", "form"])


class AnywayForm(forms.Form):
    """Whether closings that cannot explain themselves are taken all the same."""

    anyway = forms.BooleanField(label=gettext_lazy("Close what it no longer names, all the same"), required=False)
