from django.db import migrations

from findings.keys import checked_anew


class Migration(migrations.Migration):
    dependencies = [("findings", "0017_keys_of_evidence_and_owners"), ("remediation", "0008_tally")]
    operations = [
        checked_anew(
            "remediation_placement", few={"item_id": "remediation_item"}, many={"finding_id": "findings_finding"}
        )
    ]
