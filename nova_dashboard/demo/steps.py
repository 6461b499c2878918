"""The shape of one commit of the demo's history, and the people who write them."""

from dataclasses import dataclass

from nova_dashboard.demo.changes import Change, Edit


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who commits; all invented."""

    name: str
    email: str


MAYA = Author("Maya Lindqvist", "maya@example.com")
TOMAS = Author("Tomas Ferreira", "tomas@example.com")
JONAS = Author("Jonas Weber", "jonas@example.com")
PRIYA = Author("Priya Nair", "priya@example.com")
LIN = Author("Lin Yue", "lin@example.com")
CHEN = Author("Chen Wei", "chen@example.com")


@dataclass(frozen=True, slots=True)
class Step:
    """One commit: `day` is its offset from today (never above -1), `key` a name by which others refer to it."""

    day: int
    author: Author
    subject: str
    changes: tuple[Change, ...]
    key: str = ""
    body: str = ""


def safer_topic(path: str, topic: str, partitions: int) -> Edit:
    """Gives a Kafka topic three replicas, two of which must have a message before it counts as written."""
    head = f"name: {topic}\n  labels:\n    strimzi.io/cluster: ternpost\nspec:\n  partitions: {partitions}\n"
    config = '  config:\n    retention.ms: "604800000"\n'
    return Edit(
        path,
        f"{head}  replicas: 1\n{config}",
        f'{head}  replicas: 3\n{config}    min.insync.replicas: "2"\n',
    )
