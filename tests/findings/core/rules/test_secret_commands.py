"""secrets/plaintext: what stands right before a password in commands, calls and files, and what looks alike."""

import base64

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Plover-Weir-63"
K = "h7Vw2QnX9zRk4TbM"


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


FOUND = {
    "twine": ("up.sh", f"twine upload -u bot -p {V} dist/*\n"),
    "mosquitto": ("up.sh", f"mosquitto_pub -u mill -P {V} -t a\n"),
    "ipmitool": ("up.sh", f"ipmitool -H h -U root -P {V} power on\n"),
    "snmpwalk": ("up.sh", f"snmpwalk -v3 -u mill -A {V} h\n"),
    "a remote desk": ("up.sh", f"xfreerdp /u:mill /p:{V} /v:h\n"),
    "a network": ("up.sh", f"nmcli dev wifi connect Mill password {V}\n"),
    "httpie": ("up.sh", f"http -a mill:{V} GET x.io\n"),
    "redis": ("up.sh", f"redis-cli -h c AUTH {V}\n"),
    "npm": ("up.sh", f"npm config set //npm.mill.io/:_authToken {K}\n"),
    "poetry": ("up.sh", f"poetry config http-basic.mill bot {V}\n"),
    "a vault of Azure": ("up.sh", f"az keyvault secret set --vault-name v --name db --value '{V}'\n"),
    "consul": ("up.sh", f"consul kv put mill/db/password {V}\n"),
    "etcd": ("up.sh", f"etcdctl put /mill/db/password {V}\n"),
    "fluent-bit": ("fluent-bit.conf", f"    HTTP_Passwd {V}\n"),
    "keepalived": ("keepalived.conf", f"    auth_pass {V}\n"),
    "a key that two know": ("ipsec.secrets", f'1.2.3.4 5.6.7.8 : PSK "{V}"\n'),
    "who dials": ("ipsec.secrets", f'mill : EAP "{V}"\n'),
    "a proxy": ("proxychains.conf", f"socks5 10.0.0.1 1080 mill {V}\n"),
    "postfix": ("postfix/sasl_passwd", f"[smtp.mill.io]:587 mara@mill.io:{V}\n"),
    "fetchmail": ("fetchmailrc", f'poll h user "mara" with password "{V}"\n'),
    "PPP": ("chap-secrets", f"mill * {V} *\n"),
    "a definition of C": ("wifi.h", f'#define WIFI_PASS "{V}"\n'),
    "a definition of a board": ("wifi.ino", f'#define WIFI_PASS "{V}"\n'),
    "a board's network": ("wifi.ino", f'WiFi.begin("MillGuest", "{V}");\n'),
    "a board's broker": ("wifi.ino", f'mqttClient.connect("dev1", "mill", "{V}");\n'),
    "a connection of Java": ("A.java", f'DriverManager.getConnection(url, "mill", "{V}");\n'),
    "who signs in in Java": ("A.java", f'return new PasswordAuthentication("mill", "{V}".toCharArray());\n'),
    "a password that is not hashed": ("A.java", f'withUser("ops").password("{{noop}}{V}").roles("ADMIN");\n'),
    "jedis": ("A.java", f'jedis.auth("{V}");\n'),
    "a signer of Java": ("A.java", f'Jwts.builder().signWith(SignatureAlgorithm.HS256, "{K}")\n'),
    "a key of Java": ("A.java", f'Keys.hmacShaKeyFor("{K}{K}".getBytes());\n'),
    "Oracle": ("a.py", f'cx_Oracle.connect("mill", "{V}", "db/orcl")\n'),
    "what is compared": ("a.rs", f'if api_key != "{K}" {{ return Err(Unauthorized); }}\n'),
    "what is compared strictly": ("a.ts", f"if (token !== '{K}') throw new Error();\n"),
    "what is taken otherwise in Ruby": ("a.rb", f"ENV['API_TOKEN'] ||= '{K}'\n"),
    "bytes of a key": ("a.rs", f'const KEY: [u8; 16] = *b"{K}";\n'),
    "a key of a cipher": ("a.rs", f'let c = Aes256Gcm::new_from_slice(b"{K}{K}").unwrap();\n'),
    "bundler": (".bundle/config", f'BUNDLE_GEMS__MILL__IO: "bot:{V}"\n'),
    "composer": ("auth.json", f'{{"github-oauth": {{"github.com": "{K}{K}"}}}}\n'),
    "FileZilla": ("sites.xml", f'<Pass encoding="base64">{base64.b64encode(V.encode()).decode()}</Pass>\n'),
    "a word of JSON beside its user": ("c.json", '{"database.user": "mill", "database.password": "lapwing"}\n'),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_a_command_takes_is_found(name):
    assert classes(*FOUND[name]) == [(1, "real")]


SILENT = {
    "variables": ("up.sh", 'twine upload -u bot -p "$PW" dist/*\nmosquitto_pub -P ${PW} -t a\nhttp -a $U:$P x.io\n'),
    "options behind options": (
        "up.sh",
        "redis-cli -h c AUTH -n 1\naz keyvault secret set --name a --value $(cat pw)\n",
    ),
    "a key of consul": ("up.sh", "consul kv put mill/db/host db-1.mill.io\netcdctl put /mill/ttl 15minutes\n"),
    "footnotes": ("CHANGES.txt", "[1] https://mill.io/a-1\n[2] http://mill.io/b-2\n"),
    "a row of cron": ("crontab", "5 * 12 * *\nmill * noon *\n"),
    "a row of a log": ("a.log", "mill.c:12 error:Unknown-63\n"),
    "letters of a hash": ("md5.h", '#define MD5_PASSWD_CHARSET "0123456789abcdef"\n'),
    "a definition of a name": ("a.h", '#define TOKEN_HEADER "X-Mill-1"\n#define PASSWORD_FILE "/etc/mill/pw1"\n'),
    "words that are compared": ("a.ts", 'if (token !== "undefined" && secret != "none") go();\n'),
    "kinds that are compared": ("a.rs", 'if token == "keyword_1" || token != "string-literal" {}\n'),
    "a connection without a password": ("A.java", 'DriverManager.getConnection(url, "mill", password);\n'),
    "a switch of fetchmail": ("fetchmailrc", 'poll h user "mara" with password "%PW%"\n'),
    "labels of JSON": ("nl.json", '{"username": "Gebruikersnaam", "password": "wachtwoord"}\n'),
    "types of JSON": ("a.json", '{"username": "string", "password": "secretive"}\n'),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_looks_like_a_command_is_silent(name):
    assert classes(*SILENT[name]) == []
