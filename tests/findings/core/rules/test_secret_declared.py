"""secrets/plaintext: what is declared to be kept secret, what is typed at a prompt or over several lines, and what only
looks like a credential: what is published, asked for, or said to be for development.
"""

import base64
import json

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Curlew-Shoal-58"
K = "r4Tn9LxQ2mWz7KbD5vHs"
WORD = "oystercatcher"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: mill\nstringData:\n"
VARIABLE = 'variable "{name}" {{\n  type      = string\n  sensitive = true\n  default   = "{value}"\n}}\n'
JWT = "jwt:\n  secret: {value} # signs\n  issuer: mill\n  {life}\n"


def token(**claims: object) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    said = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*said, "kX9thirteenZr8mT2wkX9thirteenZr8mT2wQqLz7Rw"])


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


FOUND = {
    "a variable": ("sensitive.tf", VARIABLE.format(name="sluice", value=V), 4),
    "one that is said to be so below": (
        "a.tf",
        f'variable "sluice" {{\n  default = "{V}"\n  type = string\n  sensitive = true\n}}\n',
        2,
    ),
    "a parameter of CloudFormation": (
        "stack.yaml",
        f"Parameters:\n  Sluice:\n    Type: String\n    NoEcho: true\n    Default: {V}\n",
        5,
    ),
    "one of JSON": ("stack.json", f'{{"Sluice": {{"NoEcho": true, "Type": "String", "Default": "{V}"}}}}\n', 1),
    "one of ARM": ("azure.json", f'{{"sluice": {{"type": "secureString", "defaultValue": "{V}"}}}}\n', 1),
    "one of Bicep": ("main.bicep", f"@secure()\nparam sluice string = '{V}'\n", 2),
    "one of Jenkins": ("Jenkinsfile", f"password(name: 'SLUICE', defaultValue: '{V}', description: '')\n", 1),
    "one that Ansible asks for": (
        "play.yml",
        f"vars_prompt:\n  - name: sluice\n    private: yes\n    default: {V}\n",
        4,
    ),
    "a prompt": ("docs/a.rst", f"   10.20.7.14:7000> AUTH {WORD}\n", 1),
    "a prompt with a user": ("docs/a.md", f"cache.mill.io:6379> auth ada {V}\n", 1),
    "a setting at a prompt": ("docs/a.md", f'10.20.7.14:7000> CONFIG SET requirepass "{WORD}"\n', 1),
    "an order of a document": ("docs/a.md", f"Redis wants `AUTH {WORD}` first.\n", 1),
    "a setting of a document": ("docs/a.md", f"```\nrequirepass {V}\n```\n", 2),
    "a shell of MongoDB": ("docs/a.md", f'> db.auth("ada", "{V}")\n', 1),
    "curl over lines": (
        "a.sh",
        f"curl -X GET https://mill.io/api \\\n  -H 'Accept: a/b' \\\n  -u ada:{WORD} \\\n  -s\n",
        3,
    ),
    "mysql over lines": ("a.sh", f"mysql -h db.mill.io \\\n  -u root \\\n  -p{V} mill\n", 3),
    "a cache over lines": ("docs/a.md", f"redis-cli -h cache.mill.io \\\n  -a {V} ping\n", 2),
    "a registry over lines": ("a.sh", f"docker login r.mill.io \\\n  -u ada \\\n  -p {V}\n", 3),
    "a script that signs in": ("up.sh", f"./roll-out.sh root@198.51.100.7 /srv -p '{K}'\n", 1),
    "a setting in a comment of Java": (
        "src/main/java/com/test/TestApp.java",
        f"/*\nspring.datasource.password={K}\n*/\n",
        2,
    ),
    "a question to a database": (
        "A.kt",
        f"/*\nurl=jdbc:postgresql://db.mill.io:5432/mill?user=ada&password={K}&ssl=true\n*/\n",
        2,
    ),
    "a header of two texts": ("A.kt", f'.addHeader("Authorization","Bearer "+"{K}")\n', 1),
    "one of PHP": ("a.php", f"$h = ['Authorization: Bearer ' . '{K}'];\n", 1),
    "one of Rust": ("a.rs", f'let h = "Bearer ".to_string() + "{K}";\n', 1),
    "one that is formatted": ("a.go", f'h := fmt.Sprintf("Bearer %s", "{K}")\n', 1),
    "a password with an at sign": ("a.go", f'orm.Register("mysql", "mill:{V}@#@tcp(10.20.7.14:3306)/mill")\n', 1),
    "one of this machine": ("a.go", f'sql.Open("mysql", "mill:{V}@/mill?x=1")\n', 1),
    "a robot": ("a.py", f'HOOK = "https://oapi.dingtalk.com/robot/send?access_token={K.lower() * 2}"\n', 1),
    "a hook": ("a.py", f'HOOK = "https://maker.ifttt.com/trigger/mill/with/key/{K}"\n', 1),
    "a default in a document": ("docs/a.md", f"K = os.environ.get('MILL_PASSWORD', \"@{V}!q\")\n", 1),
    "a default of a script in a document": ("docs/a.md", f'`process.env.MILL_PASSWORD || "{V}"`\n', 1),
    "a value below its name": ("docs/a.md", f"Key (Name):   JWT_SECRET\nValue (Data): {K}\n", 2),
    "a code of a provider of mail": (
        "mail.go",
        'smtp.PlainAuth("", "ada@mill.io", "QZTKRWBNHLXVDPCG", "smtp.mill.io")\n',
        1,
    ),
    "a key of mashed keys": ("config.yaml", 'clientMd5Key: "kjhgfdwqrtzxcvbnmkjhgf"\n', 1),
    "a token that begins with zeros": ("Dockerfile", f'ENV MILL_USER_TOKEN "{"A" * 22}{K}%3D{K[::-1]}"\n', 1),
    "a key that lasts": ("config.yaml", JWT.format(value="gull", life="expire: 7200"), 2),
    "one of a section": ("app.ini", f"[jwt]\nsecret = {WORD}\nttl = 60\n", 2),
    "a key that lasts in a program": ("a.js", "jwt: {\n  secret: 'Oystercatcher',\n  expiresIn: '7d'\n}\n", 2),
    "an address of an interface": ("a.py", f'u = "https://api.mill.io/v1/tides?a=1&api_key={K}"\n', 1),
    "a user of Windows": ("a.bat", f"net user ada {V} /add\n", 1),
    "a store of .NET": ("a.sh", f'dotnet user-secrets set "Db:Password" "{V}"\n', 1),
    "another client of a cache": ("a.sh", f"valkey-cli -h cache.mill.io -a {V} ping\n", 1),
    "one who signs in over lines": ("a.sh", f"sshpass \\\n  -p '{V}' \\\n  ssh root@198.51.100.7\n", 2),
    "a parameter that says so below": (
        "stack.json",
        f'{{"Sluice": {{"Type": "String", "Default": "{V}", "NoEcho": true}}}}\n',
        1,
    ),
    "a list of users": ("pgbouncer/userlist.txt", '"ada" "greyest_password_yet"\n', 1),
    "a managed database": (
        "group_vars/all.yml",
        "db_host: rc1a-7.mdb.cloud.net\ndb_name: mill-web\ndb_user: mill-web\ndb_password: mill-web\n",
        4,
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_value_is_found_where_its_place_says_that_it_is_secret(name: str) -> None:
    path, text, line = FOUND[name]
    assert classes(path, text) == [(line, "real")]


SILENT = {
    "a user that is kept secret": ("a.tf", VARIABLE.format(name="db_username", value="lapwing7")),
    "a region": ("a.tf", VARIABLE.format(name="sluice", value="eu-west-1")),
    "a variable for all to see": ("a.tf", VARIABLE.format(name="sluice", value=V).replace("true", "false")),
    "a variable to be set": ("a.tf", VARIABLE.format(name="sluice", value="your-token-2")),
    "another variable": ("a.tf", f'variable "a" {{\n  sensitive = true\n}}\nvariable "b" {{\n  default = "{V}"\n}}\n'),
    "a parameter that is echoed": (
        "stack.yaml",
        f"Parameters:\n  Sluice:\n    Type: String\n    NoEcho: false\n    Default: {V}\n",
    ),
    "a string of ARM": ("azure.json", f'{{"sluice": {{"type": "string", "defaultValue": "{V}"}}}}\n'),
    "a way to sign in": ("docs/a.md", "Redis speaks no `AUTH LOGIN`, and `AUTH PLAIN` is of mail.\n"),
    "mail": ("docs/a.md", f"Send `AUTH {WORD}` to the server of mail.\n"),
    "a prompt of a manual": ("docs/a.md", "10.20.7.14:6379> AUTH <password>\n10.20.7.14:6379> AUTH foobared\n"),
    "ports over lines": ("a.sh", "docker run -d \\\n  -p 18080:8080 \\\n  -u ada:staff mill\n"),
    "a folder over lines": ("a.sh", "install mysql-data \\\n  && mkdir -p backup2024\n"),
    "a port": ("up.sh", "ssh ops@mill.io -p 22022222\n"),
    "a folder elsewhere": ("up.sh", "ssh ops@mill.io mkdir -p releases20240131\n"),
    "a property of a program": ("a.py", "self.mill.password=field1\napp.forms.password=field2\n"),
    "a name of a password": ("a.go", '"mill:password@/mill"\n'),
    "a header without one": ("a.kt", '.addHeader("Authorization", "Bearer " + "accessTokenOfThisUser")\n'),
    "a published key": ("a.kt", f'const val API_KEY = "phc_{K}{K}"\n'),
    "a publishable key": ("a.ts", f'const apiKey = "sb_publishable_{K}";\n'),
    "a key of a demonstration": ("a.kt", 'const val API_KEY = "reqres-free-v1"\n'),
    "a key for everybody": ("up.ps1", f'"{token(iss="supabase", role="anon")}" | vercel env add A_KEY\n'),
    "the alphabet": ("alerts.yml", "auth_password: abcdefghijklmnop\n"),
    "a place for one": ("vars.yml", "mill_password: passwordhere\n"),
    "how it is encoded": ("k8s/a.yaml", f'{SECRET}  TSIG_SECRET: "base64-encoded-secret"\n'),
    "what it is to become": ("k8s/a.yaml", f'{SECRET}  jwt_secret: "change-this-to-a-long-random-string"\n'),
    "yours": ("k8s/a.yaml", f'{SECRET}  JWT_SECRET: "your-jwt-secret-change-me-in-production"\n'),
    "yours in a program": ("a.rs", 'const JWT_SECRET: &str = "your-secret-jwt-key-change-this-later";\n'),
    "a host of a manual": ("docs/a.md", "mongodb+srv://mill:mypassword123@cluster0.abc123.mongodb.net/mill\n"),
    "a value below another name": ("docs/a.md", f"Key (Name):   MILL_COLOUR\nValue (Data): {K}\n"),
    "what a page keeps": ("docs/a.md", "localStorage.setItem('token', 'jwt_heron4471');\n"),
    "a default to be changed": ("docs/a.md", '`os.getenv("MILL_SECRET", "change-me-22")`\n'),
    "a user of Windows": ("a.bat", "net user ada /delete\nnet user ada * /add\n"),
    "an address with a token of nobody": ("a.py", 'u = "https://api.mill.io/v1?api_key=YOUR_API_KEY_GOES_HERE_1"\n'),
    "an address to be completed": ("a.py", 'u = f"https://api.mill.io/v1?api_key={key1}"\n'),
    "a Secret with its lifetime": ("a.yaml", JWT.format(value="millsecret", life="ttl: 60")),
    "rows of words": ("en.txt", '"login" "Sign1n-Now"\n"ok" "OK_button_2"\n'),
    "a name of a Secret": ("a.yaml", JWT.format(value="mill-jwt", life="expire: 7200")),
    "a word that nothing lasts beside": ("a.yaml", JWT.format(value="gull", life="realm: mill")),
    "rows of another list": ("strings.txt", '"ada" "greyest_password_yet"\n'),
    "a word of capitals": ("a.go", 'smtp.PlainAuth("", "ada@mill.io", "NOTAUTHENTICATED", "smtp.mill.io")\n'),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_only_looks_alike_is_not(name: str) -> None:
    assert classes(*SILENT[name]) == []


LOWER = {
    "for debugging": ("a.rs", f'/// Debug only secret of tokens.\nconst SECRET: &str = "{K}";\n', 2),
    "for development": ("a.ts", f'const apiSecret = "{K}"; // for dev, not for production\n', 1),
    "a prompt of this machine": ("docs/a.md", f"127.0.0.1:6379> AUTH {V}\n", 1),
    "a database on this machine": (
        "group_vars/all.yml",
        "db_host: mill.svc.local\ndb_user: mill-web\ndb_password: mill-web\n",
        3,
    ),
}


@pytest.mark.parametrize("name", LOWER)
def test_what_is_said_to_be_for_development_is(name: str) -> None:
    path, text, line = LOWER[name]
    assert classes(path, text) == [(line, "dev")]


@pytest.mark.parametrize("host", ["sql01", "db-prod", "prod-sql"])
def test_a_weak_password_for_a_machine_that_serves_is_applied(host: str) -> None:
    said = f'$c = "Server={host};Database=mill;User Id=sa;Password=R00tP@ss;"\n'
    assert classes("up.ps1", said) == [(1, "weak-applied")]
    assert classes("up.ps1", said.replace(host, "sql")) == [(1, "dev")]


def test_an_object_around_a_private_key_is_no_other_credential() -> None:
    key = base64.b64encode(b"\x30\x82\x01\x00" + bytes(range(256))).decode()
    account = {
        "type": "service_account",
        "project_id": "mill",
        "private_key_id": "4be1907cd42af38016e9b7d23c0f84aa91d3e6f2",
        "private_key": f"-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n",
        "client_email": "sluice@mill.iam.gserviceaccount.com",
        "client_id": "104729104729104729104",
    }
    assert classes("a.json", json.dumps(account, indent=2) + "\n") == [(5, "real")]
