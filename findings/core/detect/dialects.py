r"""How credentials are written: a table of dialects.

Each has the expressions that the prefilter runs over whole files (a superset, without look-around or back-references)
and the exact pattern that reads the lines around a mark. An expression ends inside the value, so that the line of its
mark is the value's last line. `test_every_dialect_is_marked` holds both halves together.
"""

import re

from findings.core.detect.asides import ASIDES
from findings.core.detect.bare import BARE
from findings.core.detect.commands import COMMANDS
from findings.core.detect.declared import DECLARED
from findings.core.detect.dialect import EVERY, Dialect
from findings.core.detect.members import MEMBERS
from findings.core.detect.notes import NOTES
from findings.core.detect.options import OPTIONS
from findings.core.detect.patterns import (
    ASKED,
    ASKING,
    CALLS,
    CHAIN,
    HEREDOC,
    HINT,
    JOINED,
    KEY,
    OR_ELSE,
    OWNED,
    PASSWORD_OPTION,
    QUOTED,
    SCHEME,
    SECTION,
    SEEN_BARE,
    SEEN_KEY,
    SEEN_MADE,
    SEEN_PHRASE,
    SEEN_QUOTED,
    SEEN_SCHEME,
    SEEN_SHOUTED,
    SEEN_TOKEN,
    SHELL,
    SIGNER,
    SPEAKING,
    SPRING,
    STATIC,
    TEXT,
    UNQUOTED,
    WORD,
)
from findings.core.detect.tools import TOOLS
from findings.core.detect.typed import TYPED

DIALECTS = (
    Dialect(
        "quoted",
        (
            rf"{SEEN_KEY}[\])]?{OWNED}[ \t]*(?:string[ \t]*)?(?:=>|:=|[!=]?==?|\|\|=|\?\?=|:|,|\()[^\"'`\n;{{}}]*"
            rf"{STATIC}{SEEN_TOKEN}",
            rf"{SEEN_SHOUTED}[\"'`\])]*{OWNED}[ \t]*(?:=>|:=|=|:|,)[^\"'`\n;{{}}]*{STATIC}{SEEN_QUOTED}",
            rf"{SEEN_KEY}[\])]?[ \t]*(?:=>|:=|=|:|,|\()[^\"'`\n;{{}}]*{STATIC}{SEEN_SCHEME}",
            rf"(?i){WORD}[ \t]*:[ \t]*&?(?:'\w+[ \t]+)?\[u8;[ \t]*\w+\][ \t]*=[ \t]*[*&]*b{SEEN_QUOTED}",
            rf"(?i){SPEAKING}[\"'`\])]*[ \t]*(?:=>|:=|=|:)[^\"'`\n;{{}}]{{0,30}}{STATIC}{SEEN_QUOTED}",
            rf"(?i){HINT}[\"'`\])]*[ \t]*(?:=>|:=|=|:|,)[^\"'`\n;{{}}]{{0,60}}{STATIC}[\"'`]{SEEN_MADE}",
            r"\.(?:with_|set_?)?[Pp]assword\([ \t]*(?:Some\([ \t]*)?\"[^\"\s]{5}",
            r"(?i)jwt[\"']?[ \t]*[:=]?[ \t]*{[ \t]*\r?\n(?:[^\n{}]*\n){0,2}"
            r"[ \t]*[\"']?secret[\"']?[ \t]*:[ \t]*[\"'][a-z]{4,}[\"']",
            rf"(?i){SPEAKING}[\"'`\])]*[ \t]*(?:=|:)[^\"'`\n;{{}}]{{0,30}}{STATIC}"
            r"[\"'][a-z0-9]{2,20}(?: [a-z0-9]{2,20}){1,9}[\"']",
        ),
        re.compile(
            rf"{KEY}[\"'`]?[\])]?{OWNED}\s*(?::\s*(?:&'\w+\s)?(?:(?!,\s*\w+\s*:)[^=\"'`\n]){{1,40}}?|\bstring\s*)?(?P<sep>=>|:=|[!=]?==?|\|\|=|\?\?=|:|,|\()"
            rf"\s*{OR_ELSE}{CALLS}(?:(?:\.\.\.\s*,\s*)?default\s*=\s*)?[rbfu&#*]{{0,3}}{QUOTED}"
        ),
        kinds=frozenset({"code"}),
        coded=True,
    ),
    Dialect(
        "below",  # the value has a line of its own
        (
            rf"{SEEN_KEY}[^\"'`\n;{{}}=(]*(?:=|\()[ \t]*\r?\n[ \t]*[^\"'`\n;{{}}]*{SEEN_TOKEN}",
            rf"(?i){SPEAKING}[^\"'`\n;{{}}=(]*=[ \t]*\r?\n[ \t]*[rb&*#]{{0,3}}{SEEN_QUOTED}",
        ),
        re.compile(rf"{KEY}[\])]?\s*(?::[^=\"'`\n]{{1,80}}?)?(?P<sep>:?=|\()[ \t]*\n\s*{CALLS}[rbfu&#]{{0,2}}{QUOTED}"),
        kinds=frozenset({"code"}),
        coded=True,
        before=1,
    ),
    Dialect(
        "otherwise",  # given ? given : "…"
        (rf"{SEEN_KEY}[ \t]*=[^;\"'`\n]*(?:\n[ \t]*)?\?[^;\n]*(?:\n[ \t]*)?:[ \t]*[\w.(]*{SEEN_TOKEN}",),
        re.compile(rf"{KEY}\s*=[^;\"'`\n?]{{1,120}}(?:\n[ \t]*)?\?[^;\n]{{1,200}}?(?:\n[ \t]*)?:[ \t]*{CALLS}{QUOTED}"),
        kinds=frozenset({"code"}),
        coded=True,
        before=2,
    ),
    Dialect(
        "returned",  # by a function that is named for it
        (
            rf"(?i)\bfn[ \t]+\w*{WORD}[ \t]*\(\)[^{{}};\"]{{1,80}}\{{[^{{}}]*{SEEN_TOKEN}",
            rf"(?i)\bfn[ \t]+\w*{HINT}[ \t]*\(\)[^{{}};\"]{{1,80}}\{{[^{{}}]*\"{SEEN_MADE}",
        ),
        re.compile(
            rf"\bfn\s+(?P<key>\w+)\s*\(\)[^{{}};\"]{{1,80}}\{{\s*(?:[^{{}}]{{0,600}}?[;\n]\s*)?{CALLS}{QUOTED}"
            r"\s*(?:\)\s*)?(?:\.(?:into|to_string|to_owned)\(|\}|\Z)"
        ),
        kinds=frozenset({"code"}),
        coded=True,
        before=8,
    ),
    Dialect(
        "pair",
        (
            rf"{SEEN_KEY}[\])]?[ \t]*(?:=>|:=|==|=|:|：|,|\()[^\"'`\n;{{}}]*{SEEN_QUOTED}",
            rf"{SEEN_KEY}\]?[ \t]*(?:=>|:=|\?=|=|:|：)[ \t*]*(?:[&!][\w!]+[ \t]+)?{SEEN_BARE}",
            rf"{SEEN_KEY}[ \t]*=[ \t]*\{{[ \t]*value[ \t]*=[ \t]*{SEEN_QUOTED}",
            rf"{SEEN_KEY}[\])]?[ \t]*(?:=>|:=|==|=|:|：|,|\()[^\"'`\n;{{}}]*{SEEN_SCHEME}",
            rf"(?i){HINT}[\"'`*\]]*[ \t]*(?:=>|=|:)[ \t*]*[\"'`]?{SEEN_MADE}",
            rf"{SEEN_KEY}[ \t]*[:=][ \t]*[\"']?[a-z]{{4}}(?: [a-z]{{4}}){{3}}\b",  # of a program, for Google
            SEEN_PHRASE,
        ),
        re.compile(
            rf"{KEY}[\"'`*]{{0,3}}\]?\s*(?:=>|:=|\?=|=|:|：)[\s*]*(?:[&!][\w!]+\s+|\{{\s*value\s*=\s*)?"
            rf"(?:{QUOTED}|(?P<bare>(?<==)[a-z]{{4}}(?: [a-z]{{4}}){{3}}(?![ \t]*\w)"
            rf"|(?:{SCHEME}[ \t]+)?[^\s\"'`#*\\]\S*))"
        ),
        kinds=TEXT,
        structured=True,
    ),
    Dialect(
        "bare",  # YAML or an environment within a string of a program
        (rf"(?i){WORD}(?::[ \t]+|=)[a-z0-9@#!%^&*+=_.~/\-]{{0,64}}\d[a-z0-9@#!%^&*+=_.~/\-]{{0,64}}[ \t]*\r?(?:\n|$)",),
        re.compile(
            rf"<<{HEREDOC}(?P<argument>[A-Za-z_][\w.\-]*):[ \t]+(?P<bare>{UNQUOTED})[ \t]*\r?\Z|"
            r"(?:\A|(?<=\n))[ \t]*(?:-[ \t]+|export[ \t]+)?"
            rf"(?:(?P<key>[a-z]+(?:-[a-z\d]+)+|[A-Z][A-Z\d_]+|{SPRING})(?::[ \t]+|=)"
            rf"|(?P<variable>[A-Za-z_]\w+):[ \t]+(?=\w+[@#!%^&*~-]))(?P<value>{UNQUOTED})[ \t]*\r?(?=\n|\Z)"
        ),
        kinds=frozenset({"code"}),
        coded=True,
        before=60,
    ),
    Dialect(
        "folded",  # YAML within a text
        (rf"{SEEN_KEY}[ \t]*:[ \t]*[>|][+\-]?\d?[ \t]*\n\s+[^\s\"'$<{{]{{4}}",),
        re.compile(rf"{KEY}[\"']?\s*:\s*[>|][+\-]?\d?[ \t]*\n\s+(?P<value>\S+)[ \t]*$"),
        kinds=TEXT,
        before=1,
        structured=True,
    ),
    Dialect(
        "escaped",  # JSON or code inside a JSON string
        (rf"(?i){WORD}(?:\\\")?[ \t]*[:=][ \t]*\\\"[^\"\\\s]{{4}}",),
        re.compile(rf"{KEY}(?:\\\")?\s*[:=]\s*\\\"(?P<value>[^\"\\\s]+)\\\""),
        kinds=EVERY - {"yaml"},
        coded=True,
    ),
    Dialect(
        "fallback",
        (
            rf"(?i){WORD}[\"'][\s\])]*(?:{CHAIN}\.\w*or\w*\(|\?\?|\?:|\|\||\bor\b|\{{)[\s\w|(:.{{]*"
            r"[\"'`][^\"'`\s][^\"'`\n]{3,}[\"'`]",
            rf"(?i)\(\s*[\"']\w*{WORD}[\"']\s*,\s*(?:\w+\s*=\s*[\w.]+\s*,\s*)*(?:default\s*=\s*)?{SEEN_QUOTED}",
            rf"(?i)\benv\.[\w]*{WORD}[\s)]*(?:\?\?|\|\|)\s*{SEEN_QUOTED}",
            rf"(?i)\benv\.\w*{WORD}[ \t]*,\s*{SEEN_QUOTED}",
            rf"(?i){WORD}[\"']\)(?:\.\w+\(\))*\.\w*or_else\(\s*\|\w*\|\s*\{{[^{{}}]{{1,300}};\s*{SEEN_QUOTED}",
        ),
        re.compile(
            r"(?:\(\s*(?:[\"']|process\.env\.)(?P<argument>[A-Za-z_][\w.\-]{2,})[\"']?\s*,|"
            r"(?:[\"'](?P<key>[A-Za-z_][\w.\-]{2,})[\"']|\benv\.(?P<variable>[A-Za-z_]\w{2,}))[\s\])]*"
            rf"(?:{CHAIN}\.\w*[oO]r\w*\(|\?\?|\?:|\|\||\bor\b|(?<=\))\s*\{{))"
            r"\s*(?:\|\w*\||\(\))?(?:\s*\{[^{}]{1,300};)?[\s{]*(?:\w+\s*=\s*[\w.]+\s*,\s*)*(?:default\s*=\s*)?"
            rf"(?:[\w.:&!]+\(\s*)?{QUOTED}"
        ),
        kinds=EVERY - {"prose"},
        before=3,
        coded=True,
    ),
    Dialect(
        "arm",  # match env::var("KEY") { Ok(v) => v, Err(_) => "…" }
        (
            rf"(?i)\bvar\(\s*\"\w*{WORD}\"\s*\)[^;\"]{{0,120}}(?:Err\(\w*\)|None|\belse)[\s=>{{]*"
            rf"(?:[^;{{}}]{{1,300}};\s*)?[\w:(]*{SEEN_QUOTED}",
            rf"(?i){WORD}[ \t]*=[ \t]*if\b[^\"{{}};\n]{{1,80}}\{{\s*{SEEN_QUOTED}",
        ),
        re.compile(
            r"(?:\bvar\(\s*\"(?P<key>\w+)\"\s*\)[^;\"]{0,120}?(?:Err\(\w*\)|None|\belse)\s*(?:=>)?\s*\{?\s*"
            r"(?:[^;{}]{1,300};\s*)?|\b(?P<variable>\w+)\s*=\s*if\b[^\"{};\n]{1,80}\{\s*)"
            rf"(?:[\w:]+\(\s*)?{QUOTED}"
        ),
        kinds=frozenset({"code"}),
        coded=True,
        before=8,
    ),
    Dialect(
        "unwrapped",  # config.jwt_secret.as_deref().unwrap_or("…")
        (rf"(?i){WORD}(?:\s*\.\w+\(\))*\s*\.unwrap_or(?:_else)?\([\s\w|:(]*{SEEN_QUOTED}",),
        re.compile(
            r"\b(?P<key>[A-Za-z_]\w{2,})(?:\s*\.\w+\(\))*\s*\.unwrap_or(?:_else)?\(\s*(?:\|\w*\|\s*)?"
            rf"(?:[\w:]+\(\s*)?{QUOTED}"
        ),
        kinds=frozenset({"code"}),
        coded=True,
        before=2,
    ),
    *OPTIONS,
    Dialect(
        "named",
        (
            rf"(?i){WORD}[\"']?[\s,;]*(?:#[^\n]*\n\s*)*[\"']?(?:value|default)"
            r"[\"']?(?: \(\w+\))?\s*[:=]\s*[\"']?[^\s\"'`$<{]",
        ),
        re.compile(
            r"\b(?:name|key|path|type|Name|Key)[\"']?(?: \(\w+\))?\s*[:=]\s*[\"']?"
            r"(?:/[\w.\-/]{0,200}/)?(?P<key>[A-Za-z_][\w.\-]*)"
            r"[\"']?[\s,;]*(?:#[^\n]*\n\s*)*[\"']?"
            rf"(?:value|Value)[\"']?(?: \(\w+\))?\s*[:=]\s*(?:{QUOTED}|(?P<bare>[^\s\"'`#,}}]+))"
        ),
        before=12,
        structured=True,
    ),
    Dialect(
        "named after",
        (rf"(?i)\bvariable\s+\"[\w\-]*{WORD}\"\s*{{[^{{}}]*default\s*=\s*\"[^\"\s]{{4}}",),
        re.compile(rf"variable\s+\"(?P<key>[\w\-]+)\"\s*{{[^{{}}]*default\s*=\s*{QUOTED}"),
        kinds=frozenset({"code"}),
        before=8,
    ),
    Dialect(
        "flag",
        (
            rf"(?i)--(?:\w+-)*\w*{WORD}[\"']?(?:[ \t]*,\s*|[ \t]+|\s*\n\s*-\s+)[\"']?[^\s\"'$<\-][^\s\"']{{3}}",
            r"[ \t]-(?:(?:src|dest)?(?:store|key)pass|password)[ \t]+[\"']?[^\s\"'$<\-][^\s\"']{3}",  # of keytool
        ),
        re.compile(rf"(?:^|[\s\"'`(\[])--?(?P<key>[A-Za-z][\w\-]*)[\"']?(?:[ \t]*,\s*|[ \t]+|\s*\n\s*-\s+){SHELL}"),
        before=1,
        coded=True,
        structured=True,
    ),
    Dialect(
        "argument",  # of a command within a program
        (r"--(?:[a-z]+-)*(?:password|passwd|pass|pwd)=[^\s\"'`$<{%(\[,;)\]\\]{4}",),
        re.compile(rf"--(?=(?P<key>[a-z-]+)=){PASSWORD_OPTION}(?P<value>[^\s\"'`$<{{%(\[,;)\]\\]{{4,}})"),
        kinds=frozenset({"code"}),
    ),
    Dialect(
        "xml",
        (rf"(?i){WORD}\"?(?:[ \t]+encoding=\"base64\")?>[^<>\s(;,)&{{=.:\]\"'?|]",),
        re.compile(
            r"<(?P<key>[A-Za-z_][\w.-]*)(?:\s+encoding=\"base64\")?>(?P<value>[^<>\n]*)</(?P=key)>|"
            r"<(?:entry|string|property|item|setting|param)\s+(?:key|name)=\"(?P<argument>[\w.-]+)\">(?P<bare>[^<>\n]+)</"
        ),
    ),
    Dialect(
        "template",  # {{ .Values.db.password | default "…" }}
        (
            rf"(?i)\.\w*{WORD}[ \t]*\|[ \t]*default[ \t]+\"[^\"\s]{{4}}",
            rf"(?i)\bdefault[ \t]+\"[^\"\s]{{4,}}\"[ \t]+[\w.$]*\.\w*{WORD}",
            rf"(?i){WORD}:[ \t]*{{{{-?[ \t]*\"[^\"\s]{{4,}}\"[ \t]*\|[ \t]*b64enc",
        ),
        re.compile(
            r"\.(?P<key>\w+)\s*\|\s*default\s+\"(?P<value>[^\"\s]+)\"|"
            r"(?P<variable>[\w.-]+):\s*\{\{-?\s*\"(?P<bare>[^\"\s]+)\"\s*\|\s*b64enc\b|"
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
    *TOOLS,
    *COMMANDS,
    *DECLARED,
    *TYPED,
    Dialect(
        "header",
        (
            r"(?i)authorization[\"']?(?:\s*[:=,]\s*(?:[\w.:&]+\(\s*){0,3}f?[\"'`]?|[ \t]+[\"'`])"
            r"(?:bearer|basic|token|apikey)[ \t]+[A-Za-z0-9+/._~=|\-]{12}",
            r"(?:[\"'`]|:[ \t]+)(?:Bearer|Basic)[ \t]+[A-Za-z0-9+/._~=|\-]{16}",
        ),
        re.compile(
            r"(?:(?i:authorization)[\"']?(?:\s*[:=,]\s*(?:[\w.:&]+\(\s*){0,3}f?[\"'`]?|\s+[\"'`])|[\"'`](?=B)|:\s+(?=B))"
            rf"(?P<value>{SCHEME}\s+[A-Za-z0-9+/._~=|\-]{{12,}})"
        ),
        key="authorization token",
        coded=True,
        before=2,
    ),
    Dialect(
        "joined header",  # "Bearer " + "…"
        (rf"\b(?:Bearer|Basic|Token|ApiKey)[ \t]+{JOINED}[A-Za-z0-9+/._~=|\-]{{16}}",),
        re.compile(rf"\b(?:Bearer|Basic|Token|ApiKey)[ \t]+{JOINED}(?P<value>[A-Za-z0-9+/._~=|-]{{16,}})[\"'`]"),
        kinds=frozenset({"code"}),
        key="authorization token",
        coded=True,
        made=True,
    ),
    Dialect(
        "connection",
        (
            r"(?i)[\s;&?\"'`](?:p(?:assword|wd)|accountkey|sharedaccesskey)=[^\s;&\"'`$<{%(),]{4}",
            rf"[\s;\"'`](?:[A-Z][A-Z0-9_]*(?:PASSWORD|PASS|PWD|SECRET|TOKEN|KEY)|--from-literal=[\w.\-]*(?i:{WORD}))="
            r"(?:\\?[\"'])?[^\s;&\"'`$<{%(),\\]{6}",
        ),
        re.compile(
            r"(?:(?i:[\"'`](?:[^\"'`\n]*[\s;&?])?(?P<key>password|pwd|accountkey|sharedaccesskey))|"
            r"[\"'`](?:[^\n]*?[\s;\"'`])?(?P<variable>[A-Z][A-Z0-9_]{3,})|--from-literal=(?P<argument>[\w.-]+))="
            r"(?:\\?[\"'])?(?P<value>[^\s;&\"'`$<{%(),\\]{4,})"
        ),
        kinds=frozenset({"code"}),
        coded=True,
    ),
    Dialect(
        "user and password",  # as two arguments
        (
            rf"(?i)(?:{ASKING}|\bauth[ \t]*=[ \t]*)(?:::\w+|\.\w+)?"
            rf"\(\s*b?[\"'][^\"'\s]*[\"']{OWNED}\s*,"
            r"\s*(?:Some\()?[\"'][^\"'\s]{4}",
            r"(?i)(?:basic_?auth\(\s*[\w.&]+\s*,\s*(?:Some\()?|bearer_auth\(\s*)[\"'][^\"'\s]{4}",
            rf"(?:[\"'`]jdbc:[^\"'`\s]*[\"'`]\s*,|{ASKED})\s*[\"'][^\"'\s]*[\"']\s*,\s*[\"'][^\"'\s]{{4}}",
        ),
        re.compile(
            rf"(?:(?:(?:(?i:{ASKING}|\bauth\s*=\s*)(?:::\w+|\.\w+)?\("
            rf"|[\"'`]jdbc:[^\"'`\s]*[\"'`]\s*,|{ASKED})"
            rf"\s*[\"'][^\"'\s]*[\"']{OWNED}|(?i:basic_?auth)\(\s*[\w.&]+)\s*,\s*(?:Some\(\s*)?"
            rf"|bearer_auth\(\s*){QUOTED}"
        ),
        kinds=frozenset({"code"}),
        key="password",
        coded=True,
        before=3,
    ),
    Dialect(
        "signer",  # a key handed to what signs or encrypts with it
        (rf"{SIGNER}[\w.:(&\[\])]*b?[\"'][^\"'\s][^\"'\n]{{7}}",),
        re.compile(rf"{SIGNER}[\w.:(&\[\])]*b?{QUOTED}"),
        kinds=frozenset({"code"}),
        key="signing key",
        coded=True,
    ),
    *NOTES,
    *MEMBERS,
    *BARE,
    *ASIDES,
    Dialect(
        "section",  # [jwt] above key = "…"
        (
            rf"{SECTION}*?[ \t]*[\"']?(?i:key)[\"']?[ \t]*[:=][ \t]*(?:[>|][+\-]?[ \t]*\n\s*)?[\"']?"
            r"[A-Za-z0-9+/=_\-]{16}",
        ),
        re.compile(
            rf"{SECTION}{{0,5}}?[ \t]*[\"']?(?:key|Key)[\"']?\s*[:=]\s*(?:[>|][+\-]?\s*\n\s*)?[\"']?"
            r"(?P<value>(?=\S*\d)(?:(?=\S*[a-z])(?=\S*[A-Z])[A-Za-z0-9+/=_-]{16,}|[0-9a-f]{32,128}(?![\w+/=-])))"
        ),
        key="signing key",
        before=6,
        coded=True,
    ),
    Dialect(
        "login",
        (
            r"(?i)(?:user(?:pwd|pass)?|auth|login|credentials|basic|bundle_\w+)[\"']?[ \t]*(?:=|:[ \t])[ \t]*[\"']?"
            r"[\w.@\-]+:[^\s:@\"'$<{]{4}",
        ),
        re.compile(
            r"\b(?P<key>[\w.\-]*(?i:user(?:pwd|pass)?|auth|login|credentials|basic)|BUNDLE_\w+)[\"']?\s*(?:=|:\s)\s*[\"']?"
            r"[\w.@-]{1,64}:(?P<value>(?!/)(?=[^/\s]*(?:\s|$)|\S*[A-Z0-9+=])[^\s:@\"'`,;]{4,128})(?=[\s\"'`,;}]|$)"
        ),  # github:team/name is none; BUNDLE_… is of Bundler
        key="login",
    ),
)

KEYS = ("key", "variable", "argument")
VALUES = (
    "value",
    "bare",
    "acl",
    "netrc",
    "redis",
    "ssh",
    "mysql",
    "minio",
    "registry",
    "changed",
    "mongo",
    "basic",
    "ssl",
    "behind",
)
