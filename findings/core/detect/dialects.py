r"""How credentials are written: a table of dialects.

Each has the expressions that the prefilter runs over whole files (a superset, without look-around or back-references)
and the exact pattern that reads the lines around a mark. An expression ends inside the value, so that the line of its
mark is the value's last line. `test_every_dialect_is_marked` holds both halves together.
"""

import re

from findings.core.detect.dialect import EVERY, Dialect

TEXT = EVERY - {"code"}

# What the name of a credential ends in or holds; `values.promises` decides.
WORD = (
    r"(?:(?:pass(?:w(?:or[dt]|d)|phrase)|pwd|requirepass|masterauth|primaryauth)s?[\w.\-]*"
    r"|(?:\b|_)p(?:ass|w)(?:[_.\-]\w*)?"
    r"|(?:secrets?|tokens?|credentials?|pepper|salt|pass|(?:access|api|auth|encrypt|encryption|private|secret|signing"
    r"|shared|master|account|jwt|hmac|license|webhook|deploy|client|admin|service|session|cookie|crypto|cipher|app|application|payment|partner"
    r"|server|aes|symmetric|fcm|stripe|sendgrid|openai|anthropic|mailgun|twilio)"
    r"[_.\-]?key(?:[_.\-]?base)?|erlang[_.\-]?cookie|密码|口令|密钥|令牌)(?:[_.\-]?(?:\d{1,3}|prod|production|stag|staging|live|main|primary|default|value|raw|plain|b64|base64))?)"
)
SEEN_KEY = rf"(?i){WORD}[\"'`*]{{0,3}}"
_SEEN_SHOUTED = r"\b[A-Z_]*(?:PASS|PWD|SECRET|TOKEN|KEY)[A-Z0-9_]*"
_STATIC = r"(?:&'\w+[ \t][^\"'`\n;{}]*)?"
_SEEN_QUOTED = r"[\"'`]+[^\"'`\s]{4,}[\"'`]"
_SEEN_TOKEN = r"[\"'`]+[^\"'`\s]*(?:[^a-z_.\-:/\"'`\s]|change|secure)[^\"'`\s]*[\"'`]"  # in code, plain words are names
_SPEAKING = (
    r"(?:pass(?:w(?:or)?d)?|pwd|(?:jwt|signing|hmac|encryption|session|cookie)[_\-]?(?:secret|key)(?:[_\-]?key)?)"
)
_SCHEME = r"(?i:bearer|basic|token|apikey)"
_SEEN_SCHEME = rf"[\"'`]{_SCHEME}[ \t]+[A-Za-z0-9+/._~=\-]{{12}}"
_SEEN_BARE = r"[^\s\"'`#$<&*!|>{\[(=:][^\s\"'`]{3}"

_KEY = r"(?P<key>(?<![A-Za-z0-9_])[A-Za-z_][\w.\-]*|密码|口令|密钥|令牌)"
_QUOTED = r"(?P<quote>[\"'`])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)"
_CALLS = r"(?:[\w.:&!]+\(\s*(?:(?:move\s+)?\|\|\s*\{?\s*)?){0,3}"
_BARE = r"(?P<bare>[^\s\"'`#]\S*)"
_SIGNER = (
    r"\b(?:Signer|EncodingKey|DecodingKey|Hmac\w*|HMAC\w*|\w*Cipher|Fernet|SecretKeySpec|SymmetricSecurityKey|redis\w*[:.]auth)"
    r"(?:<\w+>)?(?:::\w+|\.\w+)*"
)
_SIGN_IN = (
    r"(?i:log(?:ged)?[ \-]?in|sign[ \-]?in|credentials|登录|登陆|账号)[^`\n]{0,40}`[^`\s]+`"  # and the user's name
)
_SECTION = (
    r"(?i:jwt|signing|encryption|hmac|session|cookies?|crypto)[\"'\]]?[ \t]*[:=]?[ \t]*{?[ \t]*\n(?:[^\n{}\[\]]*\n)"
)
_SHELL = r"[\"']?(?P<value>[^\s\"'$<{\[(\\,;|)\]][^\s\"',;|)\]]*)"


DIALECTS = (
    Dialect(
        "quoted",
        (
            rf"{SEEN_KEY}[\])]?[ \t]*(?:=>|:=|==|=|:|,|\()[^\"'`\n;{{}}]*{_STATIC}{_SEEN_TOKEN}",
            rf"{_SEEN_SHOUTED}[\"'`\])]*[ \t]*(?:=>|:=|=|:|,)[^\"'`\n;{{}}]*{_STATIC}{_SEEN_QUOTED}",
            rf"{SEEN_KEY}[\])]?[ \t]*(?:=>|:=|=|:|,|\()[^\"'`\n;{{}}]*{_STATIC}{_SEEN_SCHEME}",
            rf"(?i){_SPEAKING}[\"'`\])]*[ \t]*(?:=>|:=|=|:)[^\"'`\n;{{}}]{{0,30}}{_STATIC}{_SEEN_QUOTED}",
        ),
        re.compile(
            rf"{_KEY}[\"'`]?[\])]?\s*(?::\s*(?:&'\w+\s)?[^=\"'`\n]{{1,40}}?)?(?P<sep>=>|:=|==?|:|,|\()"
            rf"\s*{_CALLS}[rbfu&#]{{0,2}}{_QUOTED}"
        ),
        kinds=frozenset({"code"}),
        coded=True,
    ),
    Dialect(
        "below",  # the value has a line of its own
        (rf"{SEEN_KEY}[^\"'`\n;{{}}=(]*(?:=|\()[ \t]*\r?\n[ \t]*[^\"'`\n;{{}}]*{_SEEN_TOKEN}",),
        re.compile(
            rf"{_KEY}[\])]?\s*(?::[^=\"'`\n]{{1,80}}?)?(?P<sep>:?=|\()[ \t]*\n\s*{_CALLS}[rbfu&#]{{0,2}}{_QUOTED}"
        ),
        kinds=frozenset({"code"}),
        coded=True,
        before=1,
    ),
    Dialect(
        "returned",  # by a function that is named for it
        (rf"(?i)\bfn[ \t]+\w*{WORD}[ \t]*\(\)[^{{}};\"]{{1,80}}\{{[^{{}}]*{_SEEN_TOKEN}",),
        re.compile(
            rf"\bfn\s+(?P<key>\w+)\s*\(\)[^{{}};\"]{{1,80}}\{{\s*(?:[^{{}}]{{0,600}}?[;\n]\s*)?{_CALLS}{_QUOTED}"
            r"\s*(?:\.(?:into|to_string|to_owned)\(|\}|\Z)"
        ),
        kinds=frozenset({"code"}),
        coded=True,
        before=8,
    ),
    Dialect(
        "pair",
        (
            rf"{SEEN_KEY}[\])]?[ \t]*(?:=>|:=|==|=|:|：|,|\()[^\"'`\n;{{}}]*{_SEEN_QUOTED}",
            rf"{SEEN_KEY}\]?[ \t]*(?:=>|:=|=|:|：)[ \t*]*(?:[&!][\w!]+[ \t]+)?{_SEEN_BARE}",
            rf"{SEEN_KEY}[\])]?[ \t]*(?:=>|:=|==|=|:|：|,|\()[^\"'`\n;{{}}]*{_SEEN_SCHEME}",
        ),
        re.compile(
            rf"{_KEY}[\"'`*]{{0,3}}\]?\s*(?:=>|:=|=|:|：)[\s*]*(?:[&!][\w!]+\s+)?"
            rf"(?:{_QUOTED}|(?P<bare>(?:{_SCHEME}[ \t]+)?[^\s\"'`#*\\]\S*))"
        ),
        kinds=TEXT,
        structured=True,
    ),
    Dialect(
        "folded",  # YAML within a text
        (rf"{SEEN_KEY}[ \t]*:[ \t]*[>|][+\-]?\d?[ \t]*\n\s+[^\s\"'$<{{]{{4}}",),
        re.compile(rf"{_KEY}[\"']?\s*:\s*[>|][+\-]?\d?[ \t]*\n\s+(?P<value>\S+)[ \t]*$"),
        kinds=TEXT,
        before=1,
        structured=True,
    ),
    Dialect(
        "escaped",  # JSON or code inside a JSON string
        (rf"(?i){WORD}(?:\\\")?[ \t]*[:=][ \t]*\\\"[^\"\\\s]{{4}}",),
        re.compile(rf"{_KEY}(?:\\\")?\s*[:=]\s*\\\"(?P<value>[^\"\\\s]+)\\\""),
        kinds=EVERY - {"yaml"},
        coded=True,
    ),
    Dialect(
        "fallback",
        (
            rf"(?i){WORD}[\"'][\s\])]*(?:(?:\.\w+\(\)\s*)*\.\w*or\w*\(|\?\?|\|\||\bor\b|\{{)[\s\w|(:.{{]*{_SEEN_QUOTED}",
            rf"(?i)\(\s*[\"']\w*{WORD}[\"']\s*,\s*{_SEEN_QUOTED}",
            rf"(?i)\benv\.[\w]*{WORD}[\s)]*(?:\?\?|\|\|)\s*{_SEEN_QUOTED}",
            rf"(?i){WORD}[\"']\)(?:\.\w+\(\))*\.\w*or_else\(\s*\|\w*\|\s*\{{[^{{}}]{{1,300}};\s*{_SEEN_QUOTED}",
        ),
        re.compile(
            r"(?:\(\s*[\"'](?P<argument>[A-Za-z_][\w.\-]{2,})[\"']\s*,|"
            r"(?:[\"'](?P<key>[A-Za-z_][\w.\-]{2,})[\"']|\benv\.(?P<variable>[A-Za-z_]\w{2,}))[\s\])]*"
            r"(?:(?:\.\w+\(\)\s*)*\.\w*[oO]r\w*\(|\?\?|\|\||\bor\b|(?<=\))\s*\{))"
            r"\s*(?:\|\w*\||\(\))?(?:\s*\{[^{}]{1,300};)?[\s{]*"
            rf"(?:[\w.:&!]+\(\s*)?{_QUOTED}"
        ),
        kinds=EVERY - {"prose"},
        before=3,
        coded=True,
    ),
    Dialect(
        "unwrapped",  # config.jwt_secret.as_deref().unwrap_or("…")
        (rf"(?i){WORD}(?:\s*\.\w+\(\))*\s*\.unwrap_or(?:_else)?\([\s\w|:(]*{_SEEN_QUOTED}",),
        re.compile(
            r"\b(?P<key>[A-Za-z_]\w{2,})(?:\s*\.\w+\(\))*\s*\.unwrap_or(?:_else)?\(\s*(?:\|\w*\|\s*)?"
            rf"(?:[\w:]+\(\s*)?{_QUOTED}"
        ),
        kinds=frozenset({"code"}),
        coded=True,
        before=2,
    ),
    Dialect(
        "option",
        (
            rf"(?i)\b\w+[ \t]*[=:][ \t]*\"[\w.\-]*{WORD}[^\n]*\bdefault(?:_value)?(?:_t)?"
            r"[ \t]*[=:][ \t]*\"[^\"\s]{4}",
        ),
        re.compile(
            r"\b(?:env\s*=|(?:env|envconfig|yaml|json|toml|mapstructure):)\s*\"(?P<key>[\w.-]+)[\",][^\n]*"
            rf"\bdefault(?:_value)?(?:_t)?\s*[=:]\s*{_QUOTED}"
        ),
        kinds=frozenset({"code"}),
        coded=True,
    ),
    Dialect(
        "named",
        (
            rf"(?i){WORD}[\"']?[\s,;]*(?:#[^\n]*\n\s*)*[\"']?(?:value|default)"
            r"[\"']?\s*[:=]\s*[\"']?[^\s\"'`$<{]",
        ),
        re.compile(
            r"\b(?:name|key|path|Name|Key)[\"']?\s*[:=]\s*[\"']?(?:/[\w.\-/]{0,200}/)?(?P<key>[A-Za-z_][\w.\-]*)"
            r"[\"']?[\s,;]*(?:#[^\n]*\n\s*)*[\"']?"
            rf"(?:value|Value)[\"']?\s*[:=]\s*(?:{_QUOTED}|(?P<bare>[^\s\"'`#,}}]+))"
        ),
        before=12,
        structured=True,
    ),
    Dialect(
        "named after",
        (rf"(?i)\bvariable\s+\"[\w\-]*{WORD}\"\s*{{[^{{}}]*default\s*=\s*\"[^\"\s]{{4}}",),
        re.compile(rf"variable\s+\"(?P<key>[\w\-]+)\"\s*{{[^{{}}]*default\s*=\s*{_QUOTED}"),
        kinds=frozenset({"code"}),
        before=8,
    ),
    Dialect(
        "flag",
        (rf"(?i)--(?:\w+-)*\w*{WORD}[\"']?(?:[ \t]*,\s*|[ \t]+|\s*\n\s*-\s+)[\"']?[^\s\"'$<\-][^\s\"']{{3}}",),
        re.compile(rf"(?:^|[\s\"'`(\[])--?(?P<key>[A-Za-z][\w\-]*)[\"']?(?:[ \t]*,\s*|[ \t]+|\s*\n\s*-\s+){_SHELL}"),
        before=1,
        coded=True,
        structured=True,
    ),
    Dialect(
        "sql",
        (
            r"(?i)\b(?:identified\s+(?:with\s+\w+\s+)?by|password)(?:\s+|\s*=\s*)'[^'\n]{4}",
            r"\bIDENTIFIED[ \t]+BY[ \t]+\"[^\"\n]{4}",
            r"(?i)\bset\s+password\s+for\s+\S+\s*=\s*'[^'\n]{4}",
        ),
        re.compile(
            r"(?i)(?:\b(?:(?-i:IDENTIFIED)|(?:user|role|login|grant)\b[^`]{0,300}?\bidentified)\s+"
            r"(?:with\s+(?!\w*hash\b)\w+\s+)?by|\bpassword(?:\s+for\s+\S+\s*=)?)(?:\s+|\s*=\s*)"
            r"'(?P<value>[^'\n]+)'|\bIDENTIFIED\s+BY\s+\"(?P<acl>[^\"\n]+)\""
        ),
        key="password",
        before=3,
    ),
    Dialect(
        "xml",
        (rf"(?i){WORD}>[^<>\s(;,)&{{=.:\]\"'?|]",),
        re.compile(r"<(?P<key>[A-Za-z_][\w.-]*)>(?P<value>[^<>\n]*)</(?P=key)>"),
    ),
    Dialect(
        "template",  # {{ .Values.db.password | default "…" }}
        (
            rf"(?i)\.\w*{WORD}[ \t]*\|[ \t]*default[ \t]+\"[^\"\s]{{4}}",
            rf"(?i)\bdefault[ \t]+\"[^\"\s]{{4,}}\"[ \t]+[\w.$]*\.\w*{WORD}",
        ),
        re.compile(
            r"\.(?P<key>\w+)\s*\|\s*default\s+\"(?P<value>[^\"\s]+)\"|"
            r"\bdefault\s+\"(?P<ssh>[^\"\s]+)\"\s+[\w.$]*\.(?P<argument>\w+)"
        ),
        kinds=TEXT,
        coded=True,
    ),
    Dialect(
        "plist",
        (rf"(?i)<key>\w*{WORD}</key>\s*<string>[^<\s]{{4}}",),
        re.compile(r"<key>(?P<key>\w+)</key>\s*<string>(?P<value>[^<\s]+)</string>"),
        before=1,
        coded=True,
    ),
    Dialect(
        "directive",
        (
            r"\b(?:requirepass|masterauth|primaryauth)[ \t]+\S{4}",
            r"\buser[ \t]+\S+[ \t]+on[ \t][^\n]*>[^\s\"'$<]{4}",
            r"\blogin\s+\S+\s+(?:password|passwd)\s+\S{4}",
            r"\bsentinel[ \t]+auth-pass[ \t]+\S+[ \t]+\S{4}",
        ),
        re.compile(
            r"(?m:^)[ \t]*(?:requirepass|masterauth|primaryauth)[ \t]+[\"']?(?P<value>[^\s\"'#]+)|"
            r"(?m:^)\s*user\s+\S+\s+on\s[^\n]*>(?P<acl>[^\s\"']+)|\blogin\s+\S+\s+(?:password|passwd)\s+(?P<netrc>\S+)|"
            r"\bsentinel\s+auth-pass\s+\S+\s+(?P<registry>\S+)"
        ),
        kinds=TEXT - {"prose"},
        key="password",
        before=1,
    ),
    Dialect(
        "instruction",
        (rf"\bENV[ \t]+\w*(?i:{WORD})[ \t]+[^\s=$]{{4}}",),
        re.compile(r"^\s*ENV\s+(?P<key>\w+)\s+[\"']?(?P<value>[^\s\"'$=][^\s\"']*)"),
        kinds=TEXT,
    ),
    Dialect(
        "command",
        (
            r"\bcurl\b[^\n]*[ \t](?:-u|--user)[ =][\"']?[\w.@\-]+:[^\s\"'$]{4}",
            r"\bredis-cli\b[^\n|]*[ \t]-a[ \t]+[\"']?[^\s\"'$\-][^\s\"'$]{3}",
            r"\bopenssl\b[^\n|]*[ \t](?:-k[ \t]+|pass:)[\"']?[^\s\"'$\-][^\s\"'$]{3}",
            r"\bsshpass[ \t]+-p[ \t]*[\"']?[^\s\"'$]{4}",
            r"\bmysql(?:dump|admin|sh)?\b[^\n|]*[ \t]-p[\"']?[^\s\"'$\-][^\s\"'$]{3}",
            r"\bmc[ \t]+(?:alias set|config host add)(?:[ \t]+\S+){3}[ \t]+[\"']?[^\s\"'$\-][^\s\"'$]{3}",
            r"\b(?:docker|podman|helm|az|oc|skopeo)\b[^\n|]*\blogin\b[^\n|]*[ \t]-p[ \t]+[\"']?[^\s\"'$\-][^\s\"'$]{3}",
        ),
        re.compile(
            r"\bcurl\b[^\n]*\s(?:-u|--user)[ =][\"']?(?P<user>[\w.@-]+):(?P<value>[^\s\"'$]+)|"
            r"\bredis-cli\b[^\n|]*?\s-a\s+[\"']?(?P<redis>[^\s\"'$]+)|\bsshpass\s+-p\s*[\"']?(?P<ssh>[^\s\"'$]+)|"
            r"\bmysql(?:dump|admin|sh)?\b[^\n|]*?\s-p[\"']?(?P<mysql>[^\s\"'$\-][^\s\"']*)|"
            r"\bopenssl\b[^\n|]*?\s(?:-k\s+|[\"']?pass:)[\"']?(?P<acl>[^\s\"'$\-][^\s\"'$]*)|"
            r"\bmc\s+(?:alias\s+set|config\s+host\s+add)\s+\S+\s+\S+\s+\S+\s+[\"']?(?P<minio>[^\s\"'$]+)|"
            r"\b(?:docker|podman|helm|az|oc|skopeo)\b[^\n|]*\blogin\b[^\n|]*?\s-p\s+[\"']?(?P<registry>[^\s\"'$]+)"
        ),
        key="password",
    ),
    Dialect(
        "header",
        (
            r"(?i)authorization[\"']?(?:\s*[:=,]\s*(?:[\w.:&]+\(\s*){0,3}[\"'`]?|[ \t]+[\"'`])"
            r"(?:bearer|basic|token|apikey)[ \t]+[A-Za-z0-9+/._~=\-]{12}",
            r"[\"'`](?:Bearer|Basic)[ \t]+[A-Za-z0-9+/._~=\-]{16}",
        ),
        re.compile(
            r"(?:(?i:authorization)[\"']?(?:\s*[:=,]\s*(?:[\w.:&]+\(\s*){0,3}[\"'`]?|\s+[\"'`])|[\"'`](?=B))"
            rf"(?P<value>{_SCHEME}\s+[A-Za-z0-9+/._~=\-]{{12,}})"
        ),
        key="authorization token",
        coded=True,
        before=2,
    ),
    Dialect(
        "connection",
        (r"(?i)[\s;&?\"'`](?:p(?:assword|wd)|accountkey|sharedaccesskey)=[^\s;&\"'`$<{%(),]{4}",),
        re.compile(
            r"(?i)[\"'`](?:[^\"'`\n]*[\s;&?])?(?P<key>password|pwd|accountkey|sharedaccesskey)="
            r"(?P<value>[^\s;&\"'`$<{%(),]{4,})"
        ),
        kinds=frozenset({"code"}),
        coded=True,
    ),
    Dialect(
        "dsn",
        (r"\b[\w.\-]+:[^\s@:/\"'`<>]{4,}@(?:tcp|unix)\(",),
        re.compile(r"\b[\w.-]+:(?P<value>[^\s@:/\"'`<>]{4,})@(?:tcp|unix)\("),
        key="password",
    ),
    Dialect(
        "pgpass",
        (r":(?:5432|5433|6432|26257|\*):[\w.*\-]+:[\w.*\-]+:[^\s:$<]{4}",),
        re.compile(r"^[\w.*-]+:(?:\d+|\*):[\w.*-]+:[\w.*-]+:(?P<value>[^\s:$<]+)\s*$"),
        kinds=TEXT,
        key="password",
    ),
    Dialect(
        "userlist",  # of pgbouncer
        (r"\"[\w.\-]+\"[ \t]+\"[^\"\s]{4,}\"",),
        re.compile(
            r"^\s*\"[\w.-]+\"\s+\"(?!md5[0-9a-f]{32}|SCRAM-)"
            r"(?P<value>(?=[^\"]*\d)(?=[^\"]*[a-z])(?=[^\"]*[A-Z])[^\"\s]{8,})\"\s*$"
        ),
        kinds=TEXT - {"prose"},
        key="password",
        coded=True,
    ),
    Dialect(
        "user and password",  # as two arguments
        (
            r"(?i)(?:basic_?auth|credentials?|login|authenticate|set_?auth)(?:::\w+|\.\w+)?\(\s*b?[\"'][^\"'\s]*[\"']\s*,\s*[\"'][^\"'\s]{4}",
            r"[\"'`]jdbc:[^\"'`\s]*[\"'`]\s*,\s*[\"'][^\"'\s]*[\"']\s*,\s*[\"'][^\"'\s]{4}",
        ),
        re.compile(
            r"(?:(?i:basic_?auth|credentials?|login|authenticate|set_?auth)(?:::\w+|\.\w+)?\(|[\"'`]jdbc:[^\"'`\s]*[\"'`]\s*,)"
            rf"\s*[\"'][^\"'\s]*[\"']\s*,\s*{_QUOTED}"
        ),
        kinds=frozenset({"code"}),
        key="password",
        coded=True,
        before=3,
    ),
    Dialect(
        "signer",  # a key handed to what signs or encrypts with it
        (rf"{_SIGNER}\([\w.:(]*b?\"[^\"\s]{{8}}",),
        re.compile(rf"{_SIGNER}\([\w.:(]*b?{_QUOTED}"),
        kinds=frozenset({"code"}),
        key="signing key",
        coded=True,
    ),
    Dialect(
        "prose",  # the password `…`
        (rf"(?i){WORD}(?:[ \t]+is|[ \t]*为|[ \t]*是)?[ \t]*(?::|：)?[ \t]*`[^`\s]{{6,}}`",),
        re.compile(rf"{_KEY}(?:\s+is|\s*为|\s*是)?\s*[:：]?\s*`(?P<value>(?=[^`]*\d)(?=[^`]*[A-Za-z])[^`\s]{{6,}})`"),
        kinds=frozenset({"prose"}),
        coded=True,
    ),
    Dialect(
        "signing in",  # log in as `user` / `…`
        (rf"{_SIGN_IN}[ \t]*(?:/|:|,|and|with)[ \t]*`[^`\s]{{6,}}`",),
        re.compile(rf"{_SIGN_IN}\s*(?:/|:|,|and|with)\s*`(?P<value>(?=[^`]*\d)(?=[^`]*[A-Za-z])[^`\s]{{6,}})`"),
        kinds=frozenset({"prose"}),
        key="password",
        coded=True,
    ),
    Dialect(
        "section",  # [jwt] above key = "…"
        (
            rf"{_SECTION}*?[ \t]*[\"']?(?i:key)[\"']?[ \t]*[:=][ \t]*(?:[>|][+\-]?[ \t]*\n\s*)?[\"']?"
            r"[A-Za-z0-9+/=_\-]{16}",
        ),
        re.compile(
            rf"{_SECTION}{{0,5}}?[ \t]*[\"']?(?:key|Key)[\"']?\s*[:=]\s*(?:[>|][+\-]?\s*\n\s*)?[\"']?"
            r"(?P<value>(?=\S*\d)(?=\S*[a-z])(?=\S*[A-Z])[A-Za-z0-9+/=_-]{16,})"
        ),
        kinds=EVERY - {"prose"},
        key="signing key",
        before=6,
        coded=True,
    ),
    Dialect(
        "login",
        (
            r"(?i)(?:user(?:pwd|pass)?|auth|login|credentials|basic)[\"']?[ \t]*(?:=|:[ \t])[ \t]*[\"']?"
            r"[\w.@\-]+:[^\s:@\"'$<{]{4}",
        ),
        re.compile(
            r"\b(?P<key>[\w.\-]*(?i:user(?:pwd|pass)?|auth|login|credentials|basic))[\"']?\s*(?:=|:\s)\s*[\"']?"
            r"[\w.@-]{1,64}:(?P<value>(?!/)(?=[^/\s]*(?:\s|$)|\S*[A-Z0-9+=])[^\s:@\"'`,;]{4,128})(?=[\s\"'`,;}]|$)"
        ),  # github:team/name is none
        key="login",
    ),
)

KEYS = ("key", "variable", "argument")
VALUES = ("value", "bare", "acl", "netrc", "redis", "ssh", "mysql", "minio", "registry")
