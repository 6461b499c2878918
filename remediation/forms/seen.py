"""Forms over a row that other people change too: they know what was shown, so nobody overwrites what they never saw."""

import json
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from findings.actions.people import text_of
from findings.words import listed, paragraph


class SeenForm(forms.Form):
    """`seen` carries the values that the page showed, as text; who saves hands them to the action, which compares."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def remember(self, values: Mapping[str, Any]) -> None:
        """What the row holds now; it goes out with the form."""
        self.now = {name: text_of(value) for name, value in values.items()}
        self.initial["seen"] = json.dumps(self.now)

    def clean_seen(self) -> dict[str, str] | None:
        """What was shown; None where the sender does not say."""
        try:
            said = json.loads(self.cleaned_data["seen"] or "null")
        except ValueError:
            return None
        known = said if isinstance(said, dict) else {}
        return {name: str(text) for name, text in known.items() if name in self.now} or None

    def overtaken(self, who: str) -> None:
        """Somebody was quicker: say who and what, take over what the sender left alone, and ask to look again."""
        seen: Mapping[str, str] = self.cleaned_data["seen"] or {}
        changed = {name: text for name, text in seen.items() if self.now[name] != text}
        data = cast(QueryDict, self.data)
        for name, text in changed.items():
            sent = "\n".join(data.getlist(name)).replace("\r\n", "\n")
            if name in self.fields and sent == text:
                data.setlist(name, self.now[name].split("\n") if len(data.getlist(name)) > 1 else [self.now[name]])
        data["seen"] = json.dumps(self.now)
        told = listed(self._told(name, text) for name, text in changed.items() if name in self.fields)
        meanwhile = _("%(who)s changed meanwhile: %(what)s.") % {"who": who, "what": told} if told else ""
        again = _("Somebody changed this since you opened it. What you typed is kept: look, then save again.")
        self.add_error(None, paragraph([again, meanwhile]))

    def _told(self, name: str, text: str) -> str:
        label = self.fields[name].label or name
        before, after = text.replace("\n", " "), self.now[name].replace("\n", " ")
        return f"{label} ({before or '—'} → {after or '—'})"
