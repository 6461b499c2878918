"""secrets/plaintext: what programs fall back to, values that say how weak they are, and the passwords of vendors."""

import pytest

from findings.core.rules.secrets import FAMILY
from findings.core.types import Priority
from tests.findings.core.rules.tree import see

RETURNED = 'fn default_jwt_secret() -> String {{\n{}    "{}".to_string()\n}}\n'
WARNED = '    // only while developing\n    warn!("the default signing key is in use");\n'
WEAK = "kiosk-signing-change-in-production"

SEEN = {
    "a weak default of serde": ("src/config.rs", RETURNED.format("", WEAK), 2, "dev"),
    "a weak default below a warning": ("src/config.rs", RETURNED.format(WARNED, WEAK), 4, "dev"),
    "a shouted default": ("src/config.rs", RETURNED.format(WARNED, "UNSAFE_DEV_SECRET_OF_32_BYTES"), 4, "dev"),
    "a short default with a digit": (
        "src/config.rs",
        'fn default_admin_pass() -> String {\n    "admin123".into()\n}\n',
        2,
        "dev",
    ),
    "a default of an option": (
        "src/main.rs",
        'let s = cfg.jwt_secret.as_deref().unwrap_or("dev-signing-words");\n',
        1,
        "dev",
    ),
    "a default of the environment": (
        "src/main.rs",
        'let s = env::var("JWT_SECRET").unwrap_or("dev-signing".into());\n',
        1,
        "dev",
    ),
    "words in variables of Terraform": ("prod.tfvars", 'db_master_password = "kioskpassword" # soon\n', 1, "real"),
    "a weak default of a laptop": ("config/dev.exs", f'  secret_key_base: "{WEAK}"\n', 1, "dev"),
    "words in quotes that a script writes": ("up.sh", 'cat > v.yaml << X\npassword: "kiosk_pass"\nX\n', 2, "real"),
    "a weak constant": ("src/auth.rs", f'pub(crate) const JWT_SECRET: &str = "{WEAK}";\n', 1, "weak-applied"),
    "a weak constant for development": ("src/auth.rs", f'const DEFAULT_JWT_SECRET: &str = "{WEAK}";\n', 1, "dev"),
    "a weak constant in Python": ("app/auth.py", f'JWT_SECRET = "{WEAK}"\n', 1, "dev"),
    "words as a signing key": ("src/auth.rs", 'const JWT_SECRET: &str = "kiosk-words-for-tickets";\n', 1, "real"),
    "one word as a signing key": ("web/auth.js", 'const JWT_SECRET = "kioskisthebestshop";\n', 1, "real"),
    "words given to a signer": ("src/auth.rs", 'let k = EncodingKey::from_secret(b"kiosk-ticket-words");\n', 1, "real"),
    "words given to an HMAC": (
        "src/hook.rs",
        'let m = HmacSha256::new_from_slice(b"kiosk-hook-words").unwrap();\n',
        1,
        "real",
    ),
    "a product's password": ("app/settings.py", 'CLICKHOUSE_PASSWORD: str = "kiosk_password"\n', 1, "real"),
    "a vendor's password far away": (
        "src/db.go",
        'dsn := "postgres://postgres:postgres@pg.shop.svc:5432/x"\n',
        1,
        "real",
    ),
    "a vendor's password at a cloud": (
        "docs/a.md",
        "psql postgres://admin:admin@db.eu-1.rds.amazonaws.com/x\n",
        1,
        "real",
    ),
    "a vendor's password in a namespace": ("load.js", "const u = `amqp://guest:guest@mq.${space}.svc/`;\n", 1, "real"),
    "SQL in double quotes": ("a.sql", 'CREATE USER shop\nIDENTIFIED BY "kiosk_0_pw";\n', 2, "real"),
    "SQL in a document": ("docs/a.md", "CREATE USER shop IDENTIFIED BY 'kiosk_dev_pw';\n", 1, "real"),
    "words of manuals in an env file": (".env", "DB_PASSWORD=super_secret_password\n", 1, "dev"),
    "words of manuals in a manifest": (
        "k8s/prod/c.yaml",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  DB_PASSWORD: super_secret_password\n",
        4,
        "weak-applied",
    ),
    "a value for development in an env file": (".env", "JWT_SECRET=dev-kiosk-words-9\n", 1, "dev"),
    "a value for tests in a program": ("web/a.ts", 'const JWT_SECRET = "test-kiosk-words";\n', 1, "dev"),
}


@pytest.mark.parametrize("name", SEEN)
def test_it_is_seen_with_its_class(name):
    path, text, line, said = SEEN[name]
    (seen,) = see(FAMILY, {path: text})
    assert (seen.line, seen.properties["class"]) == (line, said)
    assert seen.priority is (Priority.P2 if said == "dev" else Priority.P0)


@pytest.mark.parametrize("name", SEEN)
def test_nothing_of_it_is_kept(name):
    path, text, line, _ = SEEN[name]
    row = text.splitlines()[line - 1]
    kept = repr(see(FAMILY, {path: text}))
    for value in ("kiosk-", "kiosk_", "UNSAFE_DEV_SECRET", "dev-signing", "super_secret"):
        assert value not in row or value not in kept.replace("change", "")


SILENT = {
    "a host of manuals": ("docs/a.md", "pip install -i https://kiosk:k10sk%2Fx9@packages.company.com/simple\n"),
    "SQL that is filled in": ("a.py", 'q = """ALTER USER %(user)s IDENTIFIED BY "%(password)s"\n"""\n'),
    "the name of a Secret that a script writes": (
        "up.sh",
        'cat > v.yaml << X\nsecret: "kiosk-db"\ntoken: "kiosk_token"\nX\n',
    ),
    "the head of a token": ("docs/a.md", "-H 'Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9'\n"),
    "a word of manuals at a far host": ("docs/a.md", "CACHE=redis://default:pass@cache.shop.io:6379\n"),
    "assignments in one sentence": ("docs/a.md", "user/pass: `DB_USER=kiosk_app`, `DB_PASS=kiosk_app_pass`\n"),
    "a blank in variables of Terraform": ("a.tfvars", 'db_password = "<set me>"\ntoken_arn = "arn:aws:x:y:secret:z"\n'),
    "a default that names a variable": (
        "src/a.rs",
        'fn default_jwt_secret_env() -> String {\n    "KIOSK_JWT".into()\n}\n',
    ),
    "a default of a vendor": ("src/a.rs", 'let p = env::var("DB_PASSWORD").unwrap_or("postgres".into());\n'),
    "a default that is made": ("src/a.rs", "fn default_jwt_secret() -> String {\n    random(32)\n}\n"),
    "weak values of tests": ("tests/a.rs", f'const JWT_SECRET: &str = "{WEAK}";\n'),
    "weak values of documents": ("docs/a.md", f"JWT_SECRET={WEAK}\nDB_PASSWORD=super_secret_password\n"),
    "weak values of data": ("a.json", f'{{"jwt_secret": "{WEAK}"}}\n'),
    "where a secret is kept": ("a.yml", "PG_PASSWORD: !vault secret/data/shop/password\n"),
    "the name of a setting": (
        "src/a.rs",
        'const JWT_SECRET: &str = "jwt.secret";\nconst SIGNING_KEY: &str = "signing-key-id";\n',
    ),
    "the name of a cookie": ("src/a.rs", 'const SESSION_KEY: &str = "shop-session";\n'),
    "the name of a message": (
        "src/a.ts",
        'const RESET_PASSWORD = "mail_reset_password";\nMISSING_PASSWORD: "a_missing_password",\n',
    ),
    "a method": ("src/a.py", 'FIELDS = {"signing_key": "generateKeyBase64"}\n'),
    "anybody at a host of manuals": (
        "docs/a.md",
        "postgres://user:password@db.shop.io/x amqp://admin:admin@your.host/\n",
    ),
    "a vendor's password nearby": ("src/a.go", 'dsn := "postgres://postgres:postgres@postgres:5432/x"\n'),
    "a protocol's own word": ("src/a.rs", 'let k = HmacSha256::new_from_slice(b"WebAppData");\n'),
    "names in a document": ("docs/a.md", "MAIL_PASSWORD=mail_app_password\n"),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_looks_alike_is_silent(name):
    path, text = SILENT[name]
    assert [(found.message, found.line) for found in see(FAMILY, {path: text})] == []
