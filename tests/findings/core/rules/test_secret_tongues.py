"""secrets/plaintext: blanks in other languages, examples of manuals, passwords of several words and those of tables."""

import pytest

from findings.core.detect import phrases
from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Vq7-rLt2wXz9"


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(found.line, found.properties["class"]) for found in see(FAMILY, {path: text})]


BLANKS = [
    "sua_chave_do_painel", "seu-token-de-acesso-3", "SUA_SENHA_ROOT_AQUI", "digite_uma_senha", "tu_clave_para_firmar",
    "tu_contraseña_segura", "otro_secret_muy_largo", "votre_clé_du_serveur", "votre-mot-de-passe", "dein-panel-token",
    "DEIN_PASSWORT", "HIER_PASSWORT_EINSETZEN", "şifrenizi_girin", "anahtar-buraya", "wpisz-tutaj-haslo", "REEMPLAZAR",
    "你的_panel_Key", "你的密碼", "ваш-пароль", "パスワードをここに", "여기에_비밀번호", "masukkan_password_anda",
    "il_tuo_token_qui", "vul-je-wachtwoord-in", "enter-panel-token", "YourVeryOwnPanelKey",
]  # fmt: skip


@pytest.mark.parametrize("value", BLANKS)
@pytest.mark.parametrize(
    ("path", "line"),
    [
        (".env", "API_SECRET={}"),
        ("k8s/prod/a.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {{API_SECRET: {}}}"),
        ("docs/a.md", "export DB_PASSWORD='{}'"),
        ("src/a.rs", 'const JWT_SECRET: &str = "{}";'),
    ],
)
def test_a_blank_is_none_in_any_language(value, path, line):
    assert classes(path, line.format(value) + "\n") == []


@pytest.mark.parametrize("value", ["degistirin-lutfen", "değiştir", "mude-me", "zmien_mnie_potem", "ganti-nanti"])
def test_change_me_is_weak_in_any_language(value):
    manifest = f"apiVersion: v1\nkind: ConfigMap\ndata:\n  DB_PASSWORD: {value}\n"
    assert classes("k8s/prod/a.yaml", manifest) == [(4, "weak-applied")]
    assert classes("docs/a.md", f"DB_PASSWORD={value}\n") == []


@pytest.mark.parametrize("value", ["rootpass", "s3cr3t-value", "senha-segura", "mot_de_passe", "newpassword"])
def test_words_that_only_say_what_they_are_count_where_they_are_applied(value):
    manifest = f"apiVersion: v1\nkind: ConfigMap\ndata:\n  DB_PASSWORD: {value}\n"
    assert classes("k8s/prod/a.yaml", manifest) == [(4, "weak-applied")]
    assert classes(".env", f"DB_PASSWORD={value}\n") == [(1, "dev")]
    assert classes("docs/a.md", f"DB_PASSWORD={value}\n") == []


@pytest.mark.parametrize("value", ["SecurePass123!", "Str0ngP@ssw0rd!", "AdminPassword2024", "LaMiaSegreta123"])
def test_what_everybody_would_write_is_an_example_in_a_document_and_real_elsewhere(value):
    assert classes("k8s/prod/a.env", f"DB_PASSWORD={value}\n") == [(1, "real")]
    for path in ("docs/a.md", "docs/openapi.yaml", "shop.postman_collection.json", ".env.example"):
        assert classes(path, f'"password": "{value}"\n') == []


@pytest.mark.parametrize("value", ["Admin852!", "Welcome-Otter9", "quayside123", "Tu8rk-aqua", "secret-Heron-41"])
def test_other_words_and_numbers_are_real_in_a_document_too(value):
    assert classes("docs/a.md", f"DB_PASSWORD={value}\n") == [(1, "real")]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (".env", "DB_PASSWORD=amber kettle whistles north\n", 1),
        (".env", 'DB_PASSWORD="amber kettle whistles north"\n', 1),
        ("config/a.toml", '[auth]\njwt_secret = "amber kettle whistles north"\n', 2),
        ("config/a.yaml", 'db:\n  password: "amber kettle 47 whistles"\n', 2),
        ("k8s/s.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  db-password: YW1iZXIga2V0dGxlIHdoaXN0bGVzIG5vcnRo\n", 4),
    ],
)
def test_several_words_are_a_password(path, text, line):
    assert classes(path, text) == [(line, "real")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "DB_PASSWORD=ask the operator for it\n"),
        (".env", "MAIL_PASSWORD=xxxx xxxx xxxx xxxx\nMAIL_PASS='abcd efgh ijkl mnop'\n"),
        ("config/a.yaml", 'password: "Password must have 12 characters"\nhelp_password: "Amber kettle whistles"\n'),
        ("src/a.ts", 'const t = { password: "Minimaal 12 tekens lang" };\n'),
    ],
)
def test_a_sentence_is_none(path, text):
    assert classes(path, text) == []


INSERTED = {
    "rows": (f"INSERT INTO staff (id, email, password) VALUES\n(1, 'a@shop.io', '{V}'),\n(2, 'b@shop.io', 'Quay#9');\n", [2, 3]),
    "columns in marks": (f"insert into `staff` (`id`, `pwd`) values (1, '{V}');\n", [1]),
    "a row over lines": (f'INSERT INTO "staff" (id,\n  password)\nVALUES (1,\n  E\'{V}\');\n', [4]),
    "double quotes": (f'INSERT INTO staff (password, name) VALUES ("{V}", "x, y (z)");\n', [1]),
    "behind a list and a call": (f"INSERT INTO s (a, b, password) VALUES (now(), f('p', 'q'), '{V}');\n", [1]),
    "a quote within": ("INSERT INTO s (password) VALUES ('Vq7''rLt2wXz9');\n", [1]),
    "two statements": (f"INSERT INTO a (x) VALUES ('{V}');\nINSERT INTO a (password) VALUES ('{V}');\n", [2]),
}  # fmt: skip


@pytest.mark.parametrize("name", INSERTED)
def test_a_password_that_sql_inserts_is_found(name):
    text, lines = INSERTED[name]
    assert classes("db/a.sql", text) == [(line, "real") for line in lines]


@pytest.mark.parametrize(
    "row",
    [
        "'$2a$10$ByI78zLvGzJua9yU.W3Y9u16Z2fXfXfXfXfXfXfXfXfXfXfXfXfX.'", "'1f21f4b5d992cf4769297889ad2e63b0'", "NULL", "?",
        "crypt('a', gen_salt('bf'))", "'hashed' || 'Vq7-rLt2wXz9'", "'ada', 'Vq7-rLt2wXz9'", "'$password'", "'123456'", "''",
    ],
)  # fmt: skip
def test_hashes_and_what_is_filled_in_are_none(row):
    assert classes("db/a.sql", f"INSERT INTO users (password, name) VALUES ({row});\n") == []


def test_inserts_in_a_comment_are_none():
    text = (
        f"-- INSERT INTO users (password) VALUES ('{V}');\n-- INSERT INTO users (id, password) VALUES\n-- (1, '{V}');\n"
    )
    assert classes("db/a.sql", text) == []


def test_many_inserts_that_never_end_are_read_once():
    text = "INSERT INTO a (password) VALUES (" * 30_000
    assert classes("db/a.sql", text) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("haproxy.cfg", f"userlist ops\n    user admin insecure-password {V}\n"),
        ("docs/a.md", "# Panels\n- https://panel.shop.io (admin / `Phalarope!9`)\n"),
        ("keys.sh", f"#\nkeytool -importkeystore -srckeystore a.jks -srcstorepass {V} -deststorepass $P\n"),
    ],
)
def test_it_is_found_as_tools_take_it(path, text):
    assert classes(path, text) == [(2, "real")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("haproxy.cfg", "    user kiosk insecure-password kiosk\n    user a password $5$abc$defghijk\n"),
        ("docs/a.md", "- POSTGRES_DB=kiosk\n- POSTGRES_PASSWORD=kiosk\n"),
        ("docs/a.md", "Roles: `admin` / `viewer2`, root / `user123`, admin, `Editor22`\n"),
        ("a.json", '{"basicAuth": "kiosk-user:kiosk-password"}\n'),
    ],
)
def test_a_name_that_is_its_own_password_is_none(path, text):
    assert classes(path, text) == []


def test_a_name_beside_it_makes_a_weak_password():
    text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  DB_USER: kiosk\n  DB_PASSWORD: kiosk\n"
    assert classes("k8s/prod/a.yaml", text) == [(5, "weak-applied")]
    assert classes("k8s/prod/a.yaml", text.replace("PASSWORD: kiosk", "PASSWORD: kioskQ7x")) == [(5, "real")]


def test_a_constant_for_tests_is_one():
    assert classes("src/a.rs", f'pub const TEST_JWT_SECRET: &str = "{V}{V}";\n') == [(1, "test")]


def test_words_are_told_apart():
    assert phrases.spoken("TuContraseña_1-İş") == ("tu", "contrasena", "1", "is")
