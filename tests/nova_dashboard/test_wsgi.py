"""What a web process holds before it is asked for its first page."""

import os
import subprocess
import sys

FIRST_PAGE = """
import io, sys
from nova_dashboard.wsgi import application
from django.db import connections
from django.template import engines
from django.template.loaders.base import Loader

held, read = set(sys.modules), []
assert [c.alias for c in connections.all(initialized_only=True) if c.connection] == [], "a connection would be forked"
for loader in engines["django"].engine.template_loaders[0].loaders[0].loaders:
    loader.get_contents = lambda origin: read.append(origin.name)
asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/accounts/login/", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
    "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http"}
answers = []
page = b"".join(application(asked, lambda status, headers: answers.append(status)))
assert answers == ["200 OK"] and b"Sign in" in page, answers
print(read, [name for name in sys.modules if name not in held and ".views" in name])
"""


def test_the_first_page_finds_every_view_and_template_there():
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FIRST_PAGE], env=os.environ | settings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[] []"
