"""The life of a secret, from the push that brings it to the word that ends it, as people read it on the pages."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from findings.models import Finding, User
from findings.templatetags.nova import shortsha
from tests.nova_dashboard.forge import Forge

pytestmark = pytest.mark.django_db
VALUE = "kX9-thirteen!"
HELD = f"DB_HOST=db.internal\nDB_PASSWORD={VALUE}\n"
FREE = "DB_HOST=db.internal\n"
TICKET = "https://tickets.example.com/41"
LANGUAGES = ("en", "zh-hans")
STEPS = {
    "live": (
        "Closes when it is gone from the code and somebody attests that it was rotated.",
        "从代码中删除，并由人确认已轮换后关闭。",
    ),
    "gone": (
        "Gone at HEAD, in history since {}: closes when somebody attests that it was rotated.",
        "HEAD 中已删除，历史中自 {} 起一直都有：有人确认已轮换后关闭。",
    ),
    "rotated": (
        "Rotated, still in code: closes when a scan finds it there no more.",
        "已轮换，仍在代码中：扫描不再发现它时关闭。",
    ),
}
MARKS = {"gone": ("In history", "仅在历史中"), "rotated": ("Rotated, still there", "已轮换，仍在代码中")}


def secret() -> Finding:
    return Finding.objects.get(rule__key="secrets/plaintext")


@pytest.fixture
def forge(tmp_path, platform) -> Forge:
    return Forge(tmp_path, platform)


@pytest.fixture
def reader(client, bob) -> Client:
    client.force_login(bob)
    return client


def push(forge: Forge, subject: str, text: str | None) -> str:
    made = forge.push(subject, {"prod.env": text, "README.md": f"# {subject}\n"})
    assert forge.scan().state == "done"
    return made


def page(reader: Client, url: str) -> str:
    answer = reader.get(url)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert VALUE not in text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


def reads(reader: Client, person: User, step: str, commit: str = "") -> None:
    """The page of the finding and the list say where it is, in both languages."""
    for n, language in enumerate(LANGUAGES):
        User.objects.filter(pk=person.pk).update(language=language)
        sentence = STEPS[step][n].format(shortsha(commit))
        assert sentence in page(reader, secret().get_absolute_url()), language
        listed = page(reader, reverse("remediation:findings"))
        assert all(words[n] in listed for name, words in MARKS.items() if name == step), language
    User.objects.filter(pk=person.pk).update(language="en")


def attest(reader: Client) -> None:
    """Through the form that the page leads to."""
    form = reverse("remediation:finding_attest", args=[secret().pk])
    assert form in reader.get(secret().get_absolute_url()).content.decode()
    assert reader.get(form).status_code == 200
    assert reader.post(form, {"text": TICKET}).status_code == 302


def test_a_secret_leaves_the_code_and_closes_when_it_was_rotated(forge, reader, bob):
    born = push(forge, "Settings", HELD)
    reads(reader, bob, "live")
    push(forge, "Without it", FREE)
    assert (secret().state, secret().at_head, secret().in_history) == ("open", False, True)
    reads(reader, bob, "gone", born)
    push(forge, "Other things", FREE)
    assert secret().state == "open"
    attest(reader)
    found = secret()
    assert (found.state, found.evidence.kind, found.evidence.text) == ("fixed", "attested", TICKET)
    assert f"on the word of {bob}: {TICKET}" in page(reader, found.get_absolute_url())
    push(forge, "More things", FREE)
    assert secret().state == "fixed"  # what history holds of it is settled


TOLD = {
    "a sentence": ("docs/ops.md", f"The password of the broker is {VALUE} by now.\n"),
    "a row": ("docs/ops.md", f"| Host | db-1 |\n| Redis password | {VALUE} |\n"),
    "a broker's settings": (
        "kafka/jaas.conf",
        f'KafkaServer {{\n  a.PlainLoginModule required\n  username="shop"\n  password="{VALUE}";\n}};\n',
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_in_other_ways_lives_and_ends_so_too(forge, reader, bob, name):
    path, held = TOLD[name]
    born = forge.push("It is told", {path: held, "README.md": "# one\n"})
    assert forge.scan().state == "done"
    reads(reader, bob, "live")
    forge.push("It is told no more", {path: "See the safe.\n", "README.md": "# two\n"})
    assert forge.scan().state == "done"
    assert (secret().state, secret().at_head, secret().in_history) == ("open", False, True)
    reads(reader, bob, "gone", born)
    attest(reader)
    assert (secret().state, secret().evidence.kind) == ("fixed", "attested")


def test_a_secret_that_was_rotated_closes_when_it_leaves_the_code(forge, reader, bob):
    push(forge, "Settings", HELD)
    attest(reader)
    assert (secret().state, secret().rotated) == ("open", True)
    reads(reader, bob, "rotated")
    push(forge, "Other things", HELD + "DB_PORT=5432\n")
    reads(reader, bob, "rotated")
    left = push(forge, "Without it", FREE)
    found = secret()
    assert (found.state, found.evidence.kind, found.evidence.commit) == ("fixed", "diff", left)
    assert VALUE not in found.evidence.hunk
    assert "Without it" in page(reader, found.get_absolute_url())


def test_a_rotated_secret_that_comes_back_to_the_code_is_open_again(forge, reader, bob):
    push(forge, "Settings", HELD)
    push(forge, "Without it", FREE)
    attest(reader)
    first = secret().pk
    push(forge, "And back", HELD)
    assert (secret().pk, secret().state, secret().reopened) == (first, "open", 1)
    reads(reader, bob, "rotated")
