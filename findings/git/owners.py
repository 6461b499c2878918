"""The file that says who owns what."""

from findings.git import Mirror

PLACES = (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
LARGEST = 1024 * 1024  # bytes


def codeowners(mirror: Mirror, commit: str) -> str:
    """The text of the first CODEOWNERS file a forge would honour, or an empty one."""
    for path in PLACES:
        found = mirror.blob_at(commit, path, LARGEST)
        if found is not None and found.data is not None:
            return found.data.decode("utf-8", "replace")
    return ""
