"""Rust: a `main.rs` that holds more than the start of a program."""

from collections.abc import Iterable, Sequence

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe
from findings.core.marking import gettext_noop
from findings.core.rusttext import is_source, is_test
from findings.core.types import Observation, Priority, RuleInfo

OVERSIZED = RuleInfo(
    key="rust/oversized-main",
    title=gettext_noop("main.rs that is too long"),
    priority=Priority.P2,
    version=2,
    help=gettext_noop("""\
What stands in `main.rs` cannot be used by a test or by another crate. When it grows past a few screens, configuration,
connections, routes and background tasks lean on each other's local variables, and a change to one moves all of them.

**How to fix**: keep reading the configuration, building the application and waiting for its end; give routes, state
and tasks a module each, in the library part of the crate. Move one module at a time: the count shown here goes down
with each.

Before:

```rust
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // three hundred lines of pools, routes and spawned tasks
}
```

After:

```rust
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::from_env()?;
    orders::app(config).await?.run().await
}
```
"""),
)


def classify(path: str) -> str:
    """`main.rs` of a program; not of tests and examples."""
    if path.rsplit("/", 1)[-1] != "main.rs":
        return ""
    return "code:main" if is_source(path) and not is_test(path) and not is_document(path) else ""


def extract(blob: Blob) -> Facts:
    """{"lines": how many are not blank, …place of the file's first line}, or {} for an empty file."""
    count = sum(not line.isspace() for line in blob.text.split("\n") if line)
    return {"lines": count, **blob.spot(1)} if count else {}


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per file that passes the limit."""
    for place in places:
        count = place.facts["lines"]
        if count > settings.main_lines:
            message = f"main.rs has {count} lines that are not blank, the limit is {settings.main_lines}"
            said = {"count": count, "limit": settings.main_lines, "confidence": "high"}
            yield observe(OVERSIZED, place.path, place.facts, message, properties=said)


FAMILY = Family("rust-main", (OVERSIZED,), {"code:main": 2}, classify, extract, judge, part=str)
