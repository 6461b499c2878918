"""What a scan of a path has to know. The program as a whole takes these from here."""

from pathlib import Path

from nova_dashboard.environment import number, text

BASE_DIR = Path(__file__).resolve().parent.parent.parent
INSTALLED_APPS: list[str] = []
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
LOGGING_CONFIG = None  # warnings go to the error stream
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

NOVA_BLOB_LIMIT = number("NOVA_BLOB_LIMIT", default=2 * 1024 * 1024)
NOVA_CACHE = text("NOVA_CACHE", str(Path(text("XDG_CACHE_HOME", "~/.cache")).expanduser() / "nova-dashboard"))
NOVA_PATCH_LIMIT = number("NOVA_PATCH_LIMIT", default=5)
