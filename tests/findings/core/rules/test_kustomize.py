"""kustomize/patch-sprawl."""

import pytest

from findings.core.rules.kustomize import FAMILY
from tests.findings.core.rules.tree import see, why_unreadable


def listed(key: str, count: int) -> str:
    return f"{key}:\n" + "".join(f"  - path: p{number}.yaml\n" for number in range(count))


def test_more_patches_than_the_limit_are_one_finding_of_the_folder():
    (seen,) = see(FAMILY, {"k8s/overlays/staging/kustomization.yaml": "resources: [../base]\n" + listed("patches", 6)})
    assert (seen.key, seen.line, seen.properties["count"]) == ("k8s/overlays/staging", 2, 6)
    assert "6 patches" in seen.message


def test_as_many_as_the_limit_are_fine():
    assert see(FAMILY, {"a/kustomization.yaml": listed("patches", 5)}) == []


def test_the_limit_comes_from_settings():
    assert len(see(FAMILY, {"a/kustomization.yaml": listed("patches", 3)}, patches=2)) == 1


def test_the_three_keys_are_summed():
    text = listed("patches", 2) + "patchesStrategicMerge: [a.yaml, b.yaml]\n" + listed("patchesJson6902", 2)
    (seen,) = see(FAMILY, {"o/kustomization.yml": text})
    assert seen.properties["count"] == 6


def test_renaming_one_key_into_another_changes_neither_count_nor_key():
    (before,) = see(FAMILY, {"o/kustomization.yaml": listed("patchesStrategicMerge", 7)})
    (after,) = see(FAMILY, {"o/kustomization.yaml": listed("patches", 7)})
    assert (before.key, before.properties) == (after.key, after.properties)


def test_inline_patches_count_like_files_and_documents_in_one_block_count_each():
    one = "  - patch: |-\n      - op: replace\n        path: /spec\n        value: 1\n    target: {kind: Deployment}\n"
    assert see(FAMILY, {"o/kustomization.yaml": "patches:\n" + one * 5}) == []
    assert len(see(FAMILY, {"o/kustomization.yaml": "patches:\n" + one * 6})) == 1
    block = "patchesStrategicMerge:\n  - |\n" + "    ---\n".join(
        "    kind: Deployment\n    spec: {}\n" for _ in range(6)
    )
    (seen,) = see(FAMILY, {"o/kustomization.yaml": block})
    assert seen.properties["count"] == 6


def test_a_file_without_patches_or_with_an_empty_list_says_nothing():
    assert see(FAMILY, {"o/kustomization.yaml": "resources: [a.yaml]\npatches:\n", "p/Kustomization": ""}) == []


@pytest.mark.parametrize(
    "text",
    [
        "patches:\n  - path: a\n bad: [\n",
        "<<<<<<< HEAD\npatches:\n- a\n=======\npatches: []\n>>>>>>> x\n",
        "patches: yes please\n",
        "- just\n- a list\n",
        "patches: *missing\n",
    ],
)
def test_a_kustomization_that_does_not_parse_is_not_covered(text):
    assert why_unreadable(FAMILY, "o/kustomization.yaml", text)


def test_yaml_bombs_end_in_a_reason_and_not_in_a_crash():
    assert "deep" in why_unreadable(FAMILY, "o/kustomization.yaml", "patches: " + "[" * 40_000)
    assert "alias" in why_unreadable(FAMILY, "o/kustomization.yaml", "a: &a [x]\npatches: [" + "*a, " * 5000 + "]")
    laughs = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert see(FAMILY, {"o/kustomization.yaml": laughs + "patches: *u\n"}) == []


def test_documents_are_not_overlays():
    assert (
        see(FAMILY, {"docs/kustomization.yaml": listed("patches", 9), "kustomization.md": listed("patches", 9)}) == []
    )
