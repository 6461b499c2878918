"""What notes and manuals tell of a password: in a sentence, in a row of a table, under a key of two words."""

import re

from findings.core.detect.dialect import Dialect
from findings.core.detect.patterns import CHINESE, KEY, WORD

SIGN_IN = (
    r"(?i:log(?:ged)?[ \-]?in|sign[ \-]?in|credentials|登录|登陆|账号|登入|帳號)[^`\n]{0,40}"
    r"(?:`[^`\s]+`|\b[\w.@\-]+)"  # and the user's name
)
ADDRESS = r"\w@[\w\-]+\.[\w.\-]+[`*]{0,2}"  # of somebody who has one and a password
_LABELLED = (
    r"(?i:user(?:name)?[ \t]*/[ \t]*pass(?:word)?|log(?:in|on)s?|accounts?|sign[ \-]?in|credentials?|creds|wi-?fi|wlan"
    r"|(?:用户名|账号|账户|帐号|帳號)[ \t]*/[ \t]*(?:密码|密碼)|登录|登陆|登入|账号|账户|帐号|帳號)"
    r"[`*]{0,2}[ \t]*(?::|：)[ \t]*[`*]{0,2}"
)
_SAYING = r"(?:(?:password|密码|密碼)[ \t]*(?::|：)[ \t]*)?"
LABEL = rf"{_LABELLED}[\w.@\-]{{2,40}}[`*]{{0,2}}[ \t]*/[ \t]*"  # and the user's name
# Where a word is a password, too: behind an address or one who rules a machine, at the end of its line.
RULER = r"(?:[\w.\-]+@[\w\-]+\.[\w.\-]+|admin(?:istrator)?|root|superuser|superadmin|ops|deploy|test)"
SPOKEN = (
    r"(?!(?i:admin|root|user|users|viewer|editor|operator|manager|member|owner|guest|staff|logout|log-out|register|register\w*"
    r"|signup|sign-up|google|github|gitlab|saml|oauth\d?|oidc|ldap|sso|none|email|phone)\b)[A-Za-z][\w\-!@#&]{5,30}"
)
OF_USER = (
    r"(?i:user(?:name)?|log[ \-]?in|account|用户名?|账号|帐号|帳號)[ \t:：]*`[^`\s]+`[ \t,;/，、]*"
    r"(?:(?i:and|with|the)[ \t]+)*"
)
OWN_PASSWORD = r"(?i:password|passwd|pass|pw|密码|密碼|口令)[ \t:：]*(?:is[ \t]+|[是为為][ \t]*)?`"
KNOWN_USER = r"\b(?i:admin(?:istrator)?|root|superuser|superadmin)`?[ \t]*/[ \t]*"  # who tells enough
SAID_PASSWORD = (
    r"(?:password(?:[ \t]+(?:for|of|to)[ \t]+[^.\n|:`]{1,60}?(?:[ \t]+is[ \t]*:?|:)|[ \t]+is[ \t]*:?)"
    r"|\((?:password|passwd|pwd|pw|pass)[ \t:]"
    r"|\b(?:with|using)[ \t]+(?:(?:the|its|this)[ \t]+)?password[ \t]"
    r"|(?:密码|密碼|口令)(?:[ \t]|[ \t]*(?:是|为|為)[ \t]*(?::|：)?))"
)
QUOTES = "(?:[\"'*]|“|‘|「|『){0,3}"
MARKS = "@#!%&^*+=_\\-"
# No algorithm: somebody's, with letters of both sizes or a mark among them, or the digits of a number in base 16.
MADE_UP = (
    r"(?!(?i:argon|bcrypt|pbkdf|sha\d|md5|hmac|aes|rsa|scram|base64|utf|oauth|ed25519|sso|x509|varchar|uuid|int\d))"
    rf"(?=\S{{0,64}}\d)(?:(?=\S*[a-z])(?=\S*[A-Z])|(?=\S*[A-Za-z])(?=\S*[@#!%&])|(?=[0-9a-f]*[a-f])(?=[0-9a-f]{{12}}))"
    rf"[A-Za-z0-9{MARKS}]{{7,64}}[A-Za-z0-9!@#]"
)
# A word and a number, at the end of what says that it is a password.
MADE_LOW = (
    r"(?!(?i:argon|bcrypt|sha\d|md5|aes|utf|oauth|x509|step|option|line|page|part)\d*)"
    r"[a-z]{3,20}[\-_.]?\d{1,8}[!@#]?"
)
CELL = (
    r"(?!(?i:argon|bcrypt|pbkdf|sha-?\d|md5|hmac|aes|rsa|base64|utf|oauth|varchar|uuid|u?int|float|char|string|v\d|rfc)[^|]*\d)"
    r"(?=[^\s|]*\d)(?=[^\s|]*[A-Za-z])[^\s|`<>$(){}/,]{6,}"
)
CODE = r"(?=[^\"'`\s]*\d)(?=[^\"'`\s]*[A-Za-z])[^\"'`\s]{8,}"
NO_VALUE = r"(?!(?i:v\d|oauth|oidc|saml|sha\d|x509|http|api/))"
DASH = "(?:-{1,2}|–|—)"
TWO_WORDS = (
    r"(?:access|api|secret|app|client|auth|signing|encryption|private|license|admin|deploy|webhook|shared|master|bot)"
    r"[ \t]+(?:key|token|secret|password)"
)

NOTES = (
    Dialect(
        "prose",  # the password `…`
        (rf"(?i){WORD}(?:[ \t]+is|[ \t]*为|[ \t]*是|[ \t]*為)?[ \t]*(?::|：|\|)?[ \t]*`[^`\s]{{6,}}`",),
        re.compile(
            rf"{KEY}(?:\s+is|\s*为|\s*是|\s*為)?\s*[:：|]?\s*`(?P<value>(?=[^`]*\d)(?=[^`]*[A-Za-z])[^`\s]{{6,}})`"
        ),
        kinds=frozenset({"prose"}),
        coded=True,
    ),
    Dialect(
        "sentence",  # the password of the broker is …
        (rf"(?i){SAID_PASSWORD}[ \t]*{QUOTES}[a-z0-9{MARKS}]{{6}}",),
        re.compile(
            rf"(?i:{SAID_PASSWORD})\s*{QUOTES}(?P<value>{MADE_UP})(?![\w.\-]*\()|"
            rf"(?:(?i:password[ \t]+(?:for|of|to)[ \t]+[^.\n|:`]{{1,60}}?(?:[ \t]+is)?:)"
            rf"|[码碼令]\s*[是为為][ \t]*(?::|：)?)\s*{QUOTES}(?P<bare>{MADE_LOW})[.。\s]*$"
        ),
        kinds=frozenset({"prose"}),
        key="password",
        coded=True,
    ),
    Dialect(
        "quoted default",  # os.environ.get("DB_PASSWORD", "…") in a document
        (
            rf"(?i)env\w*(?:\.get)?[(.\[][ \t]*[\"']?\w*{WORD}[\"'\])]*[ \t]*(?:,|\|\||\?\?|\bor\b)[ \t]*"
            r"[\"'`][^\"'`\s]{8,}[\"'`]",
        ),
        re.compile(
            r"(?i:env)\w*(?:\.get)?[(.\[]\s*[\"']?(?P<key>[A-Z][A-Z\d_]{2,})[\"'\])]*\s*(?:,|\|\||\?\?|\bor\b)\s*"
            rf"[\"'`](?P<value>{CODE})[\"'`]"
        ),
        kinds=frozenset({"prose"}),
        coded=True,
    ),
    Dialect(
        "dash",  # Password - …
        (
            rf"(?i){WORD}[`*_]{{0,3}}[ \t]+{DASH}[ \t]+[`*\"']{{0,3}}[^\s`*\"'<>$(){{}}|]{{5,64}}"
            r"[`*\"']{0,3}[ \t.]*\r?(?:\n|$)",
        ),
        re.compile(
            rf"^[\s>*+•#-]*[`*_]{{0,2}}(?:[A-Z]?[a-z]+ ){{0,2}}{KEY}[`*_]{{0,3}}[ \t]+{DASH}[ \t]+[`*\"']{{0,3}}"
            rf"(?P<value>{CELL}|[A-Za-z][a-z]{{4,20}})[`*\"']{{0,3}}[ \t.]*\r?$"
        ),
        kinds=frozenset({"prose", "conf"}),
        coded=True,
    ),
    Dialect(
        "two words",  # Secret Key: …
        (rf"(?i)\b{TWO_WORDS}[`*\"]{{0,3}}[ \t]*(?::|：|\||=|是|为|為)[ \t]*[`*\"']{{0,3}}[a-z0-9+/_.~\-]{{16}}",),
        re.compile(
            rf"\b(?P<key>(?i:{TWO_WORDS}))[`*\"]{{0,3}}\s*(?:[:：|=]|是|为|為)\s*[`*\"']{{0,3}}"
            r"(?P<value>(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9+/=_.~-]{16,})"
        ),
        kinds=frozenset({"prose"}),
        coded=True,
    ),
    Dialect(
        "cell",  # | password | … |
        (rf"(?i)\|[^\n|]*{WORD}[`* \t]*\|[ \t`*]*[^\s|`<]{{6,}}[ \t`*]*\|",),
        re.compile(
            rf"\|\s*[`*]*(?P<key>[A-Za-z][\w.\- ]{{1,40}}|[^\s|`*]{{0,8}}(?:{CHINESE}))[`*]*\s*\|\s*[`*]*"
            rf"(?P<value>{CELL})[`*]*\s*\|"
        ),
        kinds=frozenset({"prose"}),
        coded=True,
    ),
    Dialect(
        "signing in",  # log in as `user` / `…`
        (
            rf"{SIGN_IN}[ \t]*(?:/|:|,|and|with)[ \t]*`[^`\s]{{6,}}`",
            rf"{SIGN_IN}\*\*[ \t]*/[ \t]*\*\*[^*\s]{{6,}}\*\*",
            rf"{LABEL}[`*]{{0,2}}[A-Za-z0-9{MARKS}]{{8}}",
            rf"{KNOWN_USER}`[^`\s]{{6,}}`",
            rf"{ADDRESS}[ \t]+/[ \t]+[`*]{{0,2}}[A-Za-z0-9{MARKS}]{{8}}",
            rf"{_LABELLED}{RULER}[`*]{{0,2}}[ \t]*/[ \t]*{_SAYING}[`*]{{0,2}}[A-Za-z0-9{MARKS}]{{6}}",
            rf"{OF_USER}{OWN_PASSWORD}[^`\s]{{4,}}`",
        ),
        re.compile(
            rf"(?:{SIGN_IN}\s*(?:/|:|,|and|with)\s*|{KNOWN_USER}(?=`\S*[A-Z]))"
            rf"`(?P<value>{NO_VALUE}(?=[^`]*\d)(?=[^`]*[A-Za-z])[^`\s]{{6,}})`"
            rf"|{SIGN_IN}\*\*\s*/\s*\*\*(?P<basic>{MADE_UP})\*\*"
            rf"|(?:{ADDRESS}\s+/\s+|{LABEL})[`*]{{0,2}}(?P<acl>{MADE_UP})"
            rf"|{_LABELLED}{RULER}[`*]{{0,2}}[ \t]*/[ \t]*{_SAYING}[`*]{{0,2}}"
            rf"(?P<ssh>{SPOKEN})[`*]{{0,2}}[.。\s]*$"
            rf"|{OF_USER}{OWN_PASSWORD}(?P<mongo>[^`\s]{{6,}})`"
        ),
        kinds=frozenset({"prose", "conf"}),
        key="password",
        coded=True,
    ),
)
