"""No line of text makes a rule's patterns think for long: each repeated piece, in each kind of file, for each rule."""

import time
from collections.abc import Iterator

import pytest

from findings.core.errors import Unreadable
from findings.core.facts import Blob
from findings.core.rules import FAMILIES

KEY = b"k" * 32
PATHS = (
    "a.py", "a.env", "a.yaml", "k8s/a.yaml", "src/main.rs", "src/lib.rs", "Cargo.toml", "Cargo.lock", "migrations/1.sql",
    "a.proto", "clickhouse/users.xml", "clickhouse/config.xml", "docker-compose.yml", "kustomization.yaml", "a.sh", "a.txt",
    "a.md", "a.json", "a.ts", "clickhouse/users.yaml", "main.tf", "Dockerfile",
)  # fmt: skip
PIECES = (
    b"a", b" ", b"\t", b"=", b":", b'"', b"'", b"\\", b"/", b"-", b".", b"_", b"(", b"{", b"[", b"<", b">", b",", b";", b"@",
    b"$", b"${", b"{{", b"://", b"a:", b"a=", b"a.", b"a-", b"a_", b"A_", b"a/", b"/*", b"*/", b"--", b"#", b"&", b"*", b"|",
    b"0", b"aA", b"a1", b"eyJ", b"password=", b"password ", b"secret_", b"token: ", b"key-", b"SELECT ", b"CREATE INDEX ",
    b"CREATE INDEX a ON b", b"fn a", b"async fn ", b".await", b"loop {", b"for a in b {", b"r#", b"Arc<", b"Mutex<",
    b"impl From<", b"::a", b"use a", b"mod a", b"<a>", b"</a>", b"<a ", b"<!--", b"kind: ", b"- ", b"? ", b"---",
    b"package a", b"ENC[", b"-----BEGIN ", b"-----BEGIN RSA PRIVATE KEY-----", b"redis://a", b"http://a:b", b"a@", b"'a'",
    b'"a":', b"a: b ", b"a b ", b"\xc3\xa9", b"\xff", b"\0", b"\r", b"%61", b"\\u0061", b"version == ", b" as ", b"$(", b"#[a]",
    b"match ", b"=>", b"|a| ", b"b'", b"..", b"AKIA", b"ghp_", b"sk_live_", b"-u a:", b"--a=", b"--a ", b"export ",
    b"VALUES (", b"INSERT INTO a (password) VALUES (", b"('a'),", b"DROP INDEX ", b"$$", b"REFERENCES a(", b"PRIMARY KEY (", b"<password>", b"a: |\n ", b"a:\n",
    b"<<A\npassword: a1\n", b"keys:\n a: b1\n", b"chpasswd\na:b1\n", b"password - a1 ", b'assword" send "a1', b"token = a ? b : ", b"key=b'a1",
    b'var("A_SECRET") ', b"_key=", b"echo a|", b"jwt.sign(a,", b".ok()", b" or ", b"A_KEY=a ", b"[u8]", b"SecureString",
    b"tokens={a=", b",a=b1", b"a:b:c: ", b'default_value = "abcd"\n', b"--user a ", b"user=a,", b"AKIAQ7MZ4TRWL2XKD5VN ", b"user `a` ",
    b"login: a@b.c / ", b"password for a ", b"shaaes", b"jwt.encode({a},",
    b"sed s/a/password=a", b"users=a:b1,a:b1,", b'"type": "secret",\n"value": "a', b"createClient({password: 12345,", b"getConnection(a+\"b\"",
    b"twine upload ", b"user a ", b"a * ", b"nmcli a ", b"#define A_KEY ", b"token != ", b": PSK ",
    b'variable "a" {default = "abcd1"', b"NoEcho: true\n Type: a\n", b"a:1> auth ", b"curl a \\\n", b"a@b.c a -p ", b"mysql://a?pwd=",
    b'"Bearer " + "', b"string A_KEY {get;", b"fun a_key(", b"var a_key:\n", b"type password (hidden): ", b"db_host: a.b", b"config set requirepass ",
)  # fmt: skip
HEADS = (b"", b'password = "', b"CREATE TABLE a (", b"fn main() { ", b"kind: Deployment\nspec: ")


def kinds(name: str) -> dict[str, str]:
    """Path class -> a path of it, for a family."""
    return {kind: path for path in PATHS if (kind := FAMILIES[name].classify(path))}


def slow(name: str, heads: tuple[bytes, ...], size: int, most: float) -> Iterator[str]:
    """What took a family longer than `most` seconds of the processor."""
    for kind in kinds(name):
        for head in heads:
            for piece in PIECES:
                began = time.process_time()
                try:
                    FAMILIES[name].extract(Blob(head + (piece * (size // len(piece) + 1))[:size], kind, KEY))
                except Unreadable:
                    continue
                finally:
                    took = time.process_time() - began
                if took > most:
                    yield f"{kind} {head!r} {piece!r}: {took:.1f} s"


@pytest.mark.parametrize("name", FAMILIES)
def test_a_line_of_one_piece_is_read_in_time(name):
    assert kinds(name)
    assert list(slow(name, HEADS[:1], 5_000, 1.0)) == []  # longer than what is read whole


@pytest.mark.chaos
@pytest.mark.parametrize("name", FAMILIES)
def test_a_long_line_of_one_piece_is_read_in_time(name):
    assert list(slow(name, HEADS[1:], 20_000, 4.0)) == []


@pytest.mark.parametrize(
    "piece", [b"a|b||c;", b"server=a.b.io,", b"grant a;", b"user:a,login(b);", b"https://a.b.io/c;"]
)
def test_a_program_packed_into_one_line_is_read_in_time(piece):
    data = b'a={password:"changeme"},b={apiToken:"moonlight"},' + piece * (1_000_000 // len(piece))
    FAMILIES["secrets"].extract(Blob(b'a={password:"changeme"}', "code", KEY))  # what is made once
    began = time.process_time()
    FAMILIES["secrets"].extract(Blob(data, "code", KEY))
    assert time.process_time() - began < 4.0
