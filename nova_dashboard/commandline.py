"""Django's command line, with the embedded servers borrowed for commands that need them."""

import os
import signal
import sys
from types import FrameType

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, get_commands, load_command_class
from django.db import OperationalError, ProgrammingError
from psycopg.errors import UndefinedColumn, UndefinedTable

from nova_dashboard.servers import ServerError, borrowed, embedded_servers

# Commands of Django and its apps that touch neither database nor broker. Our own say so with `needs_servers`.
SERVERLESS = frozenset(
    {"check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages"}
    | {"sendtestemail", "startapp", "startproject", "version"}
)


def main(arguments: list[str]) -> None:
    """Run one management command. Exits with 1 and one line when the settings or a server are at fault."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nova_dashboard.settings")
    signal.signal(signal.SIGTERM, stop)
    try:
        django.setup()
        servers = embedded_servers(settings.VAR) if needs_servers(arguments) else []
        with borrowed(settings.VAR, servers):
            ManagementUtility(arguments).execute()
    except (ImproperlyConfigured, ServerError) as error:
        sys.exit(f"error: {error}")
    except OperationalError as error:
        sys.exit(f"error: the database does not answer: {(str(error).splitlines() or ['?'])[0]}")
    except ProgrammingError as error:
        if not isinstance(error.__cause__, (UndefinedTable, UndefinedColumn)):
            raise
        sys.exit("error: the database is not set up for this version: run `manage.py migrate` (`make run` does it too)")


def needs_servers(arguments: list[str]) -> bool:
    """Whether this command line needs a database and a broker.

    A command class of ours may say `needs_servers = False`, or define `needs_servers(arguments)` when that depends on
    the words after its name (`scan PATH` needs none, `scan SLUG` does). Unknown names need none: Django explains.
    """
    name, rest = (arguments[1:2] or ["help"])[0], arguments[2:]
    app = get_commands().get(name)
    if name in SERVERLESS or app is None or {"-h", "--help", "--version"} & set(rest):
        return False
    command = load_command_class(app, name) if isinstance(app, str) else app
    answer = getattr(command, "needs_servers", True)
    return bool(answer(rest)) if callable(answer) else bool(answer)


def stop(signum: int, frame: FrameType | None) -> None:
    """Leave through `finally`, so that borrowed servers are given back."""
    sys.exit(128 + signum)
