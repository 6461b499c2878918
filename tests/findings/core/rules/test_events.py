"""events/version-equality."""

import pytest

from findings.core.rules.events import FAMILY
from findings.core.types import Priority
from tests.findings.core.rules.tree import see


def function(body: str, head: str = "pub fn is_compatible(ours: u32, theirs: u32) -> bool") -> str:
    return f"//! Events.\n{head} {{\n    {body}\n}}\n"


def test_a_function_named_for_compatibility_that_only_compares_is_reported_at_the_comparison():
    (seen,) = see(FAMILY, {"libs/events/src/lib.rs": function("ours == theirs")})
    assert (seen.rule, seen.priority, seen.line) == ("events/version-equality", Priority.P1, 3)
    assert seen.properties["function"] == "is_compatible"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("fn is_compatible(current_version: u32, message_version: u32) -> bool", "current_version == message_version"),
        (
            "fn check_event_version(event: &Event) -> Result<(), Error>",
            "if event.version != CURRENT_VERSION { return Err(E) }\n    Ok(())",
        ),
        ("fn compatible(&self, other: &Envelope) -> bool", "self.schema_version == other.schema_version"),
        ("fn version_matches(message: &Message) -> bool", "message.version == SCHEMA_VERSION"),
        ("async fn is_compat(v1: Version, v2: Version) -> bool", "v1 == v2"),
        ("fn is_compatible<T>(envelope: &Envelope<T>) -> bool where T: Clone", "envelope.version == Self::VERSION"),
    ],
)
def test_versions_are_known_by_their_names(head, body):
    assert len(see(FAMILY, {"src/events.rs": function(body, head)})) == 1


@pytest.mark.parametrize(
    "body",
    [
        "theirs <= ours",
        "(OLDEST..=ours).contains(&theirs)",
        "ours == theirs || SUPPORTED.contains(&theirs)",
        "ours == theirs || theirs + 1 >= ours",
        "match (ours, theirs) { (3, 1..=3) => true, (a, b) if a == b => true, _ => false }",
        "ours.major == theirs.major",
        "READERS.iter().any(|known| known == theirs)",
    ],
)
def test_ranges_lists_and_constants_are_fine(body):
    assert see(FAMILY, {"src/events.rs": function(body)}) == []


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("fn is_same(left: Uuid, right: Uuid) -> bool", "left == right"),
        ("fn save(&self, expected_version: u64) -> Result<(), Conflict>", "self.version == expected_version"),
        ("fn check_version(&self, expected_version: u64) -> bool", "self.version == expected_version"),
        ("fn http_version_ok(request: &Request) -> bool", "request.version == HTTP_VERSION"),
        ("fn version(&self) -> u32", "self.version"),
        ("fn compat_mode(kind: Kind, name: &str) -> bool", "kind.id == 3"),
    ],
)
def test_other_comparisons_are_fine(head, body):
    assert see(FAMILY, {"src/events.rs": function(body, head)}) == []


def test_a_version_that_is_not_of_events_is_left_alone():
    text = function("version == LATEST_VERSION", "fn check_version(version: u32) -> bool")
    assert see(FAMILY, {"src/updater.rs": text}) == []
    assert len(see(FAMILY, {"libs/event-kit/src/version.rs": text})) == 1


def test_tests_comments_and_declarations_without_a_body_are_fine():
    text = function("ours == theirs")
    files = {
        "src/a.rs": f"#[cfg(test)]\nmod tests {{\n{text}}}\n",
        "src/b.rs": f"/*{text}*/",
        "src/c.rs": "trait T {\n    fn is_compatible(ours: u32, theirs: u32) -> bool;\n}\n",
        "tests/d.rs": text,
        "docs/e.rs": text,
        "review.md": text,
    }
    assert see(FAMILY, files) == []


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            "fn check_event_version(event: &Event) -> Result<(), EventError>",
            "if event.version != SUPPORTED_VERSION {\n        return Err(EventError::UnsupportedVersion { expected: SUPPORTED_VERSION });\n    }\n    Ok(())",
        ),
        (
            "fn is_compatible(&self, event: &Event) -> bool",
            "let Event { version, .. } = event;\n    *version == CURRENT",
        ),
        ("fn is_compatible(&self, other: &SchemaVersion) -> bool", "self == other"),
        ("fn is_compatible(&self, event: &Event) -> bool", "event.metadata().schema_version() == self.version()"),
        ("fn is_compatible(event: &Event) -> bool", "event.version.eq(&CURRENT_VERSION)"),
        ("fn is_compatible(event: &Event) -> bool", 'event.version == "1.0.0"'),
        ("fn is_compatible(event: &Event) -> bool", "event.version == 2"),
        ("fn is_compatible(a: &Version, b: &Version) -> bool", "a.major == b.major && a.minor == b.minor"),
        ("fn is_compatible(event: &Event, expected_version: u32) -> bool", "event.version == expected_version"),
        ("fn supports_event_version(&self, theirs: u16) -> bool", "theirs == self.ours"),
        ("fn is_supported_schema_version(event_version: &str) -> bool", 'event_version == "3.2.0"'),
        ("pub(crate) const fn can_read_version(&self, event_version: u16) -> bool", "Self::VERSION == event_version"),
    ],
)
def test_equality_in_its_many_forms(head, body):
    assert len(see(FAMILY, {"src/events.rs": function(body, head)})) == 1


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            "fn find_by_version(events: &[Event], version: u32) -> Option<&Event>",
            "events.iter().find(|e| e.version == version)",
        ),
        (
            "fn upcast_version(event: Event) -> Event",
            "if event.version == CURRENT_VERSION { return event }\n    upcast(event)",
        ),
        ("fn is_compatible(event: &Event) -> bool", "event.version == CURRENT || is_supported(event.version)"),
        ("fn is_compatible(event: &Event) -> bool", "event.version > OLDEST"),
        ("fn is_compatible(&self, version: u32) -> bool", "version == self.version || version + 1 == self.version"),
        ("fn accepts_version(&self, kind: u16) -> bool", "kind == self.kind"),
        ("fn is_compatible(event: &Event) -> bool", "matches!(event.version, 1 | 2)"),
        ("fn is_version_two(event: &Event) -> bool", "event.version == 2"),
        ("fn is_plugin_compatible(ours: u32, theirs: u32) -> bool", "ours == theirs"),
        (
            "fn http_compatible(client_version: Version, server_version: Version) -> bool",
            "client_version == server_version",
        ),
        ("fn is_compatible(ours: &str, theirs: &str) -> bool", "ours.split('.').next() == theirs.split('.').next()"),
    ],
)
def test_what_is_no_verdict_by_equality_on_the_version_of_an_event(head, body):
    assert see(FAMILY, {"src/events.rs": function(body, head)}) == []


def test_a_method_is_about_events_by_its_type():
    text = "impl Envelope {\n    fn version_matches(&self, other: &Self) -> bool {\n        self.version == other.version\n    }\n}\n"
    assert [one.line for one in see(FAMILY, {"src/wire.rs": text})] == [3]
    assert see(FAMILY, {"src/wire.rs": text.replace("Envelope", "Release")}) == []


@pytest.mark.parametrize(
    ("head", "body", "counts"),
    [
        ("fn assignment_compatible(from: &DataType, to: &DataType) -> bool", "from == to || is_null(from)", False),
        ("fn is_compatible(left: &CType, right: &CType) -> bool", "left == right", False),
        ("fn is_compatible(left: &EventVersion, right: &EventVersion) -> bool", "left == right", True),
        ("fn is_compatible(left: impl Into<u32>, right: u32) -> bool", "left == right", True),
        ("fn is_compatible(left: &str, right: &String) -> bool", "left == right", True),
        (
            "fn schema_compatible(left: &Kind, right: &Kind) -> bool",
            "left.schema_version == right.schema_version",
            True,
        ),
    ],
)
def test_kinds_of_data_are_no_versions(head, body, counts):
    assert bool(see(FAMILY, {"src/events.rs": function(body, head)})) is counts


@pytest.mark.parametrize(
    ("owner", "counts"),
    [("CType", False), ("SemanticType", False), ("Vertex", False), ("EventVersion", True), ("Schema", True)],
)
def test_a_type_that_is_compared_with_another_of_its_kind_is_a_version_by_its_name(owner, counts):
    text = (
        f"impl {owner} {{\n    fn is_compatible(&self, other: &{owner}) -> bool {{\n        self == other\n    }}\n}}\n"
    )
    assert bool(see(FAMILY, {"src/events.rs": text})) is counts
