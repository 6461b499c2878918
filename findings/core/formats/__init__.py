"""Formats of reports: a file each, and `table`, which names those that may be read."""
