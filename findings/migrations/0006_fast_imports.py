"""Stamps that tell what changed, drafts of waiting runs, and rows that a run made remembered together."""

import django.db.models.deletion
from django.db import migrations, models

TOGETHER = "UPDATE findings_change SET last = row"
# What waits in the old shape cannot be accepted any more: it is handed in again.
WAITING = "UPDATE findings_run SET payload = NULL WHERE payload IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("findings", "0005_uploads")]
    operations = [
        migrations.AddField("change", "last", models.BigIntegerField(default=0), preserve_default=False),
        migrations.RunSQL(TOGETHER, migrations.RunSQL.noop),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
        migrations.AddField("finding", "said", models.BigIntegerField(db_default=0, default=0, editable=False)),
        migrations.AddField("occurrence", "said", models.BigIntegerField(db_default=0, default=0, editable=False)),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen", models.BinaryField()),
                ("plan", models.BinaryField()),
                ("mark", models.CharField(max_length=64)),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="draft", to="findings.run"
                    ),
                ),
            ],
        ),
    ]
