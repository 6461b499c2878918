"""Dialects of single tools: servers and their files, command lines, SQL."""

import re

from findings.core.detect.dialect import EVERY, Dialect
from findings.core.detect.patterns import ABOUT, HINT, QUOTED, TEXT, UNQUOTED, WORD

# What takes a secret from its standard input.
TAKES = (
    r"(?:docker|podman)[ \t]+(?:secret[ \t]+create|login)|gcloud[ \t]+secrets|(?:npx[ \t]+)?wrangler[ \t]+secret"
    r"|(?:sudo[ \t]+)?passwd[ \t]+--stdin|sudo[ \t]+-S\b|gh[ \t]+(?:secret|auth)|vercel[ \t]+env|helm[ \t]+registry"
)

NO_METHOD = r"(?!(?i:sha-?\d|md5|bcrypt|scram|pam_|aes|rsa|argon|pbkdf))"
AWS_ID = r"\b(?:AKIA|ASIA)[A-Z2-7]{16}"
WEBHOOK = (
    r"(?:discord(?:app)?\.com/api/webhooks/\d{15,20}/|open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/"
    r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=|oapi\.dingtalk\.com/robot/send\?access_token="
    r"|hooks\.zapier\.com/hooks/catch/\d+/|maker\.ifttt\.com/trigger/\w+/(?:json/)?with/key/"
    r"|pushplus\.plus/send\?token=|sctapi\.ftqq\.com/|api\.day\.app/|api\.callmebot\.com/\w+\.php\?[^\s\"']*apikey="
    r"|webhook\.office\.com/webhookb2/[\w@\-]+/IncomingWebhook/|chat\.googleapis\.com/v1/spaces/\w+/messages\?[^\s\"']*token=)"
)

TOOLS = (
    Dialect(
        "sql",
        (
            r"(?i)\b(?:identified\s+(?:with\s+\w+\s+)?by|password)(?:\s+|\s*=\s*)N?'[^'\n]{4}",
            r"\bIDENTIFIED[ \t]+BY[ \t]+\"[^\"\n]{4}",
            r"(?i)(?:^|\W)set\s+password\s+for\s+\S+\s*=\s*(?:password\(\s*)?'[^'\n]{4}",
            r"(?i)\bcrypt\(\s*'[^'\n]{4,64}'\s*,\s*gen_salt\(",
            r"(?i)\bpgp_sym_(?:en|de)crypt\w*\([^'\n]{1,80},\s*'[^'\n]{6}",
            r"(?i)\balter\s+(?:database|role|system)\b[^;'\n]{1,80}\bset\s+\"?[\w.]*(?:secret|password|key)\"?\s*(?:to|=)\s*'[^'\n]{6}",
            r"(?i)\b(?:(?:materialized)?(?:postgresql|mysql)|mongodb)\(\s*'[^'\n]*'\s*(?:,\s*'[^'\n]*'\s*){2,3},\s*'[^'\n]{4}",
        ),
        re.compile(
            r"(?i)(?:\b(?:(?-i:IDENTIFIED)|(?:user|role|login|grant)\b[^`]{0,300}?\bidentified)\s+"
            r"(?:with\s+(?!\w*hash\b)\w+\s+)?by|\bpassword(?:\s+for\s+\S+\s*=(?:\s*password\()?)?)(?:\s*=\s*|\s*)"
            r"N?'(?P<value>[^'\n]+)'|\bcrypt\(\s*'(?P<basic>[^'\n]+)'\s*,\s*gen_salt\(|"
            r"\bpgp_sym_(?:en|de)crypt\w*\([^'\n]{1,80},\s*'(?P<ssl>[^'\n]{6,})'|\balter\s+(?:database|role|system)\b[^;'\n]{1,80}"
            r"\bset\s+\"?[\w.]*(?:secret|password|key)\"?\s*(?:to|=)\s*'(?P<redis>[^'\n]{6,})'|"
            r"\b(?:(?:materialized)?(?:postgresql|mysql)|mongodb)\(\s*'[^'\n]*'\s*(?:,\s*'[^'\n]*'\s*){2,3},\s*'(?P<mysql>[^'\n]+)'\s*[,)]|"
            r"\bIDENTIFIED\s+BY\s+\"(?P<acl>[^\"\n]+)\""
        ),
        key="password",
        before=3,
    ),
    Dialect(
        "directive",
        (
            r"\b(?:requirepass|masterauth|primaryauth)[ \t]+\S{4}",
            r"\buser[ \t]+\S+[ \t]+on[ \t][^\n]*>[^\s\"'$<]{4}",
            r"\blogin\s+\S+\s+(?:password|passwd)\s+\S{4}",
            r"(?i)\bconfig[ \t]+set[ \t]+(?:requirepass|masterauth)[ \t]+[\"']?[^\s\"'$]{4}",
            r"(?i)\bacl[ \t]+setuser[ \t]+\S+[ \t][^\n]*>[^\s\"'$<]{4}",
            r"\buser[ \t]+\S+[ \t]+insecure-password[ \t]+[\"']?[^\s\"'$<]{4}",
            r"\bstats[ \t]+auth[ \t]+[\w.\-]+:\S{4}",
            r"\bsentinel[ \t]+auth-pass[ \t]+\S+[ \t]+\S{4}",
            r"\b(?:bindpw|rootpw(?:[ \t]+--plaintext)?|password)[ \t]+[^\s\"'$<{=:]{6,64}[ \t]*\r?(?:\n|$)",
        ),
        re.compile(
            r"(?m:^)[ \t]*(?:requirepass|masterauth|primaryauth)[ \t]+[\"']?(?P<value>[^\s\"'#]+)|"
            r"(?m:^)\s*user\s+\S+\s+on\s[^\n]*>(?P<acl>[^\s\"']+)|\blogin\s+\S+\s+(?:password|passwd)\s+(?P<netrc>\S+)|"
            r"(?i:\bconfig\s+set\s+(?:requirepass|masterauth)\s+[\"']?(?P<redis>[^\s\"'$]+)|"
            r"\bacl\s+setuser\s+\S+\s[^\n]*>(?P<basic>[^\s\"'$<]+))|"
            r"\buser\s+\S+\s+insecure-password\s+[\"']?(?P<changed>[^\s\"'$<]+)|"
            r"\bstats\s+auth\s+[\w.-]+:(?P<ssh>\S+)|"
            r"\bsentinel\s+auth-pass\s+\S+\s+(?P<registry>\S+)|"
            r"(?m:^)[ \t]*(?:bindpw|rootpw(?:\s+--plaintext)?|password)[ \t]+"
            rf"(?P<mongo>{NO_METHOD}{UNQUOTED})[ \t]*\r?$"
        ),
        kinds=TEXT - {"prose"},
        key="password",
        before=1,
    ),
    Dialect(
        "instruction",
        (
            rf"\bENV[ \t]+\w*(?i:{WORD})[ \t]+[^\s=$]{{4}}",
            rf"\bset[ \t]+-\w+[ \t]+\w*(?i:{WORD})[ \t]+[\"']?[^\s=$\"']{{4}}",
            rf"\b(?:proxy_set_header|SetEnv|(?:fastcgi|uwsgi)_param)[ \t]+[\w\-]*(?i:{WORD}|{HINT})[ \t]+"
            r"[\"']?[^\s=$\"';]{4}",
            rf"\bset[ \t]+\w*(?i:{WORD})[ \t]+\"[^\s=$\"';\[]{{4}}",  # of Tcl
        ),
        re.compile(
            r"^\s*set\s+(?P<variable>\w+)\s+\"(?P<bare>[^\s\"$=;\[\\]+)(?:\\[rn])*\"|"
            r"^\s*(?:ENV|set\s+-\w+|proxy_set_header|SetEnv|(?:fastcgi|uwsgi)_param)\s+(?P<key>[\w-]+)\s+[\"']?(?P<value>[^\s\"'$=;][^\s\"';]*)"
        ),
        kinds=TEXT,
    ),
    Dialect(
        "command",
        (
            r"\b(?:curl|etcdctl)\b[^\n]*[ \t](?:-u|--user)[ =][\"']?[\w.@\-]+:[^\s\"'$]{4}",
            r"\bredis-cli\b[^\n|]*[ \t\"'](?:-a|--pass)(?:[ \t]+|[\"'],[ \t]*)[\"']?[^\s\"'$\-][^\s\"'$]{3}",
            r"\bopenssl\b[^\n|]*[ \t](?:-k[ \t]+|pass:)[\"']?[^\s\"'$\-][^\s\"'$]{3}",
            r"\becho[ \t]+[\"']?[\w.\-]+:[^\s\"'$]{4,}[\"']?[ \t]*\|[^\n]*\bchpasswd\b",
            r"\b(?:(?:mongo(?:sh|dump|restore|export|import)?|cypher-shell|cqlsh|rabbitmqadmin)\b[^\n|]*[ \t]-p"
            r"|sqlcmd\b[^\n|]*[ \t]-P)[ \t]+[\"']?[^\s\"'$\-<][^\s\"'$]{3}",
            r"\b(?:lftp\b[^\n|]*[ \t]-u[ \t]+[\"']?[\w.@\-]+,|smbclient\b[^\n|]*[ \t]-U[ \t]*[\"']?[\w.@\-\\]+%)"
            r"[^\s\"'$<]{4}",
            r"\bhtpasswd[ \t]+-[^\n]*\S{4}",
            r"\brabbitmqctl\b[^\n|]*[ \t](?:add_user|change_password)[ \t]+\S+[ \t]+[\"']?[^\s\"'$<]{4}",
            r"\bgrafana[ \-]cli\b[^\n|]*\breset-admin-password[ \t]+[\"']?[^\s\"'$<\-][^\s\"'$<]{3}",
            r"\bldap(?:search|add|modify|whoami|passwd|delete)\b[^\n|]*[ \t]-w[ \t]+[\"']?[^\s\"'$<\-][^\s\"'$<]{3}",
            r"\b(?:zip[ \t][^\n|]*-P[ \t]+|7z[ \t][^\n|]*-p|ssh-keygen[ \t][^\n|]*-N[ \t]*"
            r"|(?:cargo|vault)[ \t]+login[ \t]+)[\"']?[^\s\"'$<\-][^\s\"'$<]{3}",
            r"\baws[ \t]+configure[ \t]+set[ \t]+[\w.\-]*(?:secret_access_key|session_token)[ \t]+[\"']?[^\s\"'$<]{16}",
            r"\bConvertTo-SecureString\b[^\n|]*[\"'][^\s\"'$]{4}",
            rf"\b(?:echo|printf)[ \t]+(?:-n[ \t]+)?[\"']?[^\s\"'$<|]{{4,200}}[\"']?[ \t]*\|[ \t]*(?:{TAKES})",
            r"\bsshpass[ \t]+-p[ \t]*[\"']?[^\s\"'$]{4}",
            r"\bmysql(?:dump|admin|sh)?\b[^\n|]*[ \t\"']-p[\"']?[^\s\"'$\-][^\s\"'$]{3}",
            r"\bmc[ \t]+(?:alias set|config host add)(?:[ \t]+\S+){3}[ \t]+[\"']?[^\s\"'$\-][^\s\"'$]{3}",
            r"\b(?:docker|podman|helm|az|oc|skopeo)\b[^\n|]*\blogin\b[^\n|]*[ \t]-p[ \t]+[\"']?[^\s\"'$\-][^\s\"'$]{3}",
        ),
        re.compile(
            rf"\b(?:echo|printf)\s+(?:-n\s+)?[\"']?(?P<acl>[^\s\"'$<|]{{4,200}})[\"']?\s*\|\s*(?:{TAKES})|"
            r"\b(?:rabbitmqctl\b[^\n|]*?\s(?:add_user|change_password)\s+\S+"
            r"|grafana[ -]cli\b[^\n|]*?\breset-admin-password"
            r"|ldap(?:search|add|modify|whoami|passwd|delete)\b[^\n|]*?\s-w|zip\s[^\n|]*?-P|ssh-keygen\s[^\n|]*?-N"
            r"|aws\s+configure\s+set\s+[\w.-]*(?:secret_access_key|session_token)|(?:cargo|vault)\s+login|ConvertTo-SecureString(?:\s+-String)?)\s+[\"']?(?P<netrc>[^\s\"'$<-][^\s\"'$]*)|"
            r"\b7z\s[^\n|]*?\s-p[\"']?(?P<bare>[^\s\"'$]+)|"
            r"\b(?:(?:mongo(?:sh|dump|restore|export|import)?|cypher-shell|cqlsh|rabbitmqadmin)\b[^\n|]*?\s-p|sqlcmd\b[^\n|]*?\s-P)\s+"
            r"[\"']?(?P<mongo>[^\s\"'$\-<][^\s\"'$]*)|"
            r"\b(?:lftp\b[^\n|]*?\s-u\s+[\"']?[\w.@-]+,|smbclient\b[^\n|]*?\s-U\s*[\"']?[\w.@\-\\]+%)(?P<behind>[^\s\"'$<]+)|"
            r"\bhtpasswd\s+(?=-[^\n]*b)(?:-\w+\s+)+(?:[^\s>]+\s+)?[\w.@-]+\s+[\"']?(?P<basic>[^\s\"'$><|;&-][^\s\"'$><|;&]{3,})|"
            r"\becho\s+[\"']?[\w.-]+:(?P<changed>[^\s\"'$]+)[\"']?\s*\|[^\n]*\bchpasswd\b|"
            r"\b(?:curl|etcdctl)\b[^\n]*\s(?:-u|--user)[ =][\"']?(?P<user>[\w.@-]+):(?P<value>[^\s\"'$]+)|"
            r"\bredis-cli\b[^\n|]*?[\s\"'](?:-a|--pass)(?:\s+|[\"'],\s*)[\"']?(?P<redis>[^\s\"'$]+)|\bsshpass\s+-p\s*[\"']?(?P<ssh>[^\s\"'$]+)|"
            r"\bmysql(?:dump|admin|sh)?\b[^\n|]*?[\s\"']-p[\"']?(?P<mysql>[^\s\"'$\-][^\s\"']*)|"
            r"\bopenssl\b[^\n|]*?\s(?:-k\s+|[\"']?pass:)[\"']?(?P<ssl>[^\s\"'$\-][^\s\"'$]*)|"
            r"\bmc\s+(?:alias\s+set|config\s+host\s+add)\s+\S+\s+\S+\s+\S+\s+[\"']?(?P<minio>[^\s\"'$]+)|"
            r"\b(?:docker|podman|helm|az|oc|skopeo)\b[^\n|]*\blogin\b[^\n|]*?\s-p\s+[\"']?(?P<registry>[^\s\"'$]+)"
        ),
        key="password",
    ),
    Dialect(
        "expect",  # what is sent to who asks for a password
        (
            r"\bsend[ \t]+(?:--[ \t]+)?[\"'][^\"'$\[\\\s]{4,64}\\[rn]",
            r"\bsendline\([ \t]*b?[\"'][^\"'$\[\\\s]{4,64}[\"']",
        ),
        re.compile(
            r"(?i:assw(?:or)?d[^\n\"']{0,20}|assphrase[^\n\"']{0,60})[\"'}][^\"'$]{0,80}?\bsend(?:line)?[ \t(]+"
            r"(?:--[ \t]+)?b?[\"'](?P<value>[^\"'$\[\\\s]{4,})(?:(?:\\[rn])+[\"']|[\"']\s*\))"
        ),
        key="password",
        before=3,
    ),
    Dialect(
        "chpasswd",  # root:…
        (r"\bchpasswd\b[^\n]*\n(?:[^\n:]*:[^\n]*\n){0,6}[ \t]*(?:-[ \t]+)?[\"']?[\w.\-]+:[^\s:\"'$<*!]{6}",),
        re.compile(
            r"\bchpasswd\b[^\n]*\n(?:[^\n:]*:[^\n]*\n){0,6}?[ \t]*(?:-[ \t]+)?[\"']?[a-z_][\w.-]*:"
            r"(?P<value>(?!\$\d|RANDOM)[^\s:\"'$<*!][^\s:\"']{5,})[\"']?[ \t]*\r?\Z"
        ),
        key="password",
        before=7,
    ),
    Dialect(
        "jaas",  # what a broker signs in with, and whom it lets in
        (r"LoginModule\s+required\b[^;]*\b(?:password|user_[\w\-]+)[ \t]*=[ \t]*\\{0,3}[\"'][^\s\"'$<{(]{4}",),
        re.compile(
            r"LoginModule\s+required\b[^;]*\b(?:password|user_[\w-]+)\s*=\s*\\{0,3}[\"'](?P<value>[^\s\"'\\$<{(]+)"
        ),
        key="password",
        before=8,
    ),
    Dialect(
        "store",  # what puts a value into a store of secrets
        (
            r"\bSecureString\b[^\n]*--value[ =][\"']?[^\s\"'$<]{4}",
            r"--value[ =][\"']?[^\s\"'$<]{4}[^\n]*\bSecureString\b",
            r"\bgh[ \t]+secret[ \t]+set\b[^\n]*[ \t](?:-b|--body)[ =]?[\"']?[^\s\"'$<]{4}",
            r"--secret-string[ =][\"']?[^\s\"'$<{]{4}",
            r"\bSecureString\"\s+value[ \t]*=[ \t]*\"[^\s\"$<]{4}",
        ),
        re.compile(
            r"(?:\bSecureString\b[^\n]*?|(?=[^\n]*\bSecureString\b))--value[ =][\"']?(?P<value>[^\s\"'$<]+)|"
            r"--secret-string[ =][\"']?(?P<netrc>[^\s\"'$<{]+)|\bSecureString\"\s+value\s*=\s*\"(?P<redis>[^\s\"$<]+)|"
            r"\bgh\s+secret\s+set\b[^\n]*?\s(?:-b|--body)[ =]?[\"']?(?P<acl>[^\s\"'$<]+)"
        ),
        key="secret",
        coded=True,
        before=1,
    ),
    Dialect(
        "aws",  # what stands behind an id of a key
        (rf"{AWS_ID}[^A-Za-z0-9]{{1,20}}(?:[a-z_]{{1,24}}[^A-Za-z0-9]{{1,4}})?[A-Za-z0-9+/]{{40}}",),
        re.compile(
            rf"{AWS_ID}[^A-Za-z0-9]{{1,20}}(?:[a-z_]{{1,24}}[^A-Za-z0-9]{{1,4}})?"
            r"(?P<value>(?=[^\s\"']*\d)(?=[^\s\"']*[a-z])(?=[^\s\"']*[A-Z])[A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=_-])"
        ),
        key="aws secret access key",
        before=1,
        made=True,
    ),
    Dialect(
        "webhook",  # whose address is all it takes
        (WEBHOOK + r"[\w\-]{20}",),
        re.compile(WEBHOOK + r"(?P<value>[\w-]{20,})"),
        key="password",
    ),
    Dialect(
        "neo4j",
        (r"(?i)(?:\b|_)auth[\"']?(?:[ \t]*[:=]|\s*\n\s*value:)[ \t]*[\"']?neo4j/[^\s\"'$<{]{4}",),
        re.compile(r"(?i)(?:\b|_)auth[\"']?(?:\s*[:=]|\s*\n\s*value:)\s*[\"']?neo4j/(?P<value>[^\s\"'$<{]+)"),
        kinds=EVERY,
        key="password",
        before=1,
    ),
    Dialect(
        "parameter",  # of CloudFormation
        (rf"(?i:{WORD})[\"']?[ \t]*:[ \t]*\r?\n{ABOUT}{{0,6}}[ \t]+Default:[ \t]*[\"']?[^\s\"'$<!]{{4}}",),
        re.compile(rf"(?P<key>\w+)[\"']?\s*:\s*\n{ABOUT}{{0,6}}\s+Default:\s*(?:{QUOTED}|(?P<bare>[^\s\"'#]+))"),
        kinds=TEXT - {"prose"},
        before=7,
    ),
    Dialect(
        "dsn",
        (
            r"\b[\w.\-]+:[^\s:/\"'`<>]{4,}@(?:tcp|unix)\(",
            r"[\"'`][\w.\-]+:[^\s:/\"'`<>]{4,}@/\w+[\"'`?]",  # of Go, on this machine
            r"(?:\bjdbc:oracle:\w+:|\bsqlplus[ \t]+(?:-\w+[ \t]+)*)[\"']?[\w$#]+/[^\s@:/\"'`<>${]{4}",
        ),
        re.compile(
            r"\b[\w.-]+:(?P<value>[^\s:/\"'`<>]{4,})@(?:tcp|unix)\(|"
            r"[\"'`][\w.-]+:(?P<acl>[^\s:/\"'`<>]{4,})@/\w+[\"'`?]|"
            r"(?:\bjdbc:oracle:\w+:|\bsqlplus\s+(?:-\w+\s+)*)[\"']?[\w$#]+/(?P<bare>[^\s@:/\"'`<>${]{4,})@"
        ),
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
            r"^\s*(?:(?:echo|printf)\s+')?\"(?P<owner>[\w.-]+)\"\s+\"(?!md5[0-9a-f]{32}|SCRAM-|(?P=owner)\")"
            r"(?P<value>[^\"\s$<{]{4,})\"(?:\\n)?(?:'\s*>.*)?\s*$"
        ),
        kinds=TEXT - {"prose"},
        key="password",
    ),
    Dialect(
        "wordpress",
        (r"\bdefine\([ \t]*'(?:SECURE_AUTH|AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)'[ \t]*,[ \t]*'[^'\n]{40}",),
        re.compile(
            r"\bdefine\(\s*'(?:SECURE_AUTH|AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)'\s*,\s*'(?P<value>[^'\n]{40,200})'"
        ),
        kinds=frozenset({"code"}),
        key="password",
    ),
    Dialect(
        "groovy",  # which needs no mark between a name and its value
        (r"(?i)password[ \t]+['\"][^'\"\s$]{4,}['\"]",),
        re.compile(
            r"(?im)(?:^|[{;])[ \t]*(?P<key>\w*password)[ \t]+(?P<quote>['\"])(?P<value>[^'\"\s$]+)(?P=quote)"
            r"\s*(?:$|[;}])"
        ),
        kinds=frozenset({"code"}),
    ),
)
