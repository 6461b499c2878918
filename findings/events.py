"""The log: one row for each thing somebody or something did."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from findings.models import Event, Finding, Repository, Run, Team, User

MACHINE = "nova"
FOUND_TOGETHER = "found together"  # the verb for many findings that a run made: `after["keys"]` are stretches of them


def name_of(actor: User | str) -> str:
    """How the log names who did it: people by address, machines by their own word."""
    return actor if isinstance(actor, str) else actor.email


def event(
    verb: str,
    subject: str,
    *,
    actor: User | str,
    label: str = "",
    team: Team | int | None = None,
    repository: Repository | int | None = None,
    run: Run | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Event:
    """An unsaved row of the log. Values in `before` and `after` must be JSON, and never hold a secret."""
    return Event(
        at=at or timezone.now(),
        actor=name_of(actor)[:200],
        verb=verb,
        subject=subject,
        label=label[:300],
        before=before or {},
        after=after or {},
        team_ref=team.pk if isinstance(team, Team) else team,
        repository_ref=repository.pk if isinstance(repository, Repository) else repository,
        run_ref=run.pk if run else None,
    )


def record(verb: str, subject: str, **fields: Any) -> Event:
    """Write one row of the log (see `event`)."""
    row = event(verb, subject, **fields)
    row.save(force_insert=True)
    return row


def about(finding: Finding, verb: str, **fields: Any) -> Event:
    """An unsaved row about a finding, with its label, team and repository filled in."""
    return event(
        verb,
        f"finding:{finding.pk}",
        label=finding.title,
        team=finding.component.team_id,
        repository=finding.repository_id,
        **fields,
    )
