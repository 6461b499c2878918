"""An import takes the same number of statements, however long the report."""

import pytest

from findings import actions
from findings.models import Finding, Occurrence, Repository
from remediation.actions.imports import accept_import, preview_file
from tests.findings.reports import result, sarif
from tests.statements import counted

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 40
CHANGED = (Finding, Occurrence)


def words(n):
    """A number in letters: numbers in messages are no difference."""
    return str(n).translate(str.maketrans("0123456789", "abcdefghij"))


def statements_of(repository, numbers):
    """What is sent for a report with a result for each number, preview and acceptance together."""
    rows = [
        result(
            f"rule-{n % 10}",
            f"src/f{n % 50}.py",
            n // 50 + 1,
            f"problem {words(n)}",
            f"call({n})",
            partialFingerprints={"hash/v1": f"{n:016x}"},
        )
        for n in numbers
    ]
    data, team = sarif(rows), repository.components.get().team
    with counted() as statements:
        [(run, _)] = preview_file(repository, team, data, file_name="report.sarif", actor="ci")
        accept_import(run, actor="ci")
    return statements.texts


def import_all(repository, size):
    """The statements of a first import, the same again, and two that change something."""
    tenth = size // 10
    return {
        "first": statements_of(repository, range(size)),
        "again": statements_of(repository, range(size)),
        "fewer": statements_of(repository, range(tenth, size)),
        "churn": statements_of(repository, [*range(tenth // 10), *range(2 * tenth, size + tenth)]),
    }


def test_the_number_of_statements_does_not_grow_with_the_report(repository, platform):
    other = actions.track("https://git.example.com/b.git", team=platform, actor="test", slug="b", branch="main")
    Repository.objects.update(proven_commit="c" * 40)  # so that there are grades
    small = import_all(repository, 500)
    assert Finding.objects.filter(state="fixed").count() == 95
    assert Finding.objects.filter(reopened=1).count() == 5
    counts = {name: len(texts) for name, texts in small.items()}
    assert max(counts.values()) <= MOST, counts
    large = {name: len(texts) for name, texts in import_all(other, 5_000).items()}
    assert Finding.objects.filter(repository=other, reopened=1).count() == 50
    assert large.pop("first") <= counts.pop("first")  # the standing list is there already
    # Many changed rows of a model go through a table of their own: made, filled, read.
    assert all(counts[name] <= large[name] <= counts[name] + 2 * len(CHANGED) for name in counts), (counts, large)
    assert max(large.values()) <= MOST
