"""Credentials in text: where they may stand (`find`) and what each value is worth (`values.judge`)."""

from findings.core.detect.finder import KINDS, find, kind_of
from findings.core.detect.hit import Hit
from findings.core.detect.lines import digests

__all__ = ["KINDS", "Hit", "digests", "find", "kind_of"]
