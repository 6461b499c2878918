"""An accepted review as Markdown again: what it said, with today's ticks, proofs and owners."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from findings.models import Finding, User
from findings.templatetags.nova import STATES, shortsha
from remediation.actions.described import key_of
from remediation.actions.reading import said_by
from remediation.core import types as said
from remediation.core.review.export import Mark, with_marks
from remediation.models import Item, Review
from remediation.reads.items import Row, detailed, row_of


def report(review: Review, user: User, today: date) -> str:
    """The text of a review with a mark under each finding and item that this person may see."""
    told = said_by(review)
    marks = dict(_findings(review, told, user)) | dict(_items(review, told, user, today))
    return with_marks(review.text, marks, _("where it stands on %s") % date_format(today, "SHORT_DATE_FORMAT"))


def _findings(review: Review, told: said.Review, user: User) -> Iterator[tuple[int, Mark]]:
    category = review.run.category
    keys = {key_of(category, f.anchor): f for f in told.findings}
    rows = Finding.objects.visible_to(user).filter(repository=review.repository, rule__tool="review", key__in=keys)
    for row in rows.select_related("owner", "evidence"):
        yield keys[row.key].line, Mark(_finding(row))


def _finding(row: Finding) -> str:
    parts = [_word(row.state)]
    if row.evidence is not None and row.evidence.commit:
        parts.append(_("at %s") % shortsha(row.evidence.commit))
    parts += _whose(str(row.owner) if row.owner else "", row.due)
    return f"{', '.join(parts)} · {_address(row.get_absolute_url())}"


def _items(review: Review, told: said.Review, user: User, today: date) -> Iterator[tuple[int, Mark]]:
    lines: Mapping[str, int] = {i.anchor: i.line for i in told.items}
    rows = detailed(Item.objects.visible_to(user).filter(checklist__review=review, anchor__in=lines))
    for item in rows:
        row = row_of(item, today)
        yield lines[item.anchor], Mark(_item(row), row.done or bool(item.claimed_at))


def _item(row: Row) -> str:
    parts = [_word(row.state)]
    if row.item.settled_commit:
        parts.append(_("at %s") % shortsha(row.item.settled_commit))
    if row.progress.total:
        parts.append(_("%(fixed)d of %(total)d proven") % {"fixed": row.progress.proven, "total": row.progress.total})
    parts += _whose(str(row.item.owner) if row.item.owner else "", row.item.due)
    return f"{', '.join(parts)} · {_address(row.item.get_absolute_url())}"


def _whose(owner: str, due: date | None) -> list[str]:
    parts = [_("owner %s") % owner] if owner else []
    return [*parts, _("due %s") % date_format(due, "SHORT_DATE_FORMAT")] if due else parts


def _word(state: str) -> str:
    return str(STATES[str(state)][1]) if str(state) in STATES else str(state)


def _address(path: str) -> str:
    return f"{settings.BASE_URL}{path}"
