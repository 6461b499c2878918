"""Credentials told in passing: a list of logins, a remark, an edit by `sed`, what a file calls a secret, a number."""

import re

from findings.core.detect.dialect import EVERY, Dialect
from findings.core.detect.patterns import KEY, WORD

_LOGINS = r"(?:users?|accounts?|logins?|auth|credentials|creds)"
_IS = r"[\"'\]]?(?:[ \t]*[:=]|[ \t]*\r?\n[ \t]*value:)[ \t]*[\"']?"
_LOGIN = r"[A-Za-z][\w.@\-]*:"  # up to the password
_OTHER = r"(?i:group|role|team|org|level|tier|zone|port|uid|gid|v)[_\-]?\d{1,4}"  # what a user has besides
_REMARKED = r"\b(?i:basic[ _\-]?auth\w*|credentials?|creds|log[ \-]?in)[ \t]*(?:is|as|with|:|=)?[ \t]*[(\[`\"']+"
_ACCOUNT = r"@[\w\-]+(?:\.[\w\-]+)+[ \t]*(?:[/|]|->)[ \t]*"  # of somebody, and what parts it from the password
_MARKS = "/|#,~"  # between the parts of an edit
_PUT = r"(?:[ \t]+|[ \t]*[=:][ \t]*[\"']?)"
_SECRET = r"\"type\"[ \t]*:[ \t]*\"secret\""
_VALUE = r"\"value\"[ \t]*:[ \t]*\""
_CLIENT = r"\b(?:\w*[cC]lient|\w*[cC]onnect(?:ion)?|\w*[pP]ool|Redis|Sequelize)"
_NUMBERED = r"(?i:password|passwd|pwd)[\"']?[ \t]*:[ \t]*"

ASIDES = (
    Dialect(
        "logins",  # USERS=ada:…,bob:…
        (rf"(?i){_LOGINS}{_IS}{_LOGIN}[^\s:,\"'$<{{]{{6,}},{_LOGIN}[^\s:,\"'$<{{]{{6}}",),
        re.compile(
            rf"(?:\b[\w.\-]*(?i:{_LOGINS}){_IS}|,){_LOGIN}"
            rf"(?P<value>(?!{_OTHER}\b)(?=[^\s,\"']*\d)(?=[^\s,\"']*[A-Za-z])[^\s:,\"'$<{{}}]{{6,64}})(?=[,;\"'\s]|$)"
        ),
        key="password",
        coded=True,
        before=1,
    ),
    Dialect(
        "remark",  # Basic auth (ada:…)
        (rf"{_REMARKED}{_LOGIN}[^\s:()\[\]`\"'$<{{/]{{6,}}[)\]`\"']",),
        re.compile(
            rf"{_REMARKED}{_LOGIN}(?P<value>(?=\S*\d)(?=\S*[A-Za-z])[^\s:()\[\]`\"'$<{{/]{{6,64}})(?=[)\]`\"'])"
        ),
        key="password",
        coded=True,
        remarked=True,
    ),
    Dialect(
        "account",  # -- ada@tides.io / …
        (rf"{_ACCOUNT}[^\s\"'`$<{{/|]{{8}}",),
        re.compile(
            rf"\b(?!\w*@example\b)[\w.+\-]{{1,64}}{_ACCOUNT}(?P<value>(?=\S*\d)(?=\S*[A-Z])(?=\S*[a-z])(?=\w*[^\w\s|/])"
            r"[^\s\"'`$<{/|]{8,64})(?=[ \t]*(?:[|(,;]|$))"
        ),
        kinds=EVERY,
        key="password",
        coded=True,
        remarked=True,
    ),
    Dialect(
        "edit",  # sed 's/# requirepass .*/requirepass …/'
        (
            rf"\bsed\b[^\n]*[{_MARKS}][^\n{_MARKS}]*(?i:{WORD}){_PUT}[^\s\"'$<{{&\\{_MARKS}]{{6,}}[\"';]{{0,2}}"
            rf"[{_MARKS}]",
        ),
        re.compile(
            rf"\bsed\b[^\n]{{0,200}}?\bs(?P<mark>[{_MARKS}])(?:(?!(?P=mark))[^\n]){{0,200}}(?P=mark)[^\n{_MARKS}]{{0,80}}?"
            rf"{KEY}{_PUT}(?P<value>[^\s\"'$<{{&\\{_MARKS}]{{6,64}})[\"';]{{0,2}}(?P=mark)"
        ),
        kinds=EVERY,
    ),
    Dialect(
        "called secret",  # "value": "…", "type": "secret"
        (
            rf"{_VALUE}[^\"\s$<{{]{{16,}}\"[ \t]*,\s*{_SECRET}",
            rf"{_SECRET}[ \t]*,\s*(?:\"\w+\"[ \t]*:[ \t]*\w+[ \t]*,\s*)?{_VALUE}[^\"\s$<{{]{{16}}",
        ),
        re.compile(
            rf"{_VALUE}(?P<value>[^\"\s$<{{]{{16,512}})\"[ \t]*,\s*{_SECRET}"
            rf"|{_SECRET}[ \t]*,\s*(?:\"\w+\"[ \t]*:[ \t]*\w+[ \t]*,\s*)?{_VALUE}(?P<bare>[^\"\s$<{{]{{16,512}})\""
        ),
        kinds=frozenset({"code", "prose"}),
        key="secret",
        before=3,
        made=True,
        leading=True,
    ),
    Dialect(
        "number",  # createClient({ password: … })
        (rf"{_NUMBERED}\d{{5,12}}[ \t]*(?:,|\}}|\r?\n)",),
        re.compile(
            rf"{_CLIENT}\(\s*(?:[\"'`][^\"'`\n]*[\"'`]\s*,\s*)?\{{[^{{}}]{{0,300}}?\b{_NUMBERED}"
            r"(?P<value>\d{5,12})[ \t]*(?=,|\}|\r?\n|\r?\Z)"
        ),
        kinds=frozenset({"code"}),
        key="password",
        before=6,
        coded=True,
    ),
)
