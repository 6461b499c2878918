"""A forge in miniature: a bare repository, somebody who commits to it, and signed webhooks as they arrive."""

import hashlib
import hmac
import json
import uuid
from datetime import date
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client

from findings import actions
from findings.models import Repository, Scan, ScanState, Team
from nova_dashboard import pipeline
from tests.findings.git_repo import Repo

TOPIC = """\
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata:
  name: orders
  namespace: main
spec:
  partitions: 3
  replicas: {replicas}
  config:
    min.insync.replicas: {insync}
"""
WEAK, STRONG = TOPIC.format(replicas=1, insync=1), TOPIC.format(replicas=3, insync=2)
PROTO = 'syntax = "proto3";\npackage shop;\nmessage A {{ string {name} = 1; }}\n'


class Forge:
    """One tracked repository, seen from both sides."""

    def __init__(self, folder: Path, team: Team, slug: str = "shop") -> None:
        self.work = Repo(folder / "work")
        self.bare = folder / "shop.git"
        self.work.git("init", "-q", "--bare", "-b", "main", str(self.bare))
        self.repository: Repository = actions.track(str(self.bare), team=team, actor="test", slug=slug)

    def commit(self, subject: str, files: dict[str, str | bytes | None]) -> str:
        """Commit, to be pushed later; says the commit's name."""
        return self.work.commit(subject, files)

    def push(self, subject: str, files: dict[str, str | bytes | None], *, branch: str = "main") -> str:
        """Commit and push; says the commit's name."""
        made = self.commit(subject, files)
        self.work.git("push", "-q", "--force", str(self.bare), f"HEAD:refs/heads/{branch}")
        return made

    def tell(
        self, after: str, *, branch: str = "main", delivery: str = "", secret: str = "", **more: Any
    ) -> HttpResponse:
        """Deliver the push as GitHub does, with `more` in its payload."""
        body = json.dumps({"ref": f"refs/heads/{branch}", "before": "0" * 40, "after": after} | more).encode()
        sign = hmac.new((secret or self.repository.hook_secret).encode(), body, hashlib.sha256).hexdigest()
        return Client().post(
            f"/webhooks/github/{self.repository.hook_token}/",
            body,
            content_type="application/json",
            headers={
                "X-GitHub-Event": "push",
                "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
                "X-Hub-Signature-256": f"sha256={sign}",
            },
        )

    def past(self, since: date = date(2000, 1, 1), **more: Any) -> Scan:
        """Scan the past, as a worker does."""
        scan = actions.request_past(self.repository, since=since, actor="test", **more)
        pipeline.run_scan(scan.pk)
        scan.refresh_from_db()
        self.repository.refresh_from_db()
        return scan

    def scan(self) -> Scan:
        """Do the one scan that waits (asked for here when none does), as a worker does."""
        waiting = self.repository.scans.filter(state=ScanState.QUEUED).first()
        scan = waiting or actions.request_scan(self.repository, actor="test")[0]
        pipeline.run_scan(scan.pk)
        scan.refresh_from_db()
        self.repository.refresh_from_db()
        return scan
