"""Gathers the texts of the demo's tree: the files under `tree/` and `later/`, and those rendered from skeletons.

A file under `tree/` takes the place of a rendered one with the same path.
"""

from dataclasses import replace
from pathlib import Path

from nova_dashboard.demo import boilerplate, fakes, gateway
from nova_dashboard.demo.changes import Catalogue

HERE = Path(__file__).parent
FIRST_OUT = ("pricing",)
SECOND_OUT = (*FIRST_OUT, "notify", "search")


def load() -> Catalogue:
    """Every text, its secrets filled in."""
    groups = {folder.name: read(folder) for folder in sorted((HERE / "later").iterdir())} | rendered_groups()
    return Catalogue(first=filled(first_files()), later={name: filled(group) for name, group in groups.items()})


def first_files() -> dict[str, str]:
    """The files as they begin, path -> text with tokens."""
    files = {path: text for service in boilerplate.SERVICES for path, text in boilerplate.files(service).items()}
    return files | gateway.files() | read(HERE / "tree")


def rendered_groups() -> dict[str, dict[str, str]]:
    """Later states of rendered files: services that change framework or error type, the gateway as it shrinks."""
    services = {service.name: service for service in boilerplate.SERVICES}
    groups = {
        "gateway-first-routes-out": gateway.files(FIRST_OUT),
        "gateway-second-routes-out": gateway.files(SECOND_OUT),
    }
    for name in ("accounts", "dispatch"):
        path = f"services/{name}/src/error.rs"
        groups[f"{name}-shared-error"] = {path: boilerplate.files(replace(services[name], own_error=""))[path]}
    for name in ("billing", "lockers"):
        moved = replace(services[name], framework="axum", own_error="")
        groups[f"{name}-axum"] = {path: boilerplate.render(skeleton, moved)
                                  for path, skeleton in boilerplate.crate(moved).items()}  # fmt: skip
    return groups


def read(folder: Path) -> dict[str, str]:
    """All files below a folder, relative path -> text."""
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def filled(files: dict[str, str]) -> dict[str, str]:
    """The files with their secrets in place."""
    return {path: fakes.fill(text) for path, text in files.items()}
