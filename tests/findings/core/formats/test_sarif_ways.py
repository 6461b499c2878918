"""What most results say is read a short way, and looked through for credentials as it is written: with the same outcome
as the long way, text for text and refusal for refusal.
"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.core.formats import hiding, sarif
from findings.core.formats.cursor import Cursor
from findings.core.formats.sarif_results import Results
from findings.core.redaction import find_values, redact
from findings.core.types import FormatError

PASSWORD = "Vq7" + "mKz2wPx9"
TEXTS = (
    "careful", "", "  ", "uses f12", "two\nlines", "win\r\nlines\r\n", "see [this](1)", "\x1b[31mred", "naïve 值",
    f'password = "{PASSWORD}"', f"postgres://app:{PASSWORD}@db.internal/x", PASSWORD, "password", "\u202eold",
)  # fmt: skip
ODD: tuple[Any, ...] = (None, True, -3, 2**31, 10**30, 1.5, [], {}, [None], "12")
texts = st.sampled_from(TEXTS)
numbers = st.integers(0, 99)


def mostly(usual: st.SearchStrategy[Any], odd: int = 40) -> st.SearchStrategy[Any]:
    """Now and then something else stands there."""
    return st.integers(0, odd).flatmap(lambda n: usual if n else st.sampled_from(ODD))


def members(wanted: dict[str, Any], others: dict[str, Any]) -> st.SearchStrategy[Any]:
    return mostly(st.fixed_dictionaries(wanted, optional=others))


snippets = members({"text": mostly(texts)}, {})
regions = members({"startLine": mostly(numbers)}, {"endLine": mostly(numbers), "snippet": snippets})
artifacts = members({"uri": mostly(st.sampled_from(["src/a.c", "../b%20c.py", "/etc/x", ""]))}, {"uriBaseId": texts})
physical = members({"artifactLocation": artifacts, "region": regions}, {"contextRegion": regions})
places = members({"physicalLocation": physical}, {"logicalLocations": st.just([{"fullyQualifiedName": "a.b"}])})
messages = members({"text": mostly(texts)}, {"arguments": st.just(["x"]), "markdown": texts})
prints = mostly(st.dictionaries(st.sampled_from(["a/v1", "b/v2", "apiKey"]), mostly(texts), max_size=3))
results = members(
    {"ruleId": mostly(st.sampled_from(["R1", "hardcoded-password"])), "message": messages},
    {
        "locations": mostly(st.lists(places, max_size=2)),
        "partialFingerprints": prints,
        "fingerprints": prints,
        "level": mostly(st.sampled_from(["note", "warning", "error"])),
        "kind": st.sampled_from(["fail", "pass", "open"]),
        "properties": mostly(st.dictionaries(st.sampled_from(["tags", "token", "priority"]), texts, max_size=2), 4),
        "relatedLocations": st.lists(places, max_size=1),
        "analysisTarget": artifacts,
        "correlationGuid": mostly(st.just("C0FFEE")),
        "suppressions": st.just([{"status": "accepted"}]),
        "codeFlows": st.just([]),
        "taxa": st.just([{"id": "79"}]),
        "relationships": st.just([]),
    },
)


def read(data: bytes) -> Any:
    """What a report reads as, or why it does not."""
    try:
        return sarif.read(data, lambda text: redact(text, find_values(text)))
    except FormatError as error:
        return str(error)


@given(st.lists(results, max_size=4), st.booleans(), st.booleans())
def test_short_ways_lead_where_the_long_one_does(said, plainly, tagged):
    rule = {"id": "R1", "shortDescription": {"text": "Rule"}, "properties": {"tags": ["CWE-79"] if tagged else []}}
    run = {"tool": {"driver": {"name": "Tool", "rules": [rule]}}, "results": said}
    data = json.dumps({"version": "2.1.0", "runs": [run]}, ensure_ascii=not plainly).encode("utf-8", "surrogatepass")
    short = read(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Results, "_usual", lambda *_: None)
        patched.setattr(hiding, "_nothing_told", lambda *_: False)
        assert read(data) == short


def test_most_results_go_the_short_way(monkeypatch):
    place = {"physicalLocation": {"artifactLocation": {"uri": "a.c"}, "region": {"startLine": 3}}}
    said = [{"ruleId": "R1", "message": {"text": f"careful {n}"}, "locations": [place]} for n in range(5)]
    monkeypatch.setattr(Results, "_observation", lambda *_: pytest.fail("the long way"))
    monkeypatch.setattr(hiding, "_told", lambda *_: pytest.fail("texts are gathered"))
    run = {"tool": {"driver": {"name": "Tool"}}, "results": said}
    assert len(read(json.dumps({"version": "2.1.0", "runs": [run]}).encode())[0].observations) == 5


@pytest.mark.parametrize("space", ["", " ", "\n  ", "\t\r\n"])
@pytest.mark.parametrize("piece", [1, 3, 7, 1000])
def test_values_that_are_read_together_are_those_that_are_read_one_by_one(space, piece, monkeypatch):
    monkeypatch.setattr("findings.core.formats.cursor.WINDOW", 8)
    values = [1, -2.5, "a,]b", {"x": [1, {"y": "ü"}]}, None, True, [], 12345678, "", {}, "end"]
    text = f"[{space}" + f"{space},{space}".join(json.dumps(one) for one in values) + f"{space}]{space}"
    data = text.encode()

    def cursor() -> Cursor:
        return Cursor(lambda: (data[at : at + piece] for at in range(0, len(data), piece)))

    reader = cursor()
    found = list(reader.blocks("$", 4))
    reader.end()
    assert [value for block, _ in found for value in block] == values
    assert [len(block) for block, _ in found] == [4, 4, 3]
    for block, written in found:
        assert json.loads(f"[{written}]") == block
