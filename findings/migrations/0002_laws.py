"""What the database itself refuses: a changed log, and a finding closed by another finding's evidence."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION findings_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'events are append-only'; END $$;
CREATE TRIGGER findings_event_append_only BEFORE UPDATE OR DELETE ON findings_event
    FOR EACH ROW EXECUTE FUNCTION findings_event_refuse();
"""
ALLOW = "DROP TRIGGER findings_event_append_only ON findings_event; DROP FUNCTION findings_event_refuse();"

OWN_EVIDENCE = """
ALTER TABLE findings_evidence ADD CONSTRAINT evidence_of_finding UNIQUE (id, finding_id);
ALTER TABLE findings_finding ADD CONSTRAINT closed_by_own_evidence FOREIGN KEY (evidence_id, id)
    REFERENCES findings_evidence (id, finding_id) DEFERRABLE INITIALLY DEFERRED;
"""
ANY_EVIDENCE = """
ALTER TABLE findings_finding DROP CONSTRAINT closed_by_own_evidence;
ALTER TABLE findings_evidence DROP CONSTRAINT evidence_of_finding;
"""


class Migration(migrations.Migration):
    dependencies = [("findings", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW), migrations.RunSQL(OWN_EVIDENCE, ANY_EVIDENCE)]
