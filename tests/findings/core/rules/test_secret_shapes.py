"""secrets/plaintext: settings within settings, maps in a line, passwords of two words, options above their field, who
signs in beside a word; and what looks alike.
"""

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Curlew-Shoal-58"
K = "r4Tn9LxQ2mWz7KbD"
WORD = "lapwing"
ID = "AKIAQ7MZ4TRWL2XKD5VN"
AWS = "pR7mKx2Qz9LwTn4VbY8cJd1HsF6gUaE3oXiKtQ5M"


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


FOUND = {
    "a stack's setting": ("Pulumi.prod.yaml", f"config:\n  mill:dbPassword: {V}\n", [2]),
    "a setting within a setting": (
        "appsettings.json",
        f'{{\n  "Jwt:Key": "{K}{K}",\n  "Smtp:Password": "{V}"\n}}\n',
        [2, 3],
    ),
    "one that a program sets": ("Program.cs", f'cfg["Jwt:Key"] = "{K}{K}";\n', [1]),
    "one that a program is handed": (
        "Program.cs",
        f'Environment.SetEnvironmentVariable("Smtp:Password", "{V}");\n',
        [1],
    ),
    "tokens in a line of Terraform": ("main.tf", f'tokens = {{ loki = "{K}", tempo = "{K[::-1]}" }}\n', [1, 1]),
    "tokens in a line of YAML": ("config/a.yaml", f"tokens: {{ loki: {K}, tempo: {K[::-1]} }}\n", [1, 1]),
    "keys in a line of a program": ("a.js", f"const a = {{ apiKeys: {{ mill: '{K}', b: 1 }} }}\n", [1]),
    "passwords in a line": ("main.tf", f'passwords = {{ mill = "{V}", name = "lathe" }}\n', [1]),
    "a table in a line": ("config/a.toml", f'db = {{ user = "mill", password = "{WORD}" }}\n', [1]),
    "two words": ("deploy/mill.env", "DB_PASSWORD=grey lapwing\nMAIL_PASS='wet chalk'\n", [1, 2]),
    "two words in quotes": ("my.cnf", '[client]\npassword = "grey lapwing"\n', [2]),
    "two words of YAML": ("config/db.yaml", "db:\n  password: grey lapwing\n", [2]),
    "two words in a list of YAML": ("deploy/compose.prod.yml", "a:\n  environment:\n    - DB_PASS=grey lapwing\n", [3]),
    "two words of a script": ("up.sh", 'PGPASSWORD="grey lapwing" psql -h db\n', [1]),
    "two words of SQL": ("a.sql", "CREATE ROLE mill LOGIN PASSWORD 'grey lapwing';\n", [1]),
    "two words that sign": ("a.rs", 'let k = EncodingKey::from_secret("grey lapwing".as_bytes());\n', [1]),
    "two words that sign, by name": ("a.rs", 'const JWT_SECRET: &[u8] = b"grey lapwing";\n', [1]),
    "two words of a network": ("wifi.conf", 'network={\n  psk="grey lapwing"\n}\n', [2]),
    "words with a number in a program": ("a.rs", 'let password = "grey lapwing 4417 chalk";\n', [1]),
    "a default of two words": ("a.rs", 'env::var("DB_PASSWORD").unwrap_or_else(|_| "grey lapwing".into());\n', [1]),
    "an option above its field": (
        "src/cli.rs",
        f'#[arg(long, default_value = "{V}")]\n/// of the mill\n#[serde(skip)]\npub db_password: String,\n',
        [1],
    ),
    "an option that is made": (
        "src/cli.rs",
        f'#[clap(long, default_value_t = String::from("{V}"))]\nsmtp_password: String,\n',
        [1],
    ),
    "a default of a property": (
        "A.java",
        f'@ConfigProperty(name = "db.password", defaultValue = "{V}") String p;\n',
        [1],
    ),
    "a default of a field of Go": ("a.go", f'\tPassword string `json:"p" default:"{V}"`\n', [1]),
    "a store of cookies": ("a.go", f's := sessions.NewCookieStore([]byte("{V}-cookies"))\n', [1]),
    "a session": ("a.js", "app.use(session({ secret: 'grey lapwing', resave: false }))\n", [1]),
    "claims before a key": ("a.py", f'jwt.encode({{"sub": 1}}, "{WORD}wing", algorithm="HS256")\n', [1]),
    "a key of cookies": ("a.rs", f'let k = Key::from(b"{K}{K}{K}{K}");\n', [1]),
    "a user in the call before": ("a.rs", f'opts.username("mill").password("{WORD}")\n', [1]),
    "a host in a call": ("a.rs", f'opts.host("db")\n    .password("{WORD}")\n', [2]),
    "a long word that is handed over": ("a.rs", '.with_password(Some("lapwingmoor".to_string()))\n', [1]),
    "a user beside an option": ("up.sh", f"nats pub a b --user mill --password {WORD}\n", [1]),
    "a user beside an option of one dash": ("up.sh", f"influx -username mill -password {WORD}\n", [1]),
    "a user in a row of settings": ("up.sh", f"mount -t cifs //a/b /m -o username=mill,password={WORD}\n", [1]),
    "a host of an inventory": ("hosts.ini", f"10.0.0.7 ansible_user=mill ansible_password={WORD}\n", [1]),
    "a broker's user": (
        "definitions.json",
        f'{{"users": [{{"name": "mill", "password": "{WORD}", "tags": ""}}]}}\n',
        [1],
    ),
    "a driver's three": ("a.py", f'pymysql.connect("db", "mill", "{WORD}", "shop")\n', [1]),
    "an option that takes nothing else": ("up.sh", f"gpg --batch --passphrase {WORD} -d a\n", [1]),
    "a server's option": ("deploy/compose.prod.yml", f"a:\n  command: redis-server --requirepass {WORD}\n", [2]),
    "Oracle's thin driver": ("a.properties", f"url=jdbc:oracle:thin:mill/{V}@//db:1521/M\n", [1]),
    "sqlplus": ("up.sh", f"sqlplus -S mill/{V}@db\n", [1]),
    "rabbitmqadmin": ("up.sh", f"rabbitmqadmin -u mill -p {V} list queues\n", [1]),
    "SQL of Microsoft": ("a.sql", f"ALTER LOGIN mill WITH PASSWORD = N'{V}';\n", [1]),
    "SQL of MySQL": ("a.sql", f"SET PASSWORD FOR 'mill'@'%' = PASSWORD('{WORD}');\n", [1]),
    "a header of a data source": ("g.yaml", f"secureJsonData:\n  httpHeaderValue1: Bearer {K}\n", [2]),
    "a signing of Gradle": ("a.gradle", f"a {{ release {{ storePassword '{WORD}' }} }}\n", [1]),
    "behind an id": ("a.rs", f'Credentials::new("{ID}", "{AWS}", None)\n', [1, 1]),
    "behind an id in a table": ("keys.csv", f"id,secret\n{ID},{AWS}\n", [2]),
    "behind an id in a note": ("a.md", f"the key {ID} / {AWS}\n", [1]),
    "an id beside its secret": (
        "credentials",
        f"[a]\naws_access_key_id = {ID}\naws_secret_access_key = {AWS}\n",
        [2, 3],
    ),
    "a note": ("a.md", f"Login: mara@mill.io / {WORD}\n", [1]),
    "a note in a file of text": ("a.txt", f"login: mara@mill.io / {WORD}\n", [1]),
    "a note of an administrator": ("a.md", "Grafana login: admin / Grey-Lapwing\n", [1]),
    "a Chinese note": ("a.md", "后台登录：root / haiou2019\n", [1]),
    "a Chinese sentence": ("a.md", "磨坊数据库密码是 haiou88\n", [1]),
    "a sentence": ("a.md", "root password for the NAS: lapwing7\n", [1]),
    "a network's note": ("a.md", "- wifi: MillGuest / Chalk&Time88\n", [1]),
    "a user in a sentence": ("a.md", f"Staging: user `mara`, password `{WORD}`\n", [1]),
    "a user on the line before": ("a.md", f"Username: mara\nPassword: {WORD}\n", [2]),
}


@pytest.mark.parametrize("name", FOUND)
def test_every_shape_is_found(name):
    path, text, rows = FOUND[name]
    assert classes(path, text) == [(row, "real") for row in rows]


SILENT = {
    "what a stack seals": (
        "Pulumi.prod.yaml",
        f"config:\n  mill:dbPassword:\n    secure: AAABAK{K}{K}\n  mill:tokenTtl: 15m\n",
    ),
    "a type of AWS": (
        "a.yaml",
        "Type: AWS::SecretsManager::Secret\nArn: arn:aws:secretsmanager:eu:1234:secret:mill-Ab7\n",
    ),
    "scopes": ("a.ts", 'const a = ["read:token", "write:token"];\nconst b = { "user:password": "change" };\n'),
    "a setting that is read": ("a.cs", 'var key = cfg["Jwt:Key"] ?? throw new Exception("Jwt:Key is missing");\n'),
    "a key of a cache": ("a.ts", 'redis.get("session:token:abc"); emit("session:token", "refresh");\n'),
    "a map of variables": ("a.tf", "tokens = { a = var.a, b = local.b }\nkeys = { id = aws_kms_key.a.arn }\n"),
    "a map of names": (
        "a.tf",
        'passwords = { a = "${random_password.a.result}", b = "" }\nsecrets = { a = "mill-db" }\n',
    ),
    "a map of labels": ("a.js", "passwords: { title: 'Passwords', weak: 'Too_weak' }, keys: { next: 'ArrowRight' }\n"),
    "a map of public keys": ("a.tf", f'keys = {{ a = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{K}" }}\n'),
    "packages": ("package-lock.json", f'{{"js-tokens": {{"integrity": "sha512-{K}{K}"}}}}\n'),
    "remarks": (
        "deploy/mill.env",
        "DB_PASSWORD=ask bob\nA_PASSWORD='see vault'\nB_PASSWORD=same as above\nC_SECRET='stored in 1password'\n",
    ),
    "a remark of YAML": (
        "values.yaml",
        "a:\n  password: managed externally\n  token: some text\n  passwordHelp: choose wisely\n",
    ),
    "remarks of SQL": (
        "a.sql",
        "COMMENT ON COLUMN u.password IS 'grey lapwing';\nSELECT 'password', 'grey lapwing';\n",
    ),
    "labels of two words": ("a.ts", 'const a = { password: "blue button", token: "api token" };\n'),
    "errors of two words": ("a.rs", 'return Err(HmacError::new("wrong size"));\n'),
    "an option of another field": (
        "src/cli.rs",
        '#[arg(long, default_value = "Bridge-Port-80")]\nlisten: String,\n#[arg(long)]\npassword: String,\n',
    ),
    "an option that names": (
        "src/cli.rs",
        '#[arg(long, default_value = "/run/secrets/db-1")]\npassword_file: String,\n',
    ),
    "a header's name": ("A.java", '@ConfigProperty(name = "token.header", defaultValue = "X-Mill-1") String h;\n'),
    "options that are named": ("a.py", "# with --username and --password options\n"),
    "an option that asks": ("up.sh", "run --user mill --password prompt\nrun --user $U --password $P\n"),
    "a method that says what is needed": ("a.ts", 'z.string().password("required");\nlabel.password("Kennwort");\n'),
    "the name of a cipher": (
        "A.java",
        'Cipher.getInstance("AES/CBC/PKCS5Padding");\nnew SecretKeySpec(secret, "HmacSHA256");\n',
    ),
    "a session with a name": ("a.ts", 'session({ secret: config.secret, name: "sid-2021-mill" });\n'),
    "hashes": (
        "a.ini",
        f"password = sha1:74ba40f8a388:{K}\npassword = scrypt:32768:8:1${K}\npassword = argon2id$19${K}\n",
    ),
    "an id alone": ("a.env", f"AWS_ACCESS_KEY_ID={ID}\nAWS_ACCESS_KEY={ID}\n"),
    "an id in a note": ("a.md", f"The id {ID} was retired in May.\n"),
    "who gives the accounts": (
        "a.md",
        "Login: GitHub / GitLab\nLogins: admin / viewer\n账号：请联系管理员 / 密码见文档\n",
    ),
    "steps of a manual": (
        "a.md",
        "The password for step 2: step2\nPassword hashing: argon2id\nPassword of the user is: required\n",
    ),
    "a manual's own words": ("a.md", "Username: your name\nPassword: minimum\n\nUsername: books\nPassword: books\n"),
    "bearers in words": ("a.yaml", "a:\n  type: Bearer\n  description: Bearer authentication-is-used-here\n"),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_looks_alike_is_silent(name):
    assert classes(*SILENT[name]) == []
