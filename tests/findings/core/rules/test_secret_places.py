"""secrets/plaintext: keys that only hint, and the many places in which a value is handed over without a sign of equality."""

import base64

import pytest

from findings.core.rules.secrets import FAMILY
from tests.accuracy.case import PEM
from tests.findings.core.rules.tree import see

V = "Vq7-rLt2wXz9"
K = "q8Zt3LmN0pRs5VwXb2"
PLUS = "Zk3Qz7Rb2Lp8+n4Ym6Td1Gh0Jsc5Xw9Kt3Qz7Rb2Lp8="

FOUND = {
    "a key of a provider": ("a.env", f"GEMINI_KEY={K}\n", 1),
    "a key of a provider in YAML": ("a.yaml", f'maps:\n  google_maps_key: "{K}"\n', 2),
    "a key of a provider in a program": ("a.rs", f'const MISTRAL_KEY: &str = "{K}";\n', 1),
    "a key that only ends like one": ("k8s/a.yaml", 'parameters:\n  restuserkey: "quay@481"\n', 2),
    "a function that returns a key": (
        "a.rs",
        'fn default_key() -> String {\n    "bo_7Kx3Qz9Rb2Lp5Vn4Ym6".into()\n}\n',
        2,
    ),
    "a function that wraps what it returns": (
        "a.rs",
        f'fn default_jwt_secret() -> String {{\n    String::from("{V}")\n}}\n',
        2,
    ),
    "glued words": ("a.env", f"DBPASS={V}\n", 1),
    "another glued word": ("a.toml", f'[auth]\nappsecret = "{V}"\n', 2),
    "base64 that looks like code": ("a.rs", f'const ENCRYPTION_KEY: &str = "{PLUS}";\n', 1),
    "base64 that looks like a path": ("a.env", f"ENCRYPTION_KEY=/{PLUS[1:]}\n", 1),
    "one line in a block": ("k8s/a.yaml", f"data:\n  app.env: |\n    DB_PASSWORD={V}\n", 3),
    "one line of JSON in a block": ("k8s/a.yaml", f'data:\n  app.json: |\n    {{"jwt_secret": "{V}"}}\n', 3),
    "an arm of a match": (
        "a.rs",
        f'let secret = match env::var("JWT_SECRET") {{\n    Ok(v) => v,\n    Err(_) => "{V}".to_string(),\n}};\n',
        3,
    ),
    "an arm behind a warning": (
        "a.rs",
        f'let s = match env::var("JWT_SECRET") {{\n    Ok(v) => v,\n    Err(_) => {{\n        warn!("not set");\n'
        f'        "{V}".to_string()\n    }}\n}};\n',
        5,
    ),
    "a branch": ("a.rs", f'let jwt_secret = if cfg!(debug_assertions) {{ "{V}" }} else {{ load() }};\n', 1),
    "the other branch": (
        "a.rs",
        f'let t = if let Ok(s) = env::var("API_TOKEN") {{ s }} else {{ "{V}".to_owned() }};\n',
        1,
    ),
    "a filter before the default": (
        "a.rs",
        f'env::var("JWT_SECRET").ok().filter(|s| !s.is_empty()).unwrap_or_else(|| "{V}".to_string())\n',
        1,
    ),
    "an owned name": ("a.rs", f'map.insert("JWT_SECRET".to_string(), "{V}".to_string());\n', 1),
    "a field that asks the environment": ("a.rs", f'    jwt_secret: get_env_or_default("JWT_SECRET", "{V}"),\n', 1),
    "a password that may be none": ("a.rs", f'client.get(url).basic_auth("ops", Some("{V}"))\n', 1),
    "owned credentials": ("a.rs", f'Credentials::new("ops".to_string(), "{V}".to_string())\n', 1),
    "a bearer": ("a.rs", f'client.get(url).bearer_auth("{V}")\n', 1),
    "an argument of clap": ("a.rs", f'#[arg(long, default_value = "{V}", env = "JWT_SECRET")]\n', 1),
    "a field of pydantic": ("a.py", f'jwt_secret: str = Field(default="{V}")\n', 1),
    "a default by name": ("a.py", f'KEY = config("JWT_SECRET", cast=str, default="{V}")\n', 1),
    "an argument of a program": ("a.py", f'p.add_argument("--db-password", type=str, default="{V}")\n', 1),
    "given or else": ("a.py", f'self.api_token = api_token or "{V}"\n', 1),
    "a signed token": ("a.ts", f"const t = jwt.sign(payload, '{V}');\n", 1),
    "a hash with a key": ("a.ts", f"createHmac('sha256', '{V}').update(body)\n", 1),
    "bytes of Go": ("a.go", f'var jwtSecret = []byte("{V}")\n', 1),
    "a flag of Go": ("a.go", f'flag.StringVar(&secret, "jwt-secret", "{V}", "usage")\n', 1),
    "a default of Go's environment": ("a.go", f'Secret string `env:"JWT_SECRET" envDefault:"{V}"`\n', 1),
    "a typed field of Go": ("a.go", f'const JwtSecret string = "{V}"\n', 1),
    "a header of Swift": ("a.swift", f'request.setValue("{V}", forHTTPHeaderField: "X-API-Key")\n', 1),
    "a command within a program": ("a.py", f"run(f\"ssh h 'PGPASSWORD={V} psql -U shop'\")\n", 1),
    "a literal within a program": (
        "a.js",
        f"cmd: 'kubectl create secret generic db --from-literal=password={V}',\n",
        1,
    ),
    "what is piped into a store": ("a.sh", f'echo -n "{V}" | docker secret create db -\n', 1),
    "a string of a store": ("a.sh", f"aws secretsmanager put-secret-value --secret-id db --secret-string '{V}'\n", 1),
    "a parameter that is secure": (
        "a.tf",
        f'resource "aws_ssm_parameter" "x" {{\n  type  = "SecureString"\n  value = "{V}"\n}}\n',
        3,
    ),
    "a user of a broker": ("a.sh", f"rabbitmqctl add_user shop {V}\n", 1),
    "a shell of a graph": ("a.sh", f'cypher-shell -u neo4j -p "{V}" "RETURN 1"\n', 1),
    "a setting of Redis": ("a.sh", f'redis-cli CONFIG SET requirepass "{V}"\n', 1),
    "a user of Redis": ("a.sh", f"redis-cli ACL SETUSER app on '>{V}' '~*'\n", 1),
    "a default of make": ("Makefile", f"JWT_SECRET ?= {V}\n", 1),
    "an environment of cargo": (".cargo/config.toml", f'[env]\nDB_PASSWORD = {{ value = "{V}", force = true }}\n', 2),
    "an engine of a warehouse": ("a.sql", f"ENGINE = PostgreSQL('db:5432', 'shop', 'orders', 'etl', '{V}')\n", 1),
    "a password that SQL hashes": ("a.sql", f"UPDATE u SET pw = crypt('{V}', gen_salt('bf'));\n", 1),
    "an entry of XML": ("a.xml", f'<entry key="jwt_secret">{V}</entry>\n', 1),
    "a header of a proxy": ("nginx.conf", f'proxy_set_header X-Api-Key "{V}";\n', 1),
    "a row of a table": ("a.md", f"| DB password | `{V}` |\n", 1),
    "a word in a file of settings": (".env", "JWT_SECRET=quackquack\n", 1),
    "a word that is taken where no other is given": (
        "a.rs",
        'let salt = env::var("HASH_SALT").unwrap_or_else(|_| "marmalade".to_string());\n',
        1,
    ),
    "words under the name of a service": ("a.rs", '    redis_password: "orders_staging_pw".to_string(),\n', 1),
    "an at sign within a password": ("a.rs", f'connect("postgres://shop:P@{V}@db:5432/x");\n', 1),
    "a user and a password of Python": ("a.py", f'get(url, auth=("ops", "{V}"))\n', 1),
    "credentials of a realm": ("a.json", f'{{"credentials": [{{"type": "password", "value": "{V}"}}]}}\n', 1),
    "PowerShell": ("a.ps1", f'$env:JWT_SECRET = "{V}"\n', 1),
}
SILENT = {
    "keys of caches and tables": (
        "a.rs",
        f'let cache_key = "user-7Q2w9E4r"; let sort_key = "{K}"; let object_key = "{K}";\n',
    ),
    "a key that is published": ("a.env", f"RECAPTCHA_SITE_KEY={K}\nSTRIPE_PUBLISHABLE_KEY={K}\n"),
    "a key that names": ("a.yaml", "routing_key: orders.v2.created\nmapKey: eu-west-1-primary\n"),
    "a version under a glued word": ("VERSIONS", "spwd: 3.0-3.12\n"),
    "the print of a key": ("a.py", '"GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568"\n'),
    "a field of Go's tags": ("a.go", 'Secret string `env:"JWT_SECRET"`\n'),
    "a match without a default": (
        "a.rs",
        'let s = match env::var("JWT_SECRET") {\n    Ok(v) => v,\n    Err(_) => panic!("JWT_SECRET is not set"),\n};\n',
    ),
    "cmdlets": (
        "a.ps1",
        "$password = ConvertTo-SecureString $plain -AsPlainText\n$password = Get-AnsibleParam -name x\n",
    ),
    "a form field": ("a.py", "password = PasswordField('new-password-2x')\n"),
    "a placeholder of Portuguese": (".env.example", "JWT_SECRET=seu_token_aqui\nAPI_KEY=SUA_CHAVE_AQUI1\n"),
    "a pipe of variables": ("a.sh", 'echo "$TOKEN" | docker login -u x --password-stdin\n'),
    "words that say what they are": (".env", "JWT_SECRET=mysecretkey\nTOKEN_SECRET=changemeplease\n"),
    "what is not set": ("a.rs", 'env::var("API_SECRET").unwrap_or_else(|_| "notset".into());\n'),
    "a field that names another": ("a.rs", '    db_password: "db_password_field".to_string(),\n'),
    "placeholders of Spanish and French": (
        "a.md",
        "JWT_SECRET_KEY=nueva_clave_jwt_super_segura_32\n--from-literal=JWT_SECRET='votre_vrai_secret9'\n",
    ),
    "the token of a manual": ("a.md", '"token": "1234567890:ABCDEFG_ab1-asdfghjkl12345"\n'),
    "addresses beside each other": ("a.md", "see http://a.example, mail ops@shop.example and http://b:c@d\n"),
    "the password of a vendor's manual": ("a.sh", "docker run -e POSTGRES_PASSWORD=mysecretpassword postgres\n"),
    "a block of one name": ("k8s/a.yaml", "data:\n  note: |\n    password=${DB_PASSWORD}\n"),
}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found_where_it_is_handed_over(name):
    path, text, line = FOUND[name]
    assert {(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})} == {(line, "real")}


@pytest.mark.parametrize("name", SILENT)
def test_what_only_hints_is_silent(name):
    path, text = SILENT[name]
    assert [(seen.message, seen.line) for seen in see(FAMILY, {path: text})] == []


def test_a_key_is_one_secret_however_it_is_written():
    block = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *PEM, "-----END RSA PRIVATE KEY-----", ""])
    encoded = base64.b64encode(block.encode()).decode()
    files = {
        "jwt.pem": block,
        "a.env": 'JWT_KEY="' + block.strip().replace("\n", "\\n") + '"\n',
        "b.env": f"JWT_KEY_B64={encoded}\n",
        "k8s/s.yaml": f"apiVersion: v1\nkind: Secret\ndata:\n  jwt.pem: {encoded}\n",
    }
    found = see(FAMILY, files)
    assert {seen.path for seen in found} == files.keys()
    assert len({seen.key for seen in found}) == 1
