"""One pass over bytes that says where to look: both engines agree, and nothing that the exact patterns read is missed."""

import time

import pytest

from findings.core.detect import dialects, engine, expressions, find, page
from findings.core.detect.page import Page
from findings.kept import Folder
from tests.findings.core.rules.test_secret_writings import FOUND

VALUE = "kX9-thirteen!"
KEY = "kX9thirteen7Zr8mT2wk8mT2"
NUMBER = "640271"
HEX = "5be1907cd42af38016e9b7d23c0f84aa"
LONG = f"{VALUE} (;/+ {VALUE} [:|> {VALUE}"
SAMPLES = {
    "quoted": ("code", f'db_password = "{VALUE}"'),
    "below": ("code", f'const DB_PASSWORD: &str =\n    "{VALUE}";'),
    "returned": ("code", f'fn default_jwt_secret() -> String {{\n    "{VALUE}".to_string()\n}}'),
    "property": ("code", f'public string ApiKey {{ get; set; }} = "{VALUE}";'),
    "getter": ("code", f'var apiToken: String {{\n    return "{VALUE}"'),
    "pair": ("conf", f"db_password: {VALUE}"),
    "escaped": ("code", f'{{"source": "api_key = \\"{VALUE}\\""}}'),
    "bare": ("code", f'TEXT = """\nadmin-password: {VALUE[:-1]}7\n"""'),
    "folded": ("conf", f"password: >-\n  {VALUE}"),
    "instruction": ("env", f"ENV DB_PASSWORD {VALUE}"),
    "fallback": ("code", f'env::var("JWT_SECRET")\n        .unwrap_or_else(|_| "{VALUE}".into())'),
    "arm": (
        "code",
        f'let key = match env::var("JWT_SECRET") {{\n    Ok(key) => key,\n    Err(_) => "{VALUE}".to_string(),',
    ),
    "before its name": ("code", f'request.setValue("{VALUE}", forHTTPHeaderField: "X-API-Key")'),
    "unwrapped": ("code", f'config.jwt_secret.as_deref()\n    .unwrap_or("{VALUE}")'),
    "option": ("code", f'#[arg(long, env = "API_TOKEN", default_value = "{VALUE}")]'),
    "named": ("conf", f'"name": "DB_PASSWORD",\n  "value": "{VALUE}"'),
    "named after": ("code", f'variable "db_password" {{\n  type = string\n  default = "{VALUE}"\n}}'),
    "flag": ("conf", f"clickhouse-client --user app --password {VALUE} --query x"),
    "sql": ("code", f"CREATE USER app IDENTIFIED WITH plaintext_password BY '{VALUE}';"),
    "argument": ("code", f'run("mysqldump --password={VALUE} shop")'),
    "xml": ("conf", f"<db_password>{VALUE}</db_password>"),
    "directive": ("env", f"requirepass {VALUE}"),
    "command": ("conf", f"redis-cli -h redis -a {VALUE} ping"),
    "header": ("conf", "curl -H 'Authorization: Bearer kX9thirteen7Zr8mT2w' https://api/x"),
    "connection": ("code", f'dsn := "host=db user=app password={VALUE} dbname=shop"'),
    "dsn": ("code", f'dsn := "app:{VALUE}@tcp(db:3306)/shop"'),
    "pgpass": ("env", f"db.internal:5432:shop:app:{VALUE}"),
    "userlist": ("conf", f'"app" "{VALUE}"'),
    "user and password": ("code", f'client.with_basic_auth("app", "{VALUE}")'),
    "signer": ("code", f'Signer::new(b"{VALUE}")'),
    "prose": ("prose", f"the password is `{VALUE}`"),
    "section": ("code", '"Jwt": {\n  "Issuer": "x",\n  "Key": "kX9thirteen7Zr8mT2w"\n'),
    "template": ("conf", f'value: {{{{ .Values.db.password | default "{VALUE}" }}}}'),
    "plist": ("conf", f"<key>MapApiKey</key>\n<string>{VALUE}</string>"),
    "signing in": ("prose", f"log in as `app` / `{VALUE}`"),
    "sentence": ("prose", "The password of the broker is kX9-thirteen! by now"),
    "two words": ("prose", "Secret Key: kX9thirteen7Zr8mT2w"),
    "cell": ("prose", f"| Redis password | {VALUE} |"),
    "jaas": ("env", f'x=a.PlainLoginModule required username="shop" \\\n  password="{VALUE}";'),
    "store": ("conf", f'put-parameter --name /shop/jwt --type SecureString --value "{VALUE}"'),
    "webhook": ("conf", f"https://discord.com/api/webhooks/112233445566778899/{'kX9thirteen7Zr8mT2w' * 2}"),
    "option of a tool": ("conf", f"consul kv put mill/password {VALUE}"),
    "entry of a file": ("conf", f'mill : PSK "{VALUE}"'),
    "define": ("code", f'#define WIFI_PASS "{VALUE}"'),
    "aws": ("conf", f"AKIAQ7MZ4TRWL2XKD5VN / {KEY}{KEY[:16]}"),
    "option of a field": ("code", f'#[arg(default_value = "{VALUE}")]\n/// of the mill\npub db_password: String,'),
    "map in a line": ("code", 'tokens = { loki = "kX9thirteen7Zr8mT2w", b = 1 }'),
    "passwords in a line": ("conf", f'passwords = {{ mill = "{VALUE}" }}'),
    "neo4j": ("yaml", f"NEO4J_AUTH: neo4j/{VALUE}"),
    "parameter": ("yaml", f"DbPassword:\n    NoEcho: true\n    Type: String\n    Default: {VALUE}"),
    "groovy": ("code", f"  signing {{\n    storePassword '{VALUE}'"),
    "hex key": ("code", f'key, _ := hex.DecodeString("{HEX}")'),
    "key of bytes": ("code", 'key = b"kX9thirteen7Zr8mT2wk8mT2"'),
    "otherwise": ("code", f'const JWT_SECRET = given\n    ? given\n    : "{VALUE}";'),
    "hex setting": ("yaml", f"key: {HEX}"),
    "map of keys": ("yaml", "keys:\n  devkey: secret\n  APIq7mLx2Zt9: kX9thirteen7Zr8mT2wkX9thirteen7Zr8mT2w"),
    "login in base64": ("code", '{"auths": {"r.io": {"auth": "c2hvcDprWDktdGhpcnRlZW4h"}}}'),
    "expect": ("conf", f'expect "*assword:"\nsend "{VALUE}\\r"'),
    "chpasswd": ("conf", f"chpasswd <<EOF\nroot:{VALUE}"),
    "dash": ("prose", f"- **Password** - `{VALUE}`"),
    "wordpress": ("code", f"define( 'AUTH_KEY', '{LONG}' );"),
    "logins": ("conf", f"MILL_USERS=ada:{VALUE},bob:plainword"),
    "remark": ("code", f"# basic auth (ada:{VALUE})"),
    "edit": ("conf", f"sed -i 's/# requirepass foobared/requirepass {VALUE}/' redis.conf"),
    "called secret": ("code", f'"value": "{KEY}",\n"type": "secret"'),
    "number": ("code", f"createClient({{\n    password: {NUMBER},"),
    "sensitive": ("code", f'variable "mill" {{\n  sensitive = true\n  default   = "{VALUE}"\n}}'),
    "unechoed": ("yaml", f"Mill:\n    Default: {VALUE}\n    Type: String\n    NoEcho: true"),
    "prompt": ("prose", f"10.20.7.14:6379> AUTH {VALUE}"),
    "continued": ("conf", f"curl -s https://mill.io/api \\\n  -u ada:{VALUE}"),
    "handed on": ("conf", "./roll-out.sh ops@mill.io /srv -p 'kX9thirteen7Zr8mT2w'"),
    "asked of a database": ("code", f"// jdbc:postgresql://db.mill.io/mill?user=ada&password={VALUE}"),
    "asked of an interface": (
        "code",
        'u = "https://api.mill.io/v1?a=1&api_key=kX9thirteen7Zr8mT2wkX9thirteen7Zr8mT2w"',
    ),
    "quoted default": ("prose", f'`os.environ.get("DB_PASSWORD", "{VALUE}")`'),
    "joined header": ("code", 'header("Authorization", "Bearer " + "kX9thirteen7Zr8mT2w")'),
    "account": ("code", f"-- ada@tides.io / {VALUE[:-1]}7"),
    "login": ("env", f"auth_user=shop:{VALUE}"),
}


def test_every_dialect_has_a_sample():
    assert set(SAMPLES) == {dialect.name for dialect in dialects.DIALECTS}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_dialect_is_marked_where_its_exact_pattern_reads(name):
    kind, text = SAMPLES[name]
    seen = Page(f"first line\n{text}\nlast line\n", kind)
    (dialect,) = (dialect for dialect in dialects.DIALECTS if dialect.name == name)
    windows = [window for window, _ in seen.windows(name, dialect.before)]
    assert any(dialect.exact.search(window) for window in windows)
    (hit,) = (hit for hit in find(text, kind) if hit.worth == "real")
    assert hit.value in (
        VALUE,
        LONG,
        HEX,
        f"{VALUE[:-1]}7",
        "kX9thirteen7Zr8mT2w",
        "kX9thirteen7Zr8mT2w" * 2,
        KEY,
        f"{KEY}{KEY[:16]}",
        NUMBER,
    )


@pytest.mark.parametrize("style", ["code", "text", "prose"])
def test_both_engines_see_the_same(style):
    looked = expressions.expressions(style, page.known_formats())
    one, other = page._engine(style), engine.re2_engine(looked)
    for text in [*(text for _, text in SAMPLES.values()), *(text for _, text, _ in FOUND.values())]:
        data = f"first line\n{text}\nghp_16C7e42F292c6912E7710c838347Ae178B4a\n".encode()
        lines = [
            {(role, data.count(b"\n", 0, end - 1)) for role, end in marks if not role.startswith(expressions.FORMAT)}
            for marks in (one(data), other(data))
        ]
        assert lines[0] == lines[1]
        assert all(f"{expressions.FORMAT}betterleaks.github-pat" in dict(marks) for marks in (one(data), other(data)))
    assert one(b"nothing to see") == other(b"nothing to see") == []


def test_compiled_patterns_are_kept_and_a_damaged_file_is_made_anew(tmp_path):
    cache, looked = Folder(tmp_path / "cache"), [engine.Expression("word", "needle")]
    assert engine.hyperscan_engine(looked, cache)(b"a needle") == [("word", 8)]
    (file,) = (tmp_path / "cache").iterdir()
    assert engine.hyperscan_engine(looked, cache)(b"a needle") == [("word", 8)]
    file.write_bytes(b"damaged")
    assert engine.hyperscan_engine(looked, cache)(b"a needle") == [("word", 8)]
    assert file.read_bytes() != b"damaged"


def test_what_others_may_write_is_not_loaded(tmp_path):
    folder = tmp_path / "cache"
    cache = Folder(folder)
    cache.put("a", b"1")
    assert cache.get("a") == b"1"
    folder.chmod(0o777)
    assert cache.get("a") is None
    cache.put("b", b"2")
    folder.chmod(0o700)
    assert cache.get("b") is None
    (folder / "c").symlink_to(folder / "a")
    assert cache.get("c") is None


def test_a_line_of_megabytes_is_read_around_its_marks_only():
    text = "x=1;" * 500_000 + f'db_password="{VALUE}";' + "x=1;" * 500_000
    assert [hit.value for hit in find(text, "code")] == [VALUE]


def test_marks_are_bounded():
    assert len(page.marks(b'password: "abcd1234"\n' * 30_000, "conf")) == engine.MARKS


def test_a_line_of_nothing_but_keys_is_read_in_linear_time():
    find("password", "code")  # patterns are compiled
    began = time.process_time()
    find("\n".join("password" * 490 + f'{number} = "a"' for number in range(20)), "code")
    assert time.process_time() - began < 2
