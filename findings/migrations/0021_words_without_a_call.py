from importlib import import_module

from django.db import migrations

WORDS = import_module("findings.migrations.0011_triage").WORDS
SOONER = import_module("findings.migrations.0020_words_sooner")

# Most texts have neither humps nor letters beyond ASCII, so there is nothing to do but to divide them: one expression, which
# PostgreSQL writes in place of the call, in half the time. The values are the same, so the index stays as it is.
RARE = WORDS.replace(SOONER.TRANSLATED, SOONER.REPLACED).replace("findings_words", "findings_words_rare")
SAID = "left(path || ' ' || message, 2000)"
MOSTLY = rf"""
CREATE OR REPLACE FUNCTION findings_words(path text, message text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
COST 800 RETURN CASE
    WHEN (path || ' ' || message) ~ '[a-z0-9][A-Z]|[^\x01-\x7f]' THEN findings_words_rare(path, message)
    ELSE to_tsvector('pg_catalog.simple'::regconfig, {SOONER.REPLACED.replace("said", SAID)})
END
"""
BEFORE = SOONER.WORDS.replace(SOONER.TRANSLATED, SOONER.REPLACED)


class Migration(migrations.Migration):
    dependencies = [("findings", "0020_words_sooner")]
    operations = [migrations.RunSQL(RARE + ";" + MOSTLY, BEFORE + "; DROP FUNCTION findings_words_rare")]
