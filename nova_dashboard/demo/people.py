"""The demo's two teams and three accounts. All invented; passwords are made where the accounts are."""

from dataclasses import dataclass

from nova_dashboard.demo.steps import LIN, MAYA, TOMAS, Author


@dataclass(frozen=True, slots=True)
class Team:
    """One team: `handle` is its name in CODEOWNERS, `paths` the patterns that file gives it (last match decides)."""

    slug: str
    name: str
    handle: str
    timezone: str
    language: str
    currency: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in: `role` is one of viewer, member, lead."""

    email: str
    name: str
    team: str
    role: str
    language: str


DELIVERY_SERVICES = ("dispatch", "routing", "tracking", "couriers", "lockers", "proofs")

PLATFORM = Team("platform", "Platform", "@ternpost/platform", "Europe/Berlin", "en", "USD", ("*",))
DELIVERY = Team(
    "delivery",
    "Delivery",
    "@ternpost/delivery",
    "Asia/Shanghai",
    "zh-hans",
    "USD",
    (
        *(f"/services/{name}/" for name in DELIVERY_SERVICES),
        *(f"/proto/ternpost/{name}/" for name in DELIVERY_SERVICES),
        "/warehouse/",
    ),
)
TEAMS = (PLATFORM, DELIVERY)


def account(author: Author, team: Team, role: str) -> Account:
    """An account for somebody who also commits."""
    return Account(author.email, author.name, team.slug, role, team.language)


ACCOUNTS = (
    account(MAYA, PLATFORM, "lead"),
    account(TOMAS, PLATFORM, "member"),
    account(LIN, DELIVERY, "member"),
)
