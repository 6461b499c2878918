"""Reading architecture reviews: Markdown in English or Chinese becomes findings, a plan, cost tables and a verdict."""

from remediation.core.review.decode import NAMES, decode, encodings
from remediation.core.review.diff import ReviewDiff, diff
from remediation.core.review.parser import parse

__all__ = ["NAMES", "ReviewDiff", "decode", "diff", "encodings", "parse"]
