"""The first two weeks: a product moves into one repository, with everything it brought along."""

from nova_dashboard.demo.changes import Add
from nova_dashboard.demo.steps import CHEN, JONAS, LIN, MAYA, PRIYA, TOMAS, Step

ARRIVAL = (
    Step(-70, MAYA, "Start the monorepo: workspace, owners, readme", (
        Add("Cargo.toml"), Add("rustfmt.toml"), Add("CODEOWNERS"), Add("README.md"), Add(".env.example"),
        Add("docs/decisions/"),
    )),
    Step(-70, TOMAS, "Bring the shared crates over", (Add("libs/"),)),
    Step(-69, MAYA, "Bring accounts over from the old repository", (Add("services/accounts/"),)),
    Step(-69, JONAS, "Add the gateway", (Add("services/gateway/"),),
         body="Every handler is in main.rs for now. We split it when it hurts."),
    Step(-68, TOMAS, "Bring billing over", (Add("services/billing/"),),
         body="Still on actix-web, as it was."),
    Step(-68, PRIYA, "Add pricing", (Add("services/pricing/"),)),
    Step(-67, LIN, "Bring dispatch over", (Add("services/dispatch/"),)),
    Step(-67, CHEN, "Add routing", (Add("services/routing/"),)),
    Step(-66, LIN, "Bring tracking over", (Add("services/tracking/"),)),
    Step(-66, CHEN, "Bring couriers over", (Add("services/couriers/"),)),
    Step(-65, CHEN, "Bring lockers over", (Add("services/lockers/"),)),
    Step(-65, LIN, "Add proofs of delivery", (Add("services/proofs/"),)),
    Step(-64, PRIYA, "Add notify and search", (Add("services/notify/"), Add("services/search/"))),
    Step(-64, MAYA, "Write down the messages between services", (Add("proto/"),)),
    Step(-63, TOMAS, "Add the migrations, oldest first", (Add("migrations/"),)),
    Step(-63, LIN, "Add the warehouse", (Add("warehouse/"),),
         body="The mirror tables are fed from the change stream of PostgreSQL."),
    Step(-62, JONAS, "Deploy the services", tuple(
        Add(f"deploy/base/{name}.yaml")
        for name in ("accounts", "billing", "pricing", "notify", "search", "dispatch", "routing", "tracking",
                     "couriers", "lockers", "proofs", "gateway", "upstreams")
    )),
    Step(-62, JONAS, "Deploy what keeps the data", tuple(
        Add(f"deploy/base/{name}.yaml")
        for name in ("postgres", "redis", "clickhouse", "kafka", "opensearch", "prometheus")
    )),
    Step(-61, JONAS, "Create the Kafka topics", (Add("deploy/base/kafka-topics.yaml"), Add("deploy/tools/"))),
    Step(-60, JONAS, "Add the jobs of the cluster", (
        Add("deploy/base/tidy.yaml"), Add("deploy/base/token-refresher.yaml"), Add("deploy/base/network-policy.yaml"),
        Add("deploy/base/kustomization.yaml"),
    )),
    Step(-60, JONAS, "Set up staging", (Add("deploy/overlays/staging/"),), key="secret_added",
         body="Passwords are in the overlay until the secret store is there."),
    Step(-59, JONAS, "Set up production and laptops", (
        Add("deploy/overlays/production/"), Add("deploy/overlays/local/"), Add("docker-compose.yml"),
    )),
    Step(-58, MAYA, "Test every pull request", (Add(".github/"),)),
    Step(-57, PRIYA, "Write the first runbooks", (Add("docs/runbooks/"),)),
)  # fmt: skip
