"""Reports that nobody has to look at first: planned and applied in one go, to the same end as by way of a preview."""

import json

import pytest

from findings import actions
from findings.actions import uploads
from findings.core.types import FormatError
from findings.models import Draft, Event, Finding, Occurrence, Repository, Run, Scan
from nova_dashboard.intake import run_upload
from remediation.actions.follow import follow
from remediation.actions.imports import accept_import, preview_file, take_file
from remediation.models import Grade, Placement
from tests.findings.reports import result, sarif, take
from tests.laws import wrong_tallies

pytestmark = pytest.mark.django_db


def report(numbers):
    return sarif(
        [
            result(f"rule-{n % 3}", f"src/{n}.py", n + 1, "x" * (n + 1), partialFingerprints={"hash/v1": f"{n:016x}"})
            for n in numbers
        ],
        "lint",
    )


@pytest.fixture
def other(repository, platform) -> Repository:
    made = actions.track("https://git.example.com/b.git", team=platform, actor="test", slug="b", branch="main")
    Repository.objects.update(proven_commit="c" * 40)  # so that there are grades
    return made


def take_at_once(repository, data) -> Run:
    team = repository.components.get(is_default=True).team
    [run] = take_file(repository, team, data, file_name="report.sarif", actor="ci")
    return run


def written(repository):
    """What is known of a repository, without keys and moments."""
    findings = Finding.objects.filter(repository=repository).order_by("pk")
    places = Occurrence.objects.filter(finding__in=findings).order_by("pk")
    return (
        list(findings.values_list("rule", "title", "priority", "state", "version", "said", "reopened", "evidence__kind")),
        list(places.values_list("path", "line", "step", "moved", "said", "from_run__counts", "to_run__counts")),
        list(Run.objects.filter(repository=repository).order_by("pk").values_list("state", "counts", "branch", "reason")),
        sorted(Event.objects.filter(repository_ref=repository.pk, run_ref__gt=0).values_list("verb", "actor")),
        Placement.objects.filter(finding__in=findings).count(),
        list(Grade.objects.filter(subject=f"repository:{repository.pk}").order_by("pk").values_list("score", "letter")),
    )  # fmt: skip


def test_it_comes_to_the_same_as_preview_and_acceptance(repository, other):
    for numbers in (range(9), range(9), range(1, 9), [*range(1, 8), 20, 0]):
        looked_at, at_once = take(repository, report(numbers)), take_at_once(other, report(numbers))
        assert (looked_at.state, looked_at.counts) == (at_once.state, at_once.counts)
    assert written(repository) == written(other)
    assert Finding.objects.filter(repository=other, state="fixed").count() == 1
    assert Finding.objects.filter(repository=other, reopened=1).count() == 1
    assert not Draft.objects.exists()
    assert not wrong_tallies()


def test_what_has_to_be_held_waits_for_the_lead(other):
    take_at_once(other, report(range(9)))
    run = take_at_once(other, report([0, 30]))
    assert (run.state, run.counts["new"], run.counts["fixed"]) == ("held", 1, 0)
    assert Finding.objects.filter(state="open").count() == 10
    accept_import(run, actor="ci", anyway=True)
    assert Finding.objects.filter(state="fixed").count() == 8


def test_where_one_run_of_a_file_cannot_be_taken_none_is(other):
    good, bad = (json.loads(report(range(3)))["runs"][0] for _ in range(2))
    bad["tool"]["driver"]["name"] = "second"
    bad["versionControlProvenance"] = [{"repositoryUri": other.url, "branch": "elsewhere"}]
    data = json.dumps({"version": "2.1.0", "runs": [good, bad]}).encode()
    with pytest.raises(FormatError, match="elsewhere"):
        take_at_once(other, data)
    assert not Run.objects.exists()
    assert not Scan.objects.exists()


def two_runs():
    first, second = (json.loads(report(numbers))["runs"][0] for numbers in (range(3), range(2)))
    second["tool"]["driver"]["name"] = "second"
    return json.dumps({"version": "2.1.0", "runs": [first, second]}).encode()


def test_all_runs_of_a_file_are_taken(other):
    team = other.components.get(is_default=True).team
    runs = take_file(other, team, two_runs(), file_name="report.sarif", actor="ci")
    assert [(run.tool, run.state, run.counts["new"]) for run in runs] == [
        ("lint", "applied", 3),
        ("second", "applied", 2),
    ]
    assert Placement.objects.count() == Finding.objects.count() == 5
    assert not wrong_tallies()


def test_where_something_fails_half_way_nothing_of_the_file_is_there(other, monkeypatch):
    done = []

    def fails(run, ledger, **more):
        done.append(run.tool)
        if len(done) == 2:
            raise OSError("no space left on device")
        follow(run, ledger, **more)

    monkeypatch.setattr("remediation.actions.imports.follow", fails)
    team = other.components.get(is_default=True).team
    with pytest.raises(OSError, match="no space"):
        take_file(other, team, two_runs(), file_name="report.sarif", actor="ci")
    assert done == ["lint", "second"]
    assert not Run.objects.exists()
    assert not Finding.objects.exists()
    assert not wrong_tallies()


def test_a_worker_takes_what_was_handed_in_to_be_taken(other, settings, tmp_path):
    settings.NOVA_SPOOL = str(tmp_path / "spool")
    team = other.components.get(is_default=True).team
    scan = uploads.hand_in(other, team, [report(range(4))], file_name="night.sarif", accept=True, actor="ci")
    assert run_upload(scan.pk)
    [run] = Run.objects.all()
    assert (run.state, run.scan, run.file_name, run.counts["new"]) == ("applied", scan, "night.sarif", 4)
    assert Placement.objects.count() == 4


def test_a_preview_still_waits(other):
    team = other.components.get(is_default=True).team
    [(run, plan)] = preview_file(other, team, report(range(4)), file_name="report.sarif", actor="ci")
    assert (run.state, len(plan.tracked.new), Finding.objects.count()) == ("preview", 4, 0)
