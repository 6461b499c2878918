"""secrets/plaintext: values whose own key says little, by what stands above or before them, and what looks alike."""

import base64

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "QuayHeron41"
K = "p7Xd2LmQ9sRt4VwYzB6c"
HEX = "5be1907cd42af38016e9b7d23c0f84aa"
LONG_HEX = HEX + HEX[::-1]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


FOUND = {
    "hex in YAML": ("config/app.yaml", f"cipher:\n  key: {LONG_HEX}\n", 2),
    "hex in a ConfigMap": ("k8s/a.yaml", f"kind: ConfigMap\ndata:\n  app.ini: |\n    [x]\n    key = {HEX}\n", 5),
    "hex in TOML": ("config/app.toml", f'[vault]\nkey = "{HEX}"\n', 2),
    "hex in Python": ("app/box.py", f'key = bytes.fromhex("{HEX}")\n', 1),
    "hex in Rust": ("src/box.rs", f'const KEY: &str = "{LONG_HEX}";\n', 1),
    "hex in Go": ("box.go", f'key, err := hex.DecodeString("{LONG_HEX}")\n', 1),
    "hex in JSON": ("box.json", f'{{"key": "{LONG_HEX}"}}\n', 1),
    "a key of an interface": ("config/app.toml", f'[api]\nkey = "{K}"\n', 2),
    "a map of keys": ("k8s/prod/rooms.yaml", f"port: 7880\nkeys:\n  devkey: secret\n  APIq7mLx2Zt9: {K}{K}\n", 4),
    "a map of keys in a block": (
        "k8s/prod/rooms.yaml",
        f'kind: ConfigMap\ndata:\n  a.yaml: |\n    keys:\n      "APIq7mLx2Zt9": "{K}{K}"\n',
        5,
    ),
    "a map of tokens in Terraform": ("prod.tf", f'tokens = {{\n  grafana = "{K}{K}"\n}}\n', 2),
    "a heredoc of Terraform": (
        "infra/db.tf",
        f'resource "helm_release" "db" {{\n  values = [<<-EOT\n    auth:\n      rootPassword: {V}\n  EOT\n  ]\n}}\n',
        4,
    ),
    "a word in a heredoc of a script": (
        "up.sh",
        "cat > a.yaml <<EOF\ndb:\n  user: shop\n  password: lighthouse\nEOF\n",
        4,
    ),
    "an entry of a Secret": (
        "k8s/prod/a.yaml",
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata:\n  hooks: {b64(K + K)}\n",
        5,
    ),
    "an open entry of a Secret": (
        "k8s/prod/a.yaml",
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData:\n  hooks: {K}{K}\n",
        5,
    ),
    "a value that a template encodes": (
        "charts/a/templates/s.yaml",
        f'kind: Secret\ndata:\n  token: {{{{ "{K}" | b64enc }}}}\n',
        3,
    ),
    "a registry's login": ("config.json", f'{{"auths": {{"r.io": {{"auth": "{b64("ci:" + V)}"}}}}}}\n', 1),
    "npm's login in base64": (".npmrc", f"registry=https://r.io/\n_auth={b64('ci:' + V)}\n", 2),
    "the second of a line of ENV": ("Dockerfile", f"ENV APP_PORT=8080 DB_PASSWORD={V}\n", 1),
    "the first of a line of ENV": ("Dockerfile", f"ENV DB_PASSWORD={V} APP_PORT=8080\n", 1),
    "a field of settings": ("app/s.py", f'db: str = Field("{V}", env="DB_PASSWORD")\n', 1),
    "a field with another name": ("app/s.py", f'db: str = Field(default="{V}", alias="db_password")\n', 1),
    "expect": ("in.exp", f'spawn ssh ops@10.0.0.4\nexpect "*assword:"\nsend "{V}\\r"\n', 3),
    "expect in one line": ("in.sh", f'expect -c \'spawn scp a b; expect "password:" {{ send "{V}\\r" }}\'\n', 1),
    "expect in Python": ("in.py", f"child.expect('Password:')\nchild.sendline('{V}')\n", 2),
    "passwords of users": ("user-data.yaml", f"#cloud-config\nchpasswd:\n  list: |\n    root:{V}\n", 4),
    "passwords of users in a script": ("up.sh", f"chpasswd <<EOF\nops:{V}\nEOF\n", 2),
    "an arrow": ("logstash.conf", f'elasticsearch {{\n  password => "{V}"\n}}\n', 2),
    "a password behind a blank": ("fluent.conf", f"user elastic\npassword {V}\n", 2),
    "a directory's password": ("ldap.conf", f"binddn cn=shop\nbindpw {V}\n", 2),
    "the password of an installed system": ("ks.cfg", f"lang en_US\nrootpw --plaintext {V}\n", 2),
    "a directory's entry": ("a.ldif", f"dn: cn=config\nolcRootPW: {V}\n", 2),
    "a network's key": ("wpa_supplicant.conf", f'network={{\n psk="{V}"\n}}\n', 2),
    "Apache's environment": ("a.conf", f"SetEnv DB_PASSWORD {V}\n", 1),
    "a parameter of FastCGI": ("nginx.conf", f"fastcgi_param DB_PASSWORD {V};\n", 1),
    "lftp": ("a.sh", f"lftp -u ops,{V} sftp://files.shop.io\n", 1),
    "smbclient": ("a.sh", f"smbclient //files/a -U 'ops%{V}'\n", 1),
    "sqlcmd": ("a.sh", f"sqlcmd -S db -U sa -P '{V}'\n", 1),
    "cqlsh": ("a.sh", f"cqlsh -u ops -p {V}\n", 1),
    "mysqli": ("a.php", f"$db = mysqli_connect('db', 'ops', '{V}');\n", 1),
    "PDO": ("a.php", f"$db = new PDO('mysql:host=db', 'ops', '{V}');\n", 1),
    "a mail server": ("a.go", f'auth := smtp.PlainAuth("", "ops@shop.io", "{V}", "mail.shop.io")\n', 1),
    "a store of objects": ("a.py", f"store = Minio('s3.shop.io', 'ops', '{V}')\n", 1),
    "a signer of a type": ("a.rs", f'let mac = Hmac::<Sha256>::new_from_slice(b"{V}")?;\n', 1),
    "a variable of Tcl": ("in.exp", f'set user "root"\nset login_password "{V}\\r"\n', 2),
    "a cipher's key": ("box.py", f'box = AES.new("{K[:16]}".encode(), AES.MODE_ECB)\n', 1),
    "bytes of a cipher's key": ("box.py", 'key = b"q7fm38xd2awg5ob4"\n', 1),
    "a key of otherwise": (
        "keys.ts",
        f"const ENCRYPTION_KEY = env.KEY\n    ? sha256(env.KEY)\n    : Buffer.from('{LONG_HEX}', 'hex');\n",
        3,
    ),
    "a key of otherwise in a line": ("keys.ts", f"const JWT_SECRET = env.S ? env.S : '{K}';\n", 1),
    "a note with a dash": ("docs/a.md", f"- Login - ops\n- Password - {V}\n", 2),
    "a note with a long dash": ("docs/a.md", f"**Password** – `{V}`\n", 1),
    "a note of a word": ("docs/a.md", "- User - admin\n- Password - lighthouse\n", 2),
    "a text with a dash": ("notes.txt", f"password - {V}\n", 1),
    "a pair behind a label": ("docs/a.md", f"Default login: ops/{V}\n", 1),
    "a pair behind two labels": ("docs/a.md", f"user / password: ops / {V}\n", 1),
    "a Chinese pair": ("docs/a.md", f"用户名/密码：ops/{V}\n", 1),
    "a bold pair": ("docs/a.md", f"Sign in as **ops** / **{V}**\n", 1),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_value_is_found_under_a_key_that_says_little(name):
    path, text, line = FOUND[name]
    assert classes(path, text) == [(line, "real")]


def test_the_value_of_a_pair_is_the_password_alone():
    (alone,) = see(FAMILY, {"docs/a.md": f"Password: {V}\n"})
    for text in (f"用户名/密码：ops/{V}\n", f"- Password - {V}\n", f'{{"auth": "{b64("ci:" + V)}"}}\n'):
        path = "docs/a.md" if "auth" not in text else "a.json"
        assert [seen.key for seen in see(FAMILY, {path: text})] == [alone.key]


SILENT = {
    "hashes": ("a.yaml", f"sha256: {LONG_HEX}\nchecksum: {HEX}\nimage: r.io/a@sha256:{LONG_HEX}\ncacheKey: {HEX}\n"),
    "keys of data": ("a.json", f'{{"rows": [{{"key": "{HEX}", "etag": "{HEX}", "path": "a/{HEX}"}}]}}\n'),
    "the key of an object": (
        "a.ts",
        f'get({{ key: "{HEX}" }}); q("https://a.io/b?key=v{HEX}"); key = "a/{HEX}.png";\n',
    ),
    "a key of a manual": (
        "a.py",
        'key = "2b7e151628aed2a6abf7158809cf4f3c"\nkey = "000102030405060708090a0b0c0d0e0f"\n',
    ),
    "a key of one letter": ("a.py", f'key = "{"a1" * 16}"\nkey = "{"0" * 32}"\n'),
    "a map of columns": ("a.yaml", "keys:\n  primary: user_identifier_2\n  sort: created_at_in_utc_timezone\n"),
    "keys that anybody may have": (
        "a.yaml",
        f"keys:\n  - kid: {K}{K}\n    x: {K}{K}\n    cert: {K}{K}\n  deploy: AAAAB3NzaC1yc2E{K}{K}\n",
    ),
    "names of secrets": ("a.yaml", "secrets:\n  database: shop-prod-database-v2\n  path: secret/data/Shop/Prod/Db1x\n"),
    "what stands beside a map": ("a.yaml", f"keys:\n  a: b\nrevision: {K}{K}\n"),
    "references in a heredoc": (
        "infra/db.tf",
        "a = <<EOT\nauth:\n  password: ${var.db_password1}\n  existingSecret: db-secret-2\n  passwordKey: pw1\nEOT\n",
    ),
    "types behind a heredoc": ("a.py", 'sql = """<<EOF\nEOF\n"""\nclass A:\n    token: Token256bits\n'),
    "names in a heredoc of a script": (
        "up.sh",
        "cat <<EOF > a.yaml\n  password: $PW\n  existingSecret: db\n  rootPassword: mysql-password\nEOF\npassword: lighthouse\n",
    ),
    "entries of a Secret that anybody may know": (
        "k8s/prod/a.yaml",
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata:\n  client_id: {b64(K + K)}\n  ca.crt: {b64(K + K)}\n"
        f"  host: {b64('db-1.shop.internal')}\n  users: {b64('ops:$apr1$' + K)}\n  page: {b64('[]')}\n",
    ),
    "a login that is none": ("a.yaml", "auth: keycloakrealm2\nauth: disabled\nauth:\n  enabled: true\n"),
    "several settings of a line": ("Dockerfile", "ENV TOKEN_TTL=3600 PASSWORD_FILE=/run/secrets/pw DB_PASSWORD=$PW\n"),
    "expect that asks": (
        "in.exp",
        'expect "password:"\nsend "$pw\\r"\nexpect "#"\nsend "show version12\\r"\nexpect "yes/no"\nsend "yes\\r"\n',
    ),
    "what a client sends": ("in.py", 'log("no password for it")\n\n\n\nchild.sendline("uptime12")\n'),
    "hashes of users": ("user-data.yaml", "chpasswd:\n  list: |\n    root:$6$abc$defghijk12\n    ops:RANDOM\n"),
    "methods behind a blank": ("a.conf", "password sha512crypt\npassword required pam_unix.so\nhost all all md5\n"),
    "hashes of a directory": ("a.ldif", "olcRootPW: {SSHA}kq93jd83jdk2\nuserPassword: {CRYPT}$6$x\n"),
    "hashes of PostgreSQL": ("a.yaml", f"password: md5{HEX}\nadmin: 'ops:$apr1$x1$y2'\n"),
    "a dash that explains": (
        "docs/a.md",
        "- Password - required field\n- password - string\n- Token - sha256\n- Password-based login1\n- secret — see-vault\n",
    ),
    "a word after a dash alone": ("docs/a.md", "- Password - lighthouse\n"),
    "what is to be set": (
        "docs/a.md",
        "- Password: `ChangeThisGoodPassword789!`\n- API key: sk-1234567890abcdef\nDB_PASSWORD=passwdxxxx\n",
    ),
    "words in base64": ("docs/a.md", "kind: Secret\ndata:\n  mongo-pass: cGFzcw==\n  express-pass: dGVzdA==\n"),
    "texts and bytes": ("a.py", 'key = b"session:12345678"\nkey = b"user_profile_data"\nkey = b"abcdefghijklmnop"\n'),
    "names of Tcl": ("in.exp", 'set password [lindex $argv 0]\nset token "$env(TOKEN)"\nset timeout "30"\n'),
    "a choice of words": (
        "a.ts",
        "const token = ok ? 'accepted' : 'rejected';\nconst password = hide\n  ? a\n  : 'text';\n",
    ),
    "pairs of methods": ("docs/a.md", "Use `GET` / `POST` for login and `v1` / `v2beta3`.\nLogin: oauth2/oidc2\n"),
    "a field of another name": ("app/s.py", 'a: str = Field("db-password-1", env="DB_PASSWORD_SECRET_NAME")\n'),
    "a database without a password": (
        "a.php",
        "$db = mysqli_connect('db', 'ops', '');\nnew PDO('mysql:host=db', $u, $p);\n",
    ),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_only_looks_like_one_is_none(name):
    assert classes(*SILENT[name]) == []


def test_a_class_that_is_called_after_tests_is_one():
    assert classes("src/TestsBase.java", f'user.withPassword("{V}");\n') == [(1, "test")]
    assert classes("src/Testimonials.java", f'user.withPassword("{V}");\n') == [(1, "real")]
