"""The command line of a scan of a path. It sets Django up without what only web pages need."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from findings.core.detect import keep_in
from findings.kept import Folder
from nova_dashboard.offline.command import FAILED, Command


def main(arguments: list[str]) -> None:
    """Run `scan`. Exits with 2 and one line when a setting is at fault: 1 would read as "findings"."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "nova_dashboard.offline.settings"
    signal.signal(signal.SIGTERM, stop)
    try:
        keep_in(Folder(Path(settings.NOVA_CACHE)))
        apps.populate(settings.INSTALLED_APPS)
        Command().run_from_argv(arguments)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(FAILED)


def stop(signum: int, frame: FrameType | None) -> None:
    """Leave through `finally`, so that git processes and temporary files go too."""
    sys.exit(128 + signum)
