"""The last three weeks: repairs go on, something comes back, and new problems arrive with new work."""

from nova_dashboard.demo.changes import Delete, Edit, Later, Move
from nova_dashboard.demo.repair import BASE, REDIS_VOLUME, SCRATCH_DISK, STAGING, TOPICS_MOVED
from nova_dashboard.demo.steps import CHEN, JONAS, LIN, MAYA, PRIYA, TOMAS, Step, safer_topic

TWO_REPLICAS = "".join(
    f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  replicas: 2\n"
    for name in ("accounts", "billing", "dispatch")
)
BROKER_LOGIN = """\
---
apiVersion: v1
kind: Secret
metadata:
  name: kafka-clients
type: Opaque
data:
  username: dGVybnBvc3Q=
  password: @@secret:broker:base64@@
"""
MATRIX_MODULE = ("services/routing/src/main.rs", "mod handlers;\n", "mod handlers;\nmod matrix;\n")

RECENT = (
    Step(-21, CHEN, "routing: remember distances between stops", (
        Later("routing-wide-cache"), Edit(*MATRIX_MODULE),
    )),
    Step(-20, CHEN, 'Revert "routing: remember distances between stops"', (
        Delete("services/routing/src/matrix.rs"),
        Edit(MATRIX_MODULE[0], MATRIX_MODULE[2], MATRIX_MODULE[1]),
    ), key="revert", body="It grew without end and the pods were killed. It comes back with a bound."),
    Step(-19, MAYA, "Propose how readers take older events", (Later("reader-versions"),)),
    Step(-18, MAYA, "Read the passwords of broker and warehouse from the secret store", (
        Later("stores-secret-store"),
        Edit("deploy/base/kafka.yaml", BROKER_LOGIN, ""),
        Edit("deploy/base/clickhouse.yaml", "<password>@@secret:warehouse-reporter@@</password>",
             '<password from_env="REPORTER_PASSWORD"/>'),
        Edit(BASE, "  - tidy.yaml\n", "  - store-secrets.yaml\n  - tidy.yaml\n"),
    ), key="broker_secret_removed"),
    Step(-17, PRIYA, "Raise sqlx and tokio", (
        Edit("Cargo.toml", 'sqlx = { version = "0.8",', 'sqlx = { version = "0.8.2",'),
        Edit("Cargo.toml", 'tokio = { version = "1",', 'tokio = { version = "1.40",'),
    )),
    Step(-16, TOMAS, "billing: move to axum", (
        Later("billing-axum"),
    ), body="With the shared error, so a duplicate invoice answers 409 like everywhere else."),
    Step(-15, MAYA, "staging: a signing key of its own, from the secret store", (
        Delete(f"{STAGING}/secrets.yaml"),
        Edit(f"{STAGING}/kustomization.yaml", "  - secrets.yaml\n", ""),
        Later("staging-signing-key"),
    )),
    Step(-14, JONAS, "production: two of accounts, billing and dispatch", (
        Edit("deploy/overlays/production/replicas-patch.yaml", "  name: search\nspec:\n  replicas: 2\n",
             "  name: search\nspec:\n  replicas: 2\n" + TWO_REPLICAS),
    )),
    Step(-13, LIN, "Version the tracking messages", (
        Move("proto/ternpost/tracking/tracking.proto", "proto/ternpost/tracking/v1/tracking.proto"),
        Edit("proto/ternpost/tracking/v1/tracking.proto", "ternpost.tracking;", "ternpost.tracking.v1;"),
    )),
    Step(-12, MAYA, "gateway: notify and search get modules of their own", (Later("gateway-second-routes-out"),)),
    Step(-11, JONAS, "Kafka never read this setting: move it under config", (
        Edit(TOPICS_MOVED, '  min.insync.replicas: "2"\n---\napiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaTopic\n'
                           "metadata:\n  name: locker-events\n",
             '    min.insync.replicas: "2"\n---\napiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaTopic\n'
             "metadata:\n  name: locker-events\n"),
        safer_topic(TOPICS_MOVED, "locker-events", 3),
        Edit("deploy/tools/make-topics.sh", "--replication-factor 1\n",
             "--replication-factor 3 \\\n  --config min.insync.replicas=2\n"),
    ), body="Locker events and the audit trail get three copies with it."),
    Step(-10, TOMAS, "staging: drop patches that base made needless", (
        Edit(f"{STAGING}/kustomization.yaml", "  - path: probes-patch.yaml\n", ""),
        Edit(f"{STAGING}/kustomization.yaml", "  - opensearch-heap-patch.yaml\n", ""),
        Delete(f"{STAGING}/probes-patch.yaml"), Delete(f"{STAGING}/opensearch-heap-patch.yaml"),
    )),
    Step(-9, CHEN, "lockers: hold a door for a parcel", (
        Later("locker-holds"),
        Edit("services/lockers/src/main.rs", "mod handlers;\n", "mod handlers;\nmod holds;\n"),
    ), key="new_problem"),
    Step(-8, PRIYA, "search: say how words are split", (
        Edit("services/search/src/repo.rs", "//! The only place of this service that speaks SQL.\n",
             "//! The only place of this service that speaks SQL. `words` holds lower-case tokens, split at spaces.\n"),
    )),
    Step(-6, PRIYA, "Report late parcels every night", (
        Later("nightly-report"), Edit(BASE, "  - tidy.yaml\n", "  - nightly-report.yaml\n  - tidy.yaml\n"),
    )),
    Step(-5, LIN, "proofs: say what forgetting does", (
        Edit("services/proofs/src/archive.rs", "/// Deletes the pictures of one parcel.",
             "/// Deletes the pictures of one parcel; signatures stay."),
    )),
    # Four days: whatever weekday it is today, the working day of this is within the week that a digest tells.
    Step(-4, JONAS, "Scale staging for the load test", (
        Edit("deploy/base/redis.yaml", REDIS_VOLUME, SCRATCH_DISK),
        Edit("deploy/base/redis.yaml", "redis:7.4", "redis:7.4.1"),
    ), key="regression_commit", body="The volume would not attach in zone b. Scratch disk for now."),
    Step(-3, TOMAS, "Upload the partner feed every hour", (Later("partner-upload"),), key="secret_new"),
    Step(-2, MAYA, "Readme: where the partner feed lives", (
        Edit("README.md", "| `warehouse/` | ClickHouse |\n",
             "| `warehouse/` | ClickHouse |\n| `ops/` | jobs outside the cluster |\n"),
    )),
    Step(-1, CHEN, "couriers: vehicles are named in lower case", (
        Edit("services/couriers/src/repo.rs", "    pub vehicle: String,\n    pub active: bool,\n    pub created_at",
             "    /// Lower case: bicycle, cargo bike, van.\n    pub vehicle: String,\n    pub active: bool,\n"
             "    pub created_at"),
    )),
)  # fmt: skip
