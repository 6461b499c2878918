"""Taking a whole run back, as long as nobody built on it. The rows never leave the database."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import ForeignKey
from psycopg import sql

from findings.actions.repositories import prove
from findings.events import record
from findings.models import Change, Repository, Run, RunState, User

NAMED = 100  # rows that a refusal names


class Overtaken(Exception):
    """A later change touched rows of this run: `rows` names the first of them, as texts; `count` says how many."""

    def __init__(self, rows: list[str], count: int) -> None:
        self.rows, self.count = rows, count
        super().__init__(f"changed since: {', '.join(rows)}")


@transaction.atomic
def undo(run: Run, *, actor: User | str) -> int:
    """Restore every row the run changed, except events, which gain one. Answers how many rows went back.

    Raises `Overtaken` when a later change touched one of them, and ValueError when the run is not applied.
    """
    Repository.objects.select_for_update().get(pk=run.repository_id)
    run = Run.objects.select_for_update(of=["self"]).select_related("repository").get(pk=run.pk)
    if run.state != RunState.APPLIED:
        raise ValueError(f"run {run.pk} is {run.state}, only an applied run can be undone")
    touched = [apps.get_model(label) for label in sorted(set(run.changes.values_list("table", flat=True)))]
    for model in touched:
        _refuse_overtaken(run, model)
    # A finding points at its evidence and evidence at its finding; the database looks at the end of the transaction.
    back = sum(_reinsert(run, model) for model in touched)
    back += sum(_restore(run, model) for model in touched)
    back += sum(_delete(model, run.changes.all().made(model)) for model in touched)
    run.changes.all().delete()
    run.state, run.reason = RunState.UNDONE, ""
    run.save(update_fields=["state", "reason"])
    prove(run.repository)
    record("undone", f"run:{run.pk}", actor=actor, label=str(run), repository=run.repository_id, run=run)
    return back


def _refuse_overtaken(run: Run, model: type[models.Model]) -> None:
    """What was changed after this run has a newer version than the run left."""
    if not any(field.name == "version" for field in model._meta.concrete_fields):
        return
    statement = sql.SQL(
        'SELECT t.{key} FROM {table} t JOIN {changes} c ON c.run_id = %s AND c."table" = %s AND t.{key} BETWEEN c.row'
        " AND c.last WHERE c.version > 0 GROUP BY t.{key}, t.version HAVING t.version <> max(c.version)"
    ).format(**_names(model))
    with connection.cursor() as cursor:
        cursor.execute(statement, [run.pk, model._meta.label])
        keys = [key for (key,) in cursor.fetchall()]
    if keys:
        named = model._default_manager.filter(pk__in=sorted(keys)[:NAMED]).order_by("pk")
        raise Overtaken([str(row) for row in named], len(keys))


def _reinsert(run: Run, model: type[models.Model]) -> int:
    """Rows the run deleted."""
    columns = [sql.Identifier(f.column or "") for f in model._meta.concrete_fields if not f.generated]
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {changes} c,"
        ' jsonb_populate_record(NULL::{table}, c.before) r WHERE c.run_id = %s AND c."table" = %s AND c.deleted'
    ).format(
        columns=sql.SQL(", ").join(columns),
        values=sql.SQL(", ").join(sql.SQL("r.{}").format(column) for column in columns),
        **_names(model),
    )
    return _execute(statement, run, model)


def _restore(run: Run, model: type[models.Model]) -> int:
    """Fields the run changed. Where it changed one more than once, the first change knows what it was."""
    known = run.changes.filter(table=model._meta.label, deleted=False).exclude(before__isnull=True)
    keys = models.Func(models.F("before"), function="jsonb_object_keys", output_field=models.TextField())
    changed = sorted(known.order_by().annotate(name=keys).values_list("name", flat=True).distinct())
    if not changed:
        return 0
    statement = sql.SQL(
        "UPDATE {table} t SET {settings} FROM ("
        " SELECT row, jsonb_object_agg(name, value) AS before FROM ("
        "  SELECT DISTINCT ON (c.row, name) c.row, name, value"
        "  FROM {changes} c, jsonb_each(c.before) AS field (name, value)"
        '  WHERE c.run_id = %s AND c."table" = %s AND NOT c.deleted ORDER BY c.row, name, c.id) firsts GROUP BY row'
        ") old, jsonb_populate_record(NULL::{table}, old.before) r WHERE t.{key} = old.row"
    ).format(
        settings=sql.SQL(", ").join(
            sql.SQL("{0} = CASE WHEN old.before ? {1} THEN r.{0} ELSE t.{0} END").format(sql.Identifier(name), name)
            for name in changed
        ),
        **_names(model),
    )
    return _execute(statement, run, model)


def _delete(model: type[models.Model], rows: models.Q | models.QuerySet[models.Model]) -> int:
    """Delete rows and what hangs on them, as the models say, without reading any of them."""
    gone = model._default_manager.filter(rows) if isinstance(rows, models.Q) else rows
    for field in _pointing_at(model):
        hanging = field.model._default_manager.filter(**{f"{field.name}__in": gone.order_by().values("pk")})
        if field.remote_field.on_delete is models.SET_NULL:
            hanging.update(**{field.name: None})
        elif field.remote_field.on_delete is models.CASCADE:
            _delete(field.model, hanging)
    return gone.order_by()._raw_delete(gone.db) or 0


def _pointing_at(model: type[models.Model]) -> Iterator[ForeignKey[models.Model, models.Model]]:
    for relation in model._meta.related_objects:
        if isinstance(relation.field, ForeignKey) and relation.field.model is not model:
            yield relation.field


def _names(model: type[models.Model]) -> dict[str, sql.Identifier]:
    return {
        "table": sql.Identifier(model._meta.db_table),
        "key": sql.Identifier(model._meta.pk.attname),
        "changes": sql.Identifier(Change._meta.db_table),
    }


def _execute(statement: sql.Composed, run: Run, model: type[models.Model]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [run.pk, model._meta.label])
        return int(cursor.rowcount)
