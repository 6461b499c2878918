"""The patch of one path, cut out of the patch of a commit."""

HEADING = b"diff --git "


def is_plain(path: str) -> bool:
    """Whether git writes a path as it is, unquoted."""
    return path.isascii() and path.isprintable() and '"' not in path and "\\" not in path


def section(patch: bytes, path: str) -> bytes:
    """The part of a patch without renames that is about a plain path, and not about what lies below a folder of that
    name. A line of content never begins as a heading does.
    """
    parts, wanted = (b"\n" + patch).split(b"\n" + HEADING), f"a/{path} b/{path}".encode()
    return b"".join(
        HEADING + part.removesuffix(b"\n") + b"\n" for part in parts[1:] if part.split(b"\n", 1)[0] == wanted
    )
