"""A small backend, as services in Rust with their manifests, that holds something for each rule outside of secrets.

A line that is a problem ends in an arrow, the problem's name and, behind a colon, the short name of its rule.
"""

from tests.replay.world import INDEX, MUTEX, PACKAGE, QUERY, STATE, TOPIC, VERSION, Block, Line, World

ARROW = " <- "
RULES = {
    "lock": MUTEX,
    "query": QUERY,
    "topic": TOPIC,
    "package": PACKAGE,
    "version": VERSION,
    "volume": STATE,
    "index": INDEX,
    "split": "rust/web-framework-split",
    "error": "rust/duplicate-error-conversion",
    "main": "rust/oversized-main",
    "open": "clickhouse/open-network",
    "mirror": "clickhouse/oltp-mirror",
    "state": "kubernetes/single-replica-state",
    "single": "kubernetes/single-replica-service",
    "script": "kubernetes/inline-shell-job",
    "patches": "kustomize/patch-sprawl",
}


def told(text: str) -> Block:
    """The lines of a text, with the problems that it names."""
    return tuple(_line(line) for line in text.strip("\n").split("\n"))


def _line(line: str) -> Line:
    text, _, problem = line.partition(ARROW)
    name, _, rule = problem.rpartition(":")
    return Line(text, name, RULES[rule]) if problem else Line(text)


CARGO = """
[package]
name = "{name}"
version = "0.1.0"

[dependencies]
"""
ERRORS = """
//! What goes wrong.
use sqlx;

pub enum Trouble {
    Missing,
    Taken,
    Other(String),
}

impl From<sqlx::Error> for Trouble { <- orders converts:error
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) if inner.code().as_deref() == Some("23505") => Self::Taken, <- orders code:error
            _ => Self::Other(error.to_string()),
        }
    }
}
"""
LIST = """
//! Lists of orders.
use crate::store::Store;

pub struct Lists {
    store: Arc<Store>,
}

impl Lists {
    pub async fn with_lines(&self, orders: Vec<Order>) -> Result<Vec<Page>, Trouble> {
        let mut pages = Vec::new();
        for order in &orders {
            let lines = self.store.lines_of(order.id).await?; <- lines of orders:query
            pages.push(Page::new(order, lines));
        }
        Ok(pages)
    }

    pub async fn close(&self, pool: &PgPool, orders: &[Order]) -> Result<(), Trouble> {
        for order in orders {
            sqlx::query("UPDATE orders SET closed = true WHERE id = $1").bind(order.id).execute(pool).await?; <- close:query
        }
        Ok(())
    }
}
"""
STORE = """
//! Reads and writes orders.
pub struct Store {
    pool: PgPool,
}

impl Store {
    pub async fn lines_of(&self, order: Uuid) -> Result<Vec<Line>, Trouble> {
        let found = sqlx::query_as("SELECT * FROM lines WHERE order_id = $1").bind(order).fetch_all(&self.pool).await?;
        Ok(found)
    }
}
"""
CACHE = """
//! The cache that services share.
use redis::aio::ConnectionManager;

pub type Shared = Arc<Mutex<ConnectionManager>>; <- shared:lock
"""
MAIL = """
use cache_kit::Shared;

#[derive(thiserror::Error, Debug)]
pub enum MailError {
    #[error("database")]
    Database(#[from] sqlx::Error), <- mail converts:error
}

pub struct State {
    cache: Shared, <- state of mail:lock
}
"""
EVENTS = """
//! Events on the wire.
pub fn is_compatible(ours: u32, theirs: u32) -> bool {
    ours == theirs <- events:version
}
"""
MIRROR = """
CREATE TABLE orders_cdc <- orders mirror:mirror
(
    id String,
    is_deleted UInt8,
    changed_at DateTime
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY id;
"""
USERS = """
<clickhouse>
  <users>
    <default>
      <password></password>
      <networks>
        <ip>::/0</ip> <- everybody:open
      </networks>
    </default>
  </users>
</clickhouse>
"""
REDIS = """
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: redis
  namespace: shop
spec:
  serviceName: redis
  replicas: 1 <- one redis:state
  selector:
    matchLabels: {app: redis}
  template:
    spec:
      containers:
        - name: redis
          image: redis:7
          volumeMounts:
            - {name: data, mountPath: /data}
      volumes:
        - name: data
          emptyDir: {} <- data of redis:volume
"""
ORDERS = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  namespace: shop
spec:
  replicas: 1 <- one orders:single
  selector:
    matchLabels: {app: orders}
  template:
    spec:
      containers:
        - name: orders
          image: shop/orders:1
"""
TOPICS = """
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata:
  name: orders
  labels:
    strimzi.io/cluster: shop
spec:
  partitions: 3
  replicas: 1 <- topic of orders:topic
  config:
    min.insync.replicas: 2
"""
JOB = """
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
  namespace: shop
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: report
              image: tools:1
              command: ["/bin/sh", "-c"]
              args: <- report:script
                - |
"""
SQL = """
CREATE TABLE orders (id uuid PRIMARY KEY, closed boolean NOT NULL, label text);
CREATE INDEX orders_closed ON orders (closed); <- closed orders:index
"""
KUSTOMIZATION = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../base
patches: <- production:patches
"""


def crate(world: World, folder: str, name: str, framework: str = "", problem: str = "") -> None:
    """A crate with its manifest; one with a web framework is a service."""
    world.write(f"{folder}/Cargo.toml", told(CARGO.format(name=name)))
    if framework:
        world.files[f"{folder}/Cargo.toml"] += told(f'{framework} = "1"{problem}\nsqlx = "0.8"')
        world.write(f"{folder}/src/main.rs", told("mod list;\n\nfn main() {}"))


def backend(world: World) -> None:
    """The whole of it."""
    world.write("Cargo.toml", told('[workspace]\nmembers = ["services/*", "libs/*"]'))
    crate(world, "services/orders", "orders", "axum")
    crate(world, "services/mail", "mail", "axum")
    crate(world, "services/legacy", "legacy", "actix-web", f"{ARROW}legacy is apart:split")
    crate(world, "libs/cache-kit", "cache-kit")
    crate(world, "libs/event-kit", "event-kit")
    steps = tuple(Line(f"    step_{n}();") for n in range(320))
    world.write(
        "services/legacy/src/main.rs", told(f"//! All of it.{ARROW}legacy:main\nfn main() {{"), steps, told("}")
    )
    world.write("services/orders/src/error.rs", told(ERRORS))
    world.write("services/orders/src/list.rs", told(LIST))
    world.write("services/orders/src/store.rs", told(STORE))
    world.write("services/mail/src/state.rs", told(MAIL))
    world.write("libs/cache-kit/src/lib.rs", told(CACHE))
    world.write("libs/event-kit/src/lib.rs", told(EVENTS))
    world.write("services/orders/migrations/0001_orders.sql", told(SQL))
    world.write(
        "services/orders/proto/orders.proto", told(f'syntax = "proto3";\npackage orders;{ARROW}orders proto:package')
    )
    world.write("warehouse/tables.sql", told(MIRROR))
    world.write("warehouse/users.xml", told(USERS))
    script = tuple(Line(f"                  echo step {n}") for n in range(12))
    bases = {"redis": told(REDIS), "orders": told(ORDERS), "topics": told(TOPICS), "report": told(JOB) + script}
    for name, lines in bases.items():
        world.write(f"k8s/base/{name}.yaml", lines)
    listed = "".join(f"  - {name}.yaml\n" for name in bases)
    world.write("k8s/base/kustomization.yaml", told(f"kind: Kustomization\nresources:\n{listed}"))
    patches = tuple(Line(f"  - path: part{n}.yaml") for n in range(7))
    world.write("k8s/overlays/production/kustomization.yaml", told(KUSTOMIZATION), patches)
