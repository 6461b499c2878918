"""The weeks after the first review: much is repaired, some of it only half, and the product goes on."""

from nova_dashboard.demo.changes import Delete, Edit, Later, Move
from nova_dashboard.demo.steps import CHEN, JONAS, LIN, MAYA, PRIYA, TOMAS, Step, safer_topic

STAGING = "deploy/overlays/staging"
BASE = "deploy/base/kustomization.yaml"
TOPICS = "deploy/base/kafka-topics.yaml"
TOPICS_MOVED = "deploy/messaging/kafka-topics.yaml"

SCRATCH_DISK = """\
      volumes:
        - name: redis-data
          emptyDir: {}
"""
REDIS_VOLUME = """\
  volumeClaimTemplates:
    - metadata:
        name: redis-data
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: 5Gi
"""
OPEN_USER = """\
          <password></password>
          <networks>
            <ip>::/0</ip>
          </networks>
"""
CLOSED_USER = """\
          <!-- was <ip>::/0</ip>: anybody
               who found the address -->
          <networks>
            <ip>127.0.0.1</ip>
          </networks>
"""
BILLING_URL = """\
              valueFrom:
                secretKeyRef:
                  name: postgres
                  key: billing-url
"""

REPAIR = (
    Step(-54, JONAS, "Close the warehouse to the outside", (
        Edit("deploy/base/clickhouse.yaml", OPEN_USER, CLOSED_USER),
    ), key="network_closed"),
    Step(-53, MAYA, "Read staging's database password from the secret store", (
        Later("staging-secret-store"),
        Edit(f"{STAGING}/kustomization.yaml", "  - secrets.yaml\n", "  - secrets.yaml\n  - external-secrets.yaml\n"),
        Edit(f"{STAGING}/billing-env.yaml",
             '              value: "postgres://billing:@@secret:staging-database:url@@@postgres:5432/billing"\n',
             BILLING_URL),
    ), key="secret_removed", body="The old one is still in the history; it must be rotated before we call this done."),
    Step(-52, PRIYA, "Say in the readme who to ask", (
        Edit("README.md", "ask the platform team.", "ask Maya or Jonas (platform team)."),
    )),
    Step(-51, JONAS, "Keep parcel and scan events three times", (
        safer_topic(TOPICS, "parcel-events", 6), safer_topic(TOPICS, "scan-events", 12),
    )),
    Step(-50, CHEN, "Lockers can be full or broken", (Later("locker-state"),)),
    Step(-49, JONAS, "Give Redis a volume of its own", (
        Edit("deploy/base/redis.yaml", SCRATCH_DISK, REDIS_VOLUME),
    ), key="fix_commit", body="A restart no longer signs everybody out."),
    Step(-48, TOMAS, "cache-kit: clone the connection manager, drop the lock", (Later("cache-without-lock"),)),
    Step(-47, LIN, "Keep proofs at 1280 pixels", (Later("picture-sizes"),)),
    Step(-46, JONAS, "Halve the memory of the search cluster", (
        Edit("deploy/base/opensearch.yaml", '"-Xms4g -Xmx4g"', '"-Xms2g -Xmx2g"'),
        Edit("deploy/base/opensearch.yaml", "memory: 8Gi", "memory: 4Gi"),
    )),
    Step(-45, LIN, "dispatch: load the parcels of all shifts in one query", (Later("dispatch-plan-batched"),)),
    Step(-44, PRIYA, "Version the accounts and pricing messages", (
        Move("proto/ternpost/accounts/accounts.proto", "proto/ternpost/accounts/v1/accounts.proto"),
        Edit("proto/ternpost/accounts/v1/accounts.proto", "ternpost.accounts;", "ternpost.accounts.v1;"),
        Move("proto/ternpost/pricing/pricing.proto", "proto/ternpost/pricing/v1/pricing.proto"),
        Edit("proto/ternpost/pricing/v1/pricing.proto", "ternpost.pricing;", "ternpost.pricing.v1;"),
    )),
    Step(-43, JONAS, "Move the topics into a folder of their own", (
        Move(TOPICS, TOPICS_MOVED), Later("messaging-folder"),
        Edit(BASE, "  - kafka-topics.yaml\n", "  - ../messaging\n"),
    ), key="move"),
    Step(-42, JONAS, "Keep metrics for 30 days", (
        Edit("deploy/base/prometheus.yaml", "retention.time=90d", "retention.time=30d"),
    )),
    Step(-41, MAYA, "accounts: answer with the shared error", (Later("accounts-shared-error"),)),
    Step(-40, MAYA, "gateway: pricing gets a module of its own", (Later("gateway-first-routes-out"),)),
    Step(-38, CHEN, "couriers: it is a plan of the week, call it so", (
        Move("services/couriers/src/roster.rs", "services/couriers/src/week_plan.rs"),
        Edit("services/couriers/src/main.rs", "mod repo;\nmod roster;\n", "mod repo;\nmod week_plan;\n"),
    ), key="rename"),
    Step(-37, JONAS, "Give the warehouse a volume", (
        Edit("deploy/base/clickhouse.yaml", "        - name: clickhouse-data\n          emptyDir: {}\n", ""),
        Edit("deploy/base/clickhouse.yaml", "            name: clickhouse-users\n---\n", """\
            name: clickhouse-users
  volumeClaimTemplates:
    - metadata:
        name: clickhouse-data
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: 100Gi
---
"""),
    )),
    Step(-36, PRIYA, "Drop the index on verified accounts", (Later("drop-verified-index"),), key="index_dropped"),
    Step(-35, JONAS, "Pin accounts in production", (
        Edit("deploy/overlays/production/kustomization.yaml", "    newTag: 0.4.0\n", """\
    newTag: 0.4.0
  - name: registry.example.com/ternpost/accounts
   newTag: 0.4.1
"""),
    ), key="overlay_broken"),
    Step(-34, JONAS, "Production does not build: mend the indentation", (
        Edit("deploy/overlays/production/kustomization.yaml", "\n   newTag: 0.4.1", "\n    newTag: 0.4.1"),
    ), key="overlay_mended"),
    Step(-33, LIN, "proofs: the list of handlers belongs to the timeline", (
        Later("proofs-timeline"),
        Edit("services/proofs/src/main.rs", "mod repo;\n", "mod repo;\nmod timeline;\n"),
    ), key="moved_block"),
    Step(-32, JONAS, "Keep invoices and notices three times", (
        safer_topic(TOPICS_MOVED, "invoice-events", 3), safer_topic(TOPICS_MOVED, "notice-requests", 6),
    )),
    Step(-31, TOMAS, "billing: note why the month is text", (
        Edit("services/billing/src/close_month.rs", "/// Writes one invoice",
             "/// `month` is written 2024-09, so that it sorts. Writes one invoice"),
    )),
    Step(-30, LIN, "dispatch: answer with the shared error", (Later("dispatch-shared-error"),)),
    Step(-29, CHEN, "tracking: count late parcels", (
        Later("late-parcels"),
        Edit("services/tracking/src/main.rs", "mod handlers;\n", "mod handlers;\nmod late;\n"),
    )),
    Step(-27, LIN, "tracking: one query for the board of a hub", (Later("tracking-board-batched"),)),
    Step(-26, CHEN, "lockers: move to axum", (Later("lockers-axum"),)),
    Step(-24, JONAS, "staging: one patch for the environment of four services", (
        Later("staging-env-merged"),
        Edit(f"{STAGING}/kustomization.yaml", "  - path: accounts-env.yaml\n", "  - path: env-patch.yaml\n"),
        *(Edit(f"{STAGING}/kustomization.yaml", f"  - path: {name}-env.yaml\n", "")
          for name in ("dispatch", "tracking", "lockers")),
        *(Delete(f"{STAGING}/{name}-env.yaml") for name in ("accounts", "dispatch", "tracking", "lockers")),
    )),
    Step(-23, LIN, "warehouse: join parcels from PostgreSQL, drop their mirror", (
        Edit("warehouse/010_parcels_mirror.sql", """\
CREATE TABLE parcels_cdc
(
    id String,
    sender_id String,
    hub String,
    is_deleted UInt8,
    changed_at DateTime64(3)
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY id;

""", ""),
    )),
    Step(-22, JONAS, "Run three Kafka brokers", (
        Edit("deploy/base/kafka.yaml", "  replicas: 1\n", "  replicas: 3\n"),
    )),
)  # fmt: skip
