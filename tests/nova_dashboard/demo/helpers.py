"""Ways to look at the demo's trees."""

from collections.abc import Mapping
from datetime import date

from nova_dashboard.demo import repository

TODAY = date(2025, 11, 23)
Tree = Mapping[str, str]


def show(demo: repository.BuiltDemo, commit: str, path: str) -> str:
    return repository.git(demo.origin, "show", f"{commit}:{path}")


def filled_lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())


def holders(tree: Mapping[str, str], text: str, suffix: str = "") -> list[str]:
    return sorted(path for path, content in tree.items() if text in content and path.endswith(suffix))


def patches(tree: Tree) -> int:
    text = tree["deploy/overlays/staging/kustomization.yaml"].split("\npatches:\n")[1]
    return text.count("\n  - ") + text.startswith("  - ") - text.count("images:")
