"""What a forge's webhook says, and whether it is really from that forge. Pure: bytes and headers in, words out.

Header and payload facts: docs.github.com, "Webhook events and payloads" and "Validating webhook deliveries".
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from findings.core.types import FormatError

ZEROS = "0" * 40


class Unsigned(Exception):
    """The signature is missing or wrong. No detail: whoever forges learns nothing."""


@dataclass(frozen=True, slots=True)
class Push:
    """A delivery as we need it. `ref` is the full name ("refs/heads/main"); `after` 40 zeros for a deleted branch."""

    event: str
    delivery_id: str
    ref: str = ""
    before: str = ""
    after: str = ""

    @property
    def branch(self) -> str:
        """The branch that was pushed, "" for tags and for what is no push."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""

    def outcome(self, tracked: str) -> str:
        """What to do: "scan", or why not. An unknown default branch ("") takes any."""
        if self.event != "push":
            return "ping" if self.event == "ping" else "ignored event"
        if not self.branch or (tracked and self.branch != tracked):
            return "other branch"
        return "branch deleted" if set(self.after) <= {"0"} else "scan"


@dataclass(frozen=True, slots=True)
class Provider:
    """How one forge signs and words its deliveries."""

    verify: Callable[[bytes, Mapping[str, str], Iterable[str]], bool]
    read: Callable[[bytes, Mapping[str, str]], Push]


def receive(provider: Provider, body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> Push:
    """A verified delivery. `headers` look up without case; empty secrets never match.

    Raises Unsigned, and FormatError for a signed body that is no such payload.
    """
    if not provider.verify(body, headers, [s for s in secrets if s]):
        raise Unsigned
    return provider.read(body, headers)


def _github_signed(body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> bool:
    # Compared as bytes: compare_digest raises on text with characters outside ASCII, which a stranger may send.
    given = headers.get("X-Hub-Signature-256", "").strip().lower().encode()
    expected = (b"sha256=" + hmac.new(s.encode(), body, hashlib.sha256).hexdigest().encode() for s in secrets)
    return any(hmac.compare_digest(given, e) for e in expected)


def _github_push(body: bytes, headers: Mapping[str, str]) -> Push:
    event, delivery = headers.get("X-GitHub-Event", ""), headers.get("X-GitHub-Delivery", "")
    if not event or not delivery:
        raise FormatError("headers are missing", expected="X-GitHub-Event and X-GitHub-Delivery")
    payload = _payload(body, headers.get("Content-Type", ""))
    said = {name: payload.get(name) for name in ("ref", "before", "after")} if event == "push" else {}
    wrong = [name for name, value in said.items() if not isinstance(value, str)]
    if wrong:
        raise FormatError(f"no {wrong[0]} in the push", where=f"$.{wrong[0]}", expected="text")
    return Push(event[:60], delivery[:100], **{name: str(value)[:300] for name, value in said.items()})


def _payload(body: bytes, content_type: str) -> dict[str, Any]:
    """The JSON of a delivery, sent as JSON or as the `payload` field of a form."""
    try:
        if content_type.startswith("application/x-www-form-urlencoded"):
            body = parse_qs(body.decode("ascii"), strict_parsing=True)["payload"][0].encode()
        payload = json.loads(body)
    except (ValueError, KeyError, RecursionError) as error:
        raise FormatError("the body is not JSON", expected="a JSON object") from error
    if not isinstance(payload, dict):
        raise FormatError("the body is not an object", where="$", expected="a JSON object")
    return payload


PROVIDERS: dict[str, Provider] = {"github": Provider(_github_signed, _github_push)}
