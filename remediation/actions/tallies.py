"""Keeps the tally short. Its numbers are kept true by the database itself (migration 0008)."""

from django.db import connection, transaction

MANY = 10_000  # rows that took something away: pages add them up in milliseconds, a bulk change joins more


@transaction.atomic
def add_up(*, beyond: int = 0) -> int:
    """Make one row of all rows of the tally that are of one kind; answers how many rows went. Another process that is
    at it does it for both. `beyond`: only where more rows than that tell what was taken away, none of which stays. Who
    changed many findings asks for that, so that pages stay quick while no worker is there to do it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN %s <> 0 AND"
            " (SELECT count(*) FROM (SELECT FROM remediation_tally WHERE n < 0 LIMIT %s) less) <= %s THEN 0"
            " WHEN pg_try_advisory_xact_lock(hashtext('remediation_tally'))"
            " THEN remediation_tally_together() ELSE 0 END",
            [beyond, beyond + 1, beyond],
        )
        [(gone,)] = cursor.fetchall()
    return int(gone)
