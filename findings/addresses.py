"""Which git addresses a form may take: what another machine serves, never a path or a command of ours."""

import re
from urllib.parse import urlsplit

from django.utils.text import slugify
from django.utils.translation import gettext as _

SCP = re.compile(r"[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:(?!//)[^\s:][^\s]*")
BRANCH = re.compile(r"(?![-/.])(?!.*(\.\.|//|@\{))[^\s~^:?*\[\\\x00-\x1f\x7f]+(?<![/.])")


def complaint(url: str, schemes: list[str]) -> str:
    """What is wrong with an address, "" for nothing. `schemes` are those git may speak.

    Refused: local paths, `ext::` and other remote helpers, anything that git would read as an option, and addresses
    with a password in them (we would have to keep and show it).
    """
    wanted = _("expected an address like https://git.example.com/team/shop.git or git@git.example.com:team/shop.git")
    if url.startswith("-") or "::" in url or re.search(r"[\s\x00-\x1f\x7f]", url):
        return _("This is not the address of a repository; %s.") % wanted
    if "://" not in url:
        return "" if SCP.fullmatch(url) and "ssh" in schemes else _("No local paths; %s.") % wanted
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _port = parts.port
    except ValueError:
        return _("This is not the address of a repository; %s.") % wanted
    if parts.scheme not in schemes:
        return _("The address starts with %(scheme)s://; git may only speak %(known)s here.") % {
            "scheme": parts.scheme[:20],
            "known": ", ".join(schemes),
        }
    if not host or host.startswith("-") or (parts.username or "").startswith("-") or len(parts.path) < 2:
        return _("This is not the address of a repository; %s.") % wanted
    if parts.password is not None:
        return _("Leave the password out of the address; give the server a deploy key or a credential helper instead.")
    return ""


def name_of(url: str) -> str:
    """What a repository is called by its address: the last part, without ".git"."""
    return re.split(r"[/:]", url.rstrip("/"))[-1].removesuffix(".git")


def slug_of(name: str, taken: set[str]) -> str:
    """A slug that is not taken yet."""
    base = slugify(name)[:40] or "repository"
    numbers = (f"{base}-{n}" for n in range(2, len(taken) + 3))
    return base if base not in taken else next(slug for slug in numbers if slug not in taken)
