"""Batches as JSON, for runs that wait for a person. Observations are redacted before they get here."""

from dataclasses import asdict, replace
from typing import Any

from findings.core.types import Batch, Coverage, Identity, Notice, Observation, Priority, Proof, RuleInfo


def dump(batch: Batch) -> dict[str, Any]:
    """A batch as JSON. The paths of the tree are not kept: a waiting run has none."""
    coverage = batch.coverage
    plain = asdict(replace(batch, coverage=Coverage()))
    plain["coverage"] = dump_coverage(coverage)
    return plain


def dump_coverage(coverage: Coverage) -> dict[str, Any]:
    """A coverage as JSON: rules (None = all), unreadable paths, complete."""
    return {
        "rules": None if coverage.rules is None else sorted(coverage.rules),
        "unreadable": sorted(coverage.unreadable),
        "complete": coverage.complete,
    }


def load(plain: dict[str, Any]) -> Batch:
    """The batch that `dump` was given, without the paths of its tree. What else stands beside it is left alone."""
    coverage = plain["coverage"]
    return Batch(
        **{name: plain[name] for name in Batch.__dataclass_fields__}
        | {
            "rules": tuple(_rule(r) for r in plain["rules"]),
            "observations": tuple(_observation(o) for o in plain["observations"]),
            "notices": tuple(Notice(**n) for n in plain["notices"]),
            "coverage": Coverage(
                rules=None if coverage["rules"] is None else frozenset(coverage["rules"]),
                unreadable=frozenset(coverage["unreadable"]),
                complete=coverage["complete"],
            ),
        }
    )


def _rule(plain: dict[str, Any]) -> RuleInfo:
    from_text = {"priority": Priority(plain["priority"]), "proof": Proof(plain["proof"])}
    return RuleInfo(**plain | from_text)


def _observation(plain: dict[str, Any]) -> Observation:
    return Observation(**plain | {"priority": Priority(plain["priority"]), "identity": Identity(plain["identity"])})
