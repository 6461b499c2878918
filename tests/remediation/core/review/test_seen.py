"""Rules proposed from what the last scan sees at the places that a review states."""

import pytest

from findings.core.types import Priority
from remediation.core.review.factcheck import SURE, Spot
from remediation.core.review.rulebook import RULES
from remediation.core.review.seen import AT_LINE, IN_FILE, Seen, linked_by, propose, relink
from remediation.core.review.subjects import SUBJECTS
from remediation.core.types import LinkProposal, Place, Review, ReviewFinding, ReviewItem

LOST, ALONE = "kubernetes/ephemeral-state", "kubernetes/single-replica-state"
SECRET, MAIN = "secrets/plaintext", "rust/oversized-main"
REDIS = "k8s/redis.yaml"


def said(title: str, *places: Place, links: tuple[LinkProposal, ...] = (), problem: str = "") -> ReviewFinding:
    return ReviewFinding("a", "", title, Priority.P0, 3, places=places, links=links, problem=problem)


def offered(finding: ReviewFinding, *spots: Spot) -> list[tuple[str, str]]:
    return [(link.rule, link.why) for link in propose(finding, Seen(spots))]


@pytest.mark.parametrize("path", [REDIS, "redis.yaml"])
@pytest.mark.parametrize("title", ["Redis loses its data at each restart", "Look at this deployment", "缓存有问题"])
def test_the_only_rule_at_a_stated_line_is_proposed_whatever_the_words(title, path):
    (link,) = propose(said(title, Place(path, 29)), Seen([Spot(LOST, 1, REDIS, 29)]))
    assert (link.rule, link.scope, link.why) == (LOST, REDIS, AT_LINE)
    assert link.confidence > 0.9


def test_a_stated_stretch_meets_the_lines_in_it():
    spots = [Spot(ALONE, 1, "search.yaml", 8)]
    assert offered(said("只有一个副本", Place("search.yaml", 8, 9)), *spots) == [(ALONE, AT_LINE)]
    assert offered(said("有问题", Place("search.yaml", 9, 10)), *spots) == []


@pytest.mark.parametrize(
    ("title", "rules"),
    [
        ("Redis loses its data at each restart", [LOST]),
        ("只有一个副本", [ALONE]),
        ("One pod, and a restart loses the data", [LOST, ALONE]),
        ("Look at this deployment", []),
    ],
)
def test_at_a_line_of_two_rules_the_words_choose(title, rules):
    spots = [Spot(LOST, 1, REDIS, 29), Spot(ALONE, 2, REDIS, 29)]
    assert offered(said(title, Place(REDIS, 29)), *spots) == [(rule, AT_LINE) for rule in rules]


@pytest.mark.parametrize(("line", "title", "rules"), [(0, "Data is lost", [LOST]), (90, "Data is lost", [LOST])])
def test_in_a_file_a_word_of_the_rule_is_needed(line, title, rules):
    place, spot = Place(REDIS, line), Spot(LOST, 1, REDIS, 29)
    assert offered(said(title, place), spot) == [(rule, IN_FILE) for rule in rules]
    assert offered(said("Redis is old", place), spot) == []


@pytest.mark.parametrize(
    "title",
    ["Redis has no memory limits", "Redis 没有探针", "Pods run as root", "The image is not pinned", "没有网络策略"],
)
def test_what_no_rule_looks_at_is_not_proved_by_what_stands_on_its_line(title):
    assert offered(said(title, Place(REDIS, 29)), Spot(LOST, 1, REDIS, 29)) == []


def test_words_that_plainly_speak_of_another_rule_stand_alone():
    words = (LinkProposal(SECRET, REDIS, "password + git", 0.9),)
    finding = said("Redis' password is in git", Place(REDIS, 29), links=words)
    assert offered(finding, Spot(LOST, 1, REDIS, 29)) == [(SECRET, "password + git")]


def test_a_faint_proposal_of_the_words_stays_behind_that_of_the_scan():
    words = (LinkProposal(SECRET, REDIS, "secret", 0.6),)
    first, second = propose(said("What a mess", Place(REDIS, 29), links=words), Seen([Spot(LOST, 1, REDIS, 29)]))
    assert (first.rule, second.rule, second.why) == (LOST, SECRET, "secret")
    assert SURE <= second.confidence < words[0].confidence < first.confidence


def test_where_words_and_line_agree_the_words_are_the_reason():
    words = (LinkProposal(LOST, REDIS, "emptydir", 0.9),)
    spots = [Spot(LOST, 1, REDIS, 29), Spot(ALONE, 2, REDIS, 29)]
    assert offered(said("One pod with an emptyDir", Place(REDIS, 29), links=words), *spots) == [(LOST, "emptydir")]


def test_a_long_stretch_and_one_place_of_many_are_chance():
    whole = Spot(MAIN, 1, "src/main.rs", 1, 900)
    assert offered(said("Orders are handled twice", Place("src/main.rs", 40)), whole) == []
    assert offered(said("It is too long", Place("src/main.rs", 40)), whole) == [(MAIN, IN_FILE)]
    many = said("Look at these", Place(REDIS, 29), Place("a.yaml", 1), Place("b.yaml", 1))
    assert offered(many, Spot(LOST, 1, REDIS, 29)) == []


def test_in_the_midst_of_what_the_scan_sees_a_word_of_the_rule_is_needed():
    loop = Spot("rust/n-plus-one", 1, "src/feed.rs", 40, 48)
    assert offered(said("The cursor runs off its end", Place("src/feed.rs", 44)), loop) == []
    assert offered(said("200 round trips", Place("src/feed.rs", 44)), loop) == [(loop.rule, AT_LINE)]
    assert offered(said("This is slow", Place("src/feed.rs", 38, 42)), loop) == [(loop.rule, AT_LINE)]


def test_an_item_without_a_rule_has_that_of_its_finding_and_what_is_kept_is_put_back():
    finding = said("Redis loses its data", Place(REDIS, 29))
    review = Review("r", findings=(finding,), items=(ReviewItem("i", "Mend it", "", 9, findings=("a",)),))
    kept = linked_by(review, [Spot(LOST, 1, REDIS, 29)])
    told = relink(review, kept)
    assert [link.rule for row in (*told.findings, *told.items) for link in row.links] == [LOST, LOST]
    assert relink(review, linked_by(review, [])) == review


def test_every_rule_has_words_of_its_subject():
    assert SUBJECTS.keys() == RULES.keys()


def test_a_file_that_is_too_long_is_not_what_a_text_about_some_of_its_lines_is_about():
    place = Place("gateway/src/main.rs", 7, 9)
    finding = said("gateway/src/main.rs lines 7-9 wait for each other", place)
    assert offered(finding, Spot(MAIN, 1, "gateway/src/main.rs", 1, 700)) == []
    assert offered(said("main.rs is long", place), Spot(MAIN, 1, "gateway/src/main.rs", 1, 700)) == [(MAIN, IN_FILE)]
