"""What a report says of a finding beside its place: the ways data took, related places, the weaknesses it is one of."""

from collections.abc import Iterable, Mapping
from typing import Any

from findings.models import Finding, Occurrence
from remediation.forms.filters import Reader

Step = Mapping[str, Any]


def beside(finding: Finding, place: Occurrence | None, who: Reader) -> dict[str, Any]:
    """Flows and places as far as they lie in the reader's own code; a step without a file tells none."""
    said: Mapping[str, Any] = place.properties if place else finding.properties
    owner = who.owner(finding.repository_id)

    def own(steps: Iterable[Step]) -> list[Step]:
        return [step for step in steps if not step.get("path") or owner(str(step["path"])).pk in who.components]

    flows = [shown for flow in said.get("flows") or () if (shown := own(flow))]
    related = own([*(said.get("related") or ()), *(said.get("places") or ())])
    return {"flows": flows, "related": related, "tags": [str(tag) for tag in said.get("tags") or ()]}
