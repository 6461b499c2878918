"""The door for gunicorn and every other WSGI server."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from nova_dashboard.checks import templates_compile

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nova_dashboard.settings")

application = get_wsgi_application()

# Whoever asks for the first page would wait a second for views and templates. gunicorn reads this once and forks
# (`--preload`), and what is here by then stays: it is not looked at again for garbage.
reverse("healthz")
templates_compile(None)
gc.freeze()
