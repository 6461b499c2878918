"""Overlays that patch more than they state."""

import re
from collections.abc import Iterable, Sequence

from findings.core import manifests
from findings.core.errors import Unreadable
from findings.core.facts import Blob, Facts, Family, Place, Settings, observe
from findings.core.kustomizations import PATCHES, folder, mappings
from findings.core.marking import gettext_noop
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.yamlnodes import Node
from findings.core.yamls import documents

SPRAWL = RuleInfo(
    key="kustomize/patch-sprawl",
    title=gettext_noop("Overlay applies too many patches"),
    priority=Priority.P2,
    version=2,
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

_NEXT = re.compile(r"^---\s*$", re.M)
_CODE = re.compile(r"^\s*[^#\s]", re.M)


def classify(path: str) -> str:
    """Kustomization files, outside folders of documents."""
    found = manifests.classify(path)
    return found if found == manifests.KUSTOMIZATION else ""


def extract(blob: Blob) -> Facts:
    """{"count": patches of all three lists, …place of the first list}, or {} where there are none."""
    count, first, last = 0, 0, 0
    for root in mappings(documents(blob.data)):
        for name, key in root.key_nodes().items():
            node = root.get(name)
            if name not in PATCHES or node.empty:
                continue
            if node.kind != "seq":
                raise Unreadable(f"{name} is not a list", node.line)
            if found := sum(_patches(item) for item in node.items):
                count += found
                first, last = min(first or key.line, key.line), max(last, node.end)
    return {"count": count, **blob.spot(first, last)} if count else {}


def _patches(item: Node) -> int:
    """How many patches an entry is: none, one, or as many documents as an inline patch holds."""
    if item.empty:
        return 0
    inline = item.text if item.kind == "scalar" else item.get("patch").text
    if "\n" not in inline:
        return 1
    return max(1, sum(bool(_CODE.search(part)) for part in _NEXT.split(inline)))


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per folder whose kustomization passes the limit."""
    for place in places:
        count = place.facts.get("count", 0)
        if count <= settings.patches:
            continue
        yield observe(
            SPRAWL,
            place.path,
            place.facts,
            f"The overlay applies {count} patches, the limit is {settings.patches}",
            identity=Identity.LOGICAL,
            key=folder(place.path) or ".",
            properties={"count": count, "limit": settings.patches, "confidence": "high"},
        )


FAMILY = Family("kustomize", (SPRAWL,), {manifests.KUSTOMIZATION: 2}, classify, extract, judge, part=str)
