"""Signatures and payloads of forges."""

import hashlib
import hmac
import json

import pytest
from django.http.request import HttpHeaders

from findings.core.hooks import PROVIDERS, ZEROS, Push, Unsigned, receive
from findings.core.types import FormatError

GITHUB = PROVIDERS["github"]


def headers(body: bytes, secret: str, **more: str) -> HttpHeaders:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    said = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "d1", "X-Hub-Signature-256": f"sha256={signature}"} | more
    named = {k.upper().replace("-", "_"): v for k, v in said.items()}
    return HttpHeaders({k if k == "CONTENT_TYPE" else f"HTTP_{k}": v for k, v in named.items()})


def push(ref: str = "refs/heads/main", after: str = "a" * 40) -> bytes:
    return json.dumps({"ref": ref, "before": "b" * 40, "after": after}).encode()


def test_the_published_test_vector_verifies():
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    said = {"X-Hub-Signature-256": signature}
    assert GITHUB.verify(b"Hello, World!", said, ["It's a Secret to Everybody"])


def test_a_signed_push_is_read():
    body = push()
    found = receive(GITHUB, body, headers(body, "s3"), ["s3"])
    assert found == Push("push", "d1", "refs/heads/main", "b" * 40, "a" * 40)


def test_the_previous_secret_still_verifies():
    body = push()
    assert receive(GITHUB, body, headers(body, "old"), ["new", "old"]).branch == "main"


@pytest.mark.parametrize("signature", ["", "sha256=", "sha1=abc", "sha256=" + "0" * 64, "sha256=ÿü", "nonsense"])
def test_a_missing_or_wrong_signature_is_refused(signature):
    body = push()
    with pytest.raises(Unsigned):
        receive(GITHUB, body, headers(body, "s3", **{"X-Hub-Signature-256": signature}), ["s3"])


def test_no_configured_secret_verifies_nothing():
    body = push()
    with pytest.raises(Unsigned):
        receive(GITHUB, body, headers(body, ""), [""])


def test_upper_case_hex_is_the_same_signature():
    body = push()
    upper = headers(body, "s3")["X-Hub-Signature-256"].upper()
    assert receive(GITHUB, body, headers(body, "s3", **{"X-Hub-Signature-256": upper}), ["s3"])


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"ref": 3}', b'{"ref": "x"}', b"\xff\xfe", b"[" * 100_000])
def test_a_signed_body_that_is_no_push_is_refused_with_a_reason(body):
    with pytest.raises(FormatError):
        receive(GITHUB, body, headers(body, "s3"), ["s3"])


@pytest.mark.parametrize(
    ("ref", "after", "outcome"),
    [
        ("refs/heads/main", "a" * 40, "scan"),
        ("refs/heads/topic", "a" * 40, "other branch"),
        ("refs/tags/main", "a" * 40, "other branch"),
        ("refs/heads/main", ZEROS, "branch deleted"),
    ],
)
def test_only_a_push_to_the_tracked_branch_asks_for_a_scan(ref, after, outcome):
    assert Push("push", "d", ref, "b" * 40, after).outcome("main") == outcome


def test_a_form_encoded_delivery_is_read():
    body = b"payload=%7B%22ref%22%3A%22refs%2Fheads%2Fmain%22%2C%22before%22%3A%22b%22%2C%22after%22%3A%22a%22%7D"
    said = headers(body, "s3", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert receive(GITHUB, body, said, ["s3"]).after == "a"
