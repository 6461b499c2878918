"""Django's connection to PostgreSQL, which is asked before each page whether it still holds."""

import select
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as Postgres


class DatabaseWrapper(Postgres):
    """The same in all but how that is asked."""

    connection: Any

    def is_usable(self) -> bool:
        """A server that goes away hangs up, and then there is something to read: only where there is, it is asked by a
        statement. That took as long as reading who is signed in.
        """
        if self.connection is None or self.connection.closed:
            return False
        heard = select.poll()
        heard.register(self.connection.fileno(), select.POLLIN)
        return super().is_usable() if heard.poll(0) else True
