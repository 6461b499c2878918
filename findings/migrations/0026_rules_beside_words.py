from importlib import import_module

import django.contrib.postgres.indexes
from django.db import migrations, models

import findings.querysets

# Places with some words that are of some rules: one look into one index. Of words that are in every eighth of a million
# places and of a rule that has none of them, that is five milliseconds and not a second. Planned for its values each time.
SOUGHT = """
DROP FUNCTION findings_sought;
CREATE FUNCTION findings_sought(words tsquery, parts bigint[], most bigint, rules bigint[])
RETURNS TABLE (finding_id bigint, component_id bigint) LANGUAGE plpgsql STABLE ROWS 1000
SET enable_seqscan = off SET enable_indexscan = off SET work_mem = '64MB' SET max_parallel_workers_per_gather = 0
SET plan_cache_mode = force_custom_plan AS $$ BEGIN
    RETURN QUERY SELECT o.finding_id, o.component_id FROM (
        SELECT p.finding_id, p.component_id FROM findings_occurrence p WHERE findings_words(p.path, p.message) @@ words
        AND (rules IS NULL OR ARRAY[coalesce(p.rule_ref, 0::bigint)] && rules) OFFSET 0
    ) o WHERE o.component_id = ANY (parts) LIMIT most; END $$;
DROP FUNCTION findings_often;
CREATE FUNCTION findings_often(words tsquery, rules bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE told json; of_rules text := ''; BEGIN
    IF rules IS NOT NULL THEN
        of_rules := format(' AND ARRAY[coalesce(rule_ref, 0::bigint)] && %L::bigint[]', rules::text);
    END IF;
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM findings_occurrence
        WHERE findings_words(path, message) @@ %L::tsquery', words::text) || of_rules INTO told;
    RETURN told -> 0 -> 'Plan' ->> 'Plan Rows'; END $$;
"""
BEFORE = (
    "DROP FUNCTION findings_sought; DROP FUNCTION findings_often;"
    + import_module("findings.migrations.0022_sought").SOUGHT.replace(
        "SET max_parallel", "SET work_mem = '64MB' SET max_parallel"
    )
    + ";"
    + import_module("findings.migrations.0023_often").OFTEN
)
NOTED = """
UPDATE findings_occurrence o SET rule_ref = f.rule_id FROM findings_finding f WHERE f.id = o.finding_id
"""


class Migration(migrations.Migration):
    dependencies = [("findings", "0025_words_by_spaces")]
    operations = [
        migrations.RemoveIndex(model_name="occurrence", name="occurrence_words"),
        migrations.AddField(
            model_name="occurrence",
            name="rule_ref",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.RunSQL(NOTED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="occurrence",
            index=django.contrib.postgres.indexes.GinIndex(
                findings.querysets.Words("path", "message"),
                findings.querysets.Kinds("rule_ref"),
                name="occurrence_words",
            ),
        ),
        migrations.RunSQL(SOUGHT, BEFORE),
    ]
