"""Scanners that are not ours: run over a copy of the tree, inside bounds, and read as SARIF that nobody trusts."""

from findings.external.cage import Failed
from findings.external.look import Report, bare, look

__all__ = ["Failed", "Report", "bare", "look"]
