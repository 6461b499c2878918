from importlib import import_module

from django.db import migrations

tally = import_module("remediation.migrations.0008_tally")

# New findings that are put on their first item together, as a large import does it: keys without a gap, each once, all
# made by this transaction, and on nothing else. They are counted in one pass; nobody else can see them, so none is locked.
TOGETHER = f"""DECLARE several bigint[]; low bigint; high bigint; many bigint; BEGIN
    SELECT min(finding_id), max(finding_id), count(*) INTO low, high, many FROM fresh;
    IF many >= 100 AND high - low + 1 = many AND many = (SELECT count(DISTINCT finding_id) FROM fresh) AND many = (
        SELECT count(*) FROM findings_finding f WHERE f.id BETWEEN low AND high AND f.xmin = pg_current_xact_id()::xid
    ) AND many = (SELECT count(*) FROM remediation_placement p WHERE p.finding_id BETWEEN low AND high) THEN
        SET LOCAL enable_hashjoin = on;
        {tally.ADD} FROM (
            SELECT {tally.COLUMNS}, side.items, side.n FROM (
                SELECT {tally.KIND.format(f="f")}, item_id, count(*)
                FROM findings_finding f JOIN fresh ON fresh.finding_id = f.id WHERE f.id BETWEEN low AND high
                GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
            ) one ({tally.COLUMNS}, item_id, n)
            CROSS JOIN LATERAL (VALUES (ARRAY[item_id], n), ('{{}}', -n)) side (items, n)
        ) alone ({tally.COLUMNS}, items, n) GROUP BY {tally.COLUMNS}, items HAVING sum(n) <> 0;
        RETURN NULL;
    END IF;"""
BEFORE = "DECLARE several bigint[]; BEGIN"


def placed() -> str:
    """The function of migration 0008 that counts what was placed, to be replaced."""
    name, event, tables, more, less = next(one for one in tally.EVENTS if one[0] == "placed")
    whole = tally.PLACING.format(
        name=name, event=event, tables=tables, more=more, less=less, add=tally.ADD, kind=tally.KIND.format(f="f"),
        now=tally.ITEMS.format(key="f.id"), columns=tally.COLUMNS,
    )  # fmt: skip
    return whole.partition("CREATE TRIGGER")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("remediation", "0009_keys_checked_anew")]
    operations = [migrations.RunSQL(placed().replace(BEFORE, TOGETHER), placed())]
