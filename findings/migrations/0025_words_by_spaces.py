from importlib import import_module

from django.db import migrations

BEFORE = import_module("findings.migrations.0021_words_without_a_call")

# Most texts are words between marks and spaces: they are divided at the spaces, for less than what PostgreSQL's parser takes.
# It divides some of all others in its own way (`1e5x` after the number, `+5` with its sign, `~x` with its mark), so those
# go the old one. The words are the same, so the index stays as it is.
MARKS = "/._-<>&\"'(),:;`=[]"
RARE = r"""[a-z0-9][A-Z]|[0-9][eE][0-9]|[^]A-Za-z0-9 /._<>&"''(),:;`=[-]"""
SPACED = BEFORE.SAID
for mark in MARKS:
    SPACED = f"replace({SPACED}, '{mark.replace(chr(39), chr(39) * 2)}', ' ')"
MOSTLY = f"""
CREATE OR REPLACE FUNCTION findings_words(path text, message text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
COST 800 RETURN CASE
    WHEN (path || ' ' || message) ~ '{RARE}' THEN findings_words_rare(path, message)
    ELSE array_to_tsvector(array_remove(string_to_array(lower({SPACED}), ' '), ''))
END
"""


class Migration(migrations.Migration):
    dependencies = [("findings", "0024_keys_of_what_was_just_made")]
    operations = [migrations.RunSQL(MOSTLY, BEFORE.MOSTLY)]
