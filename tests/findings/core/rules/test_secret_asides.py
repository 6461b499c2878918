"""secrets/plaintext: what is told in passing (lists of logins, remarks, edits, numbers), and what serves although it
asks its own machine; and what looks alike.
"""

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Curlew-Shoal-58"
LOW = "heron4471"
K = "r4Tn9LxQ2mWz7KbD"
HEX = "4be1907cd42af38016e9b7d23c0f84aa91d3e6f2"
NUMBER = "640271"
APP = "vkqp ztrm wyhb nlfd"
URL = f"postgres://mill:{V}@localhost:5432/mill"


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


FOUND = {
    "a list of logins": ("deploy/mill.conf", f"MILL_USERS=ada:{LOW},bob:{LOW[::-1]}\n", [1, 1]),
    "one below its name": (
        "values/mill.yaml",
        f'env:\n- name: MILL_USERS\n  value: "ada:{LOW},bob:plainword,eve:{LOW[::-1]}"\n',
        [3, 3],
    ),
    "one of a program": ("a.py", f'ACCOUNTS = "ada:{LOW},bob:{LOW[::-1]}"\n', [1, 1]),
    "a remark": ("a.py", f"# Basic auth (ada:{LOW}@) is added by the proxy\n", [1]),
    "a remark of YAML": ("deploy/a.yaml", f"# basic-auth (ada:{LOW})\na: 1\n", [1]),
    "a remark of a program": ("a.go", f"// log in with `ada:{V}`\n", [1]),
    "an edit": (
        "docs/a.md",
        "sudo sed -i 's/# requirepass foobared/requirepass lathe_cache_pw/' /etc/redis.conf\n",
        [1],
    ),
    "an edit with other marks": ("up.sh", f"sed -ie 's|^db_password=.*|db_password={V}|' app.conf\n", [1]),
    "a value below its name": ("a.rs", 'pub const JWT_SECRET: &[u8] =\n    b"GreyLapwingOverTheWetChalk";\n', [2]),
    "a key in a document": ("README.md", f'{{\n  "Jwt": {{\n    "Key": "{HEX}"\n  }}\n}}\n', [3]),
    "what is called secret": (
        "docs/env.md",
        f'{{\n"key": "trackerCode",\n"value": "mill.{K}{K[::-1]}",\n"type": "secret"\n}}\n',
        [3],
    ),
    "what is called secret first": (
        "a.json",
        f'{{\n"key": "trackerCode",\n"type": "secret",\n"enabled": true,\n"value": "mill.{K}{K[::-1]}"\n}}\n',
        [5],
    ),
    "a password of a program": ("docs/mail.md", f"```\nspring.mail.password={APP}\n```\n", [2]),
    "the third of a call": (
        "A.java",
        f'c = DriverManager.getConnection("jdbc:mysql://db/" + name, "root", "{V}");\n',
        [1],
    ),
    "the third behind a name": ("A.java", f'c = DriverManager.getConnection(URL, "mill", "{V}");\n', [1]),
    "a number": ("a.js", f"const c = redis.createClient({{ password: {NUMBER} }});\n", [1]),
    "a number of some lines": ("a.js", f"createPool({{\n  host: 'db',\n  password: {NUMBER},\n  port: 1\n}})\n", [3]),
    "a program in a comment": ("a.cs", f'//var dbhost = "10.20.7.14";\n//var dbpassword = "{V}";\n', [2]),
}
SILENT = {
    "users and their roles": ("deploy/mill.conf", "MILL_USERS=ada:editor,bob:viewer\n"),
    "users and their groups": ("deploy/mill.conf", "MILL_USERS=ada:group12,bob:group14\n"),
    "users and their numbers": ("deploy/mill.conf", "MILL_USERS=ada:1000042,bob:1000043\n"),
    "a remark of a scheme": ("a.py", "# Basic auth (user:password) is added by the proxy\n"),
    "a name that an edit puts in": ("up.sh", "sed -i 's/db_password=old/db_password=$DB_PASSWORD/' app.conf\n"),
    "any value of an edit": ("up.sh", 'sed -i "s/DB_PASSWORD=.*/DB_PASSWORD=$db_pass/" .env\n'),
    "a key to be filled in": ("docs/a.md", '{\n"value": "{{tracker}}",\n"type": "secret"\n}\n'),
    "a text of another type": ("docs/a.md", f'{{\n"key": "a",\n"value": "mill.{K}{K}",\n"type": "text"\n}}\n'),
    "words of four letters": ("docs/a.md", "password: make sure that your name is not in it\n"),
    "an example of a manual": ("docs/a.md", "mail.password=abcd efgh ijkl mnop\n"),
    "a length": ("a.js", "check({ password: 12 })\nnew Pool({ passwordTimeout: 30000 })\n"),
    "a number that everybody takes": ("a.js", "createClient({ password: 123456 })\n"),
    "no password": ("A.java", 'c = DriverManager.getConnection(URL, "mill", "");\n'),
    "a comment alone": ("a.cs", f'//var dbpassword = "{V}";\n'),
    "a comment of this machine": ("a.cs", f'//var dbhost = "127.0.0.1";\n//var dbpassword = "{V}";\n'),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_told_in_passing_is_found(name: str) -> None:
    path, text, found = FOUND[name]
    assert classes(path, text) == [(line, "real") for line in found]


@pytest.mark.parametrize("name", SILENT)
def test_what_looks_alike_is_none(name: str) -> None:
    assert classes(*SILENT[name]) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (".env.production", "real"),
        ("deploy/prod.env", "real"),
        ("docs/deployment.md", "real"),
        ("docs/setup.md", "dev"),
        (".env", "dev"),
        (".env.production.example", "dev"),
        ("src/db.py", "dev"),
    ],
)
def test_a_machine_that_asks_itself_is_one_for_development_but_in_production(path: str, said: str) -> None:
    assert classes(path, f'DATABASE_URL="{URL}"\n') == [(1, said)]


def test_a_document_tells_people_what_to_sign_in_with() -> None:
    command = f"`curl -u ada:{V} http://localhost:8080/health`\n"
    assert classes("README.md", command) == [(1, "real")]
    assert classes("check.sh", command.strip("`\n")) == [(1, "dev")]
