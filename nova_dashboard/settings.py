"""All settings, read from the environment; with nothing set, everything runs on embedded servers under `var/`.

A malformed value stops the start with its name: a typing error must not become a default.
"""

import ipaddress
import os
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from findings.core.scanners import Scanner, parse
from nova_dashboard import embedded
from nova_dashboard.environment import number, text
from nova_dashboard.offline.settings import (
    BASE_DIR,
    LANGUAGE_CODE,
    LOCALE_PATHS,
    NOVA_BLOB_LIMIT,
    NOVA_CACHE,
    NOVA_PATCH_LIMIT,
    TIME_ZONE,
    USE_TZ,
)

__all__ = [
    "LANGUAGE_CODE",
    "LOCALE_PATHS",
    "NOVA_BLOB_LIMIT",
    "NOVA_CACHE",
    "NOVA_PATCH_LIMIT",
    "TIME_ZONE",
    "USE_TZ",
]

env = environ.Env()


def flag(name: str, default: bool) -> bool:
    """Yes or no."""
    value = text(name, str(int(default))).lower()
    if value not in ("0", "1", "true", "false", "yes", "no", "on", "off"):
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in ("1", "true", "yes", "on")


def address(name: str, default: str, *schemes: str) -> str:
    """A URL with one of these schemes. The value itself may hold a password, so the complaint does not repeat it."""
    value = text(name, default)
    if urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must be a URL that starts with {' or '.join(f'{s}://' for s in schemes)}.")
    return value


def ip(name: str, default: str) -> str:
    """An IP address, of either version."""
    value = text(name, default)
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be an IP address such as 0.0.0.0, not {value!r}.") from error


def scanners(name: str) -> tuple[Scanner, ...]:
    """The entries of a TOML file that are enabled; without a file, none."""
    path = text(name, "")
    try:
        return parse(Path(path).read_text(encoding="utf-8")) if path else ()
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} names {path}, which cannot be used: {error}") from error


def kept_key(name: str, file: str) -> str:
    """A key from the environment, else one that is made once and kept under VAR (mode 600)."""
    if value := text(name, ""):
        return value
    path, draft = VAR / file, VAR / f"{file}.{os.getpid()}"
    try:
        VAR.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            # A link appears whole or not at all, and the first of two processes wins.
            with suppress(FileExistsError):
                path.hardlink_to(draft)
            draft.unlink()
    except OSError as error:
        raise ImproperlyConfigured(f"{name} is not set and cannot be kept in {path}: {error.strerror}.") from error
    return path.read_text().strip()


VAR = Path(text("NOVA_VAR", str(BASE_DIR / "var"))).resolve()
VERSION = "0.1.0"
DEBUG = flag("DEBUG", default=False)
SECRET_KEY = kept_key("SECRET_KEY", "secret_key")
NOVA_HASH_KEY = kept_key("NOVA_HASH_KEY", "hash_key")
NOVA_DEMO = flag("NOVA_DEMO", default=True)
PORT = number("PORT", default=8000)
BIND = ip("BIND", "127.0.0.1")

# Behind a proxy that ends TLS, BASE_URL is the address that people see; https there turns every protection on.
BASE_URL = address("BASE_URL", f"http://127.0.0.1:{PORT}", "http", "https").rstrip("/")
SECURE = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", urlsplit(BASE_URL).hostname or "localhost"]
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REDIRECT_EXEMPT = ["^healthz$"]  # monitors ask the process itself, without the proxy
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if SECURE else 0
# Sister domains and the browsers' preload list are not ours to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "findings",
    "remediation",
    "nova_dashboard",
]

MIDDLEWARE = [
    "nova_dashboard.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "nova_dashboard.middleware.SignInRequired",
    "nova_dashboard.middleware.Person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "nova_dashboard.middleware.htmx_answers",
]

ROOT_URLCONF = "nova_dashboard.urls"
WSGI_APPLICATION = "nova_dashboard.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "findings.User"
AUTHENTICATION_BACKENDS = ["findings.accounts.Accounts"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "nova_dashboard.context.site",
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django.contrib.humanize.templatetags.humanize",
                "findings.templatetags.nova",
            ],
        },
    }
]

DATABASES = {
    "default": {
        **env.db_url_config(address("DATABASE_URL", embedded.database_url(VAR), "postgresql", "postgres")),
        "ENGINE": "nova_dashboard.database",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# Connections that a pooler hands from one transaction to the next may not keep prepared statements.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0 if flag("NOVA_PREPARE", default=True) else None
REDIS_URL = address("REDIS_URL", embedded.redis_url(VAR), "redis", "rediss", "unix")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "nova_dashboard.sessions"

MAIL_SCHEMES = ("smtp", "smtp+tls", "smtps", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail")
vars().update(env.email_url_config(address("EMAIL_URL", "consolemail://", *MAIL_SCHEMES)))
DEFAULT_FROM_EMAIL = text("FROM_EMAIL", "Nova Dashboard <nova@localhost>")
EMAIL_TIMEOUT = 10

# A message only says "look now" and holds ids, so it may be lost, doubled or late.
CELERY_BROKER_URL = embedded.broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}  # seconds; longer than the longest scan
CELERY_TASK_DEFAULT_QUEUE = "nova"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "nova.sweep", "schedule": 15.0, "options": {"expires": 15}},
    "digests": {"task": "nova.digests", "schedule": crontab(minute="*/5"), "options": {"expires": 300}},
    "poll heads": {"task": "nova.poll_heads", "schedule": crontab(minute="2-59/5"), "options": {"expires": 300}},
    "daily": {"task": "nova.daily", "schedule": crontab(minute=7), "options": {"expires": 3600}},
}

LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
FORMAT_MODULE_PATH = "nova_dashboard.formats"

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 27 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"shortly": {"()": "nova_dashboard.logs.Shortly"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["shortly"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}

# Reports that were received and not read yet. Workers on several machines need to see the same folder.
NOVA_SPOOL = text("NOVA_SPOOL", str(VAR / "spool"))
NOVA_UPLOAD_LIMIT = number("NOVA_UPLOAD_LIMIT", default=256 * 1024 * 1024)  # bytes of one file
NOVA_READ_AT_ONCE = number("NOVA_READ_AT_ONCE", default=1024 * 1024)  # larger ones are read by a worker

# The API. Requests a minute that one token may make.
NOVA_API_LIMIT = number("NOVA_API_LIMIT", default=600)

# Scanning. Sizes in bytes, times in seconds.
NOVA_LEASE = number("NOVA_LEASE", default=20)
NOVA_GIT_PROTOCOLS = env.list("NOVA_GIT_PROTOCOLS", default=["https", "ssh", "git"])
NOVA_SCANNERS = scanners("NOVA_SCANNERS")
NOVA_SCANNERS_UNWALLED = flag("NOVA_SCANNERS_UNWALLED", default=False)
