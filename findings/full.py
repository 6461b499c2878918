"""Whether something failed because a disk is full: what was sent is then not kept, and people are told why."""

import errno

from psycopg.errors import DiskFull

FULL = (errno.ENOSPC, errno.EDQUOT)


def disk_is_full(error: BaseException | None) -> bool:
    """Of ours (uploads are read through a file) or of the database."""
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return isinstance(error, DiskFull) or isinstance(getattr(error, "__cause__", None), DiskFull)
