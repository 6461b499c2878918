from importlib import import_module

from django.db import migrations

# In how many places some words are, as the planner estimates: a thousandth of the time that counting takes. Volatile, since
# PostgreSQL lets no other function ask for a plan.
OFTEN = """
CREATE FUNCTION findings_often(words tsquery) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE told json; BEGIN
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM findings_occurrence
        WHERE findings_words(path, message) @@ %L::tsquery', words::text) INTO told;
    RETURN told -> 0 -> 'Plan' ->> 'Plan Rows'; END $$
"""
BEFORE = import_module("findings.migrations.0022_sought").SOUGHT.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
# What finds a word in a million places has to remember each of them, or it splits the texts of their pages anew.
SOUGHT = BEFORE.replace("SET max_parallel", "SET work_mem = '64MB' SET max_parallel")


class Migration(migrations.Migration):
    dependencies = [("findings", "0022_sought")]
    operations = [
        migrations.RunSQL(OFTEN, "DROP FUNCTION findings_often"),
        migrations.RunSQL(SOUGHT, BEFORE),
    ]
