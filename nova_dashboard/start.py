"""Which command line it is: that of a scan of a path, which needs a tenth of the program, or that of all of it."""

from importlib import import_module

from nova_dashboard.offline.words import is_offline

COMMANDLINES = {True: "nova_dashboard.offline.commandline", False: "nova_dashboard.commandline"}


def main(arguments: list[str]) -> None:
    """Run one command."""
    import_module(COMMANDLINES[is_offline(arguments)]).main(arguments)
