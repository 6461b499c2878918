"""The words of the command `scan`, which also say whether it is about a path. Light, for every start asks."""

import os
from argparse import ArgumentError, ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

PRIORITIES = ("P0", "P1", "P2")
SETTINGS = "nova_dashboard.settings"


def add_words(parser: ArgumentParser) -> None:
    """What may stand behind `scan`."""
    parser.add_argument("target", metavar="PATH_OR_SLUG", help="a git repository on this machine, or a slug")
    parser.add_argument("--rev", default="HEAD", help="branch, tag or commit (HEAD)")
    parser.add_argument("--sarif", metavar="OUT", default="", help='write SARIF 2.1.0 to this file, "-" prints it')
    parser.add_argument("--fail-on", choices=PRIORITIES, help="see exit codes")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--no-history", action="store_true", help="look for secrets in the tree only")


def is_path(target: str) -> bool:
    """Whether the argument is a place on this machine, rather than a slug."""
    return Path(target).exists() or "/" in target or target.startswith(".")


class _Quiet(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ArgumentError(None, message)


def is_offline(arguments: Sequence[str]) -> bool:
    """Whether a command line scans a path, by our own settings."""
    if list(arguments[1:2]) != ["scan"] or os.environ.get("DJANGO_SETTINGS_MODULE", SETTINGS) != SETTINGS:
        return False
    parser = _Quiet(add_help=False, allow_abbrev=False)
    add_words(parser)
    try:
        known, rest = parser.parse_known_args(arguments[2:])
    except ArgumentError:
        return False
    return is_path(known.target) and not any(word.startswith(("--settings", "--pythonpath")) for word in rest)
