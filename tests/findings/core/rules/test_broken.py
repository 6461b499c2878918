"""A kustomization that cannot be read: what it deploys is not undone by that."""

import pytest

from findings.core.errors import Unreadable
from findings.core.facts import Blob, Place, Settings
from findings.core.rules import kafka, kubernetes, workloads
from tests.findings.core.rules.test_workloads import app, kustomization, patch
from tests.findings.core.rules.tree import KEY


def places(files: dict[str, str]) -> list[tuple[str, int]]:
    """What the workloads' rules see of files of which some cannot be read."""
    family, found = workloads.FAMILY, []
    for path, text in files.items():
        try:
            facts = family.extract(Blob(text.encode(), family.classify(path), KEY))
        except Unreadable as error:
            facts = error.facts
        found.append(Place(path, facts))
    return [(one.path, one.line) for one in family.judge(found, Settings())]


BASE = {"k8s/base/kustomization.yaml": kustomization("orders.yaml"), "k8s/base/orders.yaml": app("1")}
BROKEN = "images: [\n"


@pytest.mark.parametrize("spoiled", ["", BROKEN])
def test_a_base_stays_deployed_by_an_overlay_that_no_longer_parses(spoiled):
    files = BASE | {
        "k8s/overlays/prod/kustomization.yaml": kustomization("../../base", patches=("two.yaml",)),
        "k8s/overlays/prod/two.yaml": patch("2"),
        "k8s/overlays/staging/kustomization.yaml": kustomization("../../base") + spoiled,
    }
    assert places(files) == [("k8s/base/orders.yaml", 6)]


@pytest.mark.parametrize("spoiled", ["", BROKEN])
@pytest.mark.parametrize(
    "listed", ["patches:\n- path: p.yaml\n", "patches:\n  - target:\n      kind: Deployment\n    path: 'p.yaml' # why\n",
               "patchesStrategicMerge:\n  - p.yaml\n"],
)  # fmt: skip
def test_patches_of_such_an_overlay_still_count(spoiled, listed):
    files = BASE | {"k8s/overlays/prod/kustomization.yaml": "resources:\n- ../../base\n" + listed + spoiled}
    assert places(files | {"k8s/overlays/prod/p.yaml": patch("2")}) == []
    assert places(files | {"k8s/overlays/prod/p.yaml": patch("1")}) == [("k8s/overlays/prod/p.yaml", 5)]


@pytest.mark.parametrize("family", [workloads.FAMILY, kubernetes.FAMILY, kafka.FAMILY])
def test_it_is_not_covered_by_any_family(family):
    with pytest.raises(Unreadable) as told:
        family.extract(Blob(b"resources:\n- a.yaml\npatches: [\n", "yaml:kustomization", KEY))
    assert told.value.facts["refers"] == ["a.yaml"]
