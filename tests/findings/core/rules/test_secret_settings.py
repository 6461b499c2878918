"""secrets/plaintext: words where only a setting can stand, and values that everybody knows."""

import base64

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


APPLIED = {
    "a key of an environment in a list": ("k8s/a.yaml", "env:\n  - S3_SECRET_KEY=lighthouse\n", 2),
    "a key of an environment in a map": ("k8s/a.yaml", "environment:\n  S3_SECRET_KEY: lighthouse\n", 2),
    "a word that a command makes a Secret of": (
        "deploy.sh",
        "kubectl create secret generic db --from-literal=dbPassword=Lighthouse\n",
        1,
    ),
    "a word that a container gets": ("deploy.sh", "docker run -e DB_PASSWORD=lighthouse shop\n", 1),
    "the same in a manual": ("docs/a.md", "helm install shop . --set dbPassword=Lighthouse\n", 1),
    "a capital letter beside an address": (
        "conf.json",
        '{"Database": {"Host": "db-1.shop", "Password": "Lighthouse"}}\n',
        1,
    ),
    "a connection string": ("a.sh", 'psql "host=db user=shop password=lighthouse dbname=shop"\n', 1),
    "a connection string of Rust": ("a.rs", 'connect("host=db user=shop password=lighthouse dbname=shop")\n', 1),
    "a file within a ConfigMap": (
        "k8s/c.yaml",
        "kind: ConfigMap\ndata:\n  app.toml: |\n    host = \"db-1\"\n    password = 'lighthouse'\n",
        5,
    ),
    "a password before a command of Redis": (
        "k8s/a.yaml",
        'args: ["-c", "REDISCLI_AUTH=Lighthouse77 redis-cli ping"]\n',
        1,
    ),
    "what a manual signs in with": ("docs/a.md", "redis-cli -a lighthouse ping\n", 1),
}


@pytest.mark.parametrize("name", APPLIED)
def test_a_word_where_only_a_setting_can_stand_is_a_value(name):
    path, text, line = APPLIED[name]
    assert classes(path, text) == [(line, "real")]


WORDS = {
    "a key of no environment": ("k8s/a.yaml", "auth:\n  secretKey: lighthouse\n"),
    "the name of a Secret": ("k8s/a.yaml", "env:\n  - JWT_SECRET_NAME=lighthouse\n"),
    "a variable that a command takes": ("a.sh", "docker run -e DB_PASSWORD=$DB_PASSWORD -e DB_PASSWORD shop\n"),
    "a variable's name in a manual": ("docs/a.md", "docker run -e DB_PASSWORD=app_password shop\n"),
    "what a manual asks for": ("docs/a.md", "redis-cli -a yourpassword ping\n"),
    "labels with capitals": ("a.json", '{"host": "Rechner", "password": "Kennwort", "port": "Anschluss"}\n'),
    "a name in brackets": ("a.properties", 'x=LoginModule required username="(user)" password="(password)";\n'),
}


@pytest.mark.parametrize("name", WORDS)
def test_the_same_words_elsewhere_are_words(name):
    assert classes(*WORDS[name]) == []


KNOWN = ["prom-operator", "keyboard-cat", "foobared", "1f2d1e2e67df", "abcd", "qwer1234", "asdfgh"]


@pytest.mark.parametrize("value", KNOWN)
def test_what_everybody_knows_is_weak_where_it_is_applied_and_nothing_in_a_manual(value):
    assert classes("k8s/prod/a.yaml", f'kind: Deployment\npassword: "{value}"\n') == [(2, "weak-applied")]
    assert classes("docs/a.md", f"password: `{value}`\n") == []


def test_what_the_manual_of_kubernetes_prints_is_weak_in_a_secret_too():
    sealed = base64.b64encode(b"1f2d1e2e67df").decode()
    manifest = f"apiVersion: v1\nkind: Secret\ndata:\n  password: {sealed}\n"
    assert classes("k8s/prod/a.yaml", manifest) == [(4, "weak-applied")]


@pytest.mark.parametrize("value", ["abcd-Heron7", "qwertz-Otter41", "asdf7Kq", "foobared-9x", "keyboard-Lynx8"])
def test_a_value_that_only_begins_so_is_real(value):
    assert classes("k8s/prod/a.yaml", f'kind: Deployment\npassword: "{value}"\n') == [(2, "real")]


@pytest.mark.parametrize(
    "value", ["smoke-jwt-key-at-least-32-chars", "ci_minimum_64_letters", "some-40-characters-of-it"]
)
def test_a_value_that_says_how_long_it_is_to_be_is_for_development(value):
    assert classes("src/conf.ts", f'JWT_SECRET: "{value}",\n') == [(1, "dev")]


@pytest.mark.parametrize("value", ["Gemini852!", "least-Heron-412", "char7-Otter-x9"])
def test_a_value_with_such_letters_in_it_is_real(value):
    assert classes("src/conf.ts", f'JWT_SECRET: "{value}",\n') == [(1, "real")]


ROW = "| User | Password |\n|---|---|\n| {} | `{}` |\n"


@pytest.mark.parametrize(("user", "password"), [("clerk1", "clerk123"), ("`Guard`", "guard@1"), ("pilot", "Pilot12!")])
def test_a_user_of_a_demo_has_its_own_name_for_a_password(user, password):
    assert classes("docs/demo.md", ROW.format(user, password)) == []


@pytest.mark.parametrize(("user", "password"), [("clerk1", "pilot123"), ("clerk", "clerk852!"), ("ops", "Vq7-rLt2")])
def test_a_row_with_another_password_tells_one(user, password):
    assert classes("docs/demo.md", ROW.format(user, password)) == [(3, "real")]


@pytest.mark.parametrize("name", ["LOAD_TEST_PASSWORD", "TEST_PASSWORD", "MOCK_PASSWORD", "strongTestPassword"])
def test_a_name_says_that_it_is_for_tests(name):
    assert classes("scripts/run.sh", f'{name}="Vq7-rLt2wXz9"\n') == [(1, "test")]
    assert classes("src/run.py", f'{name} = "Vq7-rLt2wXz9"\n') == [(1, "test")]


@pytest.mark.parametrize("name", ["LATEST_PASSWORD", "CONTEST_PASSWORD", "SMOKE_PASSWORD"])
def test_a_name_with_such_letters_does_not(name):
    assert classes("src/run.py", f'{name} = "Vq7-rLt2wXz9"\n') == [(1, "real")]


@pytest.mark.parametrize("value", ["shop-local-password", "devpassword", "local_secret", "shop_dev_only_pass"])
def test_a_value_that_says_it_is_local_is_for_development(value):
    assert classes("run.sh", f'DB_PASSWORD="{value}"\n') == [(1, "dev")]


@pytest.mark.parametrize("value", ["localheron-password", "shop-local-Vq7", "devotter-41"])
def test_a_value_with_such_a_word_in_it_is_real(value):
    assert classes("run.sh", f'DB_PASSWORD="{value}"\n') == [(1, "real")]


def test_a_database_that_lives_as_long_as_a_job_has_a_word_for_a_password():
    service = "variables:\n  POSTGRES_PASSWORD: runner\n"
    assert classes(".gitlab-ci.yml", service) == []
    assert classes(".github/workflows/a.yml", "env:\n  PGPASSWORD: runner\n") == []
    assert classes(".gitlab-ci.yml", service.replace("runner", "Vq7-rLt2wXz9")) == [(2, "real")]
    assert classes(".gitlab-ci.yml", "variables:\n  SMTP_PASSWORD: lighthouse\n") == [(2, "real")]
    assert classes("k8s/a.yaml", service) == [(2, "real")]


def test_what_a_language_fills_in_is_no_value():
    assert classes("conf.cue", "DATABASE_PASSWORD: '\\(values.db.password)'\n") == []
    assert classes("a.swift", 'let password = "\\(user.password2)"\n') == []
    assert classes("run.sh", 'TURNSTILE_SECRET_KEY="1x0000000000000000000000000000000AA"\n') == []
