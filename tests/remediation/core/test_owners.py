"""Whose a finding probably is, by CODEOWNERS and by who wrote the lines."""

import pytest

from remediation.core.owners import Source, Trace, account_of, owners_by_path, suggest

ACCOUNTS = {"ana@example.com": 1, "ben@example.com": 2, "ben@other.example": 3, "cho@example.com": 4}
FILE = """\
# who reviews what
*           ana@example.com
/deploy/    Ben@Example.com @org/ops   # and the team
/deploy/dev/
docs/*.md   @cho
path\\ with\\ blanks/ cho@example.com

[Warehouse][2] cho@example.com
/warehouse/
/warehouse/etl/ ana@example.com
^[Optional]
/tools/
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("src/main.rs", ("ana@example.com",)),
        ("deploy/base/redis.yaml", ("ben@example.com", "@org/ops")),
        ("deploy/dev/redis.yaml", ()),
        ("docs/guide.md", ("@cho",)),
        ("docs/old/guide.md", ("ana@example.com",)),
        ("path with blanks/a.sql", ("cho@example.com",)),
        ("warehouse/tables.sql", ("cho@example.com",)),
        ("warehouse/etl/load.py", ("ana@example.com",)),
        ("tools/x.py", ()),
    ],
)
def test_the_last_pattern_that_matches_decides(path, owners):
    assert owners_by_path(FILE)(path) == owners


@pytest.mark.parametrize(
    ("said", "account"),
    [
        ("ANA@example.com", 1),
        ("nobody@example.com", None),
        ("@cho", 4),
        ("@ben", None),
        ("@org/cho", None),
        ("583231+cho@users.noreply.github.com", 4),
        ("cho@elsewhere.example", None),
        ("", None),
        ("@", None),
    ],
)
def test_an_address_or_a_handle_is_one_account_or_none(said, account):
    assert account_of(said, ACCOUNTS) == account


def test_codeowners_comes_before_the_author():
    traces = [Trace(("ben@example.com",), "ana@example.com"), Trace((), "ana@example.com"), Trace()]
    found = suggest(traces, ACCOUNTS)
    assert (found.account, found.source, found.n, found.of) == (2, Source.CODEOWNERS, 1, 3)


def test_owners_without_an_account_leave_it_to_the_author():
    traces = [
        Trace(("@org/ops",), "ana@example.com"),
        Trace(("@org/ops",), "cho@example.com"),
        Trace((), "cho@example.com"),
    ]
    found = suggest(traces, ACCOUNTS)
    assert (found.account, found.source, found.n) == (4, Source.AUTHOR, 2)


def test_who_is_in_no_account_is_not_suggested():
    assert suggest([Trace(("@org/ops",), "gone@example.com")], ACCOUNTS) is None
    assert suggest([], ACCOUNTS) is None
