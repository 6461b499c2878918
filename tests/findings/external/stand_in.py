"""A scanner in a few lines, for a machine that has none: it reads a tree, prints SARIF, and misbehaves when told to.

    python stand_in.py TREE REPORT [HOW ...]

It finds lines with `eval(` (rule eval-used) and, as Gitleaks writes them, lines with `token = "..."` (rule some-api-token).
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

RULES = {"eval-used": re.compile(r"eval\("), "some-api-token": re.compile(r'token = "(?P<secret>[^"]+)"')}


def results(tree: Path) -> list[dict]:
    found = []
    for file in sorted(tree.rglob("*")):
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines() if file.is_file() else (), 1):
            for rule, pattern in RULES.items():
                for match in pattern.finditer(line):
                    found.append(result(rule, str(file), number, match))
    return found


def result(rule: str, path: str, line: int, match: re.Match) -> dict:
    secret = match.groupdict().get("secret", "")
    region = {"startLine": line, "startColumn": match.start() + 1, "endColumn": match.end() + 1}
    return {
        "ruleId": rule,
        "message": {"text": f"{rule} in {path}" + (f": {secret}" if secret else "")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path},
                    "region": region | {"snippet": {"text": match.group()}},
                }
            }
        ],
        "partialFingerprints": {"commitSha": "", "secret": secret} if secret else {},
        "properties": {"confidence": f"high {secret}"},
    }


def sarif(found: list[dict], *names: str) -> str:
    rules = [{"id": rule, "shortDescription": {"text": f"{rule} is bad"}} for rule in RULES]
    runs = [{"tool": {"driver": {"name": name, "version": "1", "rules": rules}}, "results": found} for name in names]
    return json.dumps({"version": "2.1.0", "runs": runs})


def misbehave(how: str, tree: Path, report: Path) -> None:
    """One thing that scanners do wrong."""
    if how == "hang":
        subprocess.Popen([sys.executable, "-c", "import os, time; os.setsid(); time.sleep(600)"])
        time.sleep(600)
    elif how == "grow":
        kept = []
        while True:
            kept.append(b"x" * 20_000_000)
            time.sleep(0.02)
    elif how == "fork":
        while True:
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    elif how == "flood":
        with report.open("wb") as file:
            while True:
                file.write(b" " * 1_000_000)
    elif how == "crash":
        sys.stderr.write(f'reading {tree}/a.py\nfatal: bad token = "kX9thirteenZq7Wm4Lr2" in {tree}/a.py\n')
        sys.exit(2)
    elif how == "silent":
        sys.exit(0)
    elif how == "garble":
        report.write_text("{ not SARIF")
        sys.exit(0)
    elif how == "quiet":
        RULES["eval-used"] = RULES["some-api-token"] = re.compile("(?!)")
    elif how == "online":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as away:
            away.connect(("192.0.2.1", 53))  # no packet is sent; without a network there is no way to it either
    elif how == "environment":
        RULES.clear()
        RULES.update({f"{name}={value}": re.compile("eval") for name, value in sorted(os.environ.items())})


def main(tree: str, report: str, *hows: str) -> None:
    for how in hows:
        misbehave(how, Path(tree), Path(report))
    names = ("one", "other") if "several" in hows else ("stand-in",)
    Path(report).write_text(sarif(results(Path(tree)), *names))
    sys.exit(3 if "leaks" in hows else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
