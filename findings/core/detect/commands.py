"""What stands right before a password: options of command lines, and words of files that servers and clients read.

Each is written once: the prefilter looks for it with the beginning of a value, the exact pattern for the whole.
"""

import re
from collections.abc import Sequence

from findings.core.detect.dialect import EVERY, Dialect
from findings.core.detect.patterns import TEXT, WORD

# Options, up to the value.
_OPTIONS = (
    r"\btwine[ \t]+upload\b[^\n|]*[ \t]-p[ \t]+",
    r"\b(?:mosquitto_(?:pub|sub|rr)|ipmitool)\b[^\n|]*[ \t]-P[ \t]+",
    r"\bsnmp(?:walk|get|getnext|set|table|bulkwalk|bulkget|trap|inform)\b[^\n|]*[ \t]-[AX][ \t]+",
    r"\b(?:xfreerdp|wlfreerdp)\b[^\n|]*[ \t]/p:",
    r"\bnmcli\b[^\n|]*[ \t]password[ \t]+",
    r"\bhttps?[ \t]+[^\n|]*(?:-a|--auth)[ =][\w.@\-]+:",
    r"\bredis-cli\b[^\n|]*[ \t](?i:auth)[ \t]+(?:\w+[ \t]+)?",
    r"\bnpm[ \t]+(?:config[ \t]+)?set[ \t]+[\"']?\S*:_authToken[\"']?[ \t=]+",
    r"\bpoetry[ \t]+config[ \t]+(?:http-basic\.\S+[ \t]+\S+|pypi-token\.\S+)[ \t]+",
    r"\baz[ \t]+keyvault[ \t]+secret[ \t]+set\b[^\n|]*[ \t]--value[ =]",
    rf"\bdotnet[ \t]+user-secrets[ \t]+set[ \t]+[\"']?[\w:.\-]*(?i:{WORD})[\"']?[ \t]+",
    r"\bnet[ \t]+user[ \t]+[\w.\-]+[ \t]+(?=[^/*\s][^\n]* /[a-zA-Z])",
    r"\b(?:valkey|keydb)-cli\b[^\n|]*[ \t](?:-a|--pass)[ \t]+",
    rf"\b(?:consul[ \t]+kv|etcdctl)[ \t]+put[ \t]+[\w/.\-]*(?i:{WORD})[ \t]+",
)
# Words of a file, from the beginning of its line to the value.
_ENTRIES = (
    r"[ \t]*(?i:http_passwd|auth_pass)[ \t]+",
    r"[^\n:#]*:[ \t]*(?:PSK|EAP|XAUTH)[ \t]+(?=\")",  # ipsec.secrets
    r"[ \t]*socks[45][ \t]+[\w.\-]+[ \t]+\d+[ \t]+[\w.@\-]+[ \t]+",  # proxychains
    r"(?:\[[\w.\-]+\](?::\d+)?|[\w.\-]+:\d+)[ \t]+[\w.\-]+@[\w.\-]+:",  # of postfix
    r"[^\n#]*\buser(?:name)?[ \t]+[\"']?[\w.@\-]+[\"']?[ \t][^\n]*\bpass(?:word|wd)?[ \t]+(?=[\"'])",  # fetchmail
)
_CHAP = r"[\"']?[A-Za-z][\w.@\-]*[\"']?[ \t]+\*[ \t]+[\"']?"  # of PPP: who, where, the secret, from where
_BEGUN = r"[\"']?[^\s\"'$<{\-%][^\s\"'$]{3}"
_VALUE = r"[\"']?(?P<value>[^\s\"'$<{\-%][^\s\"'$]*)"


def _seen(parts: Sequence[str]) -> tuple[str, ...]:
    """For the prefilter, which looks neither ahead nor back."""
    return tuple(re.sub(r"\(\?=[^()]*\)", "", part) + _BEGUN for part in parts)


COMMANDS = (
    Dialect(
        "option of a tool",
        _seen(_OPTIONS),
        re.compile(rf"(?:{'|'.join(_OPTIONS)}){_VALUE}"),
        kinds=EVERY,
        key="password",
    ),
    Dialect(
        "entry of a file",
        (*_seen(_ENTRIES), rf"{_CHAP}[^\s\"'*$<]{{6,}}[\"']?[ \t]+(?:\*|\d)"),
        re.compile(
            rf"(?m:^)(?:{'|'.join(_ENTRIES)}){_VALUE}[\"']?(?=\s|$)|"
            rf"(?m:^){_CHAP}(?P<bare>(?=\S*\d)(?=\S*[A-Za-z])[^\s\"'*$<]{{6,}})[\"']?[ \t]+(?:\*|[\d.]+)[ \t]*\r?$"
        ),
        kinds=TEXT - {"prose", "yaml"},
        key="password",
    ),
    Dialect(
        "define",  # of C
        (rf"#[ \t]*define[ \t]+\w*(?i:{WORD})[ \t]+\"[^\"\s]{{4}}",),
        re.compile(r"#\s*define\s+(?P<key>\w+)\s+\"(?P<value>[^\"\s]+)\""),
        coded=True,
    ),
)
