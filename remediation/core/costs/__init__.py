"""Cost files: one module per format, each turning text into a `CostBatch`. A new format is a module and a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from findings.core.types import FormatError
from remediation.core.costs import aws, focus, infracost, plain
from remediation.core.costs.table import decode, header
from remediation.core.costs.types import CostBatch, CostEntry, CostKind, CostUnit

__all__ = ["FORMATS", "CostBatch", "CostEntry", "CostKind", "CostUnit", "Format", "detect", "read"]


@dataclass(frozen=True, slots=True)
class Format:
    """How to recognise and how to read a kind of file."""

    matches: Callable[[str], bool]
    parse: Callable[[str, date | None], CostBatch]


# In the order they are tried.
FORMATS: dict[str, Format] = {
    "infracost": Format(infracost.matches, infracost.parse),
    "focus": Format(focus.matches, focus.parse),
    "plain": Format(plain.matches, plain.parse),
    "aws": Format(aws.matches, aws.parse),
}

# AWS's own reports have hundreds of columns that change with use; the same data comes as FOCUS, which does not.
CUR_COLUMNS = frozenset({"line_item_unblended_cost", "lineitem/unblendedcost"})


def detect(text: str) -> str:
    """The name of the format a text is in, by its contents alone; a FormatError where it is none of them."""
    found = next((name for name, form in FORMATS.items() if form.matches(text)), "")
    if found:
        return found
    if CUR_COLUMNS & {name.lower() for name in header(text)[0]}:
        raise FormatError(
            "this is an AWS Cost and Usage Report", "line 1", "the same data exported as FOCUS 1.0 or later"
        )
    raise FormatError("not a cost file we know", "line 1", "one of " + ", ".join(FORMATS))


def read(data: bytes, form: str = "", month: date | None = None) -> CostBatch:
    """Read a cost file, gzip or plain. `form` names its format ("": recognise it); `month` is for an estimate without a
    date of its own. Raises FormatError saying what is wrong, on which line, and what was expected.
    """
    text = decode(data)
    if not text.strip():
        raise FormatError("the file is empty", expected="a cost file")
    name = form or detect(text)
    if name not in FORMATS:
        raise FormatError("not a format we know", expected="one of " + ", ".join(FORMATS))
    found = FORMATS[name].parse(text, month)
    if not found.lines:
        raise FormatError("the file holds no costs", expected="at least one amount")
    return found
