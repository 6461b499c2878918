"""postgres/low-cardinality-index in Alembic's programs, which are read and never run."""

import pytest

from findings.core.errors import Unreadable
from findings.core.facts import Blob
from findings.core.rules.migrations import FAMILY
from tests.findings.core.rules.tree import see

HEAD = """\
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision: str = "{}"
down_revision = {}

"""
TABLE = """\
def upgrade() -> None:
    op.create_table(
        "loans",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Enum("book", "film", name="loan_kind")),
        sa.Column("shelf", sa.String(8), index=True),
        sa.Column("lost", sa.Boolean, index=True),
        sa.Column("colour", sa.Text()),
        sa.CheckConstraint("colour IN ('red', 'blue')"),
    )
"""


def loans(*bodies: str, first: str = TABLE) -> list[tuple[str, int]]:
    """The indexes seen after these upgrades, and their lines; the first revision makes the table."""
    tree = {"db/alembic/versions/9_first.py": HEAD.format("a0", "None") + first}
    for number, body in enumerate(bodies, 1):
        text = HEAD.format(f"a{number}", f'"a{number - 1}"') + "def upgrade():\n" + body
        tree[f"db/alembic/versions/{8 - number}_more.py"] = text + "\n\ndef downgrade():\n    op.drop_table('loans')\n"
    return sorted((seen.key, seen.line) for seen in see(FAMILY, tree))


LOST = ("loans.ix_loans_lost", 16)


def test_a_column_that_asks_for_an_index_has_one():
    assert loans() == [LOST]


@pytest.mark.parametrize(
    "call",
    [
        'op.create_index("i", "loans", ["returned"])',
        'op.create_index(op.f("i"), "loans", ["kind"], unique=False)',
        'op.create_index("i", table_name="loans", columns=("colour",))',
        'op.execute("CREATE INDEX i ON loans (returned)")',
        'op.execute(sa.text("""CREATE INDEX i\n ON loans (returned)"""))',
    ],
)
def test_an_index_on_few_values_is_seen_where_it_is_made(call):
    assert loans(f"    {call}\n") == [("loans.i", 9), LOST]


def test_a_batch_is_about_its_table():
    batch = '    with op.batch_alter_table("loans") as batch_op:\n        batch_op.create_index("i", ["returned"])\n'
    assert loans(batch) == [("loans.i", 10), LOST]


@pytest.mark.parametrize(
    "call",
    [
        'op.create_index("i", "loans", ["title"])',
        'op.create_index("i", "loans", ["returned", "title"])',
        'op.create_index("i", "loans", ["kind"], unique=True)',
        'op.create_index("i", "loans", [sa.text("lower(title)")])',
        'other.create_index("i", "loans", ["returned"])',
    ],
)
def test_other_indexes_are_not(call):
    assert loans(f"    {call}\n") == [LOST]


@pytest.mark.parametrize(
    "call",
    [
        'op.drop_index("ix_loans_lost", table_name="loans")',
        'op.drop_index(op.f("ix_loans_lost"))',
        'op.drop_column("loans", "lost")',
        'op.drop_table("loans")',
        'op.alter_column("loans", "lost", type_=sa.DateTime())',
        'op.execute("DROP INDEX ix_loans_lost")',
    ],
)
def test_what_a_later_revision_takes_back_is_fixed(call):
    assert loans(f"    {call}\n") == []


def test_revisions_are_applied_as_they_follow_one_another_whatever_their_files_are_called():
    made, dropped = '    op.create_index("i", "loans", ["returned"])\n', '    op.drop_index("i")\n'
    assert loans(made, dropped) == [LOST]
    assert loans(dropped, made) == [("loans.i", 9), LOST]


def test_renamed_columns_and_tables_are_followed():
    assert loans('    op.alter_column("loans", "lost", new_column_name="gone")\n') == [LOST]
    assert loans('    op.rename_table("loans", "lendings")\n') == [("lendings.ix_loans_lost", 16)]


def test_a_circle_of_revisions_ends():
    text = HEAD.format("a", '"b"') + TABLE
    other = HEAD.format("b", '"a"') + "def upgrade():\n    pass\n"
    seen = see(FAMILY, {"alembic/versions/a.py": text, "alembic/versions/b.py": other})
    assert [one.key for one in seen] == ["loans.ix_loans_lost"]


def test_other_programs_and_other_databases_are_not_read():
    assert see(FAMILY, {"app/versions.py": HEAD.format("a", "None") + TABLE}) == []
    mysql = HEAD.format("a", "None").replace("postgresql", "mysql") + TABLE
    assert see(FAMILY, {"alembic/versions/a.py": mysql}) == []
    assert see(FAMILY, {"tests/alembic/versions/a.py": HEAD.format("a", "None") + TABLE}) == []


@pytest.mark.parametrize("text", ["from alembic import op\ndef upgrade(:\n", "import alembic\nx = " + "(" * 5000])
def test_what_is_no_python_is_not_covered(text):
    with pytest.raises(Unreadable):
        FAMILY.extract(Blob(text.encode(), "code:alembic", b"k"))
