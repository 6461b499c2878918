"""What the expressions of dialects are made of: names that promise a credential, and values."""

from findings.core.detect.dialect import EVERY

TEXT = EVERY - {"code"}

# What the name of a credential ends in or holds; `values.promises` decides.
WORD = (
    r"(?:(?:pass(?:w(?:or[dt]|d)|phrase)|pwd|requirepass|masterauth|primaryauth)s?[\w.\-]*"
    r"|(?:\b|_)p(?:ass|w)(?:[_.\-]\w*)?"
    r"|(?:secrets?|tokens?|credentials?|pepper|salt|pass|(?:access|api|auth|encrypt|encryption|private|secret|signing"
    r"|shared|master|account|jwt|hmac|license|webhook|deploy|client|admin|service|session|cookie|crypto|cipher|app|application|payment|partner"
    r"|server|replica[_.\-]?set|aes|symmetric|fcm|stripe|sendgrid|openai|anthropic|mailgun|twilio)"
    r"[_.\-]?key(?:[_.\-]?base)?|erlang[_.\-]?cookie|密码|口令|密钥|令牌)(?:[_.\-]?(?:\d{1,3}|prod|production|stag|staging|live|main|primary|default|value|raw|plain|b64|base64))?)"
)
SEEN_KEY = rf"(?i){WORD}[\"'`*]{{0,3}}"
SEEN_SHOUTED = r"\b[A-Z_]*(?:PASS|PWD|SECRET|TOKEN|KEY)[A-Z0-9_]*"
STATIC = r"(?:&'\w+[ \t][^\"'`\n;{}]*)?"
SEEN_QUOTED = r"[\"'`]+[^\"'`\s]{4,}[\"'`]"
SEEN_TOKEN = r"[\"'`]+[^\"'`\s]*(?:[^a-z_.\-:/\"'`\s]|change|secure)[^\"'`\s]*[\"'`]"  # in code, plain words are names
SPEAKING = (
    r"(?:pass(?:w(?:or)?d)?|pwd|(?:jwt|signing|hmac|encryption|session|cookie)[_\-]?(?:secret|key)(?:[_\-]?key)?)"
)
SCHEME = r"(?i:bearer|basic|token|apikey)"
SEEN_SCHEME = rf"[\"'`]{SCHEME}[ \t]+[A-Za-z0-9+/._~=\-]{{12}}"
SEEN_BARE = r"[^\s\"'`#$<&*!|>{\[(=:][^\s\"'`]{3}"

KEY = r"(?P<key>(?<![A-Za-z0-9_])[A-Za-z_][\w.\-]*|密码|口令|密钥|令牌)"
QUOTED = r"(?P<quote>[\"'`])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)"
CALLS = r"(?:[\w.:&!]+\(\s*(?:(?:move\s+)?\|\|\s*\{?\s*)?){0,3}"
BARE = r"(?P<bare>[^\s\"'`#]\S*)"
SIGNER = (
    r"\b(?:Signer|EncodingKey|DecodingKey|Hmac\w*|HMAC\w*|\w*Cipher|Fernet|SecretKeySpec|SymmetricSecurityKey|redis\w*[:.]auth)"
    r"(?:<\w+>)?(?:::\w+|\.\w+)*"
)
SIGN_IN = (
    r"(?i:log(?:ged)?[ \-]?in|sign[ \-]?in|credentials|登录|登陆|账号)[^`\n]{0,40}`[^`\s]+`"  # and the user's name
)
SECTION = (
    r"(?i:jwt|signing|encryption|hmac|session|cookies?|crypto)[\"'\]]?[ \t]*[:=]?[ \t]*{?[ \t]*\n(?:[^\n{}\[\]]*\n)"
)
ABOUT = r"(?:[ \t]+(?:NoEcho|Type|Description|AllowedPattern|MinLength|MaxLength|ConstraintDescription):[^\n]*\n)"
SHELL = r"[\"']?(?P<value>[^\s\"'$<{\[(\\,;|)\]][^\s\"',;|)\]]*)"
