"""Grades beside what machines found: pages of repositories know nothing of grades, so their templates ask here."""

from collections.abc import Iterable
from typing import Any

from django import template

from remediation.models import Grade

register = template.Library()


@register.simple_tag
def grades(rows: Iterable[Any]) -> list[tuple[Any, str]]:
    """Each row with the letter of its newest grade, "" where it has none; `row.subject` names whose grade it is."""
    listed = list(rows)
    wanted = {subject for row in listed if (subject := _subject(row))}
    newest = Grade.objects.filter(subject__in=wanted).order_by("subject", "-at", "-id").distinct("subject")
    letters = dict(newest.values_list("subject", "letter"))
    return [(row, letters.get(_subject(row), "")) for row in listed]


def _subject(row: Any) -> str:
    subject: str = row["subject"] if isinstance(row, dict) else row.subject
    return subject
