"""What a value under a key is worth: pure text in, a word out. Entropy is never asked."""

import re
from functools import lru_cache

from findings.core.detect import phrases
from findings.core.detect.made import is_jumble, is_key_material, is_made
from findings.core.detect.names import is_password, signs, words
from findings.core.detect.phrases import PUT
from findings.core.vocabulary import words as word_set

REAL = "real"
ORDINARY = "ordinary"  # made of words that everybody takes, with a number: in a document it shows how to write one
WEAK = "weak"
DEVELOPMENT = "development"  # says so of itself, or is made of the words of manuals alone
COMMON = "common"
YOURS = "yours"  # to be changed, and not even by us: it counts only where production has it all the same
LISTED = "listed"  # a password where the file is called as lists of users are
MANUAL = "manual"  # looks real, and leads to a host that only manuals name: nothing to report, nothing to show
PLACEHOLDER = "placeholder"
REFERENCE = "reference"
EMPTY = "empty"
SOUND = frozenset({REAL, ORDINARY})
WORTHS = (REAL, ORDINARY, WEAK, DEVELOPMENT, COMMON, YOURS, LISTED, MANUAL, PLACEHOLDER, REFERENCE, EMPTY)

_STRONG = frozenset({"password", "passwd", "passphrase", "pwd", "pass", "passwort", "requirepass", "masterauth", "pw"})
_WORDS = word_set(
    "true false yes no on off none null nil undefined required optional enabled disabled string str bool boolean int "
    "integer text varchar object array number bytes utf-8 utf8 latin1 latin-1 ascii bearer basic jwt write read "
    "admin:read default auto prompt stdin interactive base64 base64url hex binary passed failed success failure value"
)
# Keys of the emulators of Azure, the same everywhere, by how they begin.
_EMULATOR = ("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50u", "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5")
# Tokens that the standards of OAuth print.
_SAMPLES = word_set(
    "2yotnfzfejr1zcsicmwpaa tgzv3jokf0xg5qx2tlkwia slav32hkkg gx1fbat3bv 7fjfp0zbr1ktdrbnfvdmiw mf_9.b5f-4.1jqm "
    "h480djs93hd8 splxlobezqqybys6wxsbia "
    # and keys that those of ciphers do
    "2b7e151628aed2a6abf7158809cf4f3c 8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b "
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4 "
    # and keys of interfaces that everybody may try out
    "reqres-free-v1 sk_test_4ec39hqlyjwdarjtt1zdp7dc sk_test_tr3pybcvnzz796th88s4vq2u demo_key "
    "b6907d289e10d714a6e88b30761fae22"
) | {"abcd efgh ijkl mnop"}
_COMMON = word_set(
    "password passwd pass pwd secret token postgres postgresql root admin administrator guest test testing user mysql "
    "mariadb redis rabbitmq rabbit mongo mongodb minio minioadmin example default 123456 12345678 qwerty letmein dev "
    "local nova_dev kafka clickhouse elastic sa app api key username test123 password123 admin123 password1 password2 "
    "password12 pass123 pass1234 passw0rd p@ssw0rd tiger masterkey abc123 secret123 root123 1234 12345 1234567 "
    "123456789 1234567890 admin1234 adminadmin changeit foobar foobarbaz hunter2 s3cr3t s3cret mypassword mysecret "
    "mysecretpassword wordpress wp laravel homestead drupal joomla senha contrasena motdepasse passwort parola "
    "wachtwoord haslo heslo clave mytoken apikey12345 user123 dev123 demo demo123 notasecret localhost local123 "
    "minio123 mypass "
    # what products have before anybody sets one, and what the manuals of Kubernetes, Kafka and Redis print
    "docker grafana vault keycloak nats airflow superset sonar jenkins odoo gitea harbor consul influx influxdb kibana "
    "logstash opensearch cassandra scylla couchdb couchbase oracle mssql hasura supabase temporal metabase mattermost "
    "nextcloud gitlab nexus zookeeper redpanda pulsar activemq artemis solr tomcat zabbix traefik portainer pgadmin "
    "rancher neo4j foobared prom-operator secretcookie keyboard-cat admin-secret alice-secret bob-secret "
    "1f2d1e2e67df 39528$vdg7jb s!b*d$zdsb= s!b\\*d$zdsb= s!b\\*d\\$zdsb= t0p-secret bitnami"
) | {"keyboard cat"}
# Rows of the keyboard and the alphabet, from where a finger begins.
_ROW = re.compile(
    r"(?:a(?:b(?:c(?:d(?:e(?:f(?:gh?)?)?)?)?)?)|q(?:w(?:e(?:r(?:t(?:y(?:uiop)?)?)?)?)?)|asdf(?:gh?(?:jkl)?)?|zxcv(?:bn?m?)?"
    r"|qaz(?:wsx(?:edc)?)?)(?:1(?:2(?:3(?:4(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?)?)?)?)?[!@#]?"
)
_WEAK = re.compile(
    r"change.?(?:me|this|it)(?![a-z])|change.?me|(?-i:Change(?:Me|This|It)(?=[A-Z]))|"
    r"change[-_ ]?(?:in|for|before|on)[-_ ]?(?:\w+[-_ ])?(?:prod|deploy|use|release|live)|"
    r"chang(?:er|ez)[-_ ]?moi|"
    r"(?<!django-)insecure|not.?secure|unsafe[-_ ]?(?:default|dev|secret|key)|not[-_ ]for[-_ ]prod|do[-_ ]not[-_ ]use",
    re.I,
)
_DEVELOPMENT = re.compile(
    r"^(?:(?:local[-_])?dev(?:elopment)?|test)[-_ ]|[-_]dev(?:elopment)?[-_](?:only|secret|key|token)|"
    r"(?:for|only)[-_ ]dev|"
    r"[-_](?:local|test)[-_](?:only[-_])?(?:password|passwd|pass)$|"
    r"(?:at[-_ ]least|(?<![a-z])min(?:imum)?)[-_ ]?\d\d(?!\d)|"  # says how long it is to be
    r"(?<!\d)\d\d[-_ ]?(?:plus[-_ ]?)?char(?:acter)?s?(?![a-z])",
    re.I,
)
_MADE_OF_WORDS = re.compile(
    "(?:my|super|very|top|jwt|secret|key|token|salt|password|passwd|pass|the|your|dev|test|default|change|me|app|access|refresh"
    "|auth|api|session|cookie|long|strong|random|string|value|hash|none|set|not|no|missing|unknown|local|example|please|here)+"
)
_SECRETS = word_set("secret salt pepper key")
_SERVICES = word_set(
    "db database postgres pg mysql redis mongo mongodb rabbitmq smtp mail clickhouse kafka neo4j minio "
    "elastic ldap sasl root"
)
_SAYING = word_set("password secret token key pass env name field path file ref value login hash")
_OF_SECRETS = word_set("secret secrets credential credentials creds keys key config name ref auth tls env token")
# What is said of a secret in place of it.
_SAID = word_set(
    "generated autogenerated mandatory existing encrypted sensitive provided specified external automatic "
    "automatically inherited internal dynamic disabled optional required undefined rotated managed injected missing"
)
_NAMES = word_set("name env ref id")
_PLACEHOLDER = re.compile(
    r"^[\[({]+[\"'`]?<[\w .:-]+>?[\"'`\])}]*$|abcdefghijklmnop|[-_]x{3,}$|"
    r"^<[^>]*>?$|^\([^)]*\)$|^\[[^\]]*\]+$|^\{[\w .:-]*\}$|(?<![A-Za-z])your[-_ .]|^your[A-Z]|"
    r"^my[-_](?:secret|password|token)|replace[-_ ]?(?:me|with|this)|"
    r"^1234567\d{0,3}[:_-]|[-_]SUA[-_]|[-_ ]if[-_ ]any$|"
    r"not[-_ ](?:a[-_ ])?real\b|placeholder|dummy|fill[-_ ]?(?:me|in)|insert[-_ ]|redacted|\btodo\b|\btbd\b|\.\.\.$|…$|"
    r"^00010203|^(?:x{3,} ?)+$|x{6,}|([^_-])\1{7,}|^(.)\2{3,}$|^(..)\3{7,}$|"
    r"example|sample|fake|goes[-_ ]here|-here$|_here$|^\.{3}|secret[-_]?value$|^some[-_](?:secret|password|token)|"
    r"(?:password|passwd|secret|token|apikey)here$|"
    r"^(?:[sp]k|key)_(?:test_|live_)?1234?$|^(?:[sp]k|key|token|api)[-_](?:test[-_]|live[-_])?1234567890[a-f]*$|"
    r"^(?:pass(?:w(?:or)?d)?|pwd|secret|token|key)[-_]?x{3,}$|^[123]x0{16,}[A-Z]{2}$",
    re.I,
)
_OF_NAMES = re.compile(r"secret|key|token|cred|auth|jwt|config")
_YOURS = re.compile(r"your[-_ .]", re.I)  # is to be another's, whatever it says behind it
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_PADDING = re.compile(r"([A-Za-z0])\1{7,}")
# How to make one, or that one should be made.
_INSTRUCTION = re.compile(
    r"^(?:generate|create|make|choose|pick|get|obtain|copy|grab|fetch|take)[-_ ]"
    r"(?:an?|one|your|the|some|it|this|from|with|via)[-_ ]"
    r"|openssl[-_ ]rand|generated?[-_ ](?:with|using|by|via)[-_ ]|chang(?:e|ed)[-_ ]with[-_ ]"
    r"|^(?:actual|real|literal|plain)[-_ ]?(?:value|password|secret|token|key)$"
    r"|^change[-_ ]?(?:me|this|it)?[-_ ](?:to|into|with)[-_ ](?:an?|some|your|the)[-_ ]"
    r"|^(?:base64|b64|hex|url[-_ ]?safe|randomly?)[-_ ](?:encoded|generated|string)(?:[-_ ][a-z]+)*$",
    re.I,
)
_REFERENCE = re.compile(
    r"\$\{|^\\\(|^\\?\$[A-Za-z_(]|\$\(|\{\{|^%\w+%|^~/|^@[\w.-]+(?:/|\.\w{2,4}\W*$)|<%|#\{|^[*•●]{3,}|\*{4,}|^(?:vault|ssm|arn|op|secretsmanager|gcp|aws|env|file|"
    r"awskms|kms|sops|ENC|secret|ref\+\w+|keyvault)[:\[]|^/[\w.-]+(?:/[\w.-]+)*/?(?:\?\S*)?$|^/(?:etc|run|var|usr|opt|home|app|tmp|mnt|secrets?)/|^\.{1,2}/|^projects/|^@\w+\(|"
    r"^\.[*+]|\w=\$[A-Za-z_]|^%(?:\(\w+\))?s$|^@(?:var|env)\.|"  # filled in later
    r"^pk[._](?:live_|test_|eyJ)|^(?:phc_|sb_publishable_|pk-lf-|sub-c-|(?:appl|goog)_[A-Za-z]{20})|"  # published
    r"^(?:[\w.@-]+:)?(?:\$(?:\d\w?|apr1|argon2\w*|scrypt|y)\$|\{S?SHA\d*\})|"
    r"^(?:pbkdf2|scrypt|argon2\w*|bcrypt\w*|sha\d+)[_:$](?=\S*[$:])|"
    r"^sha\d{1,3}-[\w+/=]{20}|^md5[0-9a-f]{32}$|^SCRAM-SHA-|"  # a hash of a password signs nobody in
    r"^(?:process\.env|os\.environ|os\.getenv|env::var|System\.getenv|config\.|settings\.|self\.|this\.|var\.|local\.|"
    r"data\.|module\.|(?:secret|kv\d?)/data/|secrets\.|vars\.|github\.|\w+\.Values)|^&[\w.]+$|^\w+\($|^X-[A-Za-z-]+$|^(?:ConvertTo|Get|Read|New)-[A-Z]\w+$|^\\x|^\w+(?:::|->)\w+|^!(?:[a-z]+|[A-Z][a-z]+(?:[A-Z][a-z]+)*)(?:\s|$)"
)
# The names of ciphers and the like: "AES/CBC/PKCS5Padding", "HmacSHA256", "chacha20-poly1305".
_ALGORITHM = re.compile(
    r"(?:(?:hmac|aes|des|desede|rsa|hs|rs|chacha|xchacha|poly|sha|md|pbkdf|bcrypt|argon|scrypt|ecdsa|ed|ec|dh|cbc|gcm|ecb|ctr|ccm|siv"
    r"|cfb|ofb|pkcs|oaep|mgf|with|and|padding|no|none|blowfish)[-_/]?(?:\d+(?:id?)?[-_/]?)*){2,}|[hrep]s\d{3}|(?:aes|sha|md)[-_]?\d+",
    re.I,
)
KEY_ID = re.compile(r"(?:AKIA|ASIA)[A-Z2-7]{16}")  # of AWS, which signs nobody in without the secret beside it
_NUMBERED = re.compile(r"(?:my)?(?:token|secret|password|pass|key|apikey)[-_]?\d{1,3}")
_NAME_LIKE = re.compile(r"_{0,2}(?:k8s|[a-z]+[0-9]{0,2})(?:[-_./:](?:k8s|[a-z]+[0-9]{0,2}))+")
_DOTTED = re.compile(r"~?[A-Za-z]+(?:[-_./:][A-Za-z]+)+")
_CODE_NAME = re.compile(r"_{0,2}[a-z]+(?:_[a-z]+)+_{0,2}|_+[a-z]+|[A-Z]+|[A-Za-z_]+(?:\.[A-Za-z_]+)+")
_PATTERN = re.compile(
    r"\{[\w.!:]*\}|%[sdr]|%\(\w+\)s|\(\?|\[\^|(?:^|\W)[A-Za-z_. -]{2,}(?:\|[A-Za-z_. -]{2,}){2,}|\\[wsdb]|\]\+|\]\*"
)
_UPPER_NAME = re.compile(r"_*[A-Z][A-Z0-9]*(?:__?[A-Z0-9]+)+_*|[A-Z]+(?:-[A-Z]+)+")
_CAMEL_NAME = re.compile(
    r"(?:V\d)?[A-Za-z][a-z]+\d{0,2}(?:[A-Z][a-z]+)+\d{0,2}"  # V1SecretVolumeSource, also of Python's types in strings
    r"|[A-Z][a-z]{2,}(?:[A-Z][a-z]{2,}|[A-Z]{1,4}(?=[A-Z][a-z])|V?\d{1,2}(?=[A-Z]))+"  # GoogleCloudV1Secret
    r"|[A-Za-z][a-z]+\[[\w\[\], .]+\]|(?:\.[A-Za-z]\w*)+"  # List[V1ObjectReference], .models.v1_secret
)
_FRAGMENT = re.compile(r"[\"'`]?[,)+}].*[+(:=,|][\"'`]?")  # of code between two strings
_INSERTED = re.compile(r"(?:\{[^{}\n]*\W[^{}\n]*\}[-_./:]*)+")  # `f"{user.name[:2]}...{user.name[-2:]}"`
_FILE = re.compile(r"(?:[\w.@*-]+/)+[\w.@*-]*[a-z*]\.[a-z]{2,4}")  # "tests/cases/*_pass.rs"
_PATH = re.compile(r"[A-Za-z_]+(?:[./:][A-Za-z_]+)+")
_PHRASE = re.compile(r"[!-,.-~][!-~]*(?: [!-,.-~][!-~]*){1,9}")  # of options none
_TWO_WORDS = re.compile(r"[a-z\d]{3,} [a-z\d]{3,}")
_SMALL_WORDS = re.compile(r"[a-z\d]+(?: [a-z\d]+){3,9}")
_SENTENCE = word_set(
    "a an the is are be was must should will can cannot may not no to of for your you our we it this that with and or "
    "if by from at as please enter type choose set use used reset forgot change changed confirm repeat show hide see "
    "required invalid incorrect wrong missing expired minimum maximum least characters chars digits letters password "
    "passwords secret token key"
)
# What a remark says in place of a password: "ask bob", "see vault", "same as above".
_REMARK = PUT | word_set(
    "ask see via stored store kept keep via vault 1password bitwarden lastpass keepass keychain external externally "
    "managed generated elsewhere above below same none needed need unset set empty blank unknown default only per "
    "check contact look lookup find get got comes taken fetched read loaded injected provided rotated deleted removed "
    "redacted hidden masked secure safe somewhere nothing any some string value text random example"
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_NEXT_NAME = re.compile(r"[A-Za-z_]{1,20}=|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+=[^=].*")  # `username= password= scope=`
_YEAR = re.compile(r"\d{3}")
_DIGIT = re.compile(r"\d")
_NO_MARKS = str.maketrans("", "", ".,:;!?()[]\"'")
_VERSION = re.compile(r"\d+(?:\.\d+)+[-+]?")
_WORD = re.compile(r"[^\W\d_]+[.:!?…]*")
_OF_AN_APP = re.compile(r"[a-z]{4}(?: [a-z]{4}){3}")  # as Google makes them for programs that send mail
_RANDOM = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=(?:[\w ]*[^\w ]){8})[!-~ ]{40,}")
_SPOKEN = re.compile(r"[a-z][A-Za-z]+(?:[_.-][A-Za-z]+){0,2}")
_JOINED = re.compile(r"[a-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)+")
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_DIGEST = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})", re.I)
_HASHED = word_set("password passwd pwd pass secret token")
_DIGESTED = word_set("md5 sha1 sha224 sha256 sha384 sha512 digest checksum")


@lru_cache(maxsize=4096)
def judge(name: str, value: str, coded: bool = False, applied: bool = False) -> str:
    """What a value under this key is worth: one of `WORTHS`.

    `coded`: in program text, where words are names. `applied`: where nothing else can stand, as in a file of settings.
    """
    value = value.strip()
    if not value or value.lower() in ("null", "~", "none", '""', "''"):
        return EMPTY
    if (
        value.startswith(_EMULATOR)
        or _INSTRUCTION.search(value)
        or (KEY_ID.fullmatch(value) and value.endswith("EXAMPLE"))
    ):
        return PLACEHOLDER
    named = value.lower() in _WORDS or _ALGORITHM.fullmatch(value) or KEY_ID.fullmatch(value)
    if named or (_REFERENCE.search(value) and not is_key_material(value)):
        return REFERENCE
    lowered = value.lower()
    if _WEAK.search(value) or phrases.wants_change(value):
        return YOURS if _YOURS.match(value) else WEAK
    if lowered in _COMMON or _repeats(name, value) or _NUMBERED.fullmatch(lowered) or _ROW.fullmatch(lowered):
        return COMMON
    if (
        _is_alphabet(lowered)
        or _PLACEHOLDER.search(_unpadded(value))
        or lowered in _SAMPLES
        or phrases.asks(name, value)
    ):
        return PLACEHOLDER
    if applied and _MADE_OF_WORDS.fullmatch(lowered):
        return COMMON
    if not (applied and _is_spoken(name, value)) and _is_name(name, value, coded):
        return REFERENCE
    if phrases.names_itself(value) or phrases.is_generic(value) or _DEVELOPMENT.search(value):
        return DEVELOPMENT
    return ORDINARY if phrases.is_ordinary(value) else REAL


def _is_alphabet(value: str) -> bool:
    """Whether a value is the alphabet from its beginning, perhaps with digits behind it."""
    letters = value.rstrip("0123456789-_!")
    return len(letters) > 8 and _ALPHABET.startswith(letters)


def _unpadded(value: str) -> str:
    """A value without a run of one character, where what is left was made: tokens may begin with zeros in base64."""
    rest = _PADDING.sub("", value) if len(value) > 48 else value
    return rest if rest != value and is_made(rest) else value


def _repeats(name: str, value: str) -> bool:
    """Whether a value is no more than the words of its key: `SMTP_PASSWORD=smtp-password`."""
    if value.lower() == name.lower():
        return True
    spoken = words(value) if len(value) <= 64 else []
    said = {word for word in spoken if len(word) > 1}
    return len(spoken) > 1 and bool(said) and said <= set(words(name))


def may_sign(value: str) -> bool:
    """Whether a word is the key of a signer where everything around it says so: `secret: oystercatcher`."""
    plain = value.lower()
    if _OF_NAMES.search(plain):
        return False  # the name of one
    return len(value) > 3 and bool(_WORD.fullmatch(value)) and not {plain} & (_WORDS | _SAID | _COMMON)


def is_variable(value: str) -> bool:
    """Whether a value has the form of a variable's name: `app_password`."""
    return "_" in value and bool(_CODE_NAME.fullmatch(value))


def _keeps_words(name: str, value: str) -> bool:
    """Whether words under this key of a program are a value: `JWT_SECRET = "correct-horse"`, not `= "jwt.secret"`."""
    fixed = name.isupper() or name == "app.secret_key"  # of Flask
    if not signs(name) or (not fixed and (_CAMEL_NAME.fullmatch(value) or _WORD.fullmatch(value))):
        return False
    return not (set(words(value)) <= _NAMES.union(words(name)) or _PATH.fullmatch(value))


def _is_signing_word(name: str, value: str) -> bool:
    """`jwtSecret: quackquack`, not `jwtSecret: generated`; several words unless they end as names of a Secret do."""
    if len(value) >= 20 and _JOINED.fullmatch(value) and len(parts := words(value)) > 3 and signs(name):
        return parts[-1] not in _OF_SECRETS
    sound = len(value) >= 8 and value.isascii() and value.isalpha() and value.islower()
    return (
        sound
        and signs(name)
        and words(name)[-2:] != ["secret", "key"]
        and value not in _SAID
        and not any(part in value for part in words(name))
    )


def _is_spoken(name: str, value: str) -> bool:
    """Whether words are a value where nothing else can stand: one that signs or hashes, `JWT_SECRET=quackquack`, or
    several, `DB_PASSWORD=correct horse battery staple`.
    """
    ends = not _SECRETS.isdisjoint(words(name)[-1:])
    if (ends or is_password(name)) and _is_phrase(value):
        return True
    if signs(name) and len(value) >= 12 and _JOINED.fullmatch(value):
        return True
    return ends and len(value) >= 8 and value.isascii() and value.isalpha()


def _is_phrase(value: str, marked: re.Pattern[str] = _PHRASE, fewest: int = 2) -> bool:
    """Whether several words are no sentence that explains or asks. `marked`: what has to be among them."""
    spoken = value.lower().translate(_NO_MARKS).split()
    sound = _PHRASE.fullmatch(value) and marked.search(value) and len(set(spoken)) >= fewest
    remark = spoken[:1] if len(spoken) > 2 else spoken
    return bool(sound) and _SENTENCE.isdisjoint(spoken) and _REMARK.isdisjoint(remark)


def _is_of_service(name: str, value: str) -> bool:
    """`db_password: "orders_staging_pw"`: a password of some service that is not called by its name."""
    spoken = words(value)
    return (
        not _SERVICES.isdisjoint(words(name)[:1])
        and len(spoken) > 2
        and spoken[-1] not in _SAYING
        and not value.isupper()
    )


def _is_login(name: str, value: str) -> bool:
    """`DB_PASSWORD = "shop_password"`, not `RESET_PASSWORD = "mail_reset_password"`."""
    return name.isupper() and is_password(name) and "_" in value and not set(words(name)) <= set(words(value))


def _is_code(value: str) -> bool:
    """Whether a string of a program is a pattern, the name of a file, or stands for what is put into it."""
    if _PATTERN.search(value):
        return True
    return any(pattern.fullmatch(value) for pattern in (_FRAGMENT, _INSERTED, _FILE))


def _is_digest(name: str, value: str) -> bool:
    """Whether only the hash of a value is told: `"hashed_secret": "5baa…"`; a key may be called `API_HASH`."""
    parts = words(name)
    told = "hashed" in parts[:1] or not _DIGESTED.isdisjoint(parts[-1:])
    told = told or (parts[-1:] == ["hash"] and not _HASHED.isdisjoint(parts))
    return told and bool(_DIGEST.fullmatch(value))


def _is_name(name: str, value: str, coded: bool) -> bool:
    """Names, prose and sizes that stand under promising keys and are no values."""
    password, shouted = is_password(name), name.isupper()
    if len(value) < (4 if password else 8) or len(value) > 8192:
        return True
    if any(char.isspace() for char in value) and not name.lower().endswith("passphrase"):
        said = _OF_AN_APP.fullmatch(value) or _RANDOM.fullmatch(value)
        marked = _is_phrase(value, _DIGIT, 3) and (not coded or _SMALL_WORDS.fullmatch(value))
        told = marked or (not coded and _TWO_WORDS.fullmatch(value) and _is_phrase(value))
        signed = coded and shouted and signs(name) and _TWO_WORDS.fullmatch(value) and _is_phrase(value)
        return not (signed or (password and (said or told)))
    if _UPPER_NAME.fullmatch(value) and not (password and _YEAR.search(value)):
        return True
    if (_HEX.fullmatch(value) and "hash" in name.lower()) or _is_digest(name, value):
        return True
    if _VERSION.fullmatch(value) or _NEXT_NAME.fullmatch(value):
        return True
    if _UUID.fullmatch(value) and words(name)[-2:] == ["client", "token"]:
        return True  # what makes a request to AWS count once
    if coded and _is_code(value) and not is_key_material(value):
        return True
    if coded and (_keeps_words(name, value) or (password and _is_of_service(name, value))):
        return False
    if not coded and _is_signing_word(name, value):
        return False
    if password and is_jumble(value):
        return False  # of a provider of mail, for programs
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
    if _is_signing_word(name, value):
        return True
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
