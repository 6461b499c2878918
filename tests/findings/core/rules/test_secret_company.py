"""secrets/plaintext: words that are passwords because of what stands beside them, and words that are none."""

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


FOUND = {
    "JavaScript, beside a host": (
        "db.js",
        "open({\n  host: 'db',\n  password: 'gardening',\n  database: 'todo'\n})\n",
        3,
    ),
    "JavaScript, beside root": ("db.js", "open({\n  user: 'root',\n  password: 'gardening',\n})\n", 3),
    "Python, with types": (
        "conf.py",
        'class S:\n    db_host: str = "db"\n    db_password: str = "ads_secret"\n',
        3,
    ),
    "a dict of Python": ("conf.py", '{"host": "10.1.2.3",\n "passwd": "moonlight"}\n', 2),
    "Go": ("conf.go", 'c := Config{\n\tPort: 5432,\n\tPassword: "moonlight",\n}\n', 3),
    "Terraform": ("db.tf", 'resource "x" "y" {\n  username = "admin"\n  password = "steamboat"\n}\n', 3),
    "Rust": ("conf.rs", 'Config {\n    port: 5432,\n    password: "moon-light".to_string(),\n}\n', 3),
    "an address that signs in": ("seed.ts", 'add({\n  email: "a@shop.example",\n  password: "moonlight",\n});\n', 3),
    "a constant of its own": ("main.go", 'const password = "moonlight"\n', 1),
    "a manual": ("docs/a.md", "```\nusername: admin\npassword: moonlight\n```\n", 3),
    "a number in a server's settings": ("conf/users.xml", "<a>\n  <password>123</password>\n</a>\n", 2),
    "two bars within": ("a.py", 'DB_PASSWORD = "x7|Kq2|m9Zt"\n', 1),
}


@pytest.mark.parametrize("name", FOUND)
def test_company_makes_a_password_of_a_word(name):
    path, text, line = FOUND[name]
    assert classes(path, text) == [(line, "real")]


SILENT = {
    "a word alone": ("a.js", "open({\n  password: 'gardening',\n})\n"),
    "labels": ("a.ts", 'const label = {\n  user: "gebruiker",\n  password: "geheimpje",\n};\n'),
    "labels in capitals": ("a.ts", '{\n  host: "Rechner",\n  password: "Kennwort",\n}\n'),
    "types": ("a.ts", '{\n  host: "string",\n  password: "string",\n}\n'),
    "names of fields": ("a.py", '{\n  "host": "db_host",\n  "password": "db_password",\n}\n'),
    "the word for it": ("a.py", "connect(\n    host='localhost',\n    password='senha',\n)\n"),
    "variables": ("a.js", "open({\n  host: env.HOST,\n  user: env.USER,\n  password: 'gardening',\n})\n"),
    "a short number of a manual": ("docs/a.md", "<password>123</password>\n"),
    "a length": ("a.xml", "<passwordLength>123</passwordLength>\n<token>123</token>\n"),
    "alternatives": ("a.py", 'SECRET = re.compile("secret|token|password|Key9")\n'),
    "of other people": ("a.ts", 'const a = {\n  user: "anna",\n  password: "gardening",\n};\n'),
}


@pytest.mark.parametrize("name", SILENT)
def test_words_without_such_company_are_words(name):
    assert classes(*SILENT[name]) == []


@pytest.mark.parametrize("value", ["cambiar-en-produccion", "troque-esta-chave", "changez-moi-vite"])
def test_change_me_in_other_languages(value):
    assert classes("conf.py", f'jwt_secret: str = "{value}"\n') == [(1, "dev")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/a.md", "    CREATE USER pods WITH PASSWORD 'pods';\n"),
        ("db/a.sql", "CREATE ROLE \"pods\" LOGIN PASSWORD 'pods';\n"),
        ("a.rs", 'let url = "postgres://web_username:web_password@localhost/db";\n'),
        ("a.rs", 'let url = "postgres://username:password@localhost/db";\n'),
        ("src/dev.rs", 'let url = "postgres://username:password@localhost/db";\n'),
        ("a.yml", "url: amqp://loansuser:loanspassword@mq\n"),
    ],
)
def test_a_user_that_is_its_own_password_is_a_placeholder(path, text):
    assert classes(path, text) == []


def test_other_passwords_of_users_are_none():
    assert classes("db/a.sql", "CREATE USER pods WITH PASSWORD 'podsQ7x';\n") == [(1, "real")]
    assert classes("a.rs", 'let url = "postgres://web_user:shop_password@db.shop.io/db";\n') == [(1, "real")]


def test_a_weak_default_of_a_template_is_applied():
    text = '{{- if .x }}\nDB_PASSWORD: {{ .Values.env.DB_PASSWORD | default "changeme123" | b64enc }}\n{{- end }}\n'
    assert classes("charts/a/templates/s.yaml", text) == [(2, "weak-applied")]


BLOCKS = {
    "a word": (
        'resource "aws_db_instance" "main" {\n  engine = "postgres"\n\n  password = "lighthouse"\n}\n',
        4,
        "real",
    ),
    "a word of a signer": ('resource "x_secret" "s" {\n  data = {\n    jwt_secret = "quackquack"\n  }\n}\n', 3, "real"),
    "a local": ('locals {\n  db_password = "lighthouse"\n}\n', 2, "real"),
    "change me": ('module "db" {\n  source = "./db"\n  password = "changeme-later"\n}\n', 3, "weak-applied"),
    "change me, to be set": ('variable "password" {\n  default = "changeme-later"\n}\n', 2, "dev"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_in_a_block_of_terraform_only_a_value_has_quotes(name):
    text, line, said = BLOCKS[name]
    assert classes("infra/db.tf", text) == [(line, said)]


@pytest.mark.parametrize(
    "text",
    [
        'resource "aws_db_instance" "main" {\n  password = random_password.db.result\n}\n',
        'resource "aws_db_instance" "main" {\n  password = "${var.db_password}"\n}\n',
        'resource "x" "y" {\n  env {\n    name = "DB"\n    password = "db_password"\n  }\n}\n',
        'resource "x" "y" {\n  jwt_secret = "generated"\n  session_secret = "appsession"\n}\n',
        'function resource() {\n  password = "lighthouse"\n}\n',
    ],
)
def test_names_in_terraform_and_words_elsewhere_are_none(text):
    assert classes("infra/db.tf", text) == []


@pytest.mark.parametrize("key", ["jwtSecret", "jwt_secret", "cookieSecret", "hmacKey"])
def test_a_word_signs_under_a_key_of_settings(key):
    assert classes("config/app.yaml", f"auth:\n  {key}: quackquack\n") == [(2, "real")]


@pytest.mark.parametrize(
    "line",
    [
        "jwtSecret: generated",
        "jwtSecret: gatewayjwt",
        "clientSecret: lighthouse",
        "tokenSecret: lighthouse",
        "jwtSecret: shop-keys",
    ],
)
def test_a_word_that_says_where_it_comes_from_is_none(line):
    assert classes("config/app.yaml", f"auth:\n  {line}\n") == []


USERS = {
    "a file of them": ("pgbouncer/userlist.txt", '; who may come in\n"shop_user" "lighthouse"\n', 2),
    "a file in a ConfigMap": ("k8s/a.yaml", 'kind: ConfigMap\ndata:\n  userlist.txt: |\n    "shop" "lighthouse"\n', 4),
    "a script that writes it": ("run.sh", 'set -e\necho \'"shop" "lighthouse"\' > /etc/pgbouncer/userlist.txt\n', 2),
}


@pytest.mark.parametrize("name", USERS)
def test_words_are_passwords_in_a_list_of_users(name):
    path, text, line = USERS[name]
    assert classes(path, text) == [(line, "real")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pgbouncer/userlist.txt", '"shop_user" "md5d8578edf8458ce06fbc5bb76a58c5ca4"\n"stats" "stats"\n"admin" ""\n'),
        ("pgbouncer/userlist.txt", '"shop_user" "$DB_PASSWORD"\n"admin" "changeme"\n'),
        ("words.txt", '"harbour" "lighthouse"\n"ship" "captain"\n'),
        ("lights.vdf", '"lights"\n{\n  "user" "lighthouse"\n}\n'),
    ],
)
def test_hashes_and_other_pairs_of_words_are_none(path, text):
    assert classes(path, text) == []
