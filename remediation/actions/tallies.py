"""Keeps the tally short. Its numbers are kept true by the database itself (migration 0008)."""

from django.db import connection, transaction


@transaction.atomic
def add_up() -> int:
    """Make one row of all rows of the tally that are of one kind; answers how many rows went. Another process that is
    at it does it for both.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN pg_try_advisory_xact_lock(hashtext('remediation_tally'))"
            " THEN remediation_tally_together() ELSE 0 END"
        )
        [(gone,)] = cursor.fetchall()
    return int(gone)
