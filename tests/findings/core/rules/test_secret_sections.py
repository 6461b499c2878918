"""secrets/plaintext: what the section above, a word behind the name or a string around it says of a value."""

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


SIGNING = {
    "a section of TOML": ("config/prod.toml", '[jwt]\nissuer = "x"\nsecret = "quay-web-token-secret"\n', 3),
    "a file within a ConfigMap": (
        "k8s/c.yaml",
        'kind: ConfigMap\ndata:\n  a.toml: |\n    [jwt]\n    secret = "quay-web-token-secret"\n',
        5,
    ),
    "a key above in YAML": (
        "config/app.yml",
        "app:\n  jwt:\n    ttl: 3\n    secret: quay-words-that-sign-all-tokens\n",
        4,
    ),
    "a key of properties": ("app.properties", "jwt.secret=quay-signing-words\n", 1),
    "several words": ("config/base.yaml", 'app:\n  hmac_secret: "long-and-winding-words-that-nobody-guesses"\n', 2),
}


@pytest.mark.parametrize("name", SIGNING)
def test_words_are_a_secret_where_something_is_signed(name):
    path, text, line = SIGNING[name]
    assert classes(path, text) == [(line, "real")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("config/prod.toml", '[oauth]\nsecret = "quay-web-client"\n'),
        ("config/prod.toml", '[jwt]\nsecret = "ERROR_JWT_SECRET_NOT_SET_CHECK_ENVIRONMENT"\n'),
        ("config/prod.toml", '[jwt]\nsecret = "${JWT_SECRET}"\nsecret_file = "quay-web-token-file"\n'),
        ("charts/a/values.yaml", "jwt:\n  secret: quay-jwt\ntls:\n  secret: quay-certificate-for-all-hosts\n"),
        ("charts/a/values.yaml", "auth:\n  jwtSecret: quay-prod-jwt-secret\n  jwt_secret: quay-prod-jwt-signing-key\n"),
    ],
)
def test_a_name_of_a_secret_is_none(path, text):
    assert classes(path, text) == []


@pytest.mark.parametrize(
    "key",
    ["JWT_SECRET_PROD", "API_KEY_LIVE", "JWT_SECRET_KEY_UUID", "SECRET_KEY_V2", "SIGNING_KEY_1", "AUTH_TOKEN_OLD"],
)
def test_a_word_behind_the_name_says_which_one(key):
    assert classes(".env", f"{key}=5f0c9e2a-8b1d-4c6e-9a37-d2e4f6a8b0c1\n") == [(1, "real")]


@pytest.mark.parametrize("key", ["SECRET_NAME_PROD", "TOKEN_TTL_2", "PASSWORD_HASH_V2", "PUBLIC_KEY_LIVE"])
def test_a_name_that_promises_nothing_without_it_does_not_with_it(key):
    assert classes(".env", f"{key}=5f0c9e2a-8b1d-4c6e-9a37-d2e4f6a8b0c1\n") == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SMTP_PASSWORD", "smtp-password"),
        ("MODEL_ENCRYPTION_KEY", "model-encryption-key"),
        ("QUAY_IDP_SECRET", "idp_secret"),
    ],
)
def test_a_value_of_the_words_of_its_key_is_weak(key, value):
    manifest = f'apiVersion: v1\nkind: Secret\nstringData:\n  {key}: "{value}"\n'
    assert classes("k8s/prod/a.yaml", manifest) == [(4, "weak-applied")]
    assert classes(".env", f"{key}={value}\n") == []


@pytest.mark.parametrize("value", ["CHANGE_THIS_IN_PRODUCTION", "CHANGE_ME_LATER_PLEASE", "change-this-to-32-chars"])
def test_change_this_is_weak_whatever_joins_its_words(value):
    manifest = f'apiVersion: v1\nkind: Secret\nstringData:\n  JWT_SECRET: "{value}"\n'
    assert classes("k8s/prod/a.yaml", manifest) == [(4, "weak-applied")]


@pytest.mark.parametrize("value", ["sk_test_your-stripe-key", "whsec_your-hook", "S!B\\*d$zDsb=", "x_password_if_any"])
def test_what_manuals_print_behind_a_prefix_is_none(value):
    assert classes("docs/a.md", f"API_SECRET='{value}'\n") == []


WITHIN = {
    "YAML": ('TEXT = """\nkind: Secret\nstringData:\n  admin-password: quay-demo-2031\n"""\n', 4),
    "an environment": ("const env = `\nDB_PASSWORD=Quay9xKz2\nPORT=3\n`;\n", 2),
    "a mark in the value": ('let text = r#"\n  password: Quay-9xKz\n"#;\n', 2),
}


@pytest.mark.parametrize("name", WITHIN)
@pytest.mark.parametrize("path", ["tools/write.py", "tools/write.ts", "src/write.rs"])
def test_settings_within_a_string_of_a_program_are_read(name, path):
    text, line = WITHIN[name]
    assert classes(path, text) == [(line, "real")]


@pytest.mark.parametrize(
    "line",
    [
        "  password: password2", "  token: Token2", "  token: user.token2", "  API_TOKEN: process.env.TOKEN2",
        "  TOKEN: v1.Token2", "  DB_PASSWORD=${PASSWORD2}", "  JWT_SECRET=JWT_SECRET_2", "  token: a-1",
    ],
)  # fmt: skip
def test_what_programs_write_without_quotes_is_none(line):
    assert classes("src/a.ts", f"const a = {{\n{line}\n}}\n") == []


def test_an_address_that_is_commented_out_counts_where_its_password_is_real():
    assert classes("a.toml", '# url = "postgres://shop:secure_password@db.shop.io/a"\n') == []
    assert classes("a.toml", '# url = "postgres://shop:Vq7-rLt2wXz9@db.shop.io/a"\n') == [(1, "real")]


def test_a_hash_that_signs_in_is_a_credential():
    assert classes("bot.sh", "TELEGRAM_API_HASH=2b7d90c4e1f86a35b9d2c07e4f1a6835\n") == [(1, "real")]
    assert classes("bot.sh", "PASSWORD_HASH=2b7d90c4e1f86a35b9d2c07e4f1a6835\n") == []
    assert classes("bot.sh", "COMMIT_HASH=2b7d90c4e1f86a35b9d2c07e4f1a6835\n") == []


def test_a_default_that_is_filled_up_is_for_development():
    text = 'env::var("JWT_SECRET").unwrap_or_else(|_| "dev_only_signing_min_32_chars________".to_string())\n'
    assert classes("src/a.rs", text) == [(1, "dev")]
    assert classes("src/a.rs", 'const JWT_SECRET: &str = "________________";\n') == []


def test_an_escaped_variable_is_a_reference():
    assert classes("run.sh", 'export PGPASSWORD="\\$DB_PASSWORD"\n') == []
