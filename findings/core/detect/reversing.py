"""A value that stands above its name, as YAML allows: `value: …` and then `name: DB_PASSWORD`.

As one expression this costs the prefilter more than all others do together, since every `value:` of a manifest is a
beginning. So it marks what may be such a name, which is rare, and the lines before it are looked at here.
"""

import re
from functools import lru_cache

from findings.core.detect.patterns import WORD

ROLE = "reversed"
SEEN = (
    r"(?i)[:=]\s*[\"']?[\w.\-]*"
    r"(?:pass|pw|secret|token|key|credential|salt|pepper|auth|cookie|密码|口令|密钥|令牌|密碼|密鑰|金鑰|權杖)"
)
_NAME = re.compile(rf"(?i)[\s,;][\"']?(?:name|key)[\"']?\s*[:=]\s*[\"']?[\w.\-]*{WORD}".encode())
_VALUE = re.compile(rb"(?i)\bvalue[\"']?\s*[:=]\s*[\"']?[^\s\"'`$<{]")
_SEEN_VALUE = re.compile(rb"value[\"']?\s*[:=]\s*[\"']?[^\s\"'`$<{]")  # in lower case, and of longer words as well
_NAMES = (b"name", b"key", b'"name', b'"key', b"'name", b"'key")
_BETWEEN = b" \t\n\r\f\v,;"
LINES, WIDTH = 8, 4000
REMEMBERED = 1000  # bytes


def stands_below(data: bytes, end: int) -> bool:
    """Whether what was marked is a name right below a value, or beside one on the same line."""
    floor = start = max(0, end - WIDTH)
    at = end
    for _ in range(LINES):
        at = data.rfind(b"\n", floor, at)
        start = max(floor, at)
        if at < 0:
            break
    after = data.find(b"\n", end, end + WIDTH)
    window = data[start : after if after >= 0 else end + WIDTH]
    return _stands(window) if len(window) <= REMEMBERED else _stands.__wrapped__(window)


@lru_cache(maxsize=2048)
def _stands(window: bytes) -> bool:
    """The same of the lines before a mark, with its own: those of most versions of a file are the same."""
    return _may_stand(window.lower()) and any(_value_before(window, name.start()) for name in _NAME.finditer(window))


def _may_stand(window: bytes) -> bool:
    """Whether there is a value with a word for a name behind it or below: what is nearly never so, at a tenth of the
    price of the names.
    """
    value = _SEEN_VALUE.search(window)
    while value:
        line_end = window.find(b"\n", value.end())
        line = window[value.end() - 1 : line_end if line_end >= 0 else len(window)]
        if b"name" in line or b"key" in line:
            return True
        if line_end >= 0 and window[line_end:].lstrip(_BETWEEN).startswith(_NAMES):
            return True
        value = _SEEN_VALUE.search(window, value.start() + 1)
    return False


def _value_before(window: bytes, at: int) -> bool:
    values = list(_VALUE.finditer(window, 0, at + 1))
    if not values:
        return False
    line_end = window.find(b"\n", values[-1].end(), at)
    return line_end < 0 or not window[line_end:at].strip(_BETWEEN)
