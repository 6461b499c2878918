"""secrets/plaintext: weak values that are in use as they stand, and those that somebody is to replace or that sign
nobody in.
"""

import base64

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Curlew-Shoal-58"
AWS = "pR7mKx2Qz9LwTn4VbY8cJd1HsF6gUaE3oXiKtQ5M"
EXAMPLE = "AKIA" + "QMILLXX7" + "EXAMPLE"
AZURITE = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\n{part}:\n"
USERS = "<clickhouse>\n<users>\n<mill>\n<password>clickhouse_admin</password>\n</mill>\n</users>\n</clickhouse>\n"
SSHPASS = 'LATHE_PASS="harbor"\n\nsshpass -p "${LATHE_PASS}" ssh ops@10.20.7.14\n'
GRANT = "mariadb -e \"GRANT ALL ON mill.* TO 'mill'@'%' IDENTIFIED BY 'mysecret4';\"\n"
VARIABLES = 'name = "mill"\nenvironment = "{of}"\ndb_password = "password123"\n'


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


USED = {
    "a word in an image": ("db/Dockerfile", "FROM mysql:8\nENV MYSQL_ROOT_PASSWORD 1234\n", 2),
    "one with a mark": ("db/Dockerfile", "FROM mysql:8\nENV MYSQL_ROOT_PASSWORD=mysql\n", 2),
    "a unit": ("roles/mill/mill.service", "[Service]\nEnvironment=SESSION_SECRET=secret\n", 2),
    "a user of an image": ("nginx/setup.sh", 'echo "root:root" | chpasswd\n', 1),
    "a grant": ("provision.sh", GRANT, 1),
    "a user of SQL": ("sql/base.sql", "CREATE USER 'mill'@'%' IDENTIFIED BY 'abcd';\n", 1),
    "a Secret that a script makes": (
        "provision.sh",
        "kubectl create secret generic mill --from-literal=admin-password=mysecret4\n",
        1,
    ),
    "users of ClickHouse": ("clickhouse/users.xml", USERS, 4),
    "another machine": ("a.cs", 'var c = @"Data Source=10.20.7.14\\sql;User ID=sa;Password=123456;";\n', 1),
    "a constant that signs": ("src/jwt.rs", 'const JWT_SECRET: &[u8] = b"secret";\n', 1),
    "what is handed on": ("scripts/sync.sh", SSHPASS, 1),
    "settings for production": ("config/production.toml", '[db]\nurl = "postgres://postgres:postgres@db/mill"\n', 2),
    "variables for production": ("terraform.tfvars", VARIABLES.format(of="production"), 3),
    "a password by its user": (
        "deploy/k8s/a.yaml",
        SECRET.format(name="mill-passwords", part="data") + f"  root: {b64('root_password')}\n",
        6,
    ),
    "a Secret that is only weak": (
        "deploy/k8s/a.yaml",
        SECRET.format(name="mill", part="stringData") + "  JWT_SECRET: change-me-mill\n",
        6,
    ),
    "what was to be replaced, in production": (
        "k8s/overlays/production/a.yaml",
        SECRET.format(name="mill", part="stringData") + "  JWT_SECRET: your-jwt-secret-change-me\n",
        6,
    ),
}


@pytest.mark.parametrize("name", USED)
def test_a_weak_value_in_use_is_applied(name: str) -> None:
    path, text, line = USED[name]
    assert classes(path, text) == [(line, "weak-applied")]


UNUSED = {
    "an image for development": ("docker/local/Dockerfile", USED["a word in an image"][1]),
    "an argument of an image": ("db/Dockerfile", "FROM mysql:8\nARG MYSQL_ROOT_PASSWORD=mysql\n"),
    "an image of an example": ("examples/db/Dockerfile", USED["a word in an image"][1]),
    "a database of compose": ("docker/init.sql", USED["a user of SQL"][1]),
    "a database in a container": ("up.sh", f"docker exec db {GRANT}"),
    "a grant of a document": ("docs/a.md", GRANT),
    "a job of CI": (".github/workflows/up.sh", GRANT),
    "a Secret to be changed": (
        "provision.sh",
        "kubectl create secret generic mill --from-literal=admin-password=changeme\n",
    ),
    "a Secret that nobody makes": (
        "a.sh",
        "kubectl create secret generic mill --from-literal=password=mysecret4 --dry-run=client -o yaml\n",
    ),
    "users in a comment": ("clickhouse/users.xml", USERS.replace("<mill>", "<!--").replace("</mill>", "-->")),
    "this machine": ("a.cs", 'var c = "Data Source=127.0.0.1;User ID=sa;Password=123456;";\n'),
    "the name of a setting": ("src/jwt.rs", 'const JWT_SECRET: &str = "jwt_secret";\n'),
    "what nobody hands on": ("scripts/sync.sh", 'LATHE_PASS="harbor"\n'),
    "settings for tests": ("config/test.toml", USED["settings for production"][1]),
    "variables for trying": ("terraform.tfvars", VARIABLES.format(of="sandbox")),
    "who is called": (
        "deploy/k8s/a.yaml",
        SECRET.format(name="mill-passwords", part="data") + f"  username: {b64('root_password')}\n",
    ),
    "words of another Secret": (
        "deploy/k8s/a.yaml",
        SECRET.format(name="mill", part="data") + f"  root: {b64('root_password')}\n",
    ),
    "to be replaced": (
        "deploy/k8s/a.yaml",
        "# Replace the values before applying.\n"
        + SECRET.format(name="mill", part="data")
        + f"  DB_PASSWORD: {b64('changeme')}\n",
    ),
    "how to make one": (
        "deploy/k8s/a.yaml",
        SECRET.format(name="mill", part="stringData") + "  JWT_SECRET: CHANGE_ME_BY_OPENSSL_RAND_HEX_32\n",
    ),
    "one of an emulator": (
        "k8s/a.yaml",
        SECRET.format(name="mill", part="stringData") + "  AWS_SECRET_ACCESS_KEY: test\n",
    ),
    "values of a chart that takes a Secret": (
        "helm/values-prod.yaml",
        "database:\n  password: CHANGE_ME_MILL\n  existingSecret: mill-db\n",
    ),
    "AWS's own example": ("docs/a.md", f"--from-literal=access_key={EXAMPLE} --from-literal=b={AWS[:-10]}EXAMPLEKEY\n"),
    "a bad habit": ("docs/a.md", "- `kubectl create secret generic a --from-literal=password=actualValue`\n"),
    "the key of an emulator": ("config.py", f'C = "AccountName=mill;AccountKey={AZURITE};"\n'),
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_is_tried_out_replaced_or_signs_nobody_in_is_not(name: str) -> None:
    assert "weak-applied" not in dict(classes(*UNUSED[name])).values()
    assert "real" not in dict(classes(*UNUSED[name])).values()


def test_real_values_stand_in_templates_and_beside_other_secrets() -> None:
    text = "# Replace the values before applying.\n" + SECRET.format(name="mill", part="stringData")
    assert classes("deploy/k8s/a.yaml", f"{text}  DB_PASSWORD: {V}\n  B_PASSWORD: changeme\n") == [(7, "real")]
    values = f"database:\n  password: {V}\n  existingSecret: mill-db\n"
    assert classes("helm/values-prod.yaml", values) == [(2, "real")]
    assert classes("a.env", f"AWS_ACCESS_KEY_ID=AKIAQ7MZ4TRWL2XKD5VN\nAWS_SECRET_ACCESS_KEY={AWS}\n") == [
        (1, "real"),
        (2, "real"),
    ]


def test_a_key_of_access_is_who_signs_in() -> None:
    head = SECRET.format(name="mill", part="stringData")
    both = f"{head}  s3-access-key: minioadmin\n  s3-secret-key: minioadmin\n"
    assert classes("deploy/k8s/a.yaml", both) == [(7, "weak-applied")]
    assert classes("deploy/k8s/a.yaml", f"{head}  s3-access-key: minioadmin\n") == [(6, "weak-applied")]


def test_what_is_typed_below_a_heading_about_development_is_for_development() -> None:
    typed = f"```bash\nredis-server --requirepass '{V}'\nredis-cli -a '{V}' ping\n```\n"
    assert classes("README.md", f"### Local development\n\n{typed}") == [(4, "dev"), (5, "dev")]
    assert classes("README.md", f"## Local development\n\n## Operation\n\n{typed}") == [(6, "real"), (7, "real")]


def test_a_command_in_a_container_of_compose_is_for_development() -> None:
    assert classes("justfile", f"redis:\n    docker-compose exec redis redis-cli -a {V}\n") == [(2, "dev")]
    assert classes("justfile", f"redis:\n    redis-cli -h cache.mill.io -a {V}\n") == [(2, "real")]
