"""Two places looked alike: the page asks, a person answers, and another is refused."""

import re

import pytest
from django.urls import reverse

from findings.models import Finding, Run
from tests.findings.reports import result, sarif, take

pytestmark = pytest.mark.django_db


def report(*lines):
    return sarif([result("loop", "src/a.py", n, f"loop <{n}>", "retry(forever)") for n in lines], rules=["loop"])


@pytest.fixture(scope="module")
def chosen(once):
    for name in ("alice", "bob"):
        once(name)
    take(once("repository"), report(10, 30))
    return take(once("repository"), report(20), anyway=True).pk


@pytest.fixture
def pair(chosen):
    """(the one taken to be at line 20, the one closed by that, the run that chose)."""
    return *Finding.objects.order_by("pk"), Run.objects.get(pk=chosen)


def url(finding):
    return reverse("remediation:finding_which", args=[finding.pk])


def text(client, address):
    return client.get(address).content.decode()


def answer(client, finding, which, version=None):
    version = re.search(r'name="version" value="(\d+)"', text(client, url(finding)))[1] if version is None else version
    return client.post(url(finding), {"which": which, "version": version})


def states(*findings):
    return [Finding.objects.get(pk=f.pk).state for f in findings]


def test_the_run_and_the_finding_point_to_the_question(client, alice, pair):
    first, second, run = pair
    client.force_login(alice)
    assert url(first) in text(client, first.get_absolute_url())
    assert url(second) not in text(client, second.get_absolute_url())
    assert first.get_absolute_url() in text(client, run.get_absolute_url()).split('id="unsure"')[1]


def test_the_question_names_both_with_their_places(client, bob, pair):
    first, second, _run = pair
    client.force_login(bob)
    page = text(client, url(first))
    assert "this finding, as it was taken: src/a.py:20" in page
    assert "the closed one “loop &lt;30&gt;”, last seen at src/a.py:30" in page
    assert f'value="{second.pk}"' in page


def test_it_is_the_same(client, bob, pair):
    first, second, run = pair
    client.force_login(bob)
    assert answer(client, first, "").status_code == 302
    assert states(first, second) == ["open", "fixed"]
    page = text(client, first.get_absolute_url())
    assert "Confirmed: it is the same one that moved" in page
    assert url(first) not in page
    assert 'id="unsure"' not in text(client, run.get_absolute_url())


def test_it_is_the_other_one(client, bob, pair):
    first, second, _run = pair
    client.force_login(bob)
    assert answer(client, first, second.pk).status_code == 302
    assert states(first, second) == ["fixed", "open"]
    for finding in (first, second):
        assert "Told apart from one that looked like it" in text(client, finding.get_absolute_url())


@pytest.mark.parametrize("which", ["999999", "x", "-1"])
def test_what_is_no_choice_is_refused_and_changes_nothing(client, bob, pair, which):
    first, second, _run = pair
    client.force_login(bob)
    assert answer(client, first, which).status_code == 422
    assert states(first, second) == ["open", "fixed"]


def test_who_was_slower_is_told_and_nothing_is_lost(client, bob, pair):
    first, second, _run = pair
    client.force_login(bob)
    response = answer(client, first, second.pk, version=first.version + 9)
    assert response.status_code == 422
    assert "Look, then send it again." in response.content.decode()
    assert states(first, second) == ["open", "fixed"]


def test_who_comes_after_another_answer_is_told_and_asked_no_more(client, alice, bob, pair):
    first, second, _run = pair
    client.force_login(alice)
    version = first.version
    assert answer(client, first, "").status_code == 302
    client.force_login(bob)
    late = answer(client, first, second.pk, version=version)
    page = late.content.decode().partition("<main")[2]
    assert late.status_code == 422
    assert "Confirmed: it is the same one that moved. Alice" in page
    assert "Save the answer" not in page and 'name="version"' not in page
    assert "Look, then send it again." not in page
    assert states(first, second) == ["open", "fixed"]
    page = text(client, url(first)).partition("<main")[2]
    assert "Nothing is in doubt here any more." in page and "Save the answer" not in page


def test_without_a_doubt_there_is_nothing_to_answer(client, bob, pair):
    _first, second, _run = pair
    client.force_login(bob)
    response = client.post(url(second), {"which": "", "version": second.version})
    assert response.status_code == 422


def test_a_viewer_and_a_stranger_may_not_answer(client, vera, charlie, pair):
    first, second, _run = pair
    for user, status in ((vera, 403), (charlie, 404)):
        client.force_login(user)
        assert client.post(url(first), {"which": second.pk}).status_code == status
    assert states(first, second) == ["open", "fixed"]
