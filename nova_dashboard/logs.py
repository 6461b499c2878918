"""What goes into the log of the server, and how much of it."""

import logging


class Shortly(logging.Filter):
    """Tells what strangers try in one line: a request for another host's name is refused, and no fault of this code."""

    def filter(self, record: logging.LogRecord) -> bool:
        """True, always: the record only loses its stack trace."""
        if record.name.startswith("django.security."):
            record.exc_info = None
        return True
