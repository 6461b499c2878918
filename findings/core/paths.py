"""Paths of a git tree as text: one reversible escape, so that names that are not UTF-8 survive the database."""


def escape(raw: bytes) -> str:
    r"""Text for the bytes of a path. Bytes that are not UTF-8, NUL, and the backslash itself become `\xNN`.

    >>> escape(b"caf\xe9/a.rs")
    'caf\\xe9/a.rs'
    """
    text = raw.replace(b"\\", b"\\x5c").replace(b"\0", b"\\x00")
    return text.decode("utf-8", "backslashreplace")


def unescape(text: str) -> bytes:
    """The bytes that `escape` was given. Text that `escape` cannot have made is taken literally, as UTF-8."""
    out, rest = bytearray(), text
    while rest:
        head, sep, rest = rest.partition("\\x")
        out += head.encode()
        if not sep:
            break
        try:
            out.append(int(rest[:2], 16))
            rest = rest[2:]
        except ValueError:
            out += b"\\x"
    return bytes(out)
