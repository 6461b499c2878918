"""The product's settings over a throw-away data directory, with cheap password hashes."""

import importlib
import os
import tempfile

# Before the product's settings are read: they make the data directory and its keys.
os.environ["NOVA_VAR"] = tempfile.mkdtemp(prefix="nova-tests-")
globals().update(vars(importlib.import_module("nova_dashboard.settings")))

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
