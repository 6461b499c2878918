"""Overlays that patch more than they state."""

import re
from collections.abc import Iterable, Sequence

from findings.core.errors import Unreadable
from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe
from findings.core.marking import gettext_noop
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.yamls import Node, documents

SPRAWL = RuleInfo(
    key="kustomize/patch-sprawl",
    title=gettext_noop("Overlay applies too many patches"),
    priority=Priority.P2,
    version=1,
    help=gettext_noop("""\
Each patch is a difference that a reader has to apply in their head. When an overlay needs many of them, the base does
not say what is common any more, and nobody can tell what runs without rendering it.

**How to fix**: move what all overlays share into the base; use the fields made for the rest (`images`, `replicas`,
`configMapGenerator`, `components`); merge what is left by subject.

Before:

```yaml
patches:
  - path: orders-image.yaml
  - path: orders-replicas.yaml
  - path: orders-env.yaml
  # … and a dozen more
```

After:

```yaml
images: [{name: orders, newTag: "1.42"}]
replicas: [{name: orders, count: 3}]
patches:
  - path: env.yaml
```
"""),
)

NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
LISTS = ("patches", "patchesStrategicMerge", "patchesJson6902")
_NEXT = re.compile(r"^---\s*$", re.M)


def classify(path: str) -> str:
    """Kustomization files, outside folders of documents."""
    name = path.rsplit("/", 1)[-1]
    return "yaml:kustomization" if name in NAMES and not is_document(path) else ""


def extract(blob: Blob) -> Facts:
    """{"count": patches of all three lists, …place of the first list}, or {} where there are none."""
    roots = documents(blob.data)
    if wrong := next((root for root in roots if root.kind != "map" and not root.empty), None):
        raise Unreadable("a kustomization is a mapping, this is not", wrong.line)
    lists = [(name, root) for root in roots for name in LISTS if not root.get(name).empty]
    count, first, last = 0, 0, 0
    for name, root in lists:
        node = root.get(name)
        if node.kind != "seq":
            raise Unreadable(f"{name} is not a list", node.line)
        count += sum(_patches(item) for item in node.items)
        line = root.key_nodes()[name].line
        first, last = min(first or line, line), max(last, node.end)
    return {"count": count, **blob.spot(first, last)} if count else {}


def _patches(item: Node) -> int:
    """How many patches an entry is: one, or as many documents as an inline patch holds."""
    inline = item.text if item.kind == "scalar" else item.get("patch").text
    if "\n" not in inline:
        return 1
    return max(1, sum(bool(part.strip()) for part in _NEXT.split(inline)))


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per folder whose kustomization passes the limit."""
    for place in places:
        count = place.facts.get("count", 0)
        if count <= settings.patches:
            continue
        folder = place.path.rpartition("/")[0] or "."
        yield observe(
            SPRAWL,
            place.path,
            place.facts,
            f"The overlay applies {count} patches, the limit is {settings.patches}",
            identity=Identity.LOGICAL,
            key=folder,
            properties={"count": count, "limit": settings.patches, "confidence": "high"},
        )


FAMILY = Family("kustomize", (SPRAWL,), {"yaml:kustomization": 1}, classify, extract, judge)
