"""secrets/plaintext."""

import base64
import hashlib
import json

import pytest

from findings.core.detect import find, page
from findings.core.errors import Unreadable
from findings.core.facts import Blob
from findings.core.rules.secrets import FAMILY
from findings.core.types import Identity, Observation, Priority
from findings.core.yamls import documents
from tests.findings.core.rules.tree import see

REAL = "kX9-thirteen!"
STRONG = "Zr8mT2wQ5yB1nV7cD4fH6jK9pL3sG0aX"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def pem(size: int = 1000, kind: str = "PRIVATE KEY", cut: int = 0) -> str:
    der = b"\x30\x82" + size.to_bytes(2, "big") + bytes(range(256)) * 4
    body = base64.b64encode(der[: size + 4]).decode()
    body = body[: len(body) - cut]
    rows = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {kind}-----\n{rows}\n-----END {kind}-----\n"


def one(path: str, text: str) -> Observation:
    seen = see(FAMILY, {path: text})
    assert len(seen) == 1, [found.message for found in seen]
    return seen[0]


def manifest(body: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n{body}"


FOUND = {
    "a YAML value": ("k8s/prod/config.yaml", f"data:\n  DB_PASSWORD: '{REAL}'\n", 2),
    "name and value on different lines": (
        "k8s/prod/deploy.yaml",
        f"env:\n  - name: DB_PASSWORD\n    # the value\n    value: {REAL}\n",
        4,
    ),
    "a block scalar": ("k8s/prod/config.yaml", f"data:\n  app.conf: |\n    user = x\n    password = {REAL}\n", 4),
    "Secret data in base64": (
        "k8s/prod/secret.yaml",
        f"apiVersion: v1\nkind: Secret\ndata:\n  username: {b64('shop')}\n  password: {b64(REAL)}\n",
        5,
    ),
    "a URL inside Secret data": (
        "k8s/prod/secret.yaml",
        f"apiVersion: v1\nkind: Secret\ndata:\n  DATABASE_URL: {b64(f'postgres://shop:{REAL}@db/shop')}\n",
        4,
    ),
    "Secret stringData": ("k8s/s.yaml", f"apiVersion: v1\nkind: Secret\nstringData:\n  password: {REAL}\n", 4),
    "a generator's literal": ("k8s/kustomization.yaml", f"secretGenerator:\n- literals:\n  - DB_PASSWORD={REAL}\n", 3),
    "an argument": ("k8s/d.yaml", f"args:\n  - --requirepass\n  - {REAL}\n", 3),
    "an .env file": (".env", f"# comment\nexport DB_PASSWORD={REAL}  # prod\n", 2),
    "an example env file": (".env.example", f"DB_PASSWORD={REAL}\n", 1),
    "a production compose file": (
        "docker-compose.prod.yml",
        f"services:\n  db:\n    environment:\n      - POSTGRES_PASSWORD={REAL}\n",
        4,
    ),
    "an ini login": ("pgbouncer.ini", f"[databases]\nauth_user=shop:{REAL}\n", 2),
    "a conf login": ("service.conf", f"user=shop:{REAL}\n", 1),
    "a login whose password holds a slash": ("feed.ini", "[target]\nuser=shop:kX9/thirteen+Q\n", 2),
    "JSON": ("config/app.json", json.dumps({"db": {"password": REAL}}, indent=1), 3),
    "a source string": ("src/main.rs", f'let db_password: &str = "{REAL}";\n', 1),
    "a source call": ("src/db.py", f'connect(host, password="{REAL}")\n', 1),
    "a source default": ("src/main.rs", f'env::var("JWT_SECRET").unwrap_or_else(|_| "{STRONG}".to_string())\n', 1),
    "a workflow file": (".github/workflows/ci.yml", f"env:\n  DEPLOY_TOKEN: {STRONG}\n", 2),
    "a URL under any key": ("config/x.toml", f'upstream = "amqp://shop:{REAL}@mq:5672/"\n', 1),
    "a URL-encoded URL": ("config/x.toml", "upstream = 'amqp://shop:kX9%2Fthirteen%21@mq:5672/'\n", 1),
    "the default of a variable": ("k8s/prod/run.sh", "export DB_PASSWORD=${DB_PASSWORD:-" + REAL + "}\n", 1),
    "the URL default of a variable": ("run.sh", "URL=${DATABASE_URL:-postgres://u:" + REAL + "@db/x}\n", 1),
    "SQL": ("init.sql", f"CREATE USER shop WITH PASSWORD '{REAL}';\n", 1),
    "XML": ("clickhouse/users.xml", f"<users>\n<password>{REAL}</password>\n</users>\n", 2),
    "a private key": ("certs/tls.key", "x\n" + pem(), 2),
    "a private key inside a string": ("src/k.js", 'const k = "' + pem().replace("\n", "\\n") + '";\n', 1),
    "base64 of JSON with a key": (
        "config/gcp.txt",
        b64(json.dumps({"type": "service_account", "private_key": pem()})) + "\n",
        1,
    ),
    "a provider's token": ("src/bot.py", "ghp_16C7e42F292c6912E7710c838347Ae178B4a\n", 1),
    "a value in a document": ("docs/setup.md", f"Then use:\n\n    DB_PASSWORD={REAL}\n", 3),
    "a value in a file called example": ("config/app.example.yaml", f"db_password: {REAL}\n", 1),
    "a manifest that does not parse": ("k8s/x.yaml", "a: {{ .Values.a }}\n{{ if }}\n" + f"password: {REAL}\n", 3),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_real_value_is_p0_wherever_it_stands(name):
    path, text, line = FOUND[name]
    seen = one(path, text)
    assert (seen.line, seen.priority, seen.identity) == (line, Priority.P0, Identity.SECRET)
    assert seen.properties["class"] == "real"
    assert seen.properties["confidence"] in ("high", "medium")


@pytest.mark.parametrize("name", FOUND)
def test_nothing_that_is_kept_holds_the_value(name):
    path, text, _ = FOUND[name]
    kept = repr(one(path, text))
    for value in (REAL, STRONG, b64(REAL), "kX9/thirteen", "kX9%2F", "ghp_16C7e42F292c", pem().splitlines()[3]):
        assert value not in kept


def test_one_value_in_ten_writings_is_one_key():
    places = [
        "a YAML value",
        "Secret data in base64",
        "a URL under any key",
        "an .env file",
        "the default of a variable",
    ]
    seen = see(FAMILY, {f"{number}/{FOUND[name][0]}": FOUND[name][1] for number, name in enumerate(places)})
    assert len(seen) == len(places)
    assert len({found.key for found in seen}) == 1


def test_an_encoded_url_names_the_same_secret_as_the_plain_value():
    seen = see(FAMILY, {"a.toml": "u = 'amqp://s:kX9%2Fthirteen%21@mq/'\n", ".env": "MQ_PASSWORD=kX9/thirteen!\n"})
    assert len({found.key for found in seen}) == 1


def test_another_value_and_another_hash_key_are_other_keys():
    seen = see(FAMILY, {".env": f"A_PASSWORD={REAL}\nB_PASSWORD={REAL}x\n"})
    assert len({found.key for found in seen}) == 2
    assert all(len(found.key) == 64 for found in seen)


def test_an_unsalted_hash_of_a_value_that_stands_elsewhere_is_the_same_secret():
    digest = hashlib.sha256(REAL.encode()).hexdigest()
    users = f"<password_sha256_hex>{digest}</password_sha256_hex>\n"
    seen = see(FAMILY, {"users.xml": users, ".env": f"CLICKHOUSE_PASSWORD={REAL}\n"})
    assert len(seen) == 2
    assert len({found.key for found in seen}) == 1
    assert all(digest not in repr(found) for found in seen)
    assert see(FAMILY, {"users.xml": users}) == []


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("k8s/prod/c.yaml", manifest("data:\n  JWT_SECRET: dev-secret-change-me-9876\n"), "weak-applied"),
        ("k8s/prod/c.yaml", manifest("data:\n  POSTGRES_PASSWORD: postgres\n"), "weak-applied"),
        ("docker-compose.yml", f"services: {{db: {{environment: {{POSTGRES_PASSWORD: {REAL}}}}}}}\n", "dev"),
        ("docker-compose.yml", "services: {db: {environment: {POSTGRES_PASSWORD: postgres}}}\n", "dev"),
        ("k8s/overlays/local/c.yaml", manifest(f"data: {{DB_PASSWORD: {REAL}}}\n"), "dev"),
        ("k8s/redis-local.yaml", manifest(f"data: {{DB_PASSWORD: {REAL}}}\n"), "dev"),
        ("src/x.py", f'URL = "postgres://shop:{REAL}@localhost:5432/shop"\n', "dev"),
        ("tests/db.py", f'PASSWORD = "{REAL}"\n', "test"),
        ("svc/db_test.go", f'password := "{REAL}"\n', "test"),
        ("src/lib.rs", f'fn a() {{}}\n#[cfg(test)]\nmod tests {{\n  const P_SECRET: &str = "{STRONG}";\n}}\n', "test"),
    ],
)
def test_classes_by_place(path, text, said):
    seen = one(path, text)
    assert seen.properties["class"] == said
    assert seen.priority is (Priority.P0 if said == "weak-applied" else Priority.P2)


def test_code_after_a_test_module_is_no_test():
    text = f'#[cfg(test)]\nmod tests {{ fn a() {{}} }}\n\nconst JWT_SECRET: &str = "{STRONG}";\n'
    assert one("src/lib.rs", text).properties["class"] == "real"


SILENT = {
    "a placeholder with your": (".env.example", "API_KEY=your-api-key-here\nDB_PASSWORD=your_password\n"),
    "a placeholder in angles": ("docs/a.md", "DB_PASSWORD=<the password>\npassword: <PASSWORD>\n"),
    "changeme outside a manifest": (".env.example", "DB_PASSWORD=changeme\nJWT_SECRET=change-me-in-production\n"),
    "a truncated private key": ("a.key", pem(cut=40)),
    "a private key with dots": ("a.md", "-----BEGIN PRIVATE KEY-----\nMIIEv...\n-----END PRIVATE KEY-----\n"),
    "an encrypted private key": ("a.key", pem(kind="ENCRYPTED PRIVATE KEY")),
    "a public key": ("a.pub", pem(kind="PUBLIC KEY")),
    "a variable": ("a.sh", 'PASSWORD="${DB_PASSWORD}"\nTOKEN=$TOKEN\nSECRET=$(cat /run/secrets/x)\n'),
    "a variable with an empty default": ("a.sh", "DB_PASSWORD=${DB_PASSWORD:-}\n"),
    "a reference": ("k.yaml", "env:\n- name: DB_PASSWORD\n  valueFrom: {secretKeyRef: {name: db, key: password}}\n"),
    "names of secrets": ("k.yaml", "secretName: shop-db-credentials\ntokenSecret: shop-token\nsecret: shop-db\n"),
    "a workflow's secret": (".github/workflows/a.yml", "env:\n  TOKEN: ${{ secrets.DEPLOY_TOKEN }}\n"),
    "a masked value": ("log.txt", "password: ********\npassword=•••••••• (8 characters)\nurl: postgres://u:***@db/x\n"),
    "an empty value": (".env", "DB_PASSWORD=\nJWT_SECRET=''\nAPI_TOKEN=\"\"\n"),
    "an id token permission": (".github/workflows/a.yml", "permissions:\n  id-token: write\n  contents: read\n"),
    "allow empty password": ("docker-compose.yml", "services: {db: {environment: {ALLOW_EMPTY_PASSWORD: 'yes'}}}\n"),
    "a CI service's password": (
        ".github/workflows/ci.yml",
        "services:\n  db:\n    env:\n      POSTGRES_PASSWORD: postgres\nenv:\n  URL: postgres://postgres:postgres@db/x\n",
    ),
    "kind Secret inside another object": (
        "k.yaml",
        f"apiVersion: v1\nkind: Event\nof:\n  kind: Secret\n  apiVersion: v1\n  data: {{note: {b64(REAL)}}}\n",
    ),
    "a key that an ExternalSecret fills": (
        "k8s/prod/external.yaml",
        "apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret\nspec:\n  data:\n    - secretKey: password\n"
        "      remoteRef: {key: shop/db, property: password}\n    - secretKey: dbPassword2\n      remoteRef: {key: shop/x}\n",
    ),
    "a login that is a path": ("a.conf", "user=github:team/name\nauth=file:/etc/passwd\n"),
    "a commented-out manifest": ("k.yaml", f"# kind: Secret\n# stringData:\n#   password: {REAL}\n"),
    "code that speaks of passwords": (
        "src/a.py",
        'password = request.form["password"]\nif not password:\n    raise E("password is required")\n'
        'TOKEN_URL = "https://a/token"\ntoken_type = "bearer"\nPASSWORD_FIELD = "user_password"\n'
        'API_KEY_HEADER = "X-Api-Key-Header"\n',
    ),
    "translations": ("locales/de.yml", "de:\n  password: Kennwort1\n"),
    "high entropy alone": ("src/a.py", f'CHECKSUM = "{STRONG}"\nmodel = "{STRONG}{STRONG}"\n'),
    "lock files": ("Cargo.lock", f'checksum = "{hashlib.sha256(b"x").hexdigest()}"\n'),
    "a manual's address": (
        "docs/a.md",
        "postgres://user:password@host:5432/db and https://user:hunter22@example.com\n",
    ),
    "mounted files": (".env", "DB_PASSWORD_FILE=/run/secrets/db\nTLS_SECRET=/etc/tls/key.pem\n"),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_only_looks_like_a_secret_is_not_reported(name):
    path, text = SILENT[name]
    assert [(found.message, found.line) for found in see(FAMILY, {path: text})] == []


def test_binary_and_broken_text_do_no_harm():
    assert see(FAMILY, {"a.bin": b"\0\1password=kX9-thirteen!", "b.txt": b"\xff\xfe"}) == []
    assert len(see(FAMILY, {"c.env": b"NAME=caf\xe9\nDB_PASSWORD=kX9-thirteen!\n"})) == 1
    assert len(see(FAMILY, {"d.env": f"DB_PASSWORD={REAL}\n".encode("utf-16")})) == 1


def test_a_secret_gone_at_head_is_reported_from_history_with_its_commit_and_path():
    (seen,) = see(FAMILY, {"readme.md": "nothing"}, past={"k8s/old.yaml": f"password: {REAL}\n"})
    assert (seen.at_head, seen.commit, seen.path) == (False, "c0ffee", "k8s/old.yaml")


def test_history_adds_nothing_to_what_head_still_has_nor_for_tests_and_defaults():
    assert len(see(FAMILY, {".env": f"DB_PASSWORD={REAL}\n"}, past={"old.env": f"DB_PASSWORD={REAL}\n"})) == 1
    assert see(FAMILY, {}, past={"tests/a.py": f'password = "{REAL}"\n', "b.env": "DB_PASSWORD=postgres\n"}) == []


def test_the_same_line_with_another_value_has_another_hash():
    first, second = one("a.env", f"DB_PASSWORD={REAL}\n"), one("a.env", "DB_PASSWORD=kX9-fourteen!\n")
    assert first.line_hash != second.line_hash
    assert first.block_hash != second.block_hash


def test_a_value_that_only_tests_still_hold_stays_a_leak_of_history():
    past = {"k8s/prod.yaml": f"password: {REAL}\n"}
    seen = see(FAMILY, {"tests/db.py": f'PASSWORD = "{REAL}"\n'}, past=past)
    assert [(found.at_head, found.priority) for found in seen] == [(False, Priority.P0), (True, Priority.P2)]
    assert len({found.key for found in seen}) == 1


def test_nothing_that_may_be_printed_on_the_way_shows_the_value():
    blob = Blob(f"DB_PASSWORD={REAL}\n".encode(), "env", b"k")
    (hit,) = find(blob.text, "env")
    blob.spot(1)
    assert hit.value == REAL
    assert REAL not in f"{blob!r} {hit!r} {page.read(blob.text, 'env')!r}"
    blob = Blob(f"password: {REAL}\nx: [{REAL}\n".encode(), "yaml", b"k")
    with pytest.raises(Unreadable) as error:
        documents(blob.data)
    assert REAL not in str(error.value)
