"""secrets/plaintext: what single tools take, in lists, scripts, SQL and addresses, and what notes tell of signing in."""

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "QuayHeron41"
TOKEN = "q3Zx8sKf0aLw7vNb2mYt5uRc9eGh1dJp4oXi6kTzWqE-Rt7yUiOpAsDf"


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


FOUND = {
    "a list of arguments": ("k8s/a.yaml", f'command: ["redis-cli", "-a", "{V}", "ping"]\n'),
    "a list for MySQL": ("k8s/a.yaml", f'command: ["mysqladmin", "ping", "-p{V}"]\n'),
    "what a script takes otherwise": ("run.sh", f"PASSWORD=${{1:-{V}}}\n"),
    "a key of Vault": ("run.sh", f"vault login s.{V}xyz\n"),
    "piped into sudo": ("run.sh", f"echo {V} | sudo -S systemctl restart shop\n"),
    "a key of pgcrypto": ("db/a.sql", f"SELECT pgp_sym_encrypt(email, '{V}') FROM staff;\n"),
    "a setting of a database": ("db/a.sql", f"ALTER DATABASE shop SET \"app.jwt_secret\" TO '{V}';\n"),
    "an address of Discord": ("a.yaml", f"hook: https://discord.com/api/webhooks/112233445566778899/{TOKEN}\n"),
    "an address of Feishu": (
        "a.py",
        'URL = "https://open.feishu.cn/open-apis/bot/v2/hook/5f0c9e2a-8b1d-4c6e-9a37-d2e4f6a8b0c1"\n',
    ),
    "somebody's address": ("docs/a.md", f"The panel: ada@shop.io / {V}\n"),
    "in brackets": ("docs/a.md", f"Then `ssh root@10.1.2.3` (password {V})\n"),
    "a token with a bar": ("docs/a.md", f"curl -H 'Authorization: Bearer 5901|{TOKEN}' https://shop.io\n"),
    "a word that Flask signs with": ("app.py", "app.secret_key = 'whiteHeron'\n"),
    "a word that a library signs with": ("a.ts", 'const token = jwt.sign(payload, "lighthouse");\n'),
    "a word as a key of Rust": ("a.rs", 'EncodingKey::from_secret("lighthouse".as_bytes())\n'),
    "a word as an option": ("run.sh", "mysqldump --user=shop --password=lighthouse shop > a.sql\n"),
    "a word as an option in a manual": ("docs/a.md", "tool --db-password=lighthouse\n"),
    "a word as an option within a program": ("a.py", 'run("mysqldump --user=shop --password=lighthouse shop")\n'),
    "a row of the keyboard with another number": ("a.py", 'DB_PASSWORD = "qwer20"\n'),
}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found_where_a_tool_takes_it(name):
    assert classes(*FOUND[name]) == [(1, "real")]


SILENT = {
    "a variable in a list": ("k8s/a.yaml", 'command: ["redis-cli", "-a", "$(REDIS_PASSWORD)", "ping"]\n'),
    "a variable of compose": ("compose.prod.yml", 'test: ["CMD", "mysqladmin", "ping", "-p$$MYSQL_PASSWORD"]\n'),
    "a port in a list": ("k8s/a.yaml", 'command: ["mysql", "-P", "3306", "-p", "$DB_PASSWORD"]\n'),
    "a number that a script takes": ("run.sh", "REPLICAS=${1:-QuayHeron41}\nPASSWORD=${1:-$DB_PASSWORD}\n"),
    "an option of Vault": ("run.sh", "vault login -method=oidc role=dev\nvault login $VAULT_TOKEN\n"),
    "a setting that is asked for": ("db/a.sql", "SELECT pgp_sym_encrypt(email, current_setting('app.key'));\n"),
    "a size": ("db/a.sql", "ALTER SYSTEM SET max_connections TO '200connections';\n"),
    "an address to be filled in": (
        "docs/a.md",
        "https://discord.com/api/webhooks/112233445566778899/your-webhook-token-goes-here-please\n",
    ),
    "somebody's telephone": ("docs/a.md", "Write to ada@shop.io / +49 30 1234567 or ben@shop.io / Berlin\n"),
    "a rule": ("docs/a.md", "Sign in (password required, pass 2 of 3)\n"),
    "a default user of notes": ("docs/DEV.md", "| User | Password |\n|---|---|\n| a@shop.io | user123 |\n"),
    "a page of notes": ("docs/ENV.md", "GRAFANA_ADMIN_PASSWORD=dev_admin_pass\n"),
    "what an option asks for": (
        "run.sh",
        "tool --password=prompt --db-password=PASSWORD --password=$PW --token=lighthouse\n",
    ),
    "what a program fills in": ("a.py", 'run("tool --password={} --password=%s --password=<pw> --password=VALUE")\n'),
    "a key's own name": ("app.py", "app.secret_key = 'secret_key'\n"),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_only_stands_at_such_a_place_is_none(name):
    assert classes(*SILENT[name]) == []


def test_what_a_manual_signs_in_with_is_for_development_if_it_only_says_what_it_is():
    assert classes("docs/a.md", "docker exec -it cache redis-cli -a redispwd ping\n") == [(1, "dev")]
    assert classes("docs/a.md", "REDIS_PASSWORD=redispwd\nredis-cli -a your-password ping\n") == []
