"""What our commands share that needs no database: help with examples as written, words that cannot steer a terminal."""

import json
import re
from argparse import RawDescriptionHelpFormatter
from typing import Any, ClassVar

from django.core.management.base import BaseCommand

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class NovaCommand(BaseCommand):
    """A command whose help ends with `examples`."""

    examples: ClassVar[str] = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Help with the lines of the examples kept."""
        kwargs |= {"epilog": self.examples, "formatter_class": RawDescriptionHelpFormatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def say(self, text: str) -> None:
        """A line for the person at the terminal, at once. What a report holds cannot steer the terminal."""
        self.stdout.write(printable(text))
        self.stdout.flush()

    def say_json(self, data: Any) -> None:
        """One JSON document for a script. Dates and numbers of money are written as their text."""
        self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def printable(text: str) -> str:
    """A text without what a terminal obeys: control characters, and those that turn the direction of writing."""
    return _STEERING.sub("\ufffd", text)
