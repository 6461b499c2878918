"""Splitting a text into words is no cheap comparison: the planner has to know, or it would split the words of every place
again rather than ask the index.
"""

from django.db import migrations

COST = "ALTER FUNCTION findings_words(text, text) COST 800"
USUAL = "ALTER FUNCTION findings_words(text, text) COST 100"


class Migration(migrations.Migration):
    dependencies = [("findings", "0014_sweeps")]
    operations = [migrations.RunSQL(COST, USUAL)]
