"""What a key name promises and what a value is worth: pure text in, a word out. Entropy is never asked."""

import re
from functools import lru_cache

from findings.core.vocabulary import words as word_set

REAL = "real"
WEAK = "weak"
DEVELOPMENT = "development"  # says so of itself, or is made of the words of manuals alone
COMMON = "common"
MANUAL = "manual"  # looks real, and leads to a host that only manuals name: nothing to report, nothing to show
PLACEHOLDER = "placeholder"
REFERENCE = "reference"
EMPTY = "empty"
WORTHS = (REAL, WEAK, DEVELOPMENT, COMMON, MANUAL, PLACEHOLDER, REFERENCE, EMPTY)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT = re.compile(r"[^a-z0-9]+")
_STRONG = frozenset({"password", "passwd", "passphrase", "pwd", "pass", "passwort", "requirepass", "masterauth", "pw"})
_PLAIN = frozenset({"secret", "secrets", "token", "apikey", "credential", "credentials", "accesskey", "secretkey"})
_KEY_KINDS = word_set(
    "access api auth encryption encrypt private secret signing shared master account jwt hmac "
    "license webhook deploy client admin service app application session cookie crypto cipher payment partner server "
    "aes symmetric fcm stripe sendgrid openai anthropic mailgun twilio"
)
_SUFFIXES = word_set(
    "file path paths name names ref refs id ids url uri host user username ttl expiry expires expiration lifetime "
    "length size min max type types policy count limit version algorithm alg header headers field fields prefix "
    "suffix arn endpoint issuer audience enabled disabled required rotation interval seconds minutes hours days class "
    "store provider manager mode format encoding label hint placeholder template mount volume generator hash hashes "
    "scope scopes bucket index column columns table claim param parameter parameters reset form input change strength "
    "rules rule regex pattern validator error errors message text title description confirm confirmation refresh "
    "timeout cost rounds digest sha256 hex source location cookie status state event link page challenge prompt list "
    "set map mgr realm hasher hashers validators validation fds tokenizer encode decode strategy guard middleware "
    "service handler helper util utils factory builder resolver callback listener dialog view screen box button "
    "tooltip icon tab section group kind code codes requirements requirement usage budget bytes chars characters char "
    "words word entropy score meter history attempts attempt retries lock session sessions owner selector target "
    "keyref namespace operator engine backend driver plugin checker check checks test tests verifier verify "
    "verification signature signatures iterations memory parallelism salt_length used updated changed created at "
    "since until date"
)
_GLUED = ("password", "passwd", "passphrase", "apikey", "secretkey", "accesskey", "authtoken", "accesstoken")
_CHINESE = frozenset({"密码", "口令", "密钥", "令牌"})
# In every name that promises is one of these; the letter K counts as one, which may be lowered to an ordinary "k".
PROMISING = "(?i:pass|pw|secret|token|key|credential|salt|pepper|masterauth|cookie)|\u212a|密码|口令|密钥|令牌"
_PROMISING = re.compile(PROMISING)
_REPLICAS = ["replica", "set", "key"]
_WITHIN = _STRONG - {"pass", "pw"}  # which are too short to be told from other words inside a name
_BEFORE_TOKEN = word_set(
    "starting start forward backward previous prev paging pagination cursor offset "
    "next page continuation change request update lifecycle idempotency csrf xsrf cancellation cancel output input "
    "resume sync action verification confirmation reset activation invite invitation unsubscribe"
)
_NOT_FIRST = word_set(
    "primary foreign partition sort cache allow max min num existing has show hide forgot forgotten requires checksum"
)
_WORDS = word_set(
    "true false yes no on off none null nil undefined required optional enabled disabled string str bool boolean int "
    "integer text varchar object array number bytes utf-8 utf8 latin1 latin-1 ascii bearer basic jwt write read "
    "admin:read default auto base64 base64url hex binary passed failed success failure"
)
# Tokens that the standards of OAuth print.
_SAMPLES = word_set(
    "2yotnfzfejr1zcsicmwpaa tgzv3jokf0xg5qx2tlkwia slav32hkkg gx1fbat3bv 7fjfp0zbr1ktdrbnfvdmiw mf_9.b5f-4.1jqm "
    "h480djs93hd8 splxlobezqqybys6wxsbia"
)
_COMMON = word_set(
    "password passwd pass pwd secret token postgres postgresql root admin administrator guest test testing user mysql "
    "mariadb redis rabbitmq rabbit mongo mongodb minio minioadmin example default 123456 12345678 qwerty letmein dev "
    "local nova_dev kafka clickhouse elastic sa app api key username test123 password123 admin123 password1 password2 "
    "password12 pass123 pass1234 passw0rd p@ssw0rd tiger masterkey abc123 secret123 root123 1234 12345 1234567 "
    "123456789 1234567890 admin1234 adminadmin changeit foobar foobarbaz hunter2 s3cr3t s3cret mypassword mysecret "
    "wordpress wp laravel homestead drupal joomla senha contrasena motdepasse passwort parola wachtwoord haslo heslo "
    "clave mytoken apikey12345 user123 dev123 demo demo123 notasecret localhost local123 minio123 mypass"
)
_WEAK = re.compile(
    r"change.?(?:me|this|it)\b|change.?me|"
    r"change[-_ ]?(?:in|for|before|on)[-_ ]?(?:\w+[-_ ])?(?:prod|deploy|use|release|live)|"
    r"cambi(?:ar|ame|alo)[-_ ]|chang(?:er|ez)[-_ ]?moi|(?:troque|trocar|alterar|mudar)[-_ ]|a[-_ ]changer|"
    r"(?<!django-)insecure|not.?secure|unsafe[-_ ]?(?:default|dev|secret|key)|not[-_ ]for[-_ ]prod|do[-_ ]not[-_ ]use",
    re.I,
)
_DEVELOPMENT = re.compile(
    r"^(?:(?:local[-_])?dev(?:elopment)?|test)[-_ ]|[-_]dev(?:elopment)?[-_](?:only|secret|key|token)|"
    r"(?:for|only)[-_ ]dev",
    re.I,
)
_GENERIC = word_set(
    "a an the my our new old some this is very super strong secure safe long random here db database redis postgres "
    "postgresql mysql mongo mongodb rabbitmq kafka clickhouse minio grafana elastic user username admin root app api "
    "jwt auth access master default session refresh signing encryption secret secrets password passwd pass pw pwd key "
    "token value string phrase test testing and or of for complex unexpected hard to guess use at least chars "
    "characters bits please put in with"
)
_KEPT = {"secret": word_set("jwt signing hmac encryption session cookie"), "key": word_set("jwt signing hmac secret")}
_NAMES = word_set("name env ref id")
_PLACEHOLDER = re.compile(
    r"^<[^>]*>?$|^\[[^\]]*\]+$|^\{[\w .:-]*\}$|\byour[-_ .]|^your[A-Z]|^my[-_](?:secret|password|token)|"
    r"^my(?:secret|password|token|key)\d{0,3}$|replace[-_ ]?(?:me|with|this)|"
    r"placeholder|dummy|fill[-_ ]?(?:me|in)|insert[-_ ]|redacted|\btodo\b|\btbd\b|\.\.\.$|…$|"
    r"^x{3,}$|x{6,}|(.)\1{7,}|^(.)\2{3,}$|[\u4e00-\u9fff]|"
    r"example|sample|fake|goes[-_ ]here|-here$|_here$|^\.{3}|secret[-_]?value$|^some[-_](?:secret|password|token)|"
    r"^(?:[sp]k|key)_(?:test_|live_)?1234?$",
    re.I,
)
_REFERENCE = re.compile(
    r"\$\{|^\$[A-Za-z_(]|\$\(|\{\{|^%\w+%|^~/|^@[\w.-]+(?:/|\.\w{2,4}\W*$)|<%|#\{|^[*•●]{3,}|\*{4,}|^(?:vault|ssm|arn|op|secretsmanager|gcp|aws|env|file|"
    r"awskms|kms|sops|ENC|secret|ref\+\w+|keyvault)[:\[]|^/[\w.-]+(?:/[\w.-]+)*/?$|^/(?:etc|run|var|usr|opt|home|app|tmp|mnt|secrets?)/|^\.{1,2}/|^projects/|^@\w+\(|"
    r"^%(?:\(\w+\))?s$|"  # filled in later
    r"^pk[._](?:live_|test_|eyJ)|"  # published on purpose
    r"^\$\d\w?\$|^pbkdf2[_:$]|^\{S?SHA\d*\}|"  # a hash of a password signs nobody in
    r"^(?:process\.env|os\.environ|os\.getenv|env::var|System\.getenv|config\.|settings\.|self\.|this\.|var\.|local\.|"
    r"data\.|module\.|(?:secret|kv\d?)/data/|secrets\.|vars\.|github\.|\w+\.Values)|^&[\w.]+$|^\w+\($|^X-[A-Za-z-]+$|^\\x|^\w+(?:::|->)\w+|^!\w+"
)
_NUMBERED = re.compile(r"(?:token|secret|password|pass|key|apikey)[-_]?\d{1,3}")
_NAME_LIKE = re.compile(r"_{0,2}(?:k8s|[a-z]+[0-9]{0,2})(?:[-_./:](?:k8s|[a-z]+[0-9]{0,2}))+")
_DOTTED = re.compile(r"~?[A-Za-z]+(?:[-_./:][A-Za-z]+)+")
_CODE_NAME = re.compile(r"_{0,2}[a-z]+(?:_[a-z]+)+_{0,2}|_+[a-z]+|[A-Z]+|[A-Za-z_]+(?:\.[A-Za-z_]+)+")
_PATTERN = re.compile(
    r"\{[\w.!:]*\}|%[sdr]|%\(\w+\)s|\(\?|\[\^|(?:^|\W)[A-Za-z_. -]{2,}(?:\|[A-Za-z_. -]{2,}){2,}|\\[wsdb]|\]\+|\]\*"
)
_UPPER_NAME = re.compile(r"_*[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+_*|[A-Z]+(?:-[A-Z]+)+")
_CAMEL_NAME = re.compile(
    r"(?:V\d)?[A-Za-z][a-z]+\d{0,2}(?:[A-Z][a-z]+)+\d{0,2}"  # V1SecretVolumeSource, also of Python's types in strings
    r"|[A-Z][a-z]{2,}(?:[A-Z][a-z]{2,}|[A-Z]{1,4}(?=[A-Z][a-z])|V?\d{1,2}(?=[A-Z]))+"  # GoogleCloudV1Secret
    r"|[A-Za-z][a-z]+\[[\w\[\], .]+\]|(?:\.[A-Za-z]\w*)+"  # List[V1ObjectReference], .models.v1_secret
)
_FRAGMENT = re.compile(r"[,)+].*[+(:=,]")  # of code between two strings
_PATH = re.compile(r"[A-Za-z_]+(?:[./:][A-Za-z_]+)+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_NEXT_NAME = re.compile(r"[A-Za-z_]{1,20}=|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+=[^=].*")  # `username= password= scope=`
_VERSION = re.compile(r"\d+(?:\.\d+)+[-+]?")
_WORD = re.compile(r"[^\W\d_]+[.:!?…]*")
_OF_AN_APP = re.compile(r"[a-z]{4}(?: [a-z]{4}){3}")  # as Google makes them for programs that send mail
_RANDOM = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=(?:[\w ]*[^\w ]){8})[!-~ ]{40,}")
_SPOKEN = re.compile(r"[a-z][A-Za-z]+(?:[_.-][A-Za-z]+){0,2}")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def words(name: str) -> list[str]:
    """The words of a key: `dbPassword`, `DB_PASSWORD` and `db.password` are the same two."""
    return [word for word in _SPLIT.split(_CAMEL.sub("_", name).lower()) if word]


@lru_cache(maxsize=4096)
def promises(name: str) -> bool:
    """Whether a key of this name holds a credential itself, and not the name, place or age of one."""
    if not _PROMISING.search(name):
        return False
    parts = words(name)
    if any(word in name for word in _CHINESE) or parts[-2:] == ["erlang", "cookie"] or parts[-3:] == _REPLICAS:
        return True
    if not parts or parts[-1] in _SUFFIXES or parts[0] in _NOT_FIRST or "public" in parts or "/k8s_secret_" in name:
        return False
    if parts[:2] == ["x", "amz"]:
        return False  # of a signed request, which names its key and soon expires
    if parts[-1] in _STRONG or parts[-1] in _PLAIN:
        return parts != ["id", "token"] and not (parts[-1] == "token" and not _BEFORE_TOKEN.isdisjoint(parts[-2:-1]))
    if parts[-1] == "key" and parts[-2:-1] and parts[-2] in _STRONG:
        return False
    if not _WITHIN.isdisjoint(parts) or parts[-1].endswith(_GLUED):
        return True
    if parts[-2:] == ["key", "base"]:
        parts = parts[:-1]
    if parts[-1] == "salt" and parts[-2:-1] in (["hash"], ["hashid"], ["hashids"], ["ids"]):
        return True
    if parts[-1] in ("key", "pepper", "salt"):
        return len(parts) > 1 and parts[-2] in _KEY_KINDS
    return any(part in ("secret", "token", "apikey") for part in parts[:-1]) and parts[-1].isdigit()


def is_password(name: str) -> bool:
    """Whether the key says password rather than key or token: such values may be short and plain words."""
    parts = words(name)
    if parts[-1:] in (["secret"], ["secrets"]):
        return False  # `passwordSecret` is more often the name of one
    return any(word in name for word in _CHINESE) or any(
        part in _STRONG or part.endswith(("password", "passwd")) for part in parts
    )


@lru_cache(maxsize=4096)
def judge(name: str, value: str, coded: bool = False) -> str:
    """What a value under this key is worth: one of `WORTHS`. `coded`: in program text, where words are names."""
    value = value.strip()
    if not value or value.lower() in ("null", "~", "none", '""', "''"):
        return EMPTY
    if _REFERENCE.search(value) or value.lower() in _WORDS:
        return REFERENCE
    lowered = value.lower()
    if _WEAK.search(value):
        return WEAK
    if lowered in _COMMON or lowered == name.lower() or _NUMBERED.fullmatch(lowered):
        return COMMON
    if _PLACEHOLDER.search(value) or lowered in _SAMPLES:
        return PLACEHOLDER
    if _is_name(name, value, coded):
        return REFERENCE
    return DEVELOPMENT if _is_generic(value) or _DEVELOPMENT.search(value) else REAL


def is_variable(value: str) -> bool:
    """Whether a value has the form of a variable's name: `app_password`."""
    return "_" in value and bool(_CODE_NAME.fullmatch(value))


def _is_generic(value: str) -> bool:
    parts = _SPLIT.split(value.lower())
    return len(parts) > 1 and _GENERIC.issuperset(parts)


def _keeps_words(name: str, value: str) -> bool:
    """Whether words under this key of a program are a value: `JWT_SECRET = "correct-horse"`, not `= "jwt.secret"`."""
    parts = words(name)
    if not parts or (not name.isupper() and (_CAMEL_NAME.fullmatch(value) or _WORD.fullmatch(value))):
        return False
    if _KEPT.get(parts[-1], frozenset()).isdisjoint(parts):
        return False
    return not (set(words(value)) <= _NAMES.union(parts) or _PATH.fullmatch(value))


def _is_login(name: str, value: str) -> bool:
    """`DB_PASSWORD = "shop_password"`, not `RESET_PASSWORD = "mail_reset_password"`."""
    return name.isupper() and is_password(name) and "_" in value and not set(words(name)) <= set(words(value))


def _is_name(name: str, value: str, coded: bool) -> bool:
    """Names, prose and sizes that stand under promising keys and are no values."""
    password, shouted = is_password(name), name.isupper()
    if len(value) < (4 if password else 8) or len(value) > 8192:
        return True
    if any(char.isspace() for char in value) and not name.lower().endswith("passphrase"):
        return not (password and (_OF_AN_APP.fullmatch(value) or _RANDOM.fullmatch(value)))
    if _UPPER_NAME.fullmatch(value) or (_HEX.fullmatch(value) and "hash" in name.lower()):
        return True
    if _VERSION.fullmatch(value) or _NEXT_NAME.fullmatch(value):
        return True
    if _UUID.fullmatch(value) and words(name)[-2:] == ["client", "token"]:
        return True  # what makes a request to AWS count once
    if coded and (_PATTERN.search(value) or _FRAGMENT.fullmatch(value)):
        return True
    if coded and _keeps_words(name, value):
        return False
    if coded and _CODE_NAME.fullmatch(value) and not _is_login(name, value):
        return True
    if coded and name.lower() == "pass" and value.isalpha():
        return True  # of a test, not of a person
    if coded and not password and (_DOTTED.fullmatch(value) or _CAMEL_NAME.fullmatch(value)):
        return True
    if coded and len(parts := words(value)) > 1 and set(parts) <= set(words(name)):
        return True  # "pm2-io-token" under PM2_IO_ACCESS_TOKEN
    if _NAME_LIKE.fullmatch(value) and not shouted and (coded or not password):
        return True
    if _WORD.fullmatch(value) and (not password or (coded and not shouted)):
        return coded or len(value) < 20
    return value.replace(".", "").isdigit() and not password


def may_be_spoken(name: str, value: str) -> bool:
    """Whether a word in a program may be somebody's password, if only what stands around it says so: `"moonlight"`."""
    if not is_password(name) or _REFERENCE.search(value) or value.lower() in _WORDS or len(value) < 5:
        return False
    return (
        bool(_SPOKEN.fullmatch(value)) and _STRONG.isdisjoint(words(value)) and not set(words(value)) & set(words(name))
    )


def unescape(value: str) -> str:
    r"""A string literal without its escapes: `\n`, `\"`, `\/`, `\u0021`. What is no escape stays."""
    if "\\" not in value:
        return value
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), value)
    return re.sub(r"\\([\"'\\/nrt])", lambda match: {"n": "\n", "r": "\r", "t": "\t"}.get(match[1], match[1]), plain)
