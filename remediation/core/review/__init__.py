"""Reading architecture reviews: Markdown in English or Chinese becomes findings, a plan, cost tables and a verdict."""

from remediation.core.review.decode import decode
from remediation.core.review.diff import ReviewDiff, diff
from remediation.core.review.parser import parse

__all__ = ["ReviewDiff", "decode", "diff", "parse"]
