"""What nobody should trust: values that must never show, files that quote them, and a repository that wants to run."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

from tests.findings.git_repo import Repo

# Long enough to have masks, with what base64, URLs, JSON and XML write differently.
SECRETS = ("kX9-thir/teen!Zq+7", "Wm4&pQ<z8$Lr2=Tv", "orbit-481/Basalt", "tR7uN5bYd0KfHs1RcMu4gPjEa", "Vq8%nB3^xJ6@hG1")
PLAIN, SPECIAL, ENCODED, TOKEN, DSN = SECRETS


def spellings(value: str) -> set[str]:
    """The ways in which a value may stand in a text."""
    raw = value.encode()
    return {
        value,
        base64.b64encode(raw).decode(),
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        quote(value, safe=""),
        quote(value),
        json.dumps(value)[1:-1],
        value.encode("unicode_escape").decode(),
    }


def leaky_tree() -> dict[str, str]:
    """Files that hold each value, in the writing of their format."""
    secret = base64.b64encode(ENCODED.encode()).decode()
    return {
        ".env": f"DB_PASSWORD={PLAIN}\nDATABASE_URL=postgres://shop:{quote(DSN, safe='')}@db.prod.example/shop\n",
        "k8s/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\ntype: Opaque\n"
        f"data:\n  password: {secret}\nstringData:\n  apiToken: {json.dumps(SPECIAL)}\n",
        "src/client.py": f'API_TOKEN = "{TOKEN}"\n# the old one was API_TOKEN = "{PLAIN}"\n',
        "config/app.xml": f"<config><password>{SPECIAL.replace('&', '&amp;').replace('<', '&lt;')}</password></config>\n",
    }


def leaky_sarif() -> bytes:
    """A report that quotes values in its messages, snippets, rules, notices and what else a tool may add."""
    place = {
        "artifactLocation": {"uri": ".env"},
        "region": {"startLine": 1, "snippet": {"text": f"DB_PASSWORD={PLAIN}"}},
        "contextRegion": {"startLine": 1, "snippet": {"text": f"DB_PASSWORD={PLAIN}\nAPI_TOKEN={TOKEN}\n"}},
    }
    result = {
        "ruleId": "generic-secret",
        "message": {"text": f'found DB_PASSWORD="{PLAIN}" in .env'},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"commitAndSecret/v1": PLAIN},
        "fingerprints": {"secret": TOKEN},
        "properties": {"match": TOKEN, "secret": PLAIN, "confidence": f"api_token={TOKEN}"},
    }
    rule = {"id": "generic-secret", "help": {"text": f"such as password: {ENCODED}"}}
    notice = {"message": {"text": f"could not log in with password={PLAIN}"}}
    run = {
        "tool": {"driver": {"name": "leaks", "rules": [rule]}},
        "results": [result],
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [notice]}],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}).encode()


def leaky_review() -> bytes:
    """A review whose writer pasted what was found."""
    return f"""# Review of the shop

Date: 2026-03-02

## P0

### P0-1: Passwords are in the repository

Location: `.env` line 1

```bash
export DB_PASSWORD="{PLAIN}"
psql "postgres://shop:{quote(DSN, safe="")}@db.prod.example/shop"
```

Impact: with `API_TOKEN={TOKEN}` anybody can order. The cluster has `password: {ENCODED}`.

## Checklist

### Week 1

- [ ] Rotate DB_PASSWORD={PLAIN}

## Current monthly costs

| Service | Cost |
|---|---|
| Secret store, password: {ENCODED} | $40 |
""".encode()


def trap(folder: Path) -> tuple[Path, Path]:
    """(a repository that tries to run things and to read the machine, the file that appears if anything ran)."""
    owned, script = folder / "owned", folder / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {owned}\ncat\n")
    script.chmod(0o755)
    (folder / "outside.env").write_text(f"DB_PASSWORD={PLAIN}\n")
    repo = Repo(folder / "trap")
    (repo.path / ".env").symlink_to(folder / "outside.env")
    (repo.path / "passwd.env").symlink_to("/etc/passwd")
    files = {
        ".gitattributes": "* filter=evil diff=evil merge=evil\n*.yaml text eol=crlf\n",
        ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = ext::{script}\n\tupdate = !{script}\n',
        ".semgrep.yml": "rules: []\n",
        "k8s/a.yaml": "kind: KafkaTopic\nmetadata:\n  name: a\nspec:\n  replicas: 1\n",
        "Makefile": f"all:\n\t{script}\n",
    }
    repo.commit("A friendly change", {**files})
    branch = f"refs/heads/--upload-pack={script}"
    repo.git("update-ref", branch, "HEAD")
    repo.git("symbolic-ref", "HEAD", branch)
    for name in ("post-checkout", "post-merge", "pre-receive", "post-update", "reference-transaction", "fsmonitor"):
        for hooks in (repo.path / ".git" / "hooks", repo.path / "hooks"):
            hooks.mkdir(exist_ok=True)
            (hooks / name).write_text(script.read_text())
            (hooks / name).chmod(0o755)
    for key in (
        "filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "diff.evil.command", "diff.external",
        "core.fsmonitor", "core.sshCommand", "core.pager", "uploadpack.packObjectsHook", "core.alternateRefsCommand",
        "gpg.program", "credential.helper", "core.askPass",
    ):  # fmt: skip
        repo.git("config", key, str(script))
    owned.unlink(missing_ok=True)
    repo.git("config", "core.hooksPath", "hooks")
    return repo.path, owned
