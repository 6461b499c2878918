"""What the expressions of dialects are made of: names that promise a credential, and values."""

from findings.core.detect.dialect import EVERY

CHINESE = "密码|口令|密钥|令牌|密碼|密鑰|金鑰|權杖"
TEXT = EVERY - {"code"}

# What the name of a credential ends in or holds; `names.promises` decides.
WORD = (
    r"(?:(?:pass(?:w(?:or[dt]|d)|phrase)|pwd|rootpw|bindpw|requirepass|masterauth|primaryauth)s?[\w.\-]*"
    r"|(?:\b|_)p(?:ass|w|sk)(?:[_.\-]\w*)?"
    r"|(?:secrets?|tokens?|credentials?|pepper|salt|pass|(?:access|api|auth|encrypt|encryption|private|secret|signing"
    r"|shared|master|account|jwt|hmac|license|webhook|deploy|client|admin|service|session|cookie|crypto|cipher|app|application|payment|partner"
    r"|fernet|sign|decryption|decrypt|unseal|preshared|gossip|server|replica[_.\-]?set|aes|symmetric|fcm|stripe|sendgrid|openai|anthropic|mailgun|twilio)"
    r"[_.:\-]?key(?:[_.\-]?base)?|erlang[_.\-]?cookie|rediscli_auth|密码|口令|密钥|令牌|密碼|密鑰|金鑰|權杖)(?:[_.\-]?(?:\d{1,3}|prod|production|string|data|stag|staging|live|main|primary|default|value|raw|plain|b64|base64|old|new|legacy|current|previous|uuid|v\d))?)"
)
SEEN_KEY = rf"(?i){WORD}[\"'`*]{{0,3}}"
SEEN_SHOUTED = r"\b[A-Z_]*(?:PASS|PWD|SECRET|TOKEN|KEY)[A-Z0-9_]*"
HINT = (
    r"[a-z0-9_\-](?:key|creds?|auth|authorization|bearer|pat|seed|psk|mnemonic|dek|kek|sk|salt|pepper"
    r"|pi_?hash)s?(?:_?\d)?"
)
SEEN_MADE = r"(?:[^\s\"'`$<{(:\d]{0,16}\d[^\s\"'`$<{(]{2}|[bcdfghjklmnpqrstvwxz]{7})"  # where the name only hints
STATIC = r"(?:&'\w+[ \t][^\"'`\n;{}]*)?"
SEEN_QUOTED = r"[\"'`]+[^\"'`\s]{4,}[\"'`]"
SEEN_TOKEN = r"[\"'`]+[^\"'`\s]*(?:[^a-z_.\-:/\"'`\s]|change|secure)[^\"'`\s]*[\"'`]"  # in code, plain words are names
SPEAKING = (
    r"(?:pass(?:w(?:or)?d)?|pwd|\bapp\.secret_key"
    r"|(?:jwt|signing|hmac|encryption|session|cookie)[_\-]?(?:secret|key)(?:[_\-]?key)?)"
)
SEEN_PHRASE = (
    r"(?i)(?:pass(?:w(?:or[dt]|d)|phrase)?|psk|secret|salt|pepper|key)[\w.\-]*[\"']?[ \t]*[:=][ \t]*"
    r"(?:[\"'][^\"'\n\s]{1,30}(?: [^\"'\n\s]{1,30}){1,9}[\"']|[a-z0-9]{2,3} [a-z0-9]{3})"  # several words
)
SCHEME = r"(?i:bearer|basic|token|apikey)"
SEEN_SCHEME = rf"[\"'`]{SCHEME}[ \t]+[A-Za-z0-9+/._~=\-]{{12}}"
SEEN_BARE = r"[^\s\"'`#$<&*!|>{\[(=:][^\s\"'`]{3}"

_INNER = r"[A-Za-z_][\w.\-]*+(?::[A-Za-z][\w.\-]*+){1,4}"  # of a setting within another: `shop:dbPassword: …`
KEY = (
    rf"(?P<key>(?<![A-Za-z0-9_])(?:{_INNER}(?=:\s|[\"']\]?\s*[:=])|(?<=[({{][\"']){_INNER}(?=[\"']\s*,)"
    rf"|[A-Za-z_][\w.\-]*)|{CHINESE})"
)
QUOTED = r"(?P<quote>[\"'`])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)"
CALLS = r"(?:[\w.:&!\[\]]+\(\s*(?:(?:move\s+)?\|\|\s*\{?\s*)?){0,3}"
BARE = r"(?P<bare>[^\s\"'`#]\S*)"
OWNED = r"(?:\.\w+\(\))?"  # "NAME".to_string()
OR_ELSE = r"(?:[\w.?!()\[\]]{1,60}\s*(?:\|\||\?\?|\bor)\s*)?"  # given or "…"
CHAIN = r"(?:\.\w+\((?:\|\w*\|[^()\n]{0,40}(?:\(\)[^()\n]{0,20})?)?\)\s*)*"  # .ok().filter(|s| !s.is_empty())
SIGNER = (
    r"(?:\b(?:Signer|EncodingKey|DecodingKey|Hmac\w*|HMAC\w*|\w*Cipher|Fernet|SecretKeySpec|SymmetricSecurityKey"
    r"|(?:jedis|red(?:is)?\w*)[:.]auth|PBEKeySpec|PasswordProtection|hmacShaKeyFor|(?:Aes\d+|X?ChaCha20)\w*|cookieParser|NewCookieStore|CookieSession(?:Store|Backend)|bcrypt(?:js)?(?:\.|::)hash|hmac\.new|(?:AES|DES3?|ARC4|Blowfish)\.new|Key::<\w+>)"
    r"(?:(?:::)?<\w+>)?(?:::\w+|\.\w+)*\(|\bSignedString\(\[\]byte\("
    r"|\bjwt\.(?:sign|verify|encode|decode)\([^\"'`()\n]{1,80},\s*|\bjwt\.(?:sign|encode)\(\s*\{[^{}\n]{1,120}\},\s*"
    r"|\bsignWith\([\w.]+,\s*|\bsession\(\s*\{[^{}\n]{0,80}\bsecret:\s*|\bKey::(?:from|derive_from)\(&?b"
    r"|\bcreate(?:Hmac|Cipheriv|Decipheriv)\(\s*[\"'][\w-]+[\"']\s*,\s*)"
)
# Calls that take a user and a password.
ASKING = r"basic_?auth|credentials?|login|authenticat(?:e|ion)|set_?auth|oauth\d?handler|wifi\.begin"
# Calls that take a place, a user and a password, up to the user.
ASKED = (
    r"\b(?:mysqli(?:_connect)?\(|(?:pymysql|MySQLdb)\.connect\(|Minio\(|new[ \t]+PDO\()\s*[\"'][^\"'\n]*[\"']\s*,"
    r"|\bgetConnection\((?:[^,;\"\n]|\"[^\"\n]*\")*,"
    r"|\bPlainAuth\(\s*\"[^\"\n]*\"\s*,|\b(?:cx_Oracle|oracledb)\.connect\("
    r"|\b\w*[Cc]lient\.connect\(\s*\"[^\"\n]+\"\s*,"
)
SECTION = (
    r"(?i:jwt|signing|encryption|hmac|session|cookies?|crypto|\bapi)[\"'\]]?[ \t]*[:=]?[ \t]*{?[ \t]*\n"
    r"(?:[^\n{}\[\]]*\n)"
)
ABOUT = r"(?:[ \t]+(?:NoEcho|Type|Description|AllowedPattern|MinLength|MaxLength|ConstraintDescription):[^\n]*\n)"
# `password=…` of a command's option, but for what asks for it.
PASSWORD_OPTION = (
    r"(?:[a-z]+-)*(?:password|passwd|pass|pwd)="
    r"(?!(?:prompt|stdin|env|file|ask|true|false|yes|no|none|null|auto|interactive|value|pass)\b|[A-Z_]+\b)"
)
UNQUOTED = (
    r"(?=\S*\d)(?=\S*[A-Za-z])(?![A-Za-z_]\w*(?:\.\w+)+\s*$)[A-Za-z0-9@#!%^&*+=_~/-][A-Za-z0-9@#!%^&*+=_.~/-]{5,}"
)
# From its beginning to one of its first lines.
HEREDOC = r"[-~]?[\"']?(?P<tag>[A-Za-z_]\w*)\b[^\n]*\n(?:(?![ \t]*(?P=tag)[ \t\r]*\n)[^\n]*\n){0,60}?[ \t]*(?:-[ \t]+)?"
# Of a setting of a server in Java, which has several parts: `spring.datasource.password`.
SPRING = r"(?:spring|quarkus|micronaut|hibernate|jakarta|javax|camel)(?:\.[a-z][\w-]*)+"
# What joins two texts, up to the second.
JOINED = (
    r"(?:%[sv@]|\{\})?[\"'`](?:\.to_(?:string|owned)\(\)|\.(?:format|concat)\()?[ \t]*"
    r"(?:[+.&~,%]|\.\.|<>|<<|\+\+|\|\|)?[ \t]*&?[\"'`]"
)
SHELL = r"[\"']?(?P<value>[^\s\"'$<{\[(\\,;|)\]][^\s\"',;|)\]]*)"
