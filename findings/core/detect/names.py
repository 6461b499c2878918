"""What the name of a key promises: pure text in, yes or no out."""

import re
from functools import lru_cache

from findings.core.vocabulary import words as word_set

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT = re.compile(r"[^a-z0-9]+")
_STRONG = frozenset(
    {"password", "passwd", "passphrase", "pwd", "pass", "passwort", "requirepass", "masterauth", "pw", "psk"}
)
_PLAIN = frozenset(
    {"secret", "secrets", "token", "apikey", "credential", "credentials", "accesskey", "secretkey", "pepper"}
)
_KEY_KINDS = word_set(
    "access api auth encryption encrypt private secret signing shared master account jwt hmac "
    "license webhook deploy client admin service app application session cookie crypto cipher payment partner server "
    "aes symmetric fcm stripe sendgrid openai anthropic mailgun twilio fernet sign decryption decrypt unseal "
    "preshared gossip"
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
    "since until date charset alphabet encryption"
)
_OWNERS = (
    "access|admin|api|app|auth|bind|bot|client|consumer|corp|cookie|db|deploy|email|ftp|http|jwt|key|dest|ldap|login|mail|master"
    "|mongo|mq|my|mysql|pg|postgres|proxy|rabbit|redis|refresh|rest|root|rpc|sasl|server|service|session|smtp|sql|src|ssh|store"
    "|svc|user|usr|webhook|wx"
)
_GLUED = re.compile(
    rf"(?:password|passwd|passphrase|secret|apikey|secretkey|accesskey)$|^(?:{_OWNERS}){{1,2}}(?:pass|pwd?|token)$"
)
_GLUED_PASSWORD = re.compile(rf"(?:password|passwd|passphrase)$|^(?:{_OWNERS}){{1,2}}(?:pass|pwd?)$")
_CHINESE = frozenset({"密码", "口令", "密钥", "令牌", "密碼", "密鑰", "金鑰", "權杖"})
# In every name that promises is one of these; the letter K counts as one, which may be lowered to an ordinary "k".
PROMISING = (
    "(?i:pass|pw|secret|token|key|cred|salt|pepper|auth|bearer|cookie|seed|mnemonic|psk|api[_-]?hash)|\u212a|密码|口令|密钥|令牌"
    "|密碼|密鑰|金鑰|權杖"
)
_PROMISING = re.compile(PROMISING)
# Which of several: the name without it says what it holds.
_WHICH = word_set(
    "prod production stag staging live main primary default raw plain b64 base64 old new legacy current previous uuid"
)
_NUMBER = re.compile(r"v?\d{1,2}")
_THEMSELVES = (["secret", "string"], ["secret", "data"], ["secret", "value"], ["rediscli", "auth"])
_REPLICAS = ["replica", "set", "key"]
_WITHIN = _STRONG - {"pass", "pw", "psk"}  # which are too short to be told from other words inside a name
_BEFORE_TOKEN = word_set(
    "starting start forward backward previous prev paging pagination cursor offset "
    "next page continuation change request update lifecycle idempotency csrf xsrf cancellation cancel output input "
    "resume sync action verification confirmation reset activation invite invitation unsubscribe"
)
_SIGNING = {
    "secret": word_set("jwt signing hmac encryption session cookie"),
    "key": word_set("jwt signing hmac secret"),
}
# What else a credential may stand under, where its value tells. Keys of maps, tables and messages do not count.
_HINTS = word_set(
    "key keys cred creds auth authorization bearer pat seed psk mnemonic salt pepper dek kek sk credential"
)
_OF_DATA = word_set(
    "cached object idempotency dedup deduplication request cursor anon publishable site public pub hosts known "
    "authorized random file blob row entity record message verify verifying etag gpg pgp publish translation i18n"
)
_NOT_FIRST = word_set(
    "primary foreign partition sort cache allow max min num existing has show hide forgot forgotten requires checksum"
)
_OPEN = word_set("public pub crt cert certificate ca username email region project account tenant address dsn")
_KEY_OF = re.compile(rf"(?:{_OWNERS}|encryption|signing){{1,2}}key|psk|mnemonic|bearer")


def words(name: str) -> list[str]:
    """The words of a key: `dbPassword`, `DB_PASSWORD` and `db.password` are the same two."""
    return [word for word in _SPLIT.split(_CAMEL.sub("_", name).lower()) if word]


def _kept(parts: list[str]) -> list[str]:
    while len(parts) > 1 and (parts[-1] in _WHICH or _NUMBER.fullmatch(parts[-1])):
        parts = parts[:-1]
    return parts


@lru_cache(maxsize=4096)
def promises(name: str) -> bool:
    """Whether a key of this name holds a credential itself, and not the name, place or age of one."""
    if not _PROMISING.search(name):
        return False
    parts = _kept(words(name))
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
    if parts[-2:] in _THEMSELVES:
        return True
    if not _WITHIN.isdisjoint(parts) or _GLUED.search(parts[-1]):
        return True
    if parts[-2:] == ["key", "base"]:
        parts = parts[:-1]
    if parts[-1] == "salt" and parts[-2:-1] in (["hash"], ["hashid"], ["hashids"], ["ids"]):
        return True
    return parts[-1] in ("key", "pepper", "salt") and len(parts) > 1 and parts[-2] in _KEY_KINDS


@lru_cache(maxsize=4096)
def hints(name: str) -> bool:
    """Whether a key of this name may hold a credential, if its value looks like one: `GEMINI_KEY`, not `cache_key`."""
    if not _PROMISING.search(name):
        return False
    parts = _kept(words(name))
    if not parts or not _OF_DATA.isdisjoint(parts) or parts[0] in _NOT_FIRST:
        return False
    if parts[-2:] == ["api", "hash"]:
        return True  # of Telegram
    return parts[-1] in _HINTS if len(parts) > 1 else bool(_KEY_OF.fullmatch(parts[0]))


@lru_cache(maxsize=4096)
def may_be_secret(name: str) -> bool:
    """Whether an entry of a Secret that promises nothing may be a credential all the same: `stripe_webhook`, not
    `client_id` or `tls.crt`.
    """
    parts = _kept(words(name))
    return bool(parts) and _OPEN.isdisjoint(parts) and parts[-1] not in _SUFFIXES and not promises(name)


@lru_cache(maxsize=4096)
def is_password(name: str) -> bool:
    """Whether the key says password rather than key or token: such values may be short and plain words."""
    parts = words(name)
    if parts[-1:] in (["secret"], ["secrets"]):
        return False  # `passwordSecret` is more often the name of one
    return any(word in name for word in _CHINESE) or any(
        part in _STRONG or _GLUED_PASSWORD.search(part) for part in parts
    )


def signs(name: str) -> bool:
    """Whether the key is of what signs, and not of one of many things called secrets: `jwtSecret`, `SESSION_SECRET`."""
    parts = words(name)
    return bool(parts) and not _SIGNING.get(parts[-1], frozenset()).isdisjoint(parts)
