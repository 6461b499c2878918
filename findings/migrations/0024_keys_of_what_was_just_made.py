from django.db import migrations

from findings.keys import checked_anew


class Migration(migrations.Migration):
    dependencies = [("findings", "0023_often")]
    operations = [
        checked_anew(
            "findings_occurrence",
            few={"component_id": "findings_component", "from_run_id": "findings_run", "to_run_id": "findings_run"},
            many={"finding_id": "findings_finding"},
        )
    ]
