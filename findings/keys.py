"""Foreign keys of tables that are filled by the hundred thousand, checked once for each statement and not for each row.

PostgreSQL looks up every row of its own foreign keys by itself, 5 µs for each, which was a third of a large import.
Here an INSERT or COPY is checked as a set, an UPDATE where it changes the key, and a deletion of what is
pointed at when the transaction ends, as PostgreSQL does. Rows that are pointed at are locked in the same way, so that
nobody deletes them meanwhile. The fields say `db_constraint=False`.
"""

from django.db.migrations import RunSQL

# Keys with few values come together out of one look at the rows. One with many mostly names rows of this very
# transaction, which nobody else can take away: where all those between the least and the greatest are such, as a large
# import makes them, there is nothing to look up one by one.
FEW = """
    SELECT {arrays} INTO {names} FROM (SELECT DISTINCT {columns} FROM fresh) few;
"""
MANY = """
    SELECT min({column}), max({column}), count(*) INTO low, high, many FROM fresh;
    IF many < 100 OR high - low >= 2 * many OR high - low + 1 <> (
        SELECT count(*) FROM {parent} WHERE id BETWEEN low AND high AND xmin = pg_current_xact_id()::xid
    ) THEN
        SELECT array_agg(DISTINCT f.{column}) INTO {column}_wanted FROM fresh f
            LEFT JOIN {parent} p ON p.id = f.{column} WHERE p.id IS NULL OR p.xmin <> pg_current_xact_id()::xid;
    END IF;
"""
HELD = """
    {column}_wanted := array_remove({column}_wanted, NULL);
    SELECT count(*) INTO held FROM (SELECT FROM {parent} WHERE id = ANY({column}_wanted) FOR KEY SHARE) locked;
    IF held < cardinality({column}_wanted) THEN
        RAISE foreign_key_violation USING TABLE = '{table}', COLUMN = '{column}',
            MESSAGE = '{table}.{column} points at what is not in {parent}';
    END IF;
"""
LOOK = """
CREATE OR REPLACE FUNCTION {table}_keys() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held bigint; low bigint; high bigint; many bigint; {variables} BEGIN
{checks}
    RETURN NULL; END $$;
"""
INSERTED = """
CREATE TRIGGER {table}_keys AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_keys();
"""
CHANGED = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM {table} t WHERE t.{column} IS NOT NULL
        AND NOT EXISTS (SELECT FROM {parent} p WHERE p.id = t.{column})) THEN
        RAISE foreign_key_violation USING MESSAGE = '{table}.{column} points at rows that are not in {parent}';
    END IF; END $$;
CREATE FUNCTION {table}_{column}_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM FROM {parent} p WHERE p.id = NEW.{column} FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING TABLE = '{table}', COLUMN = '{column}',
            MESSAGE = format('{table}.{column}: there is no %s in {parent}', NEW.{column});
    END IF;
    RETURN NULL; END $$;
CREATE TRIGGER {table}_{column}_new AFTER UPDATE OF {column} ON {table} FOR EACH ROW
    WHEN (NEW.{column} IS DISTINCT FROM OLD.{column} AND NEW.{column} IS NOT NULL)
    EXECUTE FUNCTION {table}_{column}_new();
CREATE FUNCTION {table}_{column}_left() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM FROM {table} WHERE {column} = OLD.id LIMIT 1;
    IF FOUND THEN
        PERFORM FROM {parent} WHERE id = OLD.id;
        IF NOT FOUND THEN
            RAISE foreign_key_violation USING TABLE = '{table}', COLUMN = '{column}',
                MESSAGE = format('{table}.{column} still points at %s in {parent}', OLD.id);
        END IF;
    END IF;
    RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER {table}_{column}_left AFTER DELETE OR UPDATE OF id ON {parent}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {table}_{column}_left();
"""
UNCHECKED = """
DROP FUNCTION {table}_{column}_new() CASCADE;
DROP FUNCTION {table}_{column}_left() CASCADE;
"""


Keys = dict[str, str]


def checked_keys(table: str, few: Keys, many: Keys) -> RunSQL:
    """The operation that checks the keys of a table from now on: column -> the table whose `id` it names. `few` have
    few values in one statement, `many` about one for each row.
    """
    pairs = _pairs(table, few | many)
    return RunSQL(
        _look(table, few, many) + INSERTED.format(table=table) + "".join(CHANGED.format(**pair) for pair in pairs),
        "".join(UNCHECKED.format(**pair) for pair in pairs) + f"DROP FUNCTION {table}_keys() CASCADE",
    )


def checked_anew(table: str, few: Keys, many: Keys, added: Keys | None = None) -> RunSQL:
    """The operation after which all these keys of a table are checked as is written here, some of them (`added`) for
    the first time.
    """
    before = {column: parent for column, parent in few.items() if column not in (added or {})}
    pairs = _pairs(table, added or {})
    return RunSQL(
        _look(table, few, many) + "".join(CHANGED.format(**pair) for pair in pairs),
        "".join(UNCHECKED.format(**pair) for pair in pairs) + _look(table, before, many),
    )


def _pairs(table: str, keys: Keys) -> list[dict[str, str]]:
    return [{"table": table, "column": column, "parent": parent} for column, parent in keys.items()]


def _look(table: str, few: Keys, many: Keys) -> str:
    """What looks at new rows."""
    look = FEW.format(
        arrays=", ".join(f"array_agg(DISTINCT {column})" for column in few),
        names=", ".join(f"{column}_wanted" for column in few),
        columns=", ".join(few),
    )
    look += "".join(MANY.format(**pair) for pair in _pairs(table, many))
    pairs = _pairs(table, few | many)
    return LOOK.format(
        table=table,
        variables=" ".join(f"{pair['column']}_wanted bigint[];" for pair in pairs),
        checks=look + "".join(HELD.format(**pair) for pair in pairs),
    )
