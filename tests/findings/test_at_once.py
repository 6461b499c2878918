"""Two at the same moment, and a connection that breaks in the middle: both end consistent, or one says why not."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, connections, transaction

from findings import actions
from findings.actions import batches, bulk
from findings.actions.batches import Moved
from findings.actions.triage import Said
from findings.models import Change, Draft, Event, Finding, Occurrence, Repository, Run, Scan
from nova_dashboard.intake import run_upload
from remediation.actions import verdicts
from remediation.actions.imports import accept_import, preview_file
from remediation.models import Grade, Placement
from tests.cast import land, seen
from tests.findings.reports import result, sarif, take

pytestmark = pytest.mark.django_db(transaction=True)


def report(numbers, tool="linter"):
    return sarif(
        [result(f"rule-{n % 3}", f"src/f{n % 5}.py", n + 1, "x" * (n + 1), f"call({n})") for n in numbers], tool
    )


def shown(repository, data) -> Run:
    team = repository.components.get(is_default=True).team
    [(run, _)] = preview_file(repository, team, data, file_name="report.sarif", actor="ci")
    return run


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each work answered, or the exception it raised; all begin at the same moment, each on its own connection."""
    ready, answers = threading.Barrier(len(works)), [None] * len(works)

    def work(n: int) -> None:
        try:
            ready.wait(20)
            answers[n] = works[n]()
        except Exception as error:
            answers[n] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return answers


def consistent() -> None:
    """No place without its finding, none twice, and an item for each that is open."""
    places = list(Occurrence.objects.filter(to_run=None).values_list("finding__rule__key", "path", "line"))
    assert len(places) == len(set(places)) == Finding.objects.filter(state="open").count()
    assert Placement.objects.filter(finding__state="open").count() == Finding.objects.filter(state="open").count()
    assert Event.objects.filter(verb="found").count() == Finding.objects.count()


def test_of_two_imports_of_one_report_at_the_same_moment_one_says_that_things_moved(repository):
    runs = [shown(repository, report(range(30))), shown(repository, report(range(30)))]
    answers = at_once(*(lambda run=run: accept_import(run, actor="ci") for run in runs))
    assert sorted(type(answer) for answer in answers if answer) == [Moved]
    assert sorted(Run.objects.values_list("state", flat=True)) == ["applied", "preview"]
    assert Finding.objects.count() == 30
    consistent()


def test_two_imports_of_different_tools_at_the_same_moment_are_both_taken(repository):
    runs = [shown(repository, report(range(30), tool)) for tool in ("one", "other")]
    assert at_once(*(lambda run=run: accept_import(run, actor="ci") for run in runs)) == [None, None]
    assert Finding.objects.count() == 60
    assert Placement.objects.count() == 60


def test_an_import_during_a_scan_waits_for_it(repository):
    run = shown(repository, report(range(30)))
    scanned = [seen(line=n, text=f"line {n}") for n in range(1, 20)]
    answers = at_once(lambda: accept_import(run, actor="ci"), lambda: land(repository, scanned) and None)
    assert answers == [None, None]
    assert Finding.objects.filter(state="open").count() == 49
    consistent()
    assert Grade.objects.filter(run__tool="nova").exists()


def test_a_verdict_and_an_import_at_the_same_moment_do_not_wait_for_each_other(repository, alice):
    take(repository, report(range(30)))
    for turn in range(4):
        run = shown(repository, report(range(turn + 1, 30 + turn)))
        some = list(Finding.objects.filter(state="open").order_by("-pk")[:10])
        answers = at_once(
            lambda run=run: accept_import(run, actor="ci"),
            lambda some=some: verdicts.decide(some, "accepted", actor=alice, reason="said so"),
        )
        assert [type(answer) for answer in answers] in ([type(None), Said], [Moved, Said]), answers
        versions = {c.row: c.version for c in Change.objects.filter(table="findings.Finding").order_by("pk")}
        assert all(f.version >= versions.get(f.pk, 1) for f in Finding.objects.all())


def test_a_connection_that_breaks_in_the_middle_of_a_copy_leaves_nothing_and_the_import_can_be_taken_again(
    repository, monkeypatch
):
    run = shown(repository, report(range(40)))
    copy_in, tables = bulk.copy_in, [Finding, Occurrence, Event, Placement, Change, Grade, Scan]
    before = [table.objects.count() for table in tables]

    def broken(model, names, rows):
        def until_it_breaks():
            for n, row in enumerate(rows):
                if n == 20 and model is Occurrence:
                    end_connection(connection.connection.info.backend_pid)
                yield row

        copy_in(model, names, until_it_breaks())

    monkeypatch.setattr(bulk, "copy_in", broken)
    with pytest.raises(OperationalError):
        accept_import(run, actor="ci")
    connection.close()
    monkeypatch.undo()
    assert [table.objects.count() for table in tables] == before
    assert Run.objects.get().state == "preview"
    assert Draft.objects.count() == 1
    accept_import(Run.objects.get(), actor="ci")
    assert Finding.objects.filter(state="open").count() == 40
    consistent()


FULL = """
CREATE FUNCTION fill_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.line = 20 THEN RAISE disk_full USING MESSAGE = 'could not extend file: No space left on device'; END IF;
    RETURN NEW; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON findings_occurrence FOR EACH ROW EXECUTE FUNCTION fill_up();
"""


def test_a_disk_that_is_full_in_the_middle_of_a_copy_leaves_nothing_and_is_said_in_the_worker_s_answer(repository):
    tables = [Finding, Occurrence, Event, Placement, Change, Grade]
    run, team = shown(repository, report(range(40))), repository.components.get().team
    scan = actions.ask_to_accept(run, team, actor="ci")
    before = [table.objects.count() for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(FULL)
    try:
        assert run_upload(scan.pk)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION fill_up() CASCADE")
    scan.refresh_from_db()
    assert scan.state == "failed"
    assert "nothing was written" in scan.error
    assert [table.objects.count() for table in tables] == before
    assert Run.objects.get().state == "preview"
    accept_import(Run.objects.get(), actor="ci")
    consistent()


@pytest.mark.parametrize("patience", ["10ms", "3s"])
def test_who_locks_in_the_other_order_does_not_stop_an_import(repository, monkeypatch, patience):
    """One holds a finding and wants the repository, the import the other way round: PostgreSQL ends one of them, by whose
    patience is the shorter. An import tries again.
    """
    take(repository, report(range(30)))
    run, lock = shown(repository, report(range(1, 30))), batches.lock
    held, waits = threading.Event(), threading.Event()

    def locked(of):
        lock(of)
        if threading.current_thread().name == "import":
            held.set()
            waits.wait(10)
            until_it_waits()

    def imported():
        threading.current_thread().name = "import"
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('deadlock_timeout', %s, false)", [patience])
        accept_import(run, actor="ci")

    @transaction.atomic
    def against():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('deadlock_timeout', '1s', true)")
        Finding.objects.select_for_update().get(occurrences__line=1)
        held.wait(10)
        waits.set()
        lock(repository)

    monkeypatch.setattr(batches, "lock", locked)
    done, other = at_once(imported, against)
    assert done is None
    assert other is None if patience == "10ms" else isinstance(other, OperationalError)
    assert Finding.objects.filter(state="fixed").count() == 1
    consistent()


def until_it_waits() -> None:
    """Until somebody waits for what this connection holds."""
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)


def end_connection(pid: int) -> None:
    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        connection.close()

    thread = threading.Thread(target=end)
    thread.start()
    thread.join(10)


def test_keys_that_another_session_took_in_between_are_left_to_it(repository):
    """Made rows are remembered as stretches of keys: what lies between two stretches is not this run's."""
    take(repository, report(range(5)))
    keys = bulk.reserve((Finding, 3), (Occurrence, 0))
    assert [len(found) for found in keys] == [3, 0]
    run = take(repository, report(range(5), "other"))
    assert Finding.objects.filter(run.changes.all().made(Finding)).count() == 5
    actions.undo(run, actor="test")
    assert Finding.objects.count() == 5
    assert Repository.objects.get().runs.filter(state="undone").count() == 1
