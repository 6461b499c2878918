"""secrets/plaintext: what a file says of its values: for whom they are, that each has its own, or that somebody issued it."""

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: tide\n  namespace: sea\n{more}stringData:\n  db-password: {value}\n"
OPENAI = "sk-proj-Vq7rLt2wXz9Kd4mPb6nQs8tYf3hGj5kR1cWe0aZuXoT3BlbkFJvNq2"
VALUES = "postgresql:\n  auth:\n    password: devpassword\n"


def classes(path: str, text: str) -> list[str]:
    return [seen.properties["class"] for seen in see(FAMILY, {path: text})]


@pytest.mark.parametrize("name", ["values-development.yaml", "values.development.yaml", "dev-values.yaml"])
def test_chart_values_whose_name_says_development_are_for_development(name):
    assert classes(f"charts/tide/{name}", VALUES) == ["dev"]
    assert classes("charts/tide/values-eu.yaml", VALUES) == ["weak-applied"]


def test_a_folder_of_clusters_of_kind_is_for_development():
    text = SECRET.format(more="", value="devpassword")
    assert classes("deploy/kind/db/secret.yaml", text) == ["dev"]
    assert classes("deploy/kinds/db/secret.yaml", text) == ["weak-applied"]


@pytest.mark.parametrize(
    "said",
    [
        "# These are intended for development and testing.\n",
        "# Local-only credentials\n",
        "# Not meant for production\n",
        "# 仅用于本地\n",
    ],
)
def test_a_weak_value_is_for_development_where_the_first_comment_says_so(said):
    text = SECRET.format(more="", value="devpassword")
    assert classes("k8s/base/secret.yaml", said + text) == ["dev"]
    assert classes("k8s/base/secret.yaml", f"{text}---\n{said}{text}") == ["weak-applied", "dev"]
    assert classes("k8s/base/secret.yaml", text.replace("stringData", f"{said}stringData")) == ["weak-applied"]


def test_a_comment_on_development_and_production_says_nothing():
    text = "# For development and production\n" + SECRET.format(more="", value="devpassword")
    assert classes("k8s/base/secret.yaml", text) == ["weak-applied"]


def test_a_weak_value_is_for_development_where_its_document_is_labelled_so():
    label = "  annotations:\n    tide.io/environment: local-dev-only\n"
    assert classes("k8s/base/secret.yaml", SECRET.format(more=label, value="devpassword")) == ["dev"]


def test_what_looks_real_is_real_whatever_the_first_comment_says():
    text = "# Only for development\n" + SECRET.format(more="", value="Vq7-rLt2wXz9")
    assert classes("k8s/base/secret.yaml", text) == ["real"]


@pytest.mark.parametrize("said", ["#  2. Fill in actual values\n", "# Fill in the real ones, then apply\n"])
def test_a_secret_that_is_filled_in_elsewhere_holds_blanks(said):
    text = SECRET.format(more="", value="CHANGE_ME")
    assert classes("k8s/overlays/eu/secret.yaml", said + text) == []
    assert classes("k8s/overlays/eu/secret.yaml", text) == ["weak-applied"]


@pytest.mark.parametrize("said", ["# Do not commit this file with real values!\n", "# Never commit real secrets\n"])
def test_a_warning_does_not_say_that_nothing_applies_the_value(said):
    text = said + SECRET.format(more="", value="CHANGE_ME")
    assert classes("k8s/overlays/eu/secret.yaml", text) == ["weak-applied"]


def test_values_of_a_chart_that_are_to_be_overridden_are_blanks():
    text = "# Secrets, overridden by each installation\nsecrets:\n  jwtSecret: CHANGE_ME_IN_PRODUCTION\n"
    assert classes("helm/tide/values.yaml", text) == []
    assert classes("helm/tide/values-prod.yaml", text) == ["weak-applied"]


def test_a_key_that_somebody_issued_is_real_in_a_local_file():
    compose = "services:\n  tide:\n    environment:\n      OPENAI_API_KEY: {}\n"
    assert classes("docker-compose.yml", compose.format(OPENAI)) == ["real"]
    assert classes("docker-compose.yml", compose.format("Vq7-rLt2wXz9")) == ["dev"]
    assert classes("tests/docker-compose.yml", compose.format(OPENAI)) == ["test"]


def test_an_operator_fetches_what_is_named_so():
    text = "kind: ExternalSecret\nspec:\n  data:\n    - secretKey: tide-table-url\n      remoteRef:\n        key: tide/db\n        property: url\n"
    assert classes("charts/tide/templates/secrets.yaml", "name: {{ x }}-y\n" + text) == []


def test_a_variable_of_psql_is_none():
    text = "CREATE ROLE tide WITH LOGIN PASSWORD {};\n"
    assert classes("db/init.sh", text.format(":'tide_pw7'")) == []
    assert classes("db/init.sh", text.format("'Vq7-rLt2wXz9'")) == ["real"]


def test_the_name_of_a_nested_setting_is_none():
    text = 'TIDE_API_KEY = os.getenv("SEA__TIDE__API_KEY", "")\n'
    assert classes("jobs/tide.py", text) == []


@pytest.mark.parametrize("value", ["generate-a-secure-secret", "get-from-the-console", "obtain_from_portal"])
def test_how_to_come_by_one_is_none(value):
    assert classes("deploy/tide.env", f"JWT_SECRET={value}\n") == []


def test_the_key_of_minio_counts_under_the_names_of_aws():
    text = "apiVersion: v1\nkind: Secret\nstringData:\n  AWS_SECRET_ACCESS_KEY: {}\n"
    assert classes("k8s/base/secret.yaml", text.format("minioadmin")) == ["weak-applied"]
    assert classes("k8s/base/secret.yaml", text.format("test")) == []


def test_a_script_that_tries_an_interface_out_is_a_test():
    text = """curl -X POST http://tide.internal/login -d '{"email":"ada@tide.internal","password":"Tide456!"}'\n"""
    assert classes("scripts/test-api.sh", text) == ["test"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("migrations/0008_accounts.sql", "-- Owner: ada@tides.io / Ebb.Flow47\nINSERT INTO a VALUES (1);\n"),
        (".env.example", "#  Email          | Password    | Role\n#  ada@tides.io   | Ebb.Flow47  | owner\n"),
        ("docs/setup.md", "Sign in as ada@tides.io / Ebb.Flow47\n"),
    ],
)
def test_an_account_told_in_a_comment_is_one(path, line):
    assert classes(path, line) == ["real"]


@pytest.mark.parametrize(
    "line",
    [
        "-- ada@example.com / Ebb.Flow47\n",
        "-- ada@tides.io / bob@tides.io\n",
        "-- ada@tides.io | Owner\n",
        "-- git@tides.io/Ebb.Flow47/sea.git\n",
        "# ada@tides.io / 2024-01-12T10:00Z\n",
    ],
)
def test_what_else_stands_behind_an_address_is_none(line):
    assert classes("migrations/0008_accounts.sql", line) == []


@pytest.mark.parametrize("more", ["  labels:\n    environment: development\n", "  namespace: sea-dev\n"])
def test_a_document_for_development_is_told_by_its_label_or_its_namespace(more):
    text = SECRET.format(more=more, value="devpassword")
    assert classes("k8s/secrets.yaml", text) == ["dev"]
    assert classes("k8s/secrets.yaml", text.replace("development", "devices").replace("sea-dev", "sea-devices")) == [
        "weak-applied"
    ]


@pytest.mark.parametrize("value", ["tide_jwt_key_for_development_only", "tide_dev"])
def test_words_that_say_development_are_a_value_and_count_where_they_are_deployed(value):
    assert classes("k8s/secret.yaml", SECRET.format(more="", value=value)) == ["weak-applied"]
    assert classes("scripts/fill.sh", f"DB_PASSWORD=${{DB_PASSWORD:-{value}}}\n") == ["dev"]


def test_a_deployed_secret_is_real_though_its_address_is_the_machine_itself():
    address = "postgres://tide:Vq7-rLt2wXz9@localhost:5432/tide"
    secret = SECRET.format(more="", value="x").replace("db-password: x", f"url: {address}")
    assert classes("k8s/secret.yaml", secret) == ["real"]
    assert classes("config/base.toml", f'url = "{address}"\n') == ["dev"]


def test_a_variable_of_a_chart_that_is_set_from_a_file_holds_no_key():
    assert not classes("up.sh", "helm install tide chart --set-file jwt.privateKey=keys/staging/jwt_ed25519.pem\n")


def test_a_word_in_capitals_stands_where_a_password_belongs():
    assert not classes("config/production.toml", 'url = "postgres://tide:PASSWORD@db.tide.io/tide"\n')


@pytest.mark.parametrize("count", [1, 2])
def test_keys_that_the_manuals_of_local_chains_print_are_no_secrets(count):
    known = ["0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"] * count
    assert not classes("run.sh", f'export SIGNER_PRIVATE_KEYS="{",".join(known)}"\n')
    assert classes("run.sh", f'export SIGNER_PRIVATE_KEYS="{known[0][:-3]}aa1"\n') == ["real"]


def test_what_is_to_be_changed_to_ones_own_counts_in_production_alone():
    text = SECRET.format(more="", value="CHANGE_ME_YOUR_WALLET_KEY")
    assert not classes("k8s/base/secret.yaml", text)
    assert classes("k8s/overlays/prod/secret.yaml", text) == ["weak-applied"]
