"""secrets/plaintext: writings and look-alikes that turned up in repositories which nobody had in mind."""

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Vq7-rLt2wXz9"
K = "q8Zt3LmN0pRs5VwX"

FOUND = {
    "the default of a template": (
        "charts/a/templates/d.yaml",
        f'{{{{- if .x }}}}\nenv:\n  - value: {{{{ .Values.db.password | default "{V}" | quote }}}}\n{{{{- end }}}}\n',
        3,
    ),
    "a default before its value": (
        "charts/a/templates/d.yaml",
        f'{{{{- if .x }}}}\nvalue: {{{{ default "{V}" .Values.db.password }}}}\n{{{{- end }}}}\n',
        2,
    ),
    "a property list": ("ios/Info.plist", f"<key>MapApiKey</key>\n<string>{K}</string>\n", 2),
    "the tag of a Go field": ("conf.go", f'type C struct {{\n\tKey string `yaml:"api_key" default:"{K}"`\n}}\n', 2),
    "a Ruby block": ("config/database.yml", f'password: <%= ENV.fetch("DB_PASSWORD") {{ "{V}" }} %>\n', 1),
    "a constructor of credentials": ("src/a.rs", f'let c = Credentials::new("admin", "{V}");\n', 1),
    "a header of nginx": ("nginx.conf", 'proxy_set_header Authorization "Basic a2liYW5hOld6NnJUcTlMbVh2Mg==";\n', 1),
    "a call of Lua": ("a.lua", f'redis:auth("{V}")\n', 1),
    "a payment key as default": ("k8s/a.yaml", f"value: ${{PAYMENT_KEY:-{K}}}\n", 1),
    "a Chinese sentence": ("docs/a.md", f"堡垒机登录密码：{V}，每季度更换。\n", 1),
    "the store of a cloud": ("a.sh", f'aws ssm put-parameter --value "{V}" --name /jwt/x --type SecureString\n', 1),
    "the store of a forge": ("a.sh", f"gh secret set DEPLOY --repo a/b --body '{V}'\n", 1),
    "a graph's account": ("k8s/a.yaml", f"env:\n  - name: NEO4J_AUTH\n    value: neo4j/{V}\n", 3),
    "a parameter with a default": (
        "stack.yaml",
        f"Parameters:\n  DbPassword:\n    Type: String\n    NoEcho: true\n    Default: {V} # for now\n",
        5,
    ),
    "a default of lodash": ("a.ts", f"secret: _.defaultTo(process.env.JWT_SECRET, '{V}'),\n", 1),
    "four times four letters": ("a.yml", "smtp_auth_password: 'kqzv wpna hdbr xmte'\n", 1),
    "a shell of Mongo": ("a.sh", f"mongosh admin --host db -u root -p {V} --quiet\n", 1),
    "a file of users": ("a.sh", f"htpasswd -b -c /etc/nginx/.htpasswd ops {V}\n", 1),
    "a user on the standard output": ("a.sh", f"htpasswd -nbB ops {V} > auth\n", 1),
    "Groovy without a mark": ("a.gradle", f"release {{\n    keyAlias 'shop'\n    storePassword '{V}'\n}}\n", 3),
    "a default of Kotlin": ("a.kts", f'keyPassword = System.getenv("KEY_PASSWORD") ?: "{V}"\n', 1),
    "a key of replicas": ("a.sh", f"export MONGODB_REPLICA_SET_KEY={K}\n", 1),
    "what Django made": ("settings.py", f"SECRET_KEY = 'django-insecure-{K}{K}'\n", 1),
    "a password that is set": ("a.sh", f"echo 'deploy:{V}' | sudo chpasswd\n", 1),
    "the bytes of a key": ("a.rs", 'const ENCRYPTION_KEY: [u8; 32] = *b"an0th3r-32-byte-key-for-aes-gcm!";\n', 1),
    "keys of a blog": (
        "wp-config.php",
        "define( 'NONCE_SALT',  'N{>[u-F3FSBT2NBB:i2QEF cq6[n:-fWXpD*q;br_?+<e6%M3K>KnVZ;t9.]c+L' );\n",
        1,
    ),
    "a user and a password": ("docs/a.md", f"1. Log in as `ops@shop.example` / `{V}`\n", 1),
}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found_as_it_is_written(name):
    path, text, line = FOUND[name]
    assert [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})] == [(line, "real")]


SILENT = {
    "the baseline of a scanner": (
        ".secrets.baseline",
        '{"a.py": [{"type": "Secret Keyword", "hashed_secret": "c2b7d90c4e1f86a35b9d2c07e4f1a68353fe19ab"}]}\n',
    ),
    "the hash of a password": ("conf/a.yaml", "password_sha1: c2b7d90c4e1f86a35b9d2c07e4f1a68353fe19ab\n"),
    "pieces of a password": ("shop/a.py", 'shown_password = f"{self.password[:2]}...{self.password[-2:]}"\n'),
    "files that a test takes": ("tests/cases.rs", 'fn a() {\n    t.pass("tests/orders/*_pass.rs");\n}\n'),
    "a file that is read": ("src/a.rs", 'let a = read_credentials(\n    &Files::new("conf/shop.*.toml"),\n);\n'),
    "what is signed": (
        "src/a.rs",
        'let s = credential.sign("GET", "/v1/orders?filter=%7B%22a%22%3A+%22B7%22%7D", 7);\n',
    ),
    "a key of what counts visits": (
        "a.py",
        'posthog.project_api_key = "phc_q8Zt3LmN0pRs5VwXq8Zt3LmN0pRs5VwXq8Zt3LmN0pR"\n',
    ),
    "a name of one letter more": ("a.yaml", "username: c_username\npassword: c_password\n"),
    "what stands between two strings": ("web/a.js", 'x("a different token (`"+t.type+"`, "+f(t.start)+")")\n'),
    "a piece of markup": ("web/a.js", "children:`Your token:`}),(0,Q.jsx)(E,{token:n?.secret||``})\n"),
    "how a server hashes passwords": ("k8s/pg.yaml", 'parameters:\n  password_encryption: "scram-sha-256"\n'),
    "an address with neo4j in it": ("a.yaml", "image: neo4j/enterprise5\nauth: neo4j\n"),
    "a parameter without a default": ("s.yaml", "Parameters:\n  DbPassword:\n    Type: String\n    MinLength: 12\n"),
    "a parameter that refers": ("s.yaml", "P:\n  DbPassword:\n    Type: String\n    Default: '{{resolve:ssm:x1}}'\n"),
    "keys of a blog to be filled in": (
        "wp-config.php",
        "define('AUTH_KEY', 'put your unique phrase here, of 40 chars');\n",
    ),
    "a shell that asks": (
        "a.sh",
        'mongosh -u root -p "$MONGO9"\nhtpasswd -c /etc/nginx/users9 ops\nmongo -p --eval x1\n',
    ),
    "Groovy that refers": (
        "a.gradle",
        "release {\n    storePassword keys['storePassword']\n    password 'password'\n}\n",
    ),
    "a form of a connection": ("a.md", "`Server=SERVER_NAME;User Id=USERNAME;Password=PASSWORD;Trust`\n"),
    "a blog's word": ("wp-config.php", "define('DB_PASSWORD', 'wordpress');\n"),
    "passwords that are read": ("a.sh", 'echo "deploy:$PASSWORD9" | chpasswd\necho "ssh:key9" | tee a\n'),
    "a sentence": ("a.yml", "password: 'must have four more letters'\nhelp: 'give the four word code'\n"),
    "a value that is a variable": ("a.sh", 'aws ssm put-parameter --type SecureString --value "$JWT9"\n'),
    "a sample that says what to put": ("a/.env.example", "TOKEN_KEY=very-long-and-complex-secret-key-for-jwt\n"),
    "a hashed password in SQL": ("a.sql", f"CREATE USER a IDENTIFIED WITH sha256_hash BY '{'e3b0c442' * 8}';\n"),
    "the name of an existing secret": (
        "charts/a/values.yaml",
        "existingPasswordSecret: rabbit-auth\nauth: {existingSecret: redis}\n",
    ),
    "a list of names": ("a.js", 'const all = ["PaintRequest","PasswordCredential","Path2Dx","PaymentAddress"];\n'),
    "classes": ("a.py", 'FIELDS = {"token": "TokenField2", "secret_key": "generateKeyBase64"}\n'),
    "code between two strings": ("a.min.js", 'e("Unexpected token: "+e.type+" ("+e.value+")")\n'),
    "a file in the home folder": ("a.yml", "provider:\n  credentials: ~/.gcloud/keyfile.json\n"),
    "a package": ("a.js", "const credentials = require('@acme/cli2/lib/credentials');\n"),
    "a file for a flag": ("docs/a.md", "`tool set --private-key @AuthKey1.p8`\n"),
    "an ARN": ("docs/a.yaml", "auth: arn:aws:secretsmanager:us-east-1:01234567890:secret:SaslScram256\n"),
    "a command with colons": ("README.md", "| **functions:secrets:access** | Access a secret, version 2 |\n"),
    "the address of a badge": ("README.md", "[i]: https://img.shields.io/build/x?token=abc123def456\n"),
    "the address of a picture": ("a.gql", 'url: "https://cdn/o/x.jpeg?alt=media&token=4142e2a1-bf43-43b5"\n'),
    "a program about the environment": ("src/env.js", "process.env.APP_CREDENTIALS = defaultCredPath2;\n"),
    "an upper-case name between underlines": ("a.js", 'const MODULE_TOKEN = "__MODULE_REFERENCE__";\n'),
    "a name of the same words": ("a.js", "PM2_IO_ACCESS_TOKEN: resolve(HOME, 'pm2-io-token'),\n"),
    "types in strings": (
        "models.py",
        'types = {"secret": "V1SecretVolumeSource", "secrets": "List[V1ObjectReference]"}\n'
        'names = {"token": ".models.v1_token2", "V1Secret": ".models.v1_secret"}\n',
    ),
    "a name with a number in it": ("a.py", 'credentials = KubernetesCredentials.load("k8s-creds")\n'),
    "arguments behind a flag": ("cli.py", '@option("--api-key", default=None)\n@option(\n"--secret",\nis_flag=True)\n'),
    "a user that is named like its key": ("a.yml.j2", "{% if x %}\nssh_user: skypilot:ssh_user\n"),
    "a list of names in Starlark": ("x/postgres.tiltfile", 'resource(k8s_secrets=["minio-secret"])\n'),
    "a version": ("VERSIONS", "pwd: 3.0-\nspwd: 3.0-3.12\n"),
    "a type in quoted prose": ("docs/a.rst", "``login: bytes``, and ``password: bytes``.\n"),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_looks_alike_is_silent(name):
    path, text = SILENT[name]
    assert [(seen.message, seen.line) for seen in see(FAMILY, {path: text})] == []
