"""`git blame --porcelain`, read."""

from findings.core.blame import Writer, arguments, parse_blame, writer_of

ONE, TWO = "a" * 40, "b" * 40
OUTPUT = f"""\
{ONE} 1 1 2
author Ana
author-mail <Ana@Example.com>
author-time 1
summary b3 author-mail <eve@example.com>
filename a.yaml
\tkind: Deployment
{ONE} 2 2
\t{TWO} 3 3 1
{TWO} 3 3 1
author Ben
author-mail <ben@example.com>
filename a.yaml
\tauthor-mail <eve@example.com>
{ONE} 3 4 1
\t
""".encode()


def test_each_line_has_the_author_of_its_commit_whatever_stands_in_it():
    ana, ben = Writer("ana@example.com", ONE), Writer("ben@example.com", TWO)
    assert parse_blame(OUTPUT) == {1: ana, 2: ana, 3: ben, 4: ana}


def test_a_stretch_belongs_to_who_wrote_most_of_it():
    lines = parse_blame(OUTPUT)
    assert writer_of((2, 4), lines).email == "ana@example.com"
    assert writer_of((3, 3), lines).email == "ben@example.com"
    assert writer_of((9, 9), lines) is None


def test_stretches_are_asked_for_once():
    assert arguments([(9, 9), (1, 3), (3, 5), (6, 6), (9, 9)]) == ["-L1,6", "-L9,9"]
