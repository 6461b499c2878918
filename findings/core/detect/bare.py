"""Credentials whose own key says little: hex under `key`, entries of a map of keys, a login in base64."""

import re

from findings.core.detect.dialect import EVERY, Dialect
from findings.core.detect.patterns import CALLS, TEXT

AUTH = "auth"  # whose value is a user and a password in base64

_HEX = r"(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{48}|[0-9a-fA-F]{32})(?![\w.\-/])"
_LONG_HEX = r"(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{48})(?![\w.\-/])"
_TYPE = r"(?::[ \t]*[^=\"'`\n]{1,30})?"
# What maps of credentials are called: ours, and those of the auth.json of Composer.
_MAP = (
    r"(?i:(?:(?:api|access|auth|signing|encryption)[_\-]?)?(?:keys|tokens|passwords)|secrets|github-oauth|gitlab-token"
    r"|bearer)"
)
_OPENED = r"[\"'\]]*[ \t]*(?:=>|[:=])[ \t]*\{"
_ROWED = r"[^{}\n]*(?:=>|[:=])[ \t]*"
_GENERATED = r"(?=\S{0,120}\d)(?=\S*[a-z])(?=\S*[A-Z])[A-Za-z0-9+/=_\-]{16,120}"
_PUBLIC = r"(?!AAAA[BC]3|MI[GI]|ssh-|LS0t|sha\d+-)"  # of keys and certificates that anybody may have
_TELLS = r"kid|kty|alg|use|crv|x5\w*|\w*(?:id|url|arn|hash|sha\d*|cert|crt|pub|public|fingerprint)"
_OF_KEY = rf"(?!(?i:{_TELLS}|[a-z])[\"']?\s*[:=])"
_OF_ENTRY = rf"(?!(?i:{_TELLS})[\"']?\s*[:=])"

BARE = (
    Dialect(
        "hex key",  # key = "5be1…"
        (
            rf"(?i)(?:^|[^\w.\-/?&])key(?:[ \t]*,[ \t]*\w+)?[ \t]*{_TYPE}(?::=|=)"
            r"[^\n\"'`;{}]{0,40}[\"'`][0-9a-f]{32}",
            r"(?i)(?:^|[^\w.\-/?&])key[\"']?[ \t]*:[ \t]*[\"'`][0-9a-f]{48}",
        ),
        re.compile(
            rf"(?<![\w.\-/?&])(?:(?i:key)(?:\s*,\s*\w+)?\s*{_TYPE}(?::=|=)\s*{CALLS}[rb]?[\"'`](?P<value>{_HEX})"
            rf"|(?i:key)[\"']?\s*:\s*[\"'`](?P<bare>{_LONG_HEX}))"
        ),
        kinds=frozenset({"code"}),
        key="key",
        made=True,
    ),
    Dialect(
        "key of bytes",  # as long as those of ciphers are
        (rf"(?:^|[^\w.\-/?&])(?:key|KEY)[ \t]*{_TYPE}=[ \t]*[*&]?b[\"'][A-Za-z0-9]{{16}}",),
        re.compile(
            rf"(?<![\w.\-/?&])(?:key|KEY)\s*{_TYPE}=\s*[*&]?b[\"'](?P<value>(?=(?:[A-Za-z]*\d){{2}})(?=\d*[A-Za-z])"
            r"(?:[A-Za-z0-9]{16}(?:[A-Za-z0-9]{8}){0,2}))[\"']"
        ),
        kinds=frozenset({"code"}),
        key="key",
    ),
    Dialect(
        "hex setting",
        (r"(?i)(?:^|[^\w.\-/?&])key[\"']?[ \t]*[:=][ \t]*[\"']?[0-9a-f]{32}",),
        re.compile(rf"(?<![\w.\-/?&])(?i:key)[\"']?\s*[:=]\s*[\"']?(?P<value>{_HEX})"),
        kinds=TEXT - {"prose"},
        key="key",
        made=True,
    ),
    Dialect(
        "map of keys",  # keys: above APIx: …
        (
            rf"\b{_MAP}[\"'\]]*[ \t]*[:=]?[ \t]*{{?[ \t]*\r?\n(?:[^\n{{}}\[\]]*\n)*?[ \t]+[\"']?[\w.\-]{{3,}}[\"']?"
            r"[ \t]*[:=][ \t]*[\"']?[A-Za-z0-9+/=_\-]{20}",
        ),
        re.compile(
            rf"(?m:^)(?P<indent>[ \t]*)(?:-[ \t]+)?[\"']?{_MAP}[\"']?[ \t]*[:=][ \t]*{{?[ \t]*\r?\n"
            r"(?:(?P=indent)[ \t]+[^\n{}\[\]]*\n){0,8}?"
            rf"(?P=indent)[ \t]+[\"']?{_OF_KEY}[\w.\-]{{3,}}[\"']?[ \t]*[:=][ \t]*[\"']?{_PUBLIC}"
            rf"(?P<value>{_GENERATED})"
            r"[\"']?,?[ \t]*(?:#[^\n]*)?\r?\Z"
        ),
        kinds=EVERY - {"prose"},
        key="key",
        before=9,
        made=True,
    ),
    Dialect(
        "map in a line",  # tokens = { a = "…", b = "…" }
        (rf"(?:^|[^\w.\-/@]){_MAP}{_OPENED}{_ROWED}[\"']?[A-Za-z0-9+/=_\-]{{16}}",),
        re.compile(
            rf"(?:(?<![\w.\-/@]){_MAP}{_OPENED}|,)\s*[\"']?{_OF_ENTRY}[\w.\-]+[\"']?\s*(?:=>|[:=])\s*[\"']?{_PUBLIC}"
            rf"(?P<value>{_GENERATED})[\"']?(?=\s*[,}}])"
        ),
        kinds=EVERY - {"prose"},
        key="key",
        made=True,
    ),
    Dialect(
        "passwords in a line",  # passwords = { orders = "…", mail = "…" }
        (rf"(?i)(?:passwords|passwds|pwds|passes){_OPENED}{_ROWED}[\"']?[^\s\"'$<{{}},]{{5}}",),
        re.compile(
            rf"(?:(?i:passwords|passwds|pwds|passes){_OPENED}|,)\s*[\"']?[\w.\-]+[\"']?\s*(?:=>|[:=])\s*"
            r"(?:[\"'](?P<value>(?=[^\"']*[\d@#!%^&*])[^\s\"'$<{}]{5,})[\"']|(?P<bare>(?=[^\s,}]*\d)[^\s\"'$<{}(),]{6,}))(?=\s*[,}])"
        ),
        kinds=EVERY - {"prose"},
        key="password",
        coded=True,
    ),
    Dialect(
        "login in base64",  # of a registry
        (r"(?i)(?:^|[^a-z0-9.\-])auth[\"']?[ \t]*[:=][ \t]*[\"']?[a-z0-9+/]{12,}={0,2}[\"']?[ \t]*[,}\r\n]",),
        re.compile(r"(?<![A-Za-z0-9.\-])auth[\"']?\s*[:=]\s*[\"']?(?P<value>[A-Za-z0-9+/]{12,}={0,2})(?![\w+/=.\-:])"),
        key=AUTH,
    ),
)
