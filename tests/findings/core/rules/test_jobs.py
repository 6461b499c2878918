"""kubernetes/inline-shell-job: scripts in the many ways that manifests carry them."""

import pytest

from findings.core.rules.workloads import FAMILY
from findings.core.types import Priority
from tests.findings.core.rules.test_workloads import LONG, MINTS, SCRIPT, job, kustomization, places
from tests.findings.core.rules.tree import see

HEAD = """\
apiVersion: batch/v1
kind: Job
metadata: {name: tidy}
spec:
  template:
    spec:
      containers:
        - name: main
          image: tools:1
"""


def held(text: str) -> list[tuple[str, int]]:
    return places({"k8s/job.yaml": HEAD + text}, SCRIPT)


def script(lines: int = 11, lead: str = " " * 14) -> str:
    return "".join(f"{lead}echo step\n" for _ in range(lines))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"          command:\n            - /bin/bash\n            - -ec\n            - |\n{script()}", 10),
        (f"          command: [sh, -c]\n          args:\n            - |-\n{script()}", 11),
        (f"          args:\n            - -c\n            - |\n{script()}", 10),
        (f"          command: [sh, -c]\n          args:\n            - >-\n{script()}", 11),
        (f"          command: [env, bash, -c]\n          args:\n            - |+\n{script()}\n\n", 11),
        (f"          command: [timeout, '60', sh, -c]\n          args:\n            - |\n{script()}", 11),
        ('          command: ["sh", "-c", "' + "echo a\\n" * 11 + '"]\n', 10),
    ],
)
def test_a_script_is_found_however_it_is_written(text, line):
    assert held(text) == [("k8s/job.yaml", line)]


@pytest.mark.parametrize(
    "text",
    [
        f"          command: [sh, -c]\n          args:\n            - |\n{script(10)}",
        f"          command: [sh, -c]\n          args:\n            - >-\n{script(10)}\n",
        f"          command: [python3, -c]\n          args:\n            - |\n{script()}",
        f"          args:\n            - |\n              #!/usr/bin/env python3\n{script()}",
        f"          command: [psql]\n          args:\n            - -c\n            - |\n{script()}",
        "          command: [sh, -c, 'a && b && c && d; e; f; g; h; i; j; k; l; m']\n",
        "          command: [a, b, c, d, e, f, g, h, i, j, k, l, m]\n",
        f"          env:\n            - name: NOTES\n              value: |\n{script(12, ' ' * 16)}",
    ],
)
def test_short_scripts_other_languages_and_other_texts_are_fine(text):
    assert held(text) == []


def test_a_shebang_of_a_shell_tells_a_script():
    assert held(f"          args:\n            - |\n              #!/bin/bash\n{script()}") == [("k8s/job.yaml", 10)]


def test_init_containers_lists_and_inline_patches_carry_scripts_too():
    text = (
        HEAD.replace("containers:", "initContainers:")
        + f"          command: [sh, -c]\n          args:\n            - |\n{script()}"
    )
    assert places({"j.yaml": text}) == [("j.yaml", 11)]
    listed = "apiVersion: v1\nkind: List\nitems:\n" + "".join(
        f"  {'- ' if not number else '  '}{line}\n" for number, line in enumerate(text.splitlines())
    )
    assert places({"l.yaml": listed}) == [("l.yaml", 14)]
    inline = "patches:\n  - patch: |\n" + "".join(f"      {line}\n" for line in text.splitlines())
    assert places({"o/kustomization.yaml": inline}) == [("o/kustomization.yaml", 13)]


def test_scripts_of_workloads_and_of_config_maps_are_no_jobs():
    text = (
        HEAD.replace("kind: Job", "kind: DaemonSet")
        + f"          command: [sh, -c]\n          args:\n            - |\n{script()}"
    )
    assert places({"d.yaml": text}) == []
    assert places({"c.yaml": f"apiVersion: v1\nkind: ConfigMap\ndata:\n  run.sh: |\n{script()}"}) == []


@pytest.mark.parametrize(
    "line",
    [
        "aws ecr get-login-password --region eu | docker login",
        "aws secretsmanager put-secret-value --secret-id x",
        "aws secretsmanager rotate-secret --secret-id x",
        "gcloud iam service-accounts keys create k.json",
        "gcloud secrets versions add x --data-file=-",
        "az keyvault secret set --name x",
        "openssl rand -base64 32",
        "ssh-keygen -t ed25519 -f k",
        "kubectl create token ci",
        "rabbitmqctl change_password app $NEW",
        "curl -d grant_type=client_credentials $URL",
        "printf 'apiVersion: v1\\nkind: Secret\\n' | kubectl apply -f -",
    ],
)
def test_more_ways_to_make_or_rotate_credentials(line):
    (one,) = see(FAMILY, {"k8s/job.yaml": job(LONG + line)})
    assert one.priority is Priority.P1


@pytest.mark.parametrize("name", ["rotate-db-credentials", "ecr-token-refresh", "renew-tls-cert", "jwt-key-rotation"])
def test_a_name_that_says_so_is_enough(name):
    (one,) = see(FAMILY, {"k8s/job.yaml": job(LONG, name=name)})
    assert one.priority is Priority.P1


@pytest.mark.parametrize("name", ["rotate-logs", "refresh-search-index", "token-usage-report", "renewal-reminders"])
def test_a_name_that_says_something_else_is_not(name):
    (one,) = see(FAMILY, {"k8s/job.yaml": job(LONG, name=name)})
    assert one.priority is Priority.P2


def test_two_scripts_of_a_job_are_occurrences_of_one_finding():
    text = HEAD + f"          command: [sh, -c]\n          args:\n            - |\n{script()}"
    text += f"        - name: second\n          command: [sh, -c]\n          args:\n            - |\n{script()}"
    seen = see(FAMILY, {"k8s/job.yaml": text})
    assert len(seen) == 2
    assert {one.key for one in seen} == {"Job//tidy"}


def test_a_job_of_a_folder_or_a_component_that_is_referred_to_is_referenced():
    files = {
        "k8s/kustomization.yaml": kustomization("jobs") + "components:\n- parts\n",
        "k8s/jobs/kustomization.yaml": kustomization("rotate.yaml"),
        "k8s/jobs/rotate.yaml": job(MINTS),
        "k8s/parts/kustomization.yaml": kustomization("mint.yaml"),
        "k8s/parts/mint.yaml": job(MINTS, name="mint"),
        "k8s/jobs/old.yaml": job(MINTS, name="old"),
    }
    seen = {one.path: (one.priority, "unreferenced" in one.properties) for one in see(FAMILY, files)}
    assert seen == {
        "k8s/jobs/rotate.yaml": (Priority.P1, False),
        "k8s/parts/mint.yaml": (Priority.P1, False),
        "k8s/jobs/old.yaml": (Priority.P2, True),
    }


@pytest.mark.parametrize(
    ("path", "away"),
    [
        ("k8s/old/rotate.yaml", True),
        ("k8s/rotate.yaml", True),
        ("scripts/rotate.yaml", False),
        ("k8s2/rotate.yaml", False),
    ],
)
def test_a_job_beside_the_folders_of_kustomizations_is_unreferenced(path, away):
    files = {
        "k8s/base/kustomization.yaml": kustomization("api.yaml"),
        "k8s/overlays/prod/kustomization.yaml": kustomization("../../base"),
        path: job(MINTS),
    }
    (one,) = see(FAMILY, files)
    assert ("unreferenced" in one.properties, one.priority) == (away, Priority.P2 if away else Priority.P1)
