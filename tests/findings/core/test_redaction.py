"""Masks and redaction: nothing of a secret survives in what people see."""

import base64
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core import redaction
from findings.core.facts import Blob
from findings.core.hashing import block_hash, keyed, line_hash, normalise
from findings.core.redaction import find_values, forms, mask, pseudonymise, redact

VALUE = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["Cs"]), min_size=8)


@pytest.mark.parametrize("value", ["a", "orbit481", "eleven-char"])
def test_a_short_value_shows_nothing_but_its_length(value):
    shown = mask(value)
    assert shown == f"•••••••• ({len(value)} characters)"


@given(VALUE)
@settings(max_examples=60)
def test_a_mask_never_shows_more_than_a_quarter(value):
    shown = mask(value).split("•")[0]
    assert value.startswith(shown)
    assert len(shown) <= len(value) // 4
    assert len(shown) <= 4


@given(VALUE, st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=60)
def test_a_redacted_text_holds_the_value_in_no_writing(value, before, after):
    web = base64.urlsafe_b64encode(value.encode()).decode()
    texts = [value, quote(value, safe=""), base64.b64encode(value.encode()).decode(), web, json.dumps(value)[1:-1]]
    for text in texts:
        assert text not in redact(f"{before}\n{text}\n{after}", [value])


def test_several_values_are_replaced_longest_first():
    assert redact("secret-one-two secret-one", ["secret-one", "secret-one-two"]) == "•••••••• ••••••••"


def test_a_short_value_is_replaced_only_where_it_stands_alone():
    assert redact("nova: innovation\npassword: nova", ["nova"]) == "••••••••: innovation\npassword: ••••••••"


def test_a_value_of_several_lines_is_replaced_line_by_line_as_a_patch_shows_it():
    value = "-----BEGIN X-----\nAAAABBBBCCCCDDDD\nEEEEFFFFGGGGHHHH\n-----END X-----"
    patch = "-  AAAABBBBCCCCDDDD\n-  EEEEFFFFGGGGHHHH\n"
    assert redact(patch, [value]) == "-  ••••••••\n-  ••••••••\n"


def test_nothing_is_replaced_for_no_value():
    assert redact("text", [""]) == redact("text", []) == "text"
    assert "" not in forms("  ")


def test_pseudonyms_tell_values_apart_and_need_the_key():
    first, second = (pseudonymise(f"password: {value}", [value], b"k") for value in ("first-value", "other-value"))
    assert first != second
    assert "first-value" not in first
    assert first != pseudonymise("password: first-value", ["first-value"], b"another")


@pytest.mark.parametrize("pair", [("tab\\t9xy", "tab\t9xy"), ('quo"te99', "quo&quot;te99")])
def test_values_that_share_a_writing_are_told_the_same_in_any_order(pair):
    text = " and ".join(pair)
    assert pseudonymise(text, pair, b"k") == pseudonymise(text, pair[::-1], b"k")


def test_values_of_a_review_are_found_in_fences_comments_and_prose():
    text = (
        "# Review\n\n```yaml\nDB_PASSWORD: \"kX9-thirteen!\"\n# JWT_SECRET: 'dev-change-me-7766554433'\n```\n"
        "Then `API_TOKEN=Zr8mT2wQ5yB1nV7c` in the shell; POSTGRES_PASSWORD: postgres stays readable.\n"
    )
    found = find_values(text)
    assert found == {"kX9-thirteen!", "dev-change-me-7766554433", "Zr8mT2wQ5yB1nV7c"}
    safe = redact(text, found)
    assert not [value for value in found if value in safe]
    assert "POSTGRES_PASSWORD: postgres" in safe


@given(VALUE)
@settings(max_examples=60)
def test_the_normal_form_undoes_its_wrappings(value):
    wrapped = quote(base64.b64encode(normalise(value).encode()).decode(), safe="")
    plain = normalise(value)
    if plain.isascii() and plain.isprintable() and normalise(plain) == plain:
        assert normalise(wrapped) == plain
    assert keyed(b"k", plain) == keyed(b"k", normalise(f"  {value}\n"))


def test_a_mark_in_a_very_long_line_is_read_within_that_line():
    value = "qx81-Lmt0-vvEZ-77ab"
    long = f"head\n{'b ' * 90}secret: {value} {'c ' * 5_000}\ntail"
    assert value not in redact(long, find_values(long))
    rows = "\n".join(["row"] * 8)
    assert find_values(f"{rows}\n{'a' * 60} Secret: {'9' * 9_000}") == frozenset()


@given(st.lists(st.text("ab-", min_size=1, max_size=10), max_size=12), st.text("ab- ", max_size=60))
@settings(max_examples=200)
def test_a_walk_replaces_what_one_expression_would(values, text):
    many = {value: f"<{number}>" for number, value in enumerate(values)}
    assert redaction._replace_many(text, many) == redaction.replaced(text, many)


LINES = st.sampled_from(
    ["", "x = 1", "DB_PASSWORD=kX9-thirteen-Q", "note kX9-thirteen-Q", "API_TOKEN=b4Nz8qLw2Rt6Yv", '  token: "b4Nz8qLw2Rt6Yv"',
     "password: pw", "pw pw", "-----BEGIN PRIVATE KEY-----", "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEA"]
)  # fmt: skip


@given(st.lists(LINES, max_size=40), st.sampled_from(["yaml", "env", "code", "conf", "prose"]))
@settings(max_examples=60)
def test_a_place_is_the_same_whether_its_lines_or_the_whole_text_were_redacted(rows, kind):
    data = "\n".join(rows).encode()
    few = [Blob(data, kind, b"k").spot(line) for line in range(len(rows) + 3)]
    one = Blob(data, kind, b"k")
    assert [one.spot(line) for line in range(len(rows) + 3)] == few
    text = data.decode()
    values = find_values(text, kind)
    shown, hashed = redact(text, values).split("\n"), pseudonymise(text, values, b"k").split("\n")
    for line, spot in enumerate(few):
        assert spot["excerpt"] == "\n".join(row.rstrip()[:300] for row in shown[spot["first"] - 1 : line + 5])
        assert spot["block_hash"] == block_hash(hashed, line - 1)
        assert spot["line_hash"] == line_hash(hashed[line - 1] if 0 < line <= len(hashed) else "")


def test_a_file_of_very_many_values_is_redacted_in_time():
    values = [f"kX9-{n:06d}-Zq" for n in range(10_000)]
    text = "".join(f"password = '{value}'\n" for value in values)
    began = time.process_time()
    safe = redact(text, values)
    assert time.process_time() - began < 5
    assert "kX9" not in safe
    assert safe.count("••••••••") == 10_000


def test_a_password_at_a_host_of_manuals_is_no_finding_and_is_hidden_all_the_same():
    text = "DATABASE_URL=postgres://shop:Vq8nB3xJ6hG1kk@db.prod.example/shop"
    assert "Vq8nB3xJ6hG1kk" not in redact(text, find_values(text, "env"))
