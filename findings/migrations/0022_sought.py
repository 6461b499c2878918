from django.db import migrations

# The first places with these words in these components. The planner takes no index where a word is in most places, since
# it does not know that to split a text anew costs fifty times what the index does; here it has no other way.
SOUGHT = """
CREATE FUNCTION findings_sought(words tsquery, parts bigint[], most bigint)
RETURNS TABLE (finding_id bigint, component_id bigint) LANGUAGE plpgsql STABLE ROWS 1000
SET enable_seqscan = off SET enable_indexscan = off SET max_parallel_workers_per_gather = 0 AS $$ BEGIN
    RETURN QUERY SELECT o.finding_id, o.component_id FROM (
        SELECT p.finding_id, p.component_id FROM findings_occurrence p
        WHERE findings_words(p.path, p.message) @@ words OFFSET 0
    ) o WHERE o.component_id = ANY (parts) LIMIT most; END $$
"""


class Migration(migrations.Migration):
    dependencies = [("findings", "0021_words_without_a_call")]
    operations = [migrations.RunSQL(SOUGHT, "DROP FUNCTION findings_sought")]
