"""External scanners as somebody configured them: commands that print SARIF, and what each of them may use."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

TREE, REPORT, HOME = "{tree}", "{report}", "{home}"
MAX_NAME = 100

# What repositories bring along for scanners of their own: some of it runs code, the rest silences rules. In lower case,
# by the name of a file or of a folder.
OWN_CONFIGURATION = (
    ".semgrep", ".semgrep.*", ".semgrepignore", ".semgrepconfig*", "semgrep.yml", "semgrep.yaml",
    ".gitleaks*", "gitleaks.toml", "gitleaks.*.toml", ".betterleaks*",
    "trivy.yaml", "trivy.yml", ".trivyignore*", "trivy-secret.yaml", ".trivy",
    ".checkov.*", ".checkov", "checkov.*", ".kics*", "kics.config", ".terrascan*", ".tfsec", "tfsec.*", ".tflint.hcl",
    ".secrets.baseline", ".kingfisher*", "kingfisher.*", ".trufflehog*", "trufflehog-*", ".ggshield*", ".gitguardian*",
    ".bandit", "bandit.y*ml", ".gosec*", ".golangci*", ".hadolint*", "hadolint.y*ml", ".snyk", ".horusec*",
    "horusec-config.json", ".brakeman*", "brakeman.*", "osv-scanner.toml", ".grype*", ".syft*", ".dockle*",
    ".kube-linter*", ".kube-score*", ".datree*", ".polaris*", "zizmor.y*ml", ".bearer*", "bearer.y*ml", ".opengrep*",
    ".eslintrc*", "eslint.config.*", ".eslintignore", ".pylintrc", "pylintrc", ".rubocop*", "phpstan.neon*",
    ".gitignore", ".ignore", ".rgignore", ".fdignore",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scanner:
    """One entry. In `command`, `{tree}` stands for the folder to read, `{report}` for the file the SARIF goes to
    (without it, standard output is read) and `{home}` for an empty folder of its own.

    `exit_codes` are those of a run that went well, the one for "found something" included. `network` false: there is
    none. `secrets` true: what it finds are credentials, so of its places nothing is kept but dots. `seconds` bounds the
    clock and, for each process, the processor; `memory_mb` all its processes together; `output_mb` each file it writes.
    """

    name: str
    command: tuple[str, ...]
    tool: str = ""
    category: str = "worker"
    exit_codes: frozenset[int] = frozenset({0})
    network: bool = False
    secrets: bool = False
    seconds: int = 600
    memory_mb: int = 2000
    output_mb: int = 50
    processes: int = 200
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What its findings name as their tool."""
        return self.tool or self.name


_KINDS: dict[str, tuple[type, str]] = {
    "command": (list, "a list of words"),
    "tool": (str, "a text"),
    "category": (str, "a text"),
    "exit_codes": (list, "a list of numbers"),
    "network": (bool, "true or false"),
    "secrets": (bool, "true or false"),
    "enabled": (bool, "true or false"),
    "environment": (dict, "a table of texts"),
    **dict.fromkeys(("seconds", "memory_mb", "output_mb", "processes"), (int, "a whole number of at least 1")),
}


def parse(text: str) -> tuple[Scanner, ...]:
    """The entries that are enabled, in their order. Raises `ValueError` with the name of the entry that is wrong."""
    found = []
    for name, entry in tomllib.loads(text).items():
        if not isinstance(entry, dict):
            raise ValueError(f"{name} must be a table: [{name}]")
        _check(name, entry)
        if entry.pop("enabled", True):
            found.append(_scanner(name, entry))
    scopes = [(one.title, one.category) for one in found]
    if twice := next((scope for scope in scopes if scopes.count(scope) > 1), None):
        raise ValueError(f"two entries are tool {twice[0]!r} and category {twice[1]!r}: they would close each other's")
    return tuple(found)


def _check(name: str, entry: dict[str, Any]) -> None:
    for key, value in entry.items():
        if key not in _KINDS:
            raise ValueError(f"[{name}] has {key!r}, which is none of {', '.join(sorted(_KINDS))}")
        kind, said = _KINDS[key]
        if type(value) is not kind or (isinstance(value, int) and kind is int and value < 1):
            raise ValueError(f"[{name}] {key} must be {said}")
    words, codes = entry.get("command", []), entry.get("exit_codes", [])
    if not words or not all(isinstance(word, str) and word and "\0" not in word for word in words):
        raise ValueError(f"[{name}] command must be a list of words, the program first")
    if not any(TREE in word for word in words):
        raise ValueError(f"[{name}] command must say {TREE}, the folder to read")
    if not all(type(code) is int for code in codes):
        raise ValueError(f"[{name}] exit_codes must be a list of numbers")
    if not all(isinstance(value, str) for value in entry.get("environment", {}).values()):
        raise ValueError(f"[{name}] environment must be a table of texts")
    if not 0 < len(entry.get("tool") or name) <= MAX_NAME or len(entry.get("category", "")) > MAX_NAME:
        raise ValueError(f"[{name}] tool and category must have at most {MAX_NAME} characters")


def _scanner(name: str, entry: dict[str, Any]) -> Scanner:
    made = {one.name: entry[one.name] for one in fields(Scanner) if one.name in entry}
    made["command"] = tuple(entry["command"])
    if "exit_codes" in entry:
        made["exit_codes"] = frozenset(entry["exit_codes"])
    return Scanner(name=name, **made)


def configures_scanners(path: str) -> bool:
    """Whether a file of a repository is, or lies in, configuration of a scanner of its own."""
    return any(fnmatchcase(part, pattern) for part in path.lower().split("/") for pattern in OWN_CONFIGURATION)
