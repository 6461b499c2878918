"""A value that stands above its name, as YAML allows: `value: …` and then `name: DB_PASSWORD`.

As one expression this costs the prefilter more than all others do together, since every `value:` of a manifest is a
beginning. So it marks what may be such a name, which is rare, and the lines before it are looked at here.
"""

import re

from findings.core.detect.patterns import WORD

ROLE = "reversed"
SEEN = (
    r"(?i)[:=]\s*[\"']?[\w.\-]*"
    r"(?:pass|pw|secret|token|key|credential|salt|pepper|auth|cookie|密码|口令|密钥|令牌)"
)
_NAME = re.compile(rf"(?i)[\s,;][\"']?(?:name|key)[\"']?\s*[:=]\s*[\"']?[\w.\-]*{WORD}".encode())
_VALUE = re.compile(rb"(?i)\bvalue[\"']?\s*[:=]\s*[\"']?[^\s\"'`$<{]")
_BETWEEN = b" \t\n\r\f\v,;"
LINES, WIDTH = 8, 4000


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
    return any(_value_before(window, name.start()) for name in _NAME.finditer(window))


def _value_before(window: bytes, at: int) -> bool:
    values = list(_VALUE.finditer(window, 0, at + 1))
    if not values:
        return False
    line_end = window.find(b"\n", values[-1].end(), at)
    return line_end < 0 or not window[line_end:at].strip(_BETWEEN)
