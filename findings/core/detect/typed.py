"""What somebody types: at the prompt of a server, over several lines, to a script that signs in elsewhere."""

import re

from findings.core.detect.dialect import EVERY, Dialect

_PROMPT = r"(?:[\w.\-]+:\d{2,5}(?:\[\d{1,2}\])?|\bredis[\w.\-]*)>[ \t]*"
_SEEN_PROMPT = r"(?:\d\]?|redis[\w.\-]*)>[ \t]*"
_SETTING = r"(?i:config[ \t]+set[ \t]+(?:requirepass|masterauth)|acl[ \t]+setuser[ \t]+\S+[ \t][^\n]*>)"
_BEGUN = r"[\"']?[^\s\"'$<{\-][^\s\"'$]{3}"
_METHODS = r"(?i:login|plain|tls|ssl|cram-md5|digest-md5|xoauth2?|ntlm|gssapi|external|anonymous|none|password|pass)"
_CHOSEN = r"(?=\S*\d)(?=\S*[A-Za-z])[^\s\"'`$<>{}()]{6,}"
# Clients whose options are often written below each other, with the option of each that a password stands behind.
_CLIENTS = (
    (r"(?:curl|etcdctl)", r"(?:-u|--user)[ =][\"']?[\w.@\-]+:"),
    (r"(?:redis-cli|valkey-cli)", r"(?:-a|--pass)[ \t]+[\"']?"),
    (r"(?:mysql(?:dump|admin|sh)?|mariadb(?:-dump)?)", r"-p[\"']?"),
    (r"(?:mongo(?:sh|dump|restore|export|import)?|cypher-shell|cqlsh)", r"-p[ \t]+[\"']?"),
    (r"sshpass", r"-p[ \t]*[\"']?"),
    (r"sqlcmd", r"-P[ \t]+[\"']?"),
    (r"(?:docker|podman|helm|az|oc|skopeo)\b[^\n]*\blogin", r"-p[ \t]+[\"']?"),
    (r"ldap(?:search|add|modify|whoami|passwd|delete)", r"-w[ \t]+[\"']?"),
)
_WRAPPED = r"[^\n]*\\[ \t]*\r?\n(?:[^\n]*\\[ \t]*\r?\n){0,8}?(?:[^\n]*[ \t])?"
_ASKED = (
    r"https?://[\w\-]+(?:\.[\w\-]+)+[^\s\"'`<>]*[?&](?:api_?key|access_?token|auth_?token|client_?secret|app_?secret)="
)
# What asks for a password and shows none.
_HIDDEN = r"\b(?i:(?:type|enter)[ \t]+(?:(?:the|your)[ \t]+)?password[ \t]*\((?:hidden|not[ \t]shown)\))[ \t]*:[ \t]*"
_OPTION = r"(?:(?:-u|--user)[ =][\"']?[\w.@\-]+:|(?:-a|--pass|-w|-P)[ \t]+[\"']?|-p[ \t]*[\"']?)"

TYPED = (
    Dialect(
        "prompt",  # 10.20.7.14:6379> AUTH …
        (
            rf"{_SEEN_PROMPT}(?i:auth)[ \t]+(?:[\w.\-]+[ \t]+)?{_BEGUN}",
            r"(?i)redis[^\n]*`auth[ \t]+[^\s`<$]{5,}`",
            rf"\b{_SETTING}[ \t]*{_BEGUN}",
            r"\b(?:requirepass|masterauth)[ \t]+[^\s<$]{6}",
            r"\bdb\.auth\([ \t]*[\"'][\w.@\-]+[\"'][ \t]*,[ \t]*[\"'][^\s\"'$]{4}",
            rf"{_HIDDEN}[^\s\"'`$<*({{\[]{{6}}",
        ),
        re.compile(
            rf"{_PROMPT}(?:(?i:auth)[ \t]+(?:[\w.\-]+[ \t]+(?=[^\s\"'\d]|\S*\d\S*[\"']?[ \t]*\r?$))?|{_SETTING}[ \t]*)"
            r"[\"']?(?P<value>[^\s\"'$<{\-][^\s\"'$]{3,})[\"']?[ \t]*\r?$"
            rf"|(?i:redis)[^\n]*`(?i:auth)[ \t]+(?P<redis>(?!{_METHODS}`)[^\s`<$]{{5,}})`"
            rf"|\b{_SETTING}[ \t]*[\"']?(?P<acl>{_CHOSEN})"
            rf"|^[ \t]*(?:requirepass|masterauth)[ \t]+[\"']?(?P<ssh>{_CHOSEN})[\"']?[ \t]*\r?$"
            r"|\bdb\.auth\(\s*[\"'][\w.@\-]+[\"']\s*,\s*[\"'](?P<mongo>[^\s\"'$<]{4,})[\"']"
            rf"|{_HIDDEN}(?P<basic>[^\s\"'`$<*({{\[]{{6,}})[ \t]*\r?$",
        ),
        kinds=EVERY - {"yaml"},
        key="password",
    ),
    Dialect(
        "continued",  # curl … \ above -u ada:…
        (rf"\\[ \t]*\r?\n(?:[^\n]*[ \t])?{_OPTION}[^\s\"'$<\-][^\s\"'$]{{3}}",),
        re.compile(
            "|".join(
                rf"\b{client}\b{_WRAPPED}{option}(?P<{group}>(?![\w./\-]*:\d)[^\s\"'$<\-][^\s\"'$]{{3,}})"
                for (client, option), group in zip(
                    _CLIENTS, ("value", "redis", "mysql", "mongo", "ssh", "basic", "registry", "netrc"), strict=True
                )
            )
        ),
        kinds=EVERY - {"yaml"},
        key="password",
        before=9,
    ),
    Dialect(
        "handed on",  # deploy.sh root@… -p …
        (r"@[\w\-]+\.[\w.\-]+[ \t][^\n|]*[ \t](?:-p|-P|--pass)[ \t]+[\"']?[^\s\"'$<\-/:]{8}",),
        re.compile(
            r"[\w.-]+@[\w-]+\.[\w.-]+\s[^\n|]*?\s(?:-p|-P|--pass)\s+[\"']?(?P<value>[^\s\"'$<\-/:][^\s\"'$/:]{7,})"
        ),
        key="password",
        made=True,
    ),
    Dialect(
        "asked of a database",  # jdbc:postgresql://…?user=…&password=…
        (
            r"(?i)(?:\bjdbc:\w+(?::\w+)?|\b(?:postgres(?:ql)?|mysql|mariadb|sqlserver|mongodb|clickhouse|snowflake))://"
            r"[^\s\"'`<>]*[?&;](?:password|passwd|pwd)=[^\s\"'`$<{%&;]{4}",
        ),
        re.compile(
            r"(?i:(?:\bjdbc:\w+(?::\w+)?|\b(?:postgres(?:ql)?|mysql|mariadb|sqlserver|mongodb|clickhouse|snowflake))://"
            r"[^\s\"'`<>]*[?&;](?:password|passwd|pwd)=)(?P<value>[^\s\"'`$<{%&;]{4,})"
        ),
        kinds=frozenset({"code", "prose"}),
        key="password",
    ),
    Dialect(
        "asked of an interface",  # https://api.…?api_key=…
        (rf"(?i){_ASKED}[a-z0-9._~%+/\-]{{20}}",),
        re.compile(
            rf"(?!https?://[\w.\-]*(?:example|your))(?i:{_ASKED})(?P<value>[A-Za-z0-9._~%+/=-]{{20,}})(?![\w{{$<])"
        ),
        kinds=frozenset({"code", "conf"}),
        key="access token",
        made=True,
        remarked=True,
    ),
)
