"""The built-in rules: one file per family, registered here. A new family is a file and a line."""

from findings.core.facts import Family
from findings.core.rules import kafka, kubernetes, kustomize, protobuf, rust, secrets
from findings.core.types import RuleInfo

TOOL = "nova"

FAMILIES: dict[str, Family] = {
    "secrets": secrets.FAMILY,
    "kubernetes": kubernetes.FAMILY,
    "kafka": kafka.FAMILY,
    "rust": rust.FAMILY,
    "kustomize": kustomize.FAMILY,
    "protobuf": protobuf.FAMILY,
}

RULES: dict[str, RuleInfo] = {rule.key: rule for family in FAMILIES.values() for rule in family.rules}
