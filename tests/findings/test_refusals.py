"""Why a file cannot be taken is said in the reader's language, whichever reader of files says it."""

import ast
import sys
from pathlib import Path

import pytest
from django.utils.translation import override

import findings
import nova_dashboard
import remediation
from findings import refusals
from findings.core import addresses
from findings.core.formats import strangers
from findings.core.formats.report import How
from findings.core.formats.table import FORMATS, detect
from findings.core.types import FormatError
from nova_dashboard import intake, pipeline
from remediation.core.costs import read as read_costs

FINDINGS, REMEDIATION, NOVA = (Path(one.__file__ or "").parent for one in (findings, remediation, nova_dashboard))
READERS = (
    *sorted((FINDINGS / "core" / "formats").glob("*.py")),
    FINDINGS / "core" / "addresses.py",
    *sorted((REMEDIATION / "core" / "review").glob("*.py")),
    *sorted((REMEDIATION / "core" / "costs").glob("*.py")),
    *(REMEDIATION / "actions" / name for name in ("imports.py", "intake.py", "costs.py")),
    *sorted((FINDINGS / "git").glob("*.py")),
    *(NOVA / name for name in ("intake.py", "mirrors.py", "past.py", "pipeline.py")),
)
# What stands in each argument of the calls that refuse something.
PARTS = {
    "FormatError": (refusals.SAID, refusals.WHERE, refusals.EXPECTED),
    "Misplaced": ((), (), (), refusals.EXPECTED),
    "required": (refusals.EXPECTED,),
    "_Stranger": (refusals.VALUES, refusals.EXPECTED),
    "GitError": (refusals.FAILED,),
    "TreeMissing": (refusals.FAILED,),
    "Refused": (refusals.SAID + refusals.FAILED,),
}
# Names are the same in every language.
NAMES = ("JSON", "CSV", "XML", "UTF-8", "gzip", "Infracost JSON", "2", '"2.1.0"', '"7"', '"7", version 7', "$", "7: 7")
KEYS = ("message", "where", "expected")


def sample(node):
    """A text as a call gives it, with a 7 for whatever is put in; None where it is made elsewhere."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    if isinstance(node, ast.BinOp):
        return (sample(node.left) or "7") + (sample(node.right) or "7")
    return None


def said_by(path):
    """(text, the templates it has to be one of) for each refusal in a module."""
    for call in ast.walk(ast.parse(path.read_text())):
        name = getattr(call.func, "id", getattr(call.func, "attr", "")) if isinstance(call, ast.Call) else ""
        if name not in PARTS:
            continue
        given = [*enumerate(call.args), *((KEYS.index(one.arg), one.value) for one in call.keywords if one.arg in KEYS)]
        for at, node in given:
            if at < len(PARTS[name]) and (text := sample(node)):
                yield text, PARTS[name][at]


def is_place(text):
    """A path into a file, or the name of a member: nothing to translate."""
    return (
        text.startswith(("$", "7.", "7[", "77", "7,"))
        or "." in text.split()[0]
        or text in ("versionControlProvenance", "7")
    )


@pytest.mark.parametrize("path", READERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_whatever_a_reader_says_is_known_to_pages(path):
    for text, among in said_by(path):
        known = refusals._known(text, among) or text in NAMES or (among is refusals.WHERE and is_place(text))
        assert known or not among or text.startswith(("SARIF: ", "7: ")), text


def refusal(work, *given):
    with pytest.raises(FormatError) as error:
        work(*given)
    return str(error.value)


def several():
    """Texts as readers make them."""
    sarif = FORMATS["sarif"].read
    yield refusal(sarif, b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": 17}}}]}', How())
    yield refusal(sarif, b'{"version": "2.1.0", "runs": 4}', How())
    yield refusal(sarif, b'{"version": "2.1.0", "runs": [', How())
    yield refusal(FORMATS["csv"].read, b"rule,path\na,b,c\n", How())
    yield refusal(detect, "odd.bin", b"PK\x03\x04zip")
    yield refusal(detect, "odd.json", b"[]")
    yield refusal(addresses.check, "ftp://host/x", ["https", "ssh"])
    yield refusal(read_costs, b"service,month\nx,y\n")
    yield str(strangers.refusal("x.csv", b"a,b,c\n1,2,3\n", b"a,b,c\n1,2,3\n", "SARIF"))
    yield "night.sarif: found a number; at $.runs[0]; expected a string"


@pytest.mark.parametrize("text", list(several()))
def test_it_is_said_in_chinese_and_stays_as_it_is_in_english(text):
    with override("en"):
        assert refusals.refused(text) == text
    with override("zh-hans"):
        told = refusals.refused(text)
    assert told != text
    assert "expected" not in told
    assert "; at " not in told


def test_the_name_of_a_file_may_look_like_something_said():
    with override("zh-hans"):
        told = refusals.refused("a: missing.sarif: missing; at $.runs; expected an array of runs")
    assert told == "a: missing.sarif: 缺失；位置：$.runs；应为：运行的数组"


@pytest.mark.parametrize("text", [pipeline.FULL, pipeline.BROKEN, f"night.sarif: {intake.GONE}", intake.BROKEN])
def test_why_a_scan_came_to_nothing_is_said_in_chinese(text):
    with override("zh-hans"):
        told = refusals.refused(text)
    assert "was written" not in told and "Nova" not in told.replace("Nova 内部", "")
    assert told.startswith("night.sarif: ") == text.startswith("night.sarif: ")
    assert told != text


@pytest.mark.parametrize("name", ["a: ", ": missing", "more than : ", "x is older than "])
@pytest.mark.parametrize("said", ["", "another format", "9 is older than 8, which was scanned already", " results"])
def test_a_name_full_of_colons_costs_no_more_looks_than_another(name, said):
    def looks(times):
        asked = 0

        def count(_frame, event, _what):
            nonlocal asked
            asked += event in ("call", "c_call")

        with override("zh-hans"):
            refusals.refused(name * times + said)
            sys.setprofile(count)
            try:
                refusals.refused(name * times + said)
            finally:
                sys.setprofile(None)
        return asked

    assert looks(1_000) < looks(3) * 2  # and what the interpreter does now and then


@pytest.mark.parametrize("text", ["", "git could not reach the host", "Given up: the host answered 3 times only."])
def test_words_of_others_are_left_alone(text):
    with override("zh-hans"):
        assert refusals.refused(text) == text
