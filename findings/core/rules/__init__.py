"""The built-in rules: one file per family, registered here. A new family is a file and a line."""

from findings.core.facts import Family
from findings.core.rules import (
    clickhouse,
    events,
    kafka,
    kubernetes,
    kustomize,
    migrations,
    protobuf,
    rust,
    rust_errors,
    rust_frameworks,
    rust_main,
    rust_queries,
    secrets,
    workloads,
)
from findings.core.types import RuleInfo

TOOL = "nova"

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        secrets.FAMILY,
        kubernetes.FAMILY,
        workloads.FAMILY,
        kafka.FAMILY,
        clickhouse.FAMILY,
        rust.FAMILY,
        rust_frameworks.FAMILY,
        rust_queries.FAMILY,
        rust_errors.FAMILY,
        rust_main.FAMILY,
        events.FAMILY,
        kustomize.FAMILY,
        protobuf.FAMILY,
        migrations.FAMILY,
    )
}

RULES: dict[str, RuleInfo] = {rule.key: rule for family in FAMILIES.values() for rule in family.rules}
