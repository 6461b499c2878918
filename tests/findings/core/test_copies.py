"""Code that is copied while it lives on elsewhere is new; code that stands nowhere else is back."""

import pytest

from findings.core.tracking import Words, track
from findings.core.types import Coverage
from tests.findings.core.tracking_world import code, known_as, observe


@pytest.mark.parametrize("settled", [False, True], ids=["looked at", "told as it was"])
def test_a_copy_of_code_that_goes_on_elsewhere_brings_no_closed_finding_back(settled):
    text = {"gone.rs": code("BAD one")}
    gone, twin = known_as(observe(text), present=False), known_as(observe({"twin.rs": text["gone.rs"]}), first=2)

    def came(known, *paths):
        seen = observe(dict.fromkeys(paths, text["gone.rs"]))
        words = Words([0] * len(seen), range(len(seen)), {n for n, one in enumerate(seen) if one.path == "twin.rs"})
        known = [one for one in known if not (settled and one.present)]
        tracked = track(known, seen, Coverage(paths=set(paths)), words=words if settled else None)
        return {seen[match.seen].path: match.finding for match in tracked.matches if match.regression}

    assert came(gone + twin, "twin.rs", "copy.rs") == {}
    assert came(gone, "copy.rs") == {"copy.rs": 1}
    assert came(gone + twin, "twin.rs", "gone.rs", "copy.rs") == {"gone.rs": 1}
