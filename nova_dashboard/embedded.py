"""Where the embedded PostgreSQL and Redis answer: addresses only, so that settings stay light to import.

Both listen on unix sockets under the data directory. `servers.py` starts and stops them.
"""

import hashlib
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

# A unix socket's address holds 107 bytes on Linux and 103 on macOS; the file name takes at most 16 of them.
DIRECTORY_LIMIT = 84
POSTGRES_PORT = 5432  # part of the socket's name; nothing listens on TCP


def socket_directory(var: Path) -> Path:
    """The directory of both sockets: `var/run`, or a short one under the temporary directory when that is too long."""
    directory = var / "run"
    if len(str(directory).encode()) <= DIRECTORY_LIMIT:
        return directory
    return Path(tempfile.gettempdir()) / f"nova-{hashlib.sha256(str(var).encode()).hexdigest()[:16]}"


def database_url(var: Path) -> str:
    """The `DATABASE_URL` of the embedded PostgreSQL, in the form that libpq and Django both read."""
    return f"postgresql://nova@/nova?host={quote(str(socket_directory(var)), safe='')}&port={POSTGRES_PORT}"


def redis_url(var: Path) -> str:
    """The `REDIS_URL` of the embedded Redis, in redis-py's form."""
    return f"unix://{quote(str(socket_directory(var) / 'redis.sock'))}"


def broker_url(url: str) -> str:
    """A Redis URL in Celery's words: it spells unix sockets differently and calls the database a virtual host."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    query = urlencode([("virtual_host" if key == "db" else key, value) for key, value in parse_qsl(parts.query)])
    return f"redis+socket://{parts.netloc}{parts.path}" + (f"?{query}" if query else "")
