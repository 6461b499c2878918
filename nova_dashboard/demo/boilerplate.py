"""The parts of the demo's tree that every service has alike, rendered from `skeleton/`.

`Service` describes one service; `files(service)` renders its crate, manifest, table and proto file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SKELETON = Path(__file__).parent / "skeleton"

RUST = {"uuid": "Uuid", "text": "String", "boolean": "bool", "bigint": "i64", "integer": "i32",
        "timestamptz": "DateTime<Utc>"}  # fmt: skip
PROTO = {"uuid": "string", "text": "string", "boolean": "bool", "bigint": "int64", "integer": "int32",
         "timestamptz": "google.protobuf.Timestamp"}  # fmt: skip

BY_LITERAL = 'inner.code().as_deref() == Some("23505")'
BY_KIND = "inner.is_unique_violation()"


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the demo: `columns` maps a column to its PostgreSQL type; `own_error` is "" where the service
    uses the shared error type, else the condition by which it knows a conflict; `modules` are those it has on its own.
    """

    name: str
    entity: str
    table: str
    port: int
    purpose: str
    columns: Mapping[str, str]
    framework: str = "axum"
    own_error: str = ""
    replicas: int = 1
    versioned: bool = False
    modules: tuple[str, ...] = ()


SERVICES = (
    Service("accounts", "Account", "accounts", 8101, "People and shops who send and receive parcels.",
            {"email": "text", "display_name": "text", "verified": "boolean"}, own_error=BY_LITERAL),
    Service("billing", "Invoice", "invoices", 8102, "Invoices of shops, one a month, and what they paid.",
            {"account_id": "uuid", "month": "text", "cents": "bigint", "paid": "boolean"},
            framework="actix-web", own_error=BY_KIND, modules=("close_month",)),
    Service("pricing", "Tariff", "tariffs", 8103, "What a parcel of a size costs from zone to zone.",
            {"zone": "text", "size": "text", "grams": "integer", "cents": "bigint"}, replicas=2),
    Service("notify", "Notice", "notices", 8104, "Tells people where their parcel is.",
            {"account_id": "uuid", "channel": "text", "body": "text"}, modules=("cache", "fanout")),
    Service("search", "Entry", "search_entries", 8105, "Finds parcels by number, name or street.",
            {"parcel_id": "uuid", "words": "text"}, versioned=True),
    Service("dispatch", "Shift", "shifts", 8111, "Who drives which parcels on which day.",
            {"courier_id": "uuid", "starts_at": "timestamptz", "open": "boolean"}, own_error=BY_KIND,
            modules=("plan",)),
    Service("routing", "Leg", "legs", 8112, "The order of stops, and the metres between them.",
            {"shift_id": "uuid", "from_stop": "text", "to_stop": "text", "metres": "integer"}, versioned=True),
    Service("tracking", "Scan", "scans", 8113, "Where a parcel was last seen.",
            {"parcel_id": "uuid", "hub": "text", "seen_at": "timestamptz"}, own_error=BY_KIND, replicas=2,
            modules=("board",)),
    Service("couriers", "Courier", "couriers", 8114, "Couriers, their vehicles and their days off.",
            {"name": "text", "vehicle": "text", "active": "boolean"}, framework="actix-web",
            own_error=BY_KIND, modules=("roster",)),
    Service("lockers", "Locker", "lockers", 8115, "Parcel lockers and their doors.",
            {"site": "text", "doors": "integer", "free_doors": "integer"}, framework="actix-web",
            own_error=BY_LITERAL),
    Service("proofs", "Proof", "proofs", 8116, "Signatures and pictures taken at the door.",
            {"parcel_id": "uuid", "picture_key": "text", "signed_by": "text"}, versioned=True,
            modules=("archive",)),
)  # fmt: skip


def files(service: Service) -> dict[str, str]:
    """The files of one service, path -> text: crate, Kubernetes manifest, migration and proto definition."""
    number = 101 + SERVICES.index(service) if service in SERVICES else 0
    proto = f"proto/ternpost/{service.name}"
    rendered = {path: render(name, service) for path, name in crate(service).items()}
    rendered[f"deploy/base/{service.name}.yaml"] = render("deploy.yaml", service)
    rendered[f"migrations/{number:04}_{service.table}.sql"] = render("table.sql", service)
    rendered[f"{proto}/{'v1/' * service.versioned}{service.name}.proto"] = render("service.proto", service)
    return rendered


def crate(service: Service) -> dict[str, str]:
    """The files of a service's crate, path -> name of the skeleton they come from."""
    root = f"services/{service.name}"
    camp = "actix" if service.framework == "actix-web" else "axum"
    return {
        f"{root}/Cargo.toml": "Cargo.toml",
        f"{root}/src/config.rs": "config.rs",
        f"{root}/src/error.rs": f"{camp}/error_own.rs" if service.own_error else "error_shared.rs",
        f"{root}/src/handlers.rs": f"{camp}/handlers.rs",
        f"{root}/src/main.rs": f"{camp}/main.rs",
        f"{root}/src/repo.rs": "repo.rs",
    }


def render(name: str, service: Service) -> str:
    """One skeleton with the words of one service in place of its `@@tokens@@`."""
    text = (SKELETON / name).read_text()
    for token, value in words(service).items():
        text = text.replace(f"@@{token}@@", value)
    return text


def words(service: Service) -> dict[str, str]:
    """What the skeletons may ask of a service, token -> text."""
    columns = service.columns.items()
    return {
        "service": service.name,
        "entity": service.entity,
        "noun": service.entity.lower(),
        "table": service.table,
        "port": str(service.port),
        "purpose": service.purpose,
        "framework": service.framework,
        "replicas": str(service.replicas),
        "conflict": service.own_error,
        "mods": "\n".join(f"mod {name};" for name in sorted(("config", "error", "handlers", "repo", *service.modules))),
        "package": f"ternpost.{service.name}" + ".v1" * service.versioned,
        "fields": "\n".join(f"    pub {name}: {RUST[kind]}," for name, kind in columns),
        "ddl": "\n".join(f"    {name} {kind} NOT NULL," for name, kind in columns),
        "messages": "\n".join(f"  {PROTO[kind]} {name} = {n};" for n, (name, kind) in enumerate(columns, 2)),
        "last": str(len(service.columns) + 2),
        "columns": ", ".join(service.columns),
        "slots": ", ".join(f"${n}" for n in range(1, len(service.columns) + 1)),
        "binds": "\n".join(f"        .bind(&new.{name})" for name in service.columns),
    }
