"""A report is held against the code: what stands where it says, what moved, what is not there, what is counted otherwise."""

import pytest

from findings.core.types import Priority
from remediation.core.review.factcheck import Answer, Check, Code, File, Kind, Spot, check
from remediation.core.types import LinkProposal, Place, ReviewFinding

PATCHES, TOPIC, MAIN = "kustomize/patch-sprawl", "kafka/under-replicated-topic", "rust/oversized-main"
RULES = frozenset({PATCHES, TOPIC, MAIN, "secrets/plaintext"})


def said(
    *places: Place, rule: str = TOPIC, title: str = "One replica", scope: str = "", sure: float = 0.9
) -> ReviewFinding:
    links = (LinkProposal(rule, scope, "topic", sure),) if rule else ()
    return ReviewFinding("a", "", title, Priority.P0, 3, places=places, links=links)


def held(finding: ReviewFinding, *spots: Spot, files: dict[str, File] | None = None) -> Check:
    return check(finding, Code(spots, files, RULES))


def spot(path: str, line: int, rule: str = TOPIC, count: int = 0, finding: int = 1) -> Spot:
    return Spot(rule, finding, path, line, count=count)


@pytest.mark.parametrize(
    ("place", "answer", "kind"),
    [
        (Place("k8s/t.yaml", 8, 9), Answer.CONFIRMED, Kind.FOUND),
        (Place("k8s/t.yaml"), Answer.CONFIRMED, Kind.FOUND),
        (Place("k8s/"), Answer.CONFIRMED, Kind.FOUND),
        (Place("k8s/*.yaml"), Answer.CONFIRMED, Kind.FOUND),
        (Place("k8s/t.yaml", 20, 22), Answer.MOVED, Kind.LINE),
        (Place("old/t.yaml", 9), Answer.MOVED, Kind.PATH),
        (Place("k8s/u.yaml", 9), Answer.NOT_FOUND, Kind.NOTHING),
    ],
)
def test_a_place_is_confirmed_moved_or_not_found(place, answer, kind):
    found = held(said(place), spot("k8s/t.yaml", 9))
    assert (found.answer, [p.kind for p in found.points]) == (answer, [kind])


def test_what_moved_says_from_where_to_where():
    (point,) = held(said(Place("k8s/t.yaml", 20)), spot("k8s/t.yaml", 90), spot("k8s/t.yaml", 24)).points
    assert (point.said.line, point.path, point.line) == (20, "k8s/t.yaml", 24)


def test_a_rule_that_sees_nothing_anywhere_refutes_the_claim():
    found = held(said(Place("k8s/t.yaml", 8)))
    assert (found.answer, [p.kind for p in found.points]) == (Answer.NOT_FOUND, [Kind.NOWHERE])


def test_where_no_file_is_named_the_place_that_the_title_speaks_of_is_shown():
    seen = [spot("k8s/audit.yaml", 4), spot("k8s/orders.yaml", 9)]
    (point,) = held(said(title="Orders has one replica"), *seen).points
    assert (point.path, point.line) == ("k8s/orders.yaml", 9)
    (point,) = held(said(title="Topics have one replica"), *seen).points
    assert point.path == "k8s/audit.yaml"


def test_one_place_of_several_that_is_not_there_is_said_and_the_claim_stands():
    found = held(said(Place("a.yaml", 3), Place("b.yaml", 3)), spot("a.yaml", 3), files={"b.yaml": File(True, 9)})
    assert (found.answer, [p.kind for p in found.points]) == (Answer.CONFIRMED, [Kind.FOUND, Kind.NOTHING])


@pytest.mark.parametrize(
    ("file", "answer", "kinds"),
    [
        (File(False), Answer.NOT_FOUND, [Kind.NO_FILE]),
        (File(False, elsewhere=("lib/x.py",)), Answer.MOVED, [Kind.PATH]),
        (File(True, 40), Answer.MOVED, [Kind.SHORT]),
        (File(True, 400), Answer.UNTESTED, []),
    ],
)
def test_where_no_rule_can_test_it_the_named_files_are_looked_for(file, answer, kinds):
    found = held(said(Place("src/x.py", 88), rule=""), files={"src/x.py": file})
    assert (found.answer, [p.kind for p in found.points]) == (answer, kinds)


def test_a_link_that_nobody_is_sure_of_tests_nothing():
    assert held(said(Place("a.yaml"), sure=0.4), spot("a.yaml", 3)).answer == Answer.UNTESTED


@pytest.mark.parametrize(
    ("title", "answer", "stated"),
    [
        ("Overlay of 21 patches", Answer.CONFIRMED, 21),
        ("Overlay of 19 patches", Answer.COUNT, 19),
        ("19 个 Kustomize patch 文件", Answer.COUNT, 19),
        ("20+ patches", Answer.CONFIRMED, 21),
        ("over 30 patches", Answer.COUNT, 30),
        ("Patch sprawl", Answer.CONFIRMED, None),
    ],
)
def test_what_a_report_counts_is_counted(title, answer, stated):
    found = held(
        said(Place("o/kustomization.yaml"), rule=PATCHES, title=title), spot("o/kustomization.yaml", 1, PATCHES, 21)
    )
    counts = [p.stated for p in found.points if p.kind is Kind.COUNT]
    assert (found.answer, counts) == (answer, [stated] if stated else [])


def test_lines_may_be_counted_with_blank_ones_or_without():
    finding = said(Place("a/main.rs"), rule=MAIN, title="main.rs is 617 lines long")
    seen = spot("a/main.rs", 1, MAIN, 540)
    assert held(finding, seen).answer == Answer.COUNT
    assert held(finding, seen, files={"a/main.rs": File(True, 617)}).answer == Answer.CONFIRMED


def test_topics_are_counted_and_not_their_copies():
    copies = [spot("a.yaml", 3, finding=1), spot("b.yaml", 3, finding=1), spot("b.yaml", 9, finding=2)]
    assert held(said(title="2 topics have one replica"), *copies).answer == Answer.CONFIRMED
    assert held(said(title="3 topics have one replica"), *copies).answer == Answer.COUNT
