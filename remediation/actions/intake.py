"""What people hand in, small or large: small reports are read and taken at once, large ones by a worker."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from findings.actions import ask_to_accept
from findings.actions import hand_in as keep
from findings.core.types import FormatError
from findings.models import Repository, Run, Scan, Team, User
from remediation.actions.imports import REVIEW, accept_import, preview_file

TAKEN_AT_ONCE = 2_000  # findings that a run touches


def hand_in(
    repository: Repository, team: Team, file: UploadedFile, *, form: str = "", accept: bool = False, actor: User | str
) -> list[Run | Scan]:
    """The previews of a file, or the job of the worker that will make them (and take them, with `accept`). Raises
    FormatError, naming the file.
    """
    name = (file.name or "report").replace("\0", "")
    size = file.size or 0
    if size > settings.NOVA_READ_AT_ONCE and not is_review(name, form):
        return [keep(repository, team, file.chunks(), file_name=name, form=form, accept=accept, actor=actor)]
    try:
        found = preview_file(repository, team, file.read(), file_name=name, form=form, actor=actor)
    except FormatError as error:
        raise FormatError(f"{name}: {error}") from error
    if not found:
        raise FormatError(f"{name}: the report holds no run of any tool")
    return [run for run, _plan in found]


def is_review(name: str, form: str) -> bool:
    """Whether a file is a review in Markdown, as far as its name and the person tell."""
    return form == REVIEW or (not form and name.lower().endswith((".md", ".markdown")))


def accept_or_ask(run: Run, *, actor: User | str, anyway: bool = False) -> Scan | None:
    """Take a waiting run now, or answer the job of the worker that will. Raises as `accept_import` does."""
    counts: dict[str, object] = run.counts or {}
    touched = sum(n for n in counts.values() if isinstance(n, int))
    if run.tool == REVIEW or touched <= TAKEN_AT_ONCE:
        accept_import(run, actor=actor, anyway=anyway)
        return None
    team = run.repository.components.select_related("team").get(is_default=True).team
    return ask_to_accept(run, team, actor=actor, anyway=anyway)
