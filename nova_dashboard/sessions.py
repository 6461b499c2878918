"""Django's sessions in the database, read by a statement that never changes: every page asks for one."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from findings.steady import steady

READ = "SELECT session_key, session_data, expire_date FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """The same in all but how it is read."""

    def _get_session_from_db(self) -> Session | None:
        """The session while it lasts; a key of none is forgotten, as Django's own does."""
        with steady() as cursor:
            cursor.execute(READ, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return Session(session_key=row[0], session_data=row[1], expire_date=row[2])
