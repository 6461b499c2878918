"""One candidate for a credential."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hit:
    """A value that looks like a credential. `name` is the key it stands under, `raw` how it is written where that
    differs, `how` what found it, `worth` one of `values.WORTHS`, `loopback` whether it is for this machine only,
    `comment` whether it stands in one. Never printed: its representation leaves values out.
    """

    name: str
    value: str = field(repr=False)
    line: int
    how: str
    worth: str
    raw: str = field(default="", repr=False)
    loopback: bool = False
    comment: bool = False
