"""Reports that mislead by their fingerprints, or by having none: the findings stay what they are."""

import pytest

from findings.models import Finding, Occurrence
from tests.findings.reports import result, sarif, take

pytestmark = pytest.mark.django_db
SAME = {"fingerprints": {"matchBasedId/v1": "requires login"}}


def open_keys():
    return set(Finding.objects.filter(state="open").values_list("pk", flat=True))


def constant(n):
    return result(f"rule-{n % 3}", f"src/f{n % 5}.py", 10 + 7 * n, f"problem {n}", f"call({n})", **SAME)


def test_34_results_with_one_constant_fingerprint_stay_34_findings(repository):
    first = take(repository, sarif([constant(n) for n in range(34)]))
    known = open_keys()
    assert (first.counts["new"], len(known)) == (34, 34)
    for turn in range(4):
        results = [constant(n) for n in range(34)]
        again = take(repository, sarif(results[::-1] if turn % 2 else results))
        assert (again.counts["new"], again.counts["again"], again.counts["fixed"]) == (0, 34, 0)
        assert open_keys() == known


def test_a_fingerprint_that_several_share_does_not_join_what_is_new_to_what_is_gone(repository):
    take(repository, sarif([constant(n) for n in range(34)]))
    known = open_keys()
    others = [result("rule-0", "src/f9.py", 500 + n, f"other {n}", f"other({n})", **SAME) for n in range(3)]
    run = take(repository, sarif([*(constant(n) for n in range(31)), *others]))
    assert (run.counts["new"], run.counts["fixed"]) == (3, 3)
    assert len(open_keys() - known) == 3


@pytest.mark.parametrize(
    "hint", [{}, {"partialFingerprints": {"hash/v1": "abc"}}, SAME], ids=["none", "partial", "constant"]
)
def test_results_listed_twice_neither_double_nor_close(repository, hint):
    results = [result("rule", f"src/{n}.py", n + 1, f"problem {n}", f"call({n})", **hint) for n in range(20)]
    take(repository, sarif(results + results))
    known = open_keys()
    assert len(known) == 20
    for report in (results + results, results, results + results[::-1]):
        run = take(repository, sarif(report))
        assert (run.counts["new"], run.counts["fixed"], open_keys()) == (0, 0, known)
    assert Occurrence.objects.filter(to_run=None).count() == 20


def shifted(n, by, *, fingerprint, snippet):
    hint = {"partialFingerprints": {"primaryLocationLineHash": f"{n:016x}:1"}} if fingerprint else {}
    text = f"call({n})" if snippet else ""
    return result(
        f"rule-{n % 4}", f"src/f{n % 3}.py", 10 * n + 5 + by, f"problem in function f{chr(97 + n)}", text, **hint
    )


@pytest.mark.parametrize("fingerprint", [True, False], ids=["with fingerprints", "without"])
@pytest.mark.parametrize("snippet", [True, False], ids=["with code", "without code"])
def test_results_whose_lines_all_moved_are_themselves_and_take_the_new_lines(repository, fingerprint, snippet):
    how = {"fingerprint": fingerprint, "snippet": snippet}
    take(repository, sarif([shifted(n, 0, **how) for n in range(20)]))
    known = dict(Occurrence.objects.values_list("finding_id", "line"))
    run = take(repository, sarif([shifted(n, 41, **how) for n in range(20)]))
    assert (run.counts["new"], run.counts["moved"], run.counts["fixed"]) == (0, 20, 0)
    assert dict(Occurrence.objects.values_list("finding_id", "line")) == {pk: line + 41 for pk, line in known.items()}
    assert set(Occurrence.objects.values_list("moved", flat=True)) == {41}


def test_a_fingerprint_that_two_results_of_a_file_share_says_which_of_them_neither(repository):
    twin = {"partialFingerprints": {"hash/v1": "twin"}}
    texts = {3: "first()", 30: "second()"}
    take(repository, sarif([result("rule", "a.py", line, "problem", text, **twin) for line, text in texts.items()]))
    known = {p.finding_id: p.excerpt for p in Occurrence.objects.all()}
    swapped = [
        result("rule", "a.py", 3, "problem", "second()", **twin),
        result("rule", "a.py", 30, "problem", "first()", **twin),
    ]
    take(repository, sarif(swapped))
    assert {p.finding_id: p.excerpt for p in Occurrence.objects.filter(to_run=None)} == known
