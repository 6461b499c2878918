"""secrets/plaintext: what a class gives out under a name, what notes tell in passing, and what only looks alike."""

import base64

import pytest

from findings.core.rules.secrets import FAMILY
from tests.findings.core.rules.tree import see

V = "Dotterel-Weir-73"
K = "c4e19a7d02f85b36e1d97c40ab52f683"
HOOK = "T4QZ81MILLS/B7WEIR29KLM/r4Tn9LxQ2mWz7KbD5vHsP3cY"
SECRET = "kind: Secret\napiVersion: v1\nmetadata: {{name: mill}}\ndata:\n  hook-url: {}\n"


def classes(path: str, text: str) -> list[tuple[int, str]]:
    return [(seen.line, seen.properties["class"]) for seen in see(FAMILY, {path: text})]


def sealed(value: str) -> str:
    return SECRET.format(base64.b64encode(value.encode()).decode())


FOUND = {
    "a property": ("a.cs", f'public static string JwtKey {{ get; set; }} = "{K}";\n', 1),
    "one that is set once": ("a.cs", f'public string ApiToken {{ get; private init; }} = @"{V}";\n', 1),
    "one that only hints": ("a.cs", f'public string GeocoderKey {{ get; }} = "{K}";\n', 1),
    "one that gives": ("a.cs", f'public string ApiKey\n{{\n    get {{ return "{K}"; }}\n}}\n', 3),
    "a variable of Swift": ("a.swift", f'static var apiToken: String {{\n    return "{K}" // for now\n}}\n', 2),
    "one without a word": ("a.swift", f'var apiToken: String {{\n    "{K}"\n}}\n', 2),
    "a function of Swift": ("a.swift", f'func apiToken() -> String {{ "{K}" }}\n', 1),
    "one of Go": ("a.go", f'func apiKey() string {{\n\treturn "{V}"\n}}\n', 2),
    "one of Kotlin": ("a.kt", f'fun apiKey(): String = "{V}"\n', 1),
    "one of Java": ("A.java", f'public String getApiKey() {{\n  return "{V}";\n}}\n', 2),
    "one of TypeScript": ("a.ts", f"get apiKey(): string {{ return '{V}'; }}\n", 1),
    "one of JavaScript": ("a.js", f"function getAuthToken() {{\n  return '{V}'\n}}\n", 2),
    "one of Python": ("a.py", f'def api_key(self) -> str:\n    return "{V}"\n', 2),
    "one of Rust": ("a.rs", f'fn api_key() -> &\'static str {{ "{V}" }}\n', 1),
    "an address in a note": ("notes/tides.txt", f"# https://tides.mill.io/API/grid?a=1&API_Key={K}\n", 1),
    "a password that is hidden": ("docs/a.md", "```\n# Type password (hidden): greylagsatdusk\n```\n", 2),
    "a hook without its host": ("k8s/a.yaml", sealed(HOOK), 5),
    "one whose letters change seldom": ("k8s/a.yaml", sealed("T4QZ81MILLS/B7WEIR29KLM/rTNLXQmwzkbdvhspcyABCDEF"), 5),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_value_is_found(name: str) -> None:
    path, text, line = FOUND[name]
    assert classes(path, text) == [(line, "real")]


SILENT = {
    "a property without a value": ("a.cs", "public string JwtKey { get; set; } = string.Empty;\n"),
    "a name": ("a.cs", 'public string PasswordKey { get; set; } = "user_password";\n'),
    "another property": ("a.cs", f'public string Colour {{ get; set; }} = "{V}";\n'),
    "a place for one": ("a.cs", 'public string JwtKey { get; set; } = "your-jwt-key-1";\n'),
    "a variable that is read": ("a.swift", 'var apiToken: String {\n    return env["API_TOKEN"]\n}\n'),
    "a text that is put together": ("a.js", f"function getAuthToken() {{\n  return '{V}' + user\n}}\n"),
    "a mask": ("a.ts", "get password() { return '********' }\n"),
    "what a function is told": ("a.go", f'func maskToken(token string) string {{\n\treturn "{V}"\n}}\n'),
    "a name that is given": ("A.java", 'public String getTokenName() { return "x-mill-token-1"; }\n'),
    "a line of a document": ("a.py", 'def api_key(self):\n    """Auth-Token."""\n    return self._key\n'),
    "an address of a manual": ("notes/tides.txt", f"# https://api.example.com/v1?api_key={K}\n"),
    "an id in an address": ("notes/tides.txt", f"# https://tides.mill.io/v1?grid_id={K}\n"),
    "a blank in an address": ("notes/tides.txt", "# https://tides.mill.io/v1?api_key=YOUR_KEY_GOES_HERE_12345\n"),
    "a prompt": ("docs/a.md", "```\n# Type password (hidden): <password>\n# Enter password (hidden): ********\n```\n"),
    "an address of nothing secret": ("k8s/a.yaml", sealed("teams/boats/r4Tn9LxQ2mWz7KbD5vHsP3cY")),
    "an id to be filled in": ("Jenkinsfile", "sshagent(credentials: ['<MILL_CREDENTIALS_2>']) {\n"),
    "the alphabet": ("a.ts", "apiKey: 'sk-1234567890abcdefghijklmnopqrstuvwxyz',\n"),
    "crosses": ("docs/a.md", base64.b64encode(b'{"auths": {"a-xxx": {"password": "cr-mill-xxx"}}}').decode() + "\n"),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_only_looks_alike_is_not(name: str) -> None:
    assert classes(*SILENT[name]) == []


def test_a_property_that_is_for_development_only_is() -> None:
    text = f'// only for development\npublic string JwtKey {{ get; set; }} = "{K}";\n'
    assert classes("a.cs", text) == [(2, "dev")]


def test_a_comment_that_repeats_a_credential_is_one_more_place_of_it() -> None:
    address = f"https://tides.mill.io/API/grid?a=1&API_Key={K}\n"
    assert classes("notes/tides.txt", f"# api_key = {K}\n{address}") == [(1, "real"), (2, "real")]
    assert classes("notes/tides.txt", f"# api_key = {K[::-1]}\n{address}") == [(2, "real")]
