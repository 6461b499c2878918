"""Addresses of repositories: what may be followed, and a short name for it. Pure text; nothing is looked up."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from findings.core.types import FormatError

LENGTH = 500
SLUG_LENGTH = 50

_SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?):(?![:/\\])(?P<path>[^\s].*)")
_HELPER = re.compile(r"[\w+.-]+::")
_HOST = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_NO_SLUG = re.compile(r"[^A-Za-z0-9_]+")


def is_remote(text: str) -> bool:
    """Whether this is meant as an address on the network (or one of git's helpers), rather than as a path."""
    return "://" in text or bool(_HELPER.match(text)) or bool(_SCP.fullmatch(text))


def check(text: str, protocols: Sequence[str]) -> str:
    """The address again, if git can follow it over one of the protocols and take it for nothing else.

    `https://host/path`, `ssh://user@host/path` and `user@host:path` are addresses. Options, helpers (`ext::`), local
    paths and passwords are not: an address is shown to people and stored as it is. Raises FormatError.
    """
    url = text.strip()
    if _HELPER.match(url):
        raise FormatError("git's helper programs (such as ext::) are never run", expected=_example(protocols))
    if not url or len(url) > LENGTH or url.startswith("-") or any(c.isspace() or ord(c) < 32 for c in url):
        raise FormatError(
            "not an address of a repository", expected=f"{_example(protocols)}, at most {LENGTH} characters"
        )
    scheme, host, password = _parts(url)
    if scheme not in protocols:
        said = f"{scheme}:// is not allowed" if scheme else "not an address of a repository"
        raise FormatError(said, expected=_example(protocols))
    if not host or not _HOST.fullmatch(host):
        raise FormatError("no host in the address", expected=_example(protocols))
    if password:
        raise FormatError(
            "the address holds a password",
            expected="one without: keep the login in ~/.netrc of the account that runs the workers, or use ssh",
        )
    return url


def slug_for(address: str) -> str:
    """A short name made of the last part of an address or path; "" where that has no usable character."""
    last = re.split(r"[/:\\]", address.strip().rstrip("/\\").removesuffix("/.git"))[-1]
    return _NO_SLUG.sub("-", last.removesuffix(".git")).strip("-").lower()[:SLUG_LENGTH].strip("-")


def _parts(url: str) -> tuple[str, str, bool]:
    """(scheme, host, whether there is a password); empty texts where it is no address."""
    if "://" not in url:
        short = _SCP.fullmatch(url)
        return ("ssh", short["host"], False) if short else ("", "", False)
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", False
    return parts.scheme.lower(), parts.hostname or "", parts.password is not None


def _example(protocols: Sequence[str]) -> str:
    return " or ".join(f"{scheme}://host/path" for scheme in protocols)
