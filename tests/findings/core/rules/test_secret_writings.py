"""secrets/plaintext: one small input for each way in which people write credentials down, and for what looks alike."""

import base64

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Vq7-rLt2wXz9"
K = "q8Zt3LmN0pRs5VwX"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FOUND = {
    # YAML
    "a quoted YAML value": ("k8s/base/app.yaml", f'data:\n  REDIS_PASSWORD: "{V}"\n', 2),
    "a flow map": ("k8s/base/app.yaml", f"env: [{{name: DB_PASSWORD, value: {V}}}]\n", 1),
    "value before name": ("k8s/base/app.yaml", f"env:\n  - value: {V}\n    name: DB_PASSWORD\n", 2),
    "a folded scalar": ("k8s/base/app.yaml", f"data:\n  db_password: >-\n    {V}\n", 2),
    "an anchor": ("config/db.yaml", f"default: &pw\n  password: &shared {V}\n", 2),
    "a tag": ("config/db.yaml", f"password: !!str {V}\n", 1),
    "helm values": ("charts/shop/values.yaml", f"redis:\n  auth:\n    password: {V}\n", 3),
    "an unparsable template": (
        "charts/x/templates/s.yaml",
        f"{{{{- if .x }}}}\na:\n  dbPassword: {V}\n{{{{- end }}}}\n",
        3,
    ),
    "a JSON block in a ConfigMap": (
        "k8s/c.yaml",
        f'kind: ConfigMap\ndata:\n  app.json: |\n    {{\n      "api_key": "{K}"\n    }}\n',
        5,
    ),
    "an XML block in a ConfigMap": (
        "k8s/ch.yaml",
        f"kind: ConfigMap\ndata:\n  users.xml: |\n    <users><default>\n      <password>{V}</password>\n    </default></users>\n",
        5,
    ),
    "a shell command in a Job": (
        "k8s/job.yaml",
        f"command:\n  - sh\n  - -c\n  - |\n    redis-cli -h redis -a {V} ping\n",
        5,
    ),
    "a one-line command": ("k8s/job.yaml", f'args: ["-c", "PGPASSWORD={V} psql -h db"]\n', 1),
    "a probe with arguments": ("k8s/d.yaml", f"command: [redis-cli, --pass, {V}, ping]\n", 1),
    "Secret data that is an env file": (
        "k8s/s.yaml",
        f"apiVersion: v1\nkind: Secret\ndata:\n  .env: {b64(f'A=1{chr(10)}DB_PASSWORD={V}{chr(10)}')}\n",
        4,
    ),
    "Secret data under any key": (
        "k8s/s.yaml",
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: kafka}}\ndata:\n  sasl-password: {b64(V)}\n",
        5,
    ),
    "a Secret in a List": (
        "k8s/l.yaml",
        f"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  data:\n    password: {b64(V)}\n",
        7,
    ),
    "docker config in a Secret": (
        "k8s/pull.yaml",
        "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: "
        + b64(f'{{"auths":{{"r.io":{{"username":"ci","password":"{V}"}}}}}}')
        + "\n",
        5,
    ),
    "a Grafana setting": ("k8s/g.yaml", f"env:\n- name: GF_SECURITY_ADMIN_PASSWORD\n  value: {V}\n", 3),
    "JAAS": (
        "k8s/kafka.yaml",
        f'data:\n  jaas.conf: |\n    KafkaServer {{\n      org.apache.kafka Required\n      username="a"\n      password="{V}";\n    }};\n',
        6,
    ),
    # env, ini, properties
    "an env file with quotes": (".env.production", f"JWT_SECRET='{K}'\n", 1),
    "an AWS credentials file": (".aws/credentials", f"[default]\naws_secret_access_key = {K}{K}{K[:8]}\n", 2),
    "npm's login": (".npmrc", f"//npm.internal/:_authToken={K}\n", 1),
    "a netrc": (".netrc", f"machine git.internal login ci password {V}\n", 1),
    "a pgpass": (".pgpass", f"db.internal:5432:shop:app:{V}\n", 1),
    "redis.conf": ("redis/redis.conf", f"port 6379\nrequirepass {V}\n", 2),
    "a redis ACL": ("redis/users.acl", f"user app on ~* +@all >{V}\n", 1),
    "spring properties": ("src/main/resources/application.properties", f"spring.datasource.password={V}\n", 1),
    "a spring default": ("src/main/resources/application.properties", f"db.pw=${{DB_PASSWORD:{V}}}\n", 1),
    "TOML": ("config/prod.toml", f'[db]\npassword = "{V}"\n', 2),
    "a properties list": ("kafka/client.properties", f'sasl.jaas.config=x required username="a" password="{V}";\n', 1),
    # source
    "a Rust builder": ("src/ch.rs", f'let c = Client::default().with_user("app").with_password("{V}");\n', 1),
    "a Rust field": ("src/cfg.rs", f'Config {{ jwt_secret: "{K}".to_string(), port: 1 }}\n', 1),
    "a Rust constant": ("src/cfg.rs", f'pub const API_KEY: &\'static str = "{K}";\n', 1),
    "a Rust default over lines": (
        "src/cfg.rs",
        f'let s = std::env::var("JWT_SECRET")\n    .unwrap_or_else(|_| "{K}".to_string());\n',
        2,
    ),
    "a Rust default of a URL": (
        "src/cfg.rs",
        f'let u = env::var("DATABASE_URL").unwrap_or("postgres://app:{V}@db/shop".into());\n',
        1,
    ),
    "a clap default": ("src/cli.rs", f'#[arg(long, env = "API_TOKEN", default_value = "{K}")]\n', 1),
    "a Go field": ("main.go", f'cfg := Config{{Password: "{V}"}}\n', 1),
    "a Go DSN": ("main.go", f'db, _ := sql.Open("mysql", "app:{V}@tcp(db:3306)/shop")\n', 1),
    "a libpq string": ("main.go", f'dsn := "host=db user=app password={V} dbname=shop"\n', 1),
    "a Python keyword": ("app/db.py", f'conn = connect(host="db", password="{V}")\n', 1),
    "a Python default": ("app/settings.py", f'SECRET_KEY = os.environ.get("SECRET_KEY", "{K}-{K}")\n', 1),
    "a Python default over lines": ("app/s.py", f'x = os.getenv(\n    "API_TOKEN",\n    "{K}",\n)\n', 3),
    "a Python dict": ("app/s.py", f"AUTH = {{'user': 'a', 'password': '{V}'}}\n", 1),
    "a JavaScript default": ("web/a.ts", f"const s = process.env.JWT_SECRET || '{K}';\n", 1),
    "a JavaScript nullish default": ("web/a.ts", f'const s = process.env["API_KEY"] ?? "{K}";\n', 1),
    "a JavaScript property": ("web/a.js", f"module.exports = {{ dbPassword: '{V}' }};\n", 1),
    "a Java setter": ("A.java", f'ds.setPassword("{V}");\n', 1),
    "an ADO string": ("A.cs", f'var c = "Server=db;User Id=sa;Password={V};Database=x";\n', 1),
    "a JDBC URL": ("A.java", f'String u = "jdbc:postgresql://db/x?user=a&password={V}";\n', 1),
    "a Terraform variable": (
        "infra/db.tf",
        f'variable "db_password" {{\n  type    = string\n  default = "{V}"\n}}\n',
        3,
    ),
    "a Terraform argument": ("infra/db.tf", f'  master_password = "{V}"\n', 1),
    "JSON name and value": ("task.json", f'[\n  {{\n    "name": "DB_PASSWORD",\n    "value": "{V}"\n  }}\n]\n', 4),
    "a bearer header in source": ("src/a.ts", f"headers: {{ Authorization: 'Bearer {K}{K}' }}\n", 1),
    # shell, Docker, SQL, XML
    "an export": ("scripts/run.sh", f'export DB_PASSWORD="{V}"\n', 1),
    "a kubectl literal": (
        "scripts/secrets.sh",
        f"kubectl create secret generic x \\\n  --from-literal=password={V} \\\n  --dry-run\n",
        2,
    ),
    "a helm value": ("scripts/up.sh", f"helm install redis x --set auth.password={V}\n", 1),
    "a flag": ("scripts/q.sh", f"clickhouse-client --user app --password {V} -q 'select 1'\n", 1),
    "sshpass": ("scripts/d.sh", f"sshpass -p '{V}' ssh host\n", 1),
    "mysql": ("scripts/d.sh", f"mysqldump -u root -p{V} shop\n", 1),
    "docker login": ("scripts/d.sh", f"docker login r.io -u ci -p {V}\n", 1),
    "curl": ("docs/api.md", f"    curl -u admin:{V} https://es.internal:9200/\n", 1),
    "a Dockerfile": ("Dockerfile", f"FROM x\nENV DB_PASSWORD={V}\n", 2),
    "a Dockerfile with a space": ("Dockerfile", f"FROM x\nENV DB_PASSWORD {V}\n", 2),
    "a Dockerfile argument": ("Dockerfile", f"ARG API_TOKEN={K}\n", 1),
    "SQL ALTER ROLE": ("db/init.sql", f"ALTER ROLE app WITH LOGIN ENCRYPTED PASSWORD '{V}';\n", 1),
    "SQL over lines": ("db/init.sql", f"CREATE USER app\n  IDENTIFIED BY\n  '{V}';\n", 3),
    "ClickHouse SQL": ("db/u.sql", f"CREATE USER app IDENTIFIED WITH plaintext_password BY '{V}';\n", 1),
    "an XML attribute": ("conf/a.xml", f'<resource name="db" password="{V}"/>\n', 1),
    "an XML setting": ("web.config", f'<add key="DbPassword" value="{V}" />\n', 1),
    "a pgbouncer user list": ("pgbouncer/userlist.txt", f'"app" "{V}"\n', 1),
    "SQL SET PASSWORD": ("db/g.sql", f"SET PASSWORD FOR 'app'@'%' = '{V}';\n", 1),
    "a sentinel": ("redis/sentinel.conf", f"sentinel auth-pass main {V}\n", 1),
    "a netrc over lines": (".netrc", f"machine git.internal\n  login ci\n  password {V}\n", 3),
    "a MinIO alias": ("scripts/m.sh", f"mc alias set out https://s3.internal app '{V}'\n", 1),
    "a Dockerfile that goes on": ("Dockerfile", f"ENV DB_PASSWORD={V} \\\n    A=1\n", 1),
    "a TOML text": ("config/a.toml", f'secret = """{K}"""\n', 1),
    "a section's key": ("appsettings.json", f'{{\n "Jwt": {{\n  "Issuer": "x",\n  "Key": "{K}"\n }}\n}}\n', 4),
    "two arguments": ("main.go", f'c := api.WithBasicAuth("fleet", "{V}")\n', 1),
    "a JDBC connection": ("A.java", f'DriverManager.getConnection("jdbc:mysql://db/x", "root", "{V}");\n', 1),
    "a signer": ("src/jwt.rs", f'let s = Signer::new(b"{K}");\n', 1),
    "an erlang cookie": ("charts/mq/values.yaml", f"erlangCookie: {K}\n", 1),
    "an encoded URL": (".env", "DSN=mysql://app:Z%258x%21Tq4%20wN@db.internal/x\n", 1),
    "a one-line libpq string": ("k8s/x.yaml", f'- name: DSN\n  value: "host=pg user=m password={V} sslmode=off"\n', 2),
    "a one-line server": ("k8s/x.yaml", f"command: redis-server --requirepass {V}\n", 1),
    "a fold inside a block": ("k8s/x.yaml", f"data:\n  a.yaml: |\n    smtp:\n      password: >-\n        {V}\n", 5),
    "an account key": (
        "appsettings.json",
        '{"c": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=' + K * 5 + 'aB3d==;EndpointSuffix=x"}\n',
        1,
    ),
    # documents
    "a Markdown table with a heading": ("docs/a.md", f"| Host | Password |\n|---|---|\n| pg | `{V}` |\n", 3),
    "a Chinese table": ("docs/a.md", f"| 系统 | 账号 | 密码 |\n| --- | --- | --- |\n| pg | app | {V} |\n", 3),
    "Chinese prose": ("docs/a.md", f"账号 `app`，密码 `{V}`，请勿外传。\n", 1),
    "English prose": ("docs/a.md", f"Connect as `app`, password `{V}`.\n", 1),
    "a Markdown table": ("docs/access.md", f"| grafana | admin | password: {V} |\n", 1),
    "a Markdown list": ("docs/access.md", f"- **Password:** `{V}`\n", 1),
    "a Chinese document": ("docs/部署.md", f"Redis 密码：\n\n    REDIS_PASSWORD={V}\n", 3),
    "a notebook": ("n.ipynb", f'{{"source": ["api_key = \\"{K}\\"\\n"]}}\n', 1),
}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found_as_it_is_written(name):
    path, text, line = FOUND[name]
    seen = see(FAMILY, {path: text})
    assert [(found.line, found.properties["class"]) for found in seen] == [(line, "real")]


SILENT = {
    "prose": ("docs/a.md", "The password is required. Tokens: see below. Secret: never commit it.\nPassword reset\n"),
    "a plural word": ("docs/a.md", "Forgot your password? Use password recovery. password: required, string\n"),
    "help of a flag": ("docs/cli.md", "--password string   the password to use\n--token TOKEN\n--secret <value>\n"),
    "flags without values": ("scripts/a.sh", 'login --password-stdin < f\nx --token $TOKEN --password "$PW"\n'),
    "docker build secrets": ("scripts/b.sh", "docker build --secret id=npm,src=$HOME/.npmrc .\n"),
    "a type": ("src/a.ts", "interface A { password: string; token?: string; apiKey: string | null }\n"),
    "a Rust type": ("src/a.rs", "struct A { password: String, token: Option<String>, secret_key: SecretString }\n"),
    "a Rust call": ("src/a.rs", 'let token = headers.get("authorization").ok_or("missing-token")?;\n'),
    "an error text": ("src/a.rs", 'return Err(AuthError::Token("invalid_token"));\nbail!("password_mismatch");\n'),
    "expect": ("src/a.rs", 'let k = env::var("API_KEY").expect("API_KEY must be set");\n'),
    "a log field": ("src/a.rs", 'info!(user = %id, password = ?row.password, "loaded");\n'),
    "column names": ("db/a.sql", "CREATE TABLE u (password_hash text, api_token text DEFAULT 'none');\n"),
    "an SQL hash": ("db/a.sql", "password text NOT NULL, token varchar(64)\n"),
    "a form field": ("web/a.html", '<input type="password" name="password" placeholder="Your password">\n'),
    "an i18n text": ("web/a.ts", "const t = { password: 'Kennwort', tokenExpired: 'Token expired' };\n"),
    "a constant of a header": ("src/a.go", 'const TokenHeader = "X-Auth-Token"\nconst apiKeyName = "api_key"\n'),
    "a dictionary access": ("app/a.py", 'token = data["access_token"]\npw = cfg["db"]["password"]\n'),
    "a comparison": ("app/a.py", 'if token == "bearer" or password == "":\n    pass\n'),
    "an encoding": ("app/a.py", 'password.encode("utf-8")\ntoken = token.decode("latin1")\n'),
    "a URL of a token": ("app/a.py", 'TOKEN_ENDPOINT = "https://id/token"\nsecret = "https://vault/x"\n'),
    "a URL with a variable": ("k8s/a.yaml", "url: postgres://app:$(DB_PASSWORD)@db/x\nu2: redis://:${PW}@r\n"),
    "a URL with a template": ("charts/a.yaml", "url: postgres://app:{{ .Values.pw }}@db/x\n"),
    "a manual's URL": ("README.md", "postgres://user:pass@host/db\npostgresql://username:password@localhost/db\n"),
    "angle brackets": ("docs/a.md", "postgres://<user>:<password>@host/db and `REDIS_PASSWORD=<secret>`\n"),
    "upper-case blanks": ("docs/a.md", "https://USER:PASSWORD@host/ and DB_PASSWORD=YOUR_PASSWORD\n"),
    "x marks": ("docs/a.md", "TOKEN=xxxxxxxxxxxx\nAPI_KEY=XXXX-XXXX-XXXX\nsecret: '********'\n"),
    "GitHub expressions": (
        ".github/workflows/a.yml",
        "env:\n  PW: ${{ secrets.PW }}\nwith:\n  token: ${{ github.token }}\n",
    ),
    "a template": ("charts/a.yaml", "password: {{ .Values.auth.password | quote }}\nx: {{ randAlphaNum 16 }}\n"),
    "a Vault path": ("k8s/a.yaml", "password: vault:secret/data/db#password\ntoken: ref+vault://a/b\n"),
    "an external secret": (
        "k8s/a.yaml",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  target: {name: db-credentials}\n  data:\n"
        "  - secretKey: password\n    remoteRef: {key: prod/db, property: password}\n",
    ),
    "a sealed secret": (
        "k8s/a.yaml",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n    password: "
        + "AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq" * 3
        + "\n",
    ),
    "the key of a Secret": ("charts/a/values.yaml", "secretKeys:\n  adminPasswordKey: postgres-password\n"),
    "a Chinese blank": (".env.sample", "DB_PASSWORD=请填写密码\nAPI_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
    "a table of policies": (
        "docs/a.md",
        "| Secret | Rotation |\n|---|---|\n| JWT key | 90 days |\n| db-password | 30 |\n",
    ),
    "prose with code": ("docs/a.md", "The token `Authorization` and the secret `db-credentials` are mounted.\n"),
    "a user list of hashes": ("pgbouncer/userlist.txt", f'"app" "md5{"0123456789abcdef" * 2}"\n'),
    "pairs of strings": ("a.lang", '"red" "#33CC00"\n"bullet" "topic-analysis-1"\n'),
    "a name with a colon": ("src/a.py", '_APP_KEY = "serverlessrepo:applicationId"\nTOKENS = "botocore.Credentials"\n'),
    "a page token": ("src/a.ts", "const q = { pageToken: 'a1b2c3d4e5f6', reset_token: '9d01058d-bacb-4b84-91fe' };\n"),
    "SOPS": ("k8s/a.enc.yaml", "password: ENC[AES256_GCM,data:abc,iv:xyz,tag:q,type:str]\n"),
    "a service account": ("k8s/a.yaml", "automountServiceAccountToken: false\nserviceAccountName: token-reader\n"),
    "an image pull secret": ("k8s/a.yaml", "imagePullSecrets:\n- name: registry-credentials\n"),
    "a volume": ("k8s/a.yaml", "volumes:\n- name: tls\n  secret:\n    secretName: app-tls\n    defaultMode: 256\n"),
    "RBAC": ("k8s/a.yaml", 'rules:\n- resources: ["secrets", "tokenreviews"]\n  resourceNames: ["db-password"]\n'),
    "a key of a ConfigMap": ("k8s/a.yaml", "items:\n- key: password\n  path: password.txt\n"),
    "a lock file": (
        "web/package-lock.json",
        '"node_modules/js-tokens": {"integrity": "sha512-RdJUflcE3cUzKiMqQgsCu06FPu9UdI"}\n',
    ),
    "a public key": ("a.pem", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----\n"),
    "an ssh public key": ("a.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq8 ci@host\n"),
    "a bcrypt hash": (
        "db/seed.sql",
        "INSERT INTO u (name, password_hash) VALUES ('a', '$2b$12$abcdefghijklmnopqrstuv');\n",
    ),
    "a UUID of no key": ("a.json", '{"token_id": "7f3b0c1e-5a9d-4f7e-8a53-0d5a3f2b9c11"}\n'),
    "a range of tokens": ("src/llm.py", 'max_tokens = 4096\ntoken_budget: int = 8000\nnum_tokens="12345678"\n'),
    "a lexer": ("src/lex.rs", 'Token::Ident("secret_fn"), token: TokenKind = T![";;;;"]\n'),
    "cache keys": ("src/a.rs", 'let key = "user:session:tokens";\nconst CACHE_KEY: &str = "orders:v1:byid";\n'),
    "map keys": ("src/a.rs", 'map.insert("password", password);\nfield("token", &self.token)\n'),
    "paths": (".env", "TLS_KEY=/etc/tls/tls.key\nJWT_PRIVATE_KEY=./keys/jwt.pem\nDB_PASSWORD_FILE=/run/secrets/db\n"),
    "a switch": (".env", "ALLOW_EMPTY_PASSWORD=yes\nREQUIRE_TOKEN=true\nSECRET_ROTATION_DAYS=90\n"),
    "interpolation": ("src/a.ts", "const u = `postgres://${user}:${password}@${host}/db`;\n"),
    "format strings": ("app/a.py", 'u = "postgres://%s:%s@%s/db" % x\nv = f"redis://:{password}@{host}"\n'),
    "an asterisk password": ("log.txt", "postgres://app:****@db/x password=*** token: [REDACTED]\n"),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_looks_alike_is_silent(name):
    path, text = SILENT[name]
    assert [(found.message, found.line) for found in see(FAMILY, {path: text})] == []
