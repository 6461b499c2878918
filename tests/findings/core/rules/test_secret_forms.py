"""secrets/plaintext: further ways to write credentials down: columns, query strings, schemes of sign-in, bare tokens."""

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Vq7-rLt2wXz9"
K = "q8Zt3LmN0pRs5VwX"
BOT = "7103948572:" + "AAHkq3Zt9XwVb2NmLr5Ys8PdJf4GcUe1TqK"
RELIC = "NRAK" + "-7Q2WZX9B4KVN3TRLM8YPD6HJFGC"
HEX = "0f9e8d7c6b5a49382716f5e4d3c2b1a0"

FOUND = {
    "a constant below its name": ("a.rs", f'pub const JWT_SECRET: &str =\n    "{K}";\n', [2]),
    "a lazy value below its name": (
        "a.rs",
        f'static HASH_SALT: Lazy<SecretString> =\n    Lazy::new(|| SecretString::new("{V}".into()));\n',
        [2],
    ),
    "a function that returns it": ("a.rs", f'fn default_jwt_secret() -> String {{\n    "{K}".to_string()\n}}\n', [2]),
    "a default after a warning": (
        "a.rs",
        f'env::var("JWT_SECRET").unwrap_or_else(|_| {{\n    warn!("not set");\n    "{K}".to_owned()\n}})\n',
        [3],
    ),
    "a keyword within a list": ("a.exs", f'live_view: [signing_salt: "{K}"]\n', [1]),
    "a base of keys": ("config/secrets.yml", f"production:\n  secret_key_base: {K}{K}\n", [2]),
    "a JSON patch": (
        "k8s/p.yaml",
        f"- op: replace\n  path: /stringData/DB_PASSWORD\n  value: {V}\n- op: add\n  path: /data/x\n  value: b\n",
        [3],
    ),
    "openssl's password": ("a.sh", f'openssl enc -aes-256-cbc -k "{V}" -in a\nopenssl rsa -passin pass:{V}\n', [1, 2]),
    "SQL over lines": (
        "a.sql",
        f"create user app\n  on cluster main\n  identified with sha256_password\n  by '{V}';\n",
        [4],
    ),
    "a token between others' words": ("a.py", f'login("hf_{K}{K}{V[:2]}")\n', [1]),
    "a JDBC address in YAML": ("a.yml", f"db:\n  url: jdbc:mysql://db/x?user=a&password={V}&ssl=true\n", [2]),
    "a JDBC address in a manifest": (
        "k8s/a.yaml",
        f'env:\n- name: JDBC_URL\n  value: "jdbc:postgresql://db/x?user=a&password={V}"\n',
        [3],
    ),
    "a JDBC address in properties": ("a.properties", f"url=jdbc:postgresql://db/x?user=a&password={V}\n", [1]),
    "plain words in a query": ("a.toml", 'url = "jdbc:postgresql://db/x?user=a&password=lower-words-only"\n', [1]),
    "a token in a query": ("a.yaml", f"hook: https://hooks.internal/in?token={K}\n", [1]),
    "a password of plain words": ("a.yaml", "db:\n  password: correct-horse-battery\n", [2]),
    "a column": ("a.csv", f"id,login,password\n1,a,{V}\n2,b,Zx8-mNb3kLp1\n", [2, 3]),
    "a quoted column": ("a.csv", f'"id";"api_key"\n1;"{K}"\n', [2]),
    "a column between tabs": ("users.tsv", f"user\ttoken\nx\t{K}\n", [2]),
    "a bot's address": ("a.py", f"URL='https://api.telegram.org/bot{BOT}/x'\n", [1]),
    "a bot's token": ("a.yaml", f"bot: '{BOT}'\n", [1]),
    "a bot's address in a script": ("a.sh", f"curl https://api.telegram.org/bot{BOT}/send -d x\n", [1]),
    "a bare token in YAML": ("a.yaml", f"license: {RELIC}\n", [1]),
    "a bare token in Rust": ("a.rs", f'let k = "{RELIC}";\n', [1]),
    "a token that ends in its data centre": ("a.env", f"MC={HEX}-us12\n", [1]),
    "a token that names its environment": (
        "a.ts",
        "const t='access-production-0f9e8d7c-6b5a-4938-2716-f5e4d3c2b1a0'\n",
        [1],
    ),
    "a scheme before the token": ("a.yaml", f"headers:\n  api_token: Bearer {K}\n", [2]),
    "a header over lines": ("a.rs", f'.header(\n    "Authorization",\n    "Bearer {K}",\n)\n', [3]),
    "a constant with its scheme": ("a.rs", f'const AUTH: &str = "Bearer {K}";\n', [1]),
    "a basic sign-in": ("a.ts", "headers: { Authorization: 'Basic ZnJvbnRkZXNrOkszeS1DNHJkLUxvYmJ5' }\n", [1]),
    "a basic sign-in in Go": (
        "a.go",
        'req.Header.Set("Authorization", "Basic ZnJvbnRkZXNrOkszeS1DNHJkLUxvYmJ5")\n',
        [1],
    ),
    "a server's key": (
        "a.toml",
        'fcm_server_key = "AAAAk3Jx9Yw:APA91bH7qTzR5mLx2KvN8sWc4PdYf6JgUe0Ba1Qo9XtZr3SnMv7HlKb5Iy2Cw8Ed4Fp6Gj0Lt1"\n',
        [1],
    ),
    "a provider's key": ("a.env", f"STRIPE_KEY={K}Ab\n", [1]),
    "a key of a cipher": ("a.rs", f'const AES_KEY: &str = "{K}{K}";\n', [1]),
    "one word in a Secret": ("a.yaml", f"apiVersion: v1\nkind: Secret\nstringData:\n  jwt: {K}\n", [4]),
    "one word in the data of a Secret": (
        "a.yaml",
        "apiVersion: v1\nkind: Secret\ndata:\n  key: cThadDNMbU4wcFJzNVZ3WA==\n",
        [4],
    ),
    "a folded key of a section": ("a.yaml", "signing:\n  key: >-\n    c5Xw9Kt3Qz7Rb2Lp8Vn4Ym6Td1Gh0Js\n", [3]),
    "a block in a section": ("a.yaml", "jwt:\n  issuer: x\n  key: |\n    c5Xw9Kt3Qz7Rb2Lp8Vn4Ym6Td1Gh0Js\n", [4]),
}
SILENT = {
    "a message of what is missing": ("a.sh", ': "${API_TOKEN:?missing-it1}"\n'),
    "a call below its name": ("a.rs", 'let jwt_secret =\n    env::var("JWT_SECRET_KEY").unwrap();\n'),
    "a function that names one": ("a.rs", 'fn token_header() -> &\'static str {\n    "X-Auth-Token"\n}\n'),
    "a function that formats one": (
        "a.rs",
        'fn auth_token(&self) -> String {\n    format!("{}-{}", self.a, self.b)\n}\n',
    ),
    "a path of a patch": ("k8s/p.yaml", "- op: replace\n  path: /spec/tokenPath\n  value: /run/token\n"),
    "a file of openssl": ("a.sh", "openssl rsa -passin file:pw.txt\nopenssl rsa -passin pass:$PW\n"),
    "a field of generated code": ("a.py", "clientSecret = _messages.MessageField('GoogleCloudApihubV1Secret', 1)\n"),
    "a call that asks for one": (
        "a.py",
        "credentials = c.with_quota_project('shop-123x')\ntoken = get_token('db-7-main')\n",
    ),
    "a role of Sphinx": ("a.py", '"""credentials: A :class:`oauth2.Client7Credentials` to use."""\n'),
    "what is identified by a name": ("a.py", '"""Load a dynamic library identified by \'name\'."""\n'),
    "the last of a list": ("a.py", "choices=['none', 'gce-vm', 'access-token', 'scram-sha-256']\n"),
    "a colour of what passed": ("a.py", "Colorizer('PASS', 'green')\n"),
    "a token that is numbered": ("a.py", 'Static(token="token123")\n'),
    "an encoding of base64": ("a.js", "const p = Buffer.from(password, 'base64').toString('utf8')\n"),
    "a value that says what it is for, in base64": ("a.md", "password: 'bm90IG15IHJlYWwgcGFzc3dvcmQ='\n"),
    "a type of a cloud": ("a.py", f'X = {{"AWS::SecretsManager::Secret": "{HEX[:16]}"}}\n'),
    "a token of a page": ("a.json", f'{{"nextForwardToken": "f/{HEX}", "starting-token": "{K}"}}\n'),
    "a token that makes a request count once": (
        "a.json",
        '{"ClientToken": "0f9e8d7c-6b5a-4938-2716-f5e4d3c2b1a0"}\n',
    ),
    "names without values": ("a.bash", 'complete "username= passphrase= privateKey= scmVersion="\n'),
    "a blank in braces": (".netrc", 'machine {host} login {user} password "{password}"\n'),
    "a version of Perl": ("a.pm", "$HTTP::Credentials::VERSION = $HTTP::Credentials::VERSION = '1.9601';\n"),
    "a mark of success": ("a.js", 'const o = {PASS:"passed",FAIL:"failed"};\n'),
    "the token of every manual": (
        "a.md",
        "curl -H 'Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c'\n",
    ),
    "what the standard of OAuth prints": ("a.py", '"access_token": "2YotnFZFEjr1zCsicMWpAA"\n'),
    "a key that is published on purpose": (".env.production", f"VITE_STRIPE_KEY=pk_{'live'}_{K}{K}\n"),
    "references in a query": ("a.yaml", "hook: https://hooks.internal/in?token=${TOKEN}&password=$PW\n"),
    "the name of a Secret": ("a.yaml", "db:\n  passwordSecret: redis-creds\n"),
    "names of Secrets": ("a.yaml", "auth:\n  password-secret: my-app-secret\n  adminPasswordSecret: x-y-z\n"),
    "a Secret that exists": ("a.yaml", "auth:\n  existingSecret: foo-bar-baz\n  passwordKey: redis-password\n"),
    "a column of hashes": ("a.csv", "id,password\n1,$2b$12$abcdefghijklmnopqrstuuAaBbCcDdEeFfGgHhIiJjKkLlMmNnO\n"),
    "a column of hashes by its name": ("a.csv", "id,password_hash\n1,5f4dcc3b5aa765d61d8327deb882cf99\n"),
    "a sentence with commas": ("notes.txt", "a token, a password\nthing 12,other 99\n"),
    "a list of words": ("x.txt", "token,\nabc123,\n"),
    "a scheme in words": ("a.yaml", "headers:\n  token: bearer authentication\n"),
    "a scheme before a blank": (
        "a.rs",
        'format!("Bearer {}", token); let x = "Bearer your-token-here-please"; h("Bearer test_token_value_abc")\n',
    ),
    "the path of a server's key": ("a.toml", 'server_key = "/etc/tls/server.key"\n'),
    "a checksum": (
        "a.yaml",
        "annotations:\n  checksum/secret: 3f1a0c9d8e7b6a5f4e3d2c1b0a9f8e7d6c5b4a3f2e1d0c9b8a7f6e5d4c3b2a1f\n",
    ),
    "a reference of an operator": (
        "a.yaml",
        "users:\n  reader/k8s_secret_password: clickhouse/reader\n  a/k8s_secret_password_sha256_hex: 'ns/sec/key'\n",
    ),
    "the word in a ConfigMap": ("a.yaml", f"apiVersion: v1\nkind: ConfigMap\ndata:\n  jwt: {K}\n"),
}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found_where_it_stands(name):
    path, text, lines = FOUND[name]
    found = see(FAMILY, {path: text})
    assert [one.line for one in found] == lines
    assert {one.properties["class"] for one in found} == {"real"}


@pytest.mark.parametrize("name", SILENT)
def test_what_looks_alike_is_silent(name):
    path, text = SILENT[name]
    assert see(FAMILY, {path: text}) == []


def test_a_basic_sign_in_is_the_password_within_it():
    files = {"a.ts": "h = { Authorization: 'Basic YWRhOlZxNy1yTHQyd1h6OQ==' }", "b.env": f"DB_PASSWORD={V}"}
    one, other = see(FAMILY, files)
    assert one.key == other.key
