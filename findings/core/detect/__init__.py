"""Credentials in text: where they may stand (`find`) and what each value is worth (`values.judge`)."""

from findings.core.detect.finder import KINDS, SOUND, anything, digests, find, kind_of, suspicious
from findings.core.detect.hit import Hit
from findings.core.detect.page import keep_in, prepare

__all__ = ["KINDS", "SOUND", "Hit", "anything", "digests", "find", "keep_in", "kind_of", "prepare", "suspicious"]
