"""What a file speaks of is heard in one pass, by either engine alike."""

import pytest

from findings.core.detect import page
from findings.core.detect.engine import Expression, Nowhere, hyperscan_engine, re2_engine
from findings.core.facts import Blob
from findings.core.listening import FILES, RUST, Listener
from findings.core.rules import FAMILIES
from findings.core.rusttext import source

SAID = [
    b"",
    b"fn main() {}",
    b"let shared = Arc::new(RwLock::new(pool));",
    b"impl From\n\t <sqlx::Error> for Failure { }  trait\xc2\xa0Read",
    b"#[ from\x0b] Io(io::Error)",
    b'match code { "23P01" => Conflict, "40001" => Again }',
    b"CREATE \r\n TABLE a (b int); Drop table a;",
    b"fn isCompatible(schemaVERSION: u32)",
    b"kind: KafkaTopic\n---\nkind: KafkaTopics\nenv: [MIN_ISR]",
    b"for\xe2\x80\xa8row in rows { while let Some(x) = y {} } before(format!())",
    b"mod tests { use super::*; } type Shared<T> = Mutex<T>;",
    "\ufeffvolumes: [{emptyDir: {}}] # kein Ärger\u2028".encode(),
    b"\xff\xfeM\0u\0t\0e\0x\0",
]


@pytest.mark.parametrize("listener", [FILES, RUST])
def test_both_engines_hear_the_same(listener: Listener) -> None:
    assert FAMILIES and len(listener.topics) == len(set(listener.topics)) > 8
    asked = [Expression(topic, topic, once=True) for topic in listener.topics]
    one, other = hyperscan_engine(asked, Nowhere()), re2_engine(asked)
    for data in SAID:
        assert {topic for topic, _ in one(data)} == {topic for topic, _ in other(data)} == listener(data)


def test_each_topic_is_heard_by_itself_and_those_that_come_later_too() -> None:
    listener = Listener()
    first = listener.topic("Mutex|RwLock")
    assert listener(b"a Mutex and an RwLock") == {first}
    second = listener.topic(r"(?i)create[\t-\r ]{1,20}table")
    assert listener(b"Create\n\ntable of an RwLock") == {first, second}
    assert listener(b"createtable") == set()


def test_what_was_made_for_topics_is_kept_for_the_next_process(monkeypatch: pytest.MonkeyPatch) -> None:
    class Kept(dict[str, bytes]):
        def put(self, name: str, data: bytes) -> None:
            self[name] = data

    kept = Kept()
    monkeypatch.setattr(page, "_cache", kept)
    for _ in range(2):
        listener = Listener()
        topic = listener.topic("Mutex|RwLock")
        assert listener(b"an RwLock") == {topic}
        assert len(kept) == 1


def test_a_blob_of_any_class_and_rust_without_its_comments_are_asked() -> None:
    topic = next(topic for topic in FILES.topics if topic.startswith("Mutex"))
    blob = Blob(b"// a Mutex\nfn f() {}", "code:rust", b"k")
    assert blob.hears(topic) and blob.as_class("code").hears(topic)
    assert source("impl A {} // trait").speaks("impl") and not source("impl A {} // trait").speaks("trait")
