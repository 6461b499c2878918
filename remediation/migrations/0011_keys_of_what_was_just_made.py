from django.db import migrations

from findings.keys import checked_anew


class Migration(migrations.Migration):
    dependencies = [("findings", "0024_keys_of_what_was_just_made"), ("remediation", "0010_tally_at_once")]
    operations = [
        checked_anew(
            "remediation_placement", few={"item_id": "remediation_item"}, many={"finding_id": "findings_finding"}
        )
    ]
