"""events/version-equality in other languages than Rust."""

import pytest

from findings.core.rules.events import FAMILY
from tests.findings.core.rules.tree import see

FOUND = {
    "a function": ("src/events.ts", "export function isCompatible(a: Meta, b: Meta): boolean {\n  return a.version === b.version;\n}\n", 2),
    "an arrow": ("src/events.ts", "const isCompatible = (msg: Msg, want: string) => msg.schemaVersion === want;\n", 1),
    "an arrow of one parameter": ("src/events.js", "const versionMatches = event => event.version === CURRENT_VERSION;\n", 1),
    "an arrow with a block": ("src/events.ts", "export const checkVersion = async (e: Event): Promise<boolean> => {\n  return e.version == SCHEMA_VERSION;\n};\n", 2),
    "a method": ("src/events.ts", "class Reader {\n  private canReadVersion(incoming: number): boolean {\n    return incoming === this.version;\n  }\n}\n", 3),
    "an assertion": ("src/events.ts", "function assertVersion(e: Event, expected: string): void {\n  if (e.schemaVersion !== expected) {\n    throw new Error('v');\n  }\n}\n", 2),
    "a trimmed copy": ("src/events.ts", "function versionsMatch(local: string, remote: string): boolean {\n  const l = local.trim();\n  const r = remote.trim();\n  return l === r;\n}\n", 4),
    "optional steps": ("src/events.ts", "function isCompatible(a?: Event, b?: Event) {\n  return a?.meta?.version === b?.meta?.version;\n}\n", 2),
    "Go": ("events/check.go", "func IsCompatible(e Event, current int) bool {\n\treturn e.SchemaVersion == current\n}\n", 2),
    "a method of Go": ("events/check.go", "func (e *Event) CheckVersion(want string) error {\n\tif e.Version != want {\n\t\treturn ErrVersion\n\t}\n\treturn nil\n}\n", 2),
    "Python": ("app/events.py", "def is_version_compatible(meta: Meta) -> bool:\n    return meta.version == VERSION\n", 2),
    "a method of Python": ("app/events.py", "class Reader:\n    async def check_version(\n        self, event\n    ) -> bool:\n        '''Only ours.'''\n        return event.version == self.version\n\n    def other(self):\n        return 1\n", 6),
    "Java": ("src/main/java/EventReader.java", "class EventReader {\n  public boolean isCompatible(int version) {\n    return version == SCHEMA_VERSION;\n  }\n}\n", 3),
    "equals of Java": ("src/main/java/EventReader.java", "  boolean isCompatible(String version, String other) throws Bad {\n    return version.equals(other);\n  }\n", 2),
    "Kotlin": ("src/Event.kt", "fun isCompatible(ours: Int, theirs: Int): Boolean = ours == theirs\n", 1),
    "C#": ("src/Events.cs", "public static bool IsCompatible(int ours, int theirs) => ours == theirs;\n", 1),
    "Swift": ("ios/Event.swift", "func isCompatible(ours: Int, theirs: Int) -> Bool {\n    ours == theirs\n}\n", 2),
}  # fmt: skip

SILENT = {
    "another library": ("lib/core.py", "def check_core_version() -> bool:\n    return core.__version__ == _COMPATIBLE_VERSION\n"),
    "one version of a product": ("lib/image.py", "def is_version_compatible(version):\n    return version == '3'\n"),
    "a notice": ("lib/events.py", "def print_incompatible_notice(version, other_version):\n    if version == other_version:\n        print(1)\n"),
    "a range": ("src/events.ts", "const isCompatible = (e: Event) => e.version >= OLDEST && e.version <= NEWEST;\n"),
    "an order": ("src/events.ts", "class R { checkVersion(incoming: number): boolean { return incoming <= this.version; } }\n"),
    "a list": ("src/events.ts", "function isCompatible(e: Event) { return e.version === 3 || OLD.includes(e.version); }\n"),
    "kinds beside it": ("app/events.py", "def is_compatible(a: Event, b: Event) -> bool:\n    if a == b:\n        return True\n    return isinstance(a, Old) and isinstance(b, New)\n"),
    "another field": ("src/events.ts", "function isCompatibleKind(a: Event, b: Event) { return a.name === b.name; }\n"),
    "a call in a condition": ("events/a.go", "func run(a, b Event) bool {\n\tif isCompatible(a, b) {\n\t\treturn a.Version == b.Version\n\t}\n\treturn false\n}\n"),
    "major alone": ("src/events.ts", "function isCompatible(a: V, b: V) { return a.major === b.major; }\n"),
    "major and minor": ("src/events.ts", "function isCompatible(a: V, b: V) { return a.major === b.major && a.minor <= b.minor; }\n"),
    "a getter": ("app/events.py", "def get_version(event):\n    return event.version == LATEST_VERSION\n"),
    "a set": ("app/events.py", "def supports_version(meta):\n    return meta.version in {1, 2}\n"),
    "a comment": ("src/events.ts", "// function isCompatible(a, b) { return a.version === b.version; }\nconst x = 1;\n"),
    "a text": ("app/events.py", 'X = """\ndef is_compatible(a, b):\n    return a.version == b.version\n"""\n'),
    "a test": ("src/events.test.ts", "function isCompatible(a: E, b: E) { return a.version === b.version; }\n"),
    "what is vendored": ("web/node_modules/x/events.js", "function isCompatible(a, b) { return a.version === b.version; }\n"),
    "a browser": ("src/events.ts", "function isBrowserCompatible(a: B, b: B) { return a.version === b.version; }\n"),
    "a row that is locked": ("src/orders.ts", "function checkVersion(row: Row, expectedVersion: number): boolean { return row.version === expectedVersion; }\n"),
    "a declaration": ("src/events.ts", "declare function isCompatible(a: Event, b: Event): boolean;\nconst y = a.version === b.version;\n"),
    "a document": ("docs/events.ts", "function isCompatible(a: E, b: E) { return a.version === b.version; }\n"),
    "a body that is not closed": ("src/events.ts", "function isCompatible(a: E, b: E) { return a.version === b.version;\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_equality_is_found_in_any_language(name):
    path, text, line = FOUND[name]
    assert [one.line for one in see(FAMILY, {path: text})] == [line]


@pytest.mark.parametrize("name", SILENT)
def test_what_is_no_verdict_by_equality_is_silent(name):
    path, text = SILENT[name]
    assert see(FAMILY, {path: text}) == []


def test_what_comes_over_a_wire_is_never_a_lock_in_rust_either():
    for side in ("self.schema_version", "header.version", "envelope.meta.version"):
        text = f"fn version_matches(&self, expected: u16) -> bool {{\n    {side} == expected\n}}\n"
        assert [one.line for one in see(FAMILY, {"src/envelope.rs": text})] == [2]
