"""rust/oversized-main."""

import pytest

from findings.core.facts import Place, Settings
from findings.core.rules.rust_main import FAMILY
from findings.core.types import Priority
from tests.findings.core.rules.tree import see


def main(lines: int, blank: int = 0) -> str:
    return "use x;\n\nfn main() {\n" + "    step();\n" * (lines - 3) + "\n   \n" * blank + "}\n"


def test_a_main_of_more_than_300_lines_is_reported_at_its_first_line_with_the_count():
    (seen,) = see(FAMILY, {"services/gateway/src/main.rs": main(301)})
    assert (seen.rule, seen.priority, seen.line) == ("rust/oversized-main", Priority.P2, 1)
    assert seen.properties["count"] == 301
    assert "301" in seen.message


def test_300_lines_are_fine_and_blank_ones_do_not_count():
    assert see(FAMILY, {"src/main.rs": main(300, blank=200)}) == []


def test_a_shrinking_file_shows_progress_and_stays_the_same_finding():
    (before,), (after,) = (see(FAMILY, {"src/main.rs": main(size)}) for size in (400, 350))
    assert (before.properties["count"], after.properties["count"]) == (400, 350)
    assert (before.line_hash, before.shape) == (after.line_hash, after.shape)


def test_the_limit_comes_from_the_settings():
    (seen,) = see(FAMILY, {"src/main.rs": main(301)})
    facts = Place(
        "src/main.rs", {"lines": 301, "line": 3, "end": 3, "line_hash": "", "block_hash": "", "excerpt": "", "first": 1}
    )
    assert list(FAMILY.judge([facts], Settings(main_lines=301))) == []
    assert seen.properties["limit"] == 300


@pytest.mark.parametrize(
    "path", ["src/lib.rs", "docs/main.rs", "target/x/main.rs", "vendor/x/src/main.rs", "examples/main.rs"]
)
def test_other_files_are_not_programs_of_ours(path):
    assert see(FAMILY, {path: main(400)}) == []


def test_an_empty_file_and_one_without_a_main_function_do_no_harm():
    assert see(FAMILY, {"src/main.rs": ""}) == []
    (seen,) = see(FAMILY, {"src/main.rs": "step();\n" * 301})
    assert seen.line == 1
