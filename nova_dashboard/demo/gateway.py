"""The gateway's `main.rs`: one long file of handlers that all look alike, and how it shrinks when they move out."""

from collections.abc import Sequence
from string import Template

from nova_dashboard.demo.boilerplate import SERVICES, SKELETON, Service

MAIN = "services/gateway/src/main.rs"


def files(moved: Sequence[str] = ()) -> dict[str, str]:
    """The gateway's sources when the handlers of the services in `moved` live in `src/routes/`."""
    stay = [s for s in SERVICES if s.name not in moved]
    gone = [s for s in SERVICES if s.name in moved]
    sources = {MAIN: main(stay, gone)}
    if gone:
        sources["services/gateway/src/routes/mod.rs"] = module_list(gone)
    for service in gone:
        sources[f"services/gateway/src/routes/{service.name}.rs"] = module(service)
    return sources


def main(stay: Sequence[Service], gone: Sequence[Service]) -> str:
    """`main.rs` with the handlers of `stay` in it."""
    routes = [route(s, f"routes::{s.name}::" if s in gone else "") for s in (*stay, *gone)]
    return Template((SKELETON / "gateway/main.rs").read_text()).substitute(
        modules="mod routes;\n\n" if gone else "",
        names="\n".join(f"    {s.name}: String," for s in SERVICES),
        urls="\n".join(f'            {s.name}: base("{s.name.upper()}_URL")?,' for s in SERVICES),
        routes="\n".join(routes),
        handlers="\n".join(handlers(s) for s in stay),
        tables=", ".join(f'"{s.table}"' for s in SERVICES),
    )


def route(service: Service, module: str) -> str:
    """The routes of one service; `module` is the path of its handlers, with the colons."""
    name, table = service.name, service.table
    return (
        f'        .route("/{table}", get({module}list_{name}).post({module}create_{name}))\n'
        f'        .route("/{table}/:id", get({module}show_{name}))'
    )


def handlers(service: Service, visibility: str = "") -> str:
    """The three handlers of one service."""
    text = (SKELETON / "gateway/handlers.rs").read_text()
    return Template(text).substitute(name=service.name, table=service.table, pub=visibility)


def module(service: Service) -> str:
    """`src/routes/NAME.rs` with the handlers of one service."""
    return (SKELETON / "gateway/module.rs").read_text() + "\n" + handlers(service, "pub ")


def module_list(gone: Sequence[Service]) -> str:
    """`src/routes/mod.rs`."""
    return "//! One module per service behind the gateway.\n\n" + "".join(f"pub mod {s.name};\n" for s in gone)
