"""Words of all that can be searched, and looks of pictures; what has words in its rows is filled in here.

The texts of data objects and the looks follow in the background: they lie in files, which a migration does not read.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from gofigr_jupyter.errors import GoFigrError

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

LONGEST = 200_000
COLUMNS = ["kind", "key", "name", "title", "description", "words", "parts"]
RASTERS = ("png", "jpeg", "jpg", "webp", "gif")
# Where the words of each kind stand: its table, and the columns for name, title, description and words.
PLACES = {
    "figure": ("figures", "name", "ai_title", "description", "ai_description"),
    "analysis": ("analyses", "name", "''", "description", "''"),
    "asset": ("assets", "name", "''", "description", "''"),
    "story": ("stories", "title", "''", "description", "words"),
    "comment": ("comments", "''", "''", "''", "content"),
}


def upgrade() -> None:
    """Make the tables, fill in the words."""
    op.create_table(
        "texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "title", "description", "words", "parts")),
        sa.Column("document", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_texts_kind_key")),
    )
    op.create_table(
        "looks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=True),
        sa.Column("sketch", sa.LargeBinary(), nullable=True),
        sa.Column("is_read", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looks")),
        sa.UniqueConstraint("hash", name=op.f("uq_looks_hash")),
    )
    op.create_index(op.f("ix_looks_is_read"), "looks", ["is_read"], unique=False)
    _fill_words()
    _fill_in_what_waits()


def _fill_words() -> None:
    for kind, (table, *columns) in PLACES.items():
        texts = ", ".join(f"substr(COALESCE({name}, ''), 1, {LONGEST})" for name in columns)
        op.execute(
            f"INSERT INTO texts ({', '.join(COLUMNS)}) "  # noqa: S608 - our own names
            f"SELECT '{kind}', id, {texts}, '' FROM {table}"
        )


def _fill_in_what_waits() -> None:
    """Code of figures, documents of assets, pictures: each content once."""
    items = sa.table(
        "data_items",
        *(sa.column(name) for name in ("hash", "type", "asset_revision_id")),
        sa.column("metadata", sa.JSON()),
    )
    role = items.c.metadata["role"].as_string()
    code = sa.and_(items.c.type == "code", sa.or_(role.is_(None), role.in_(("", "cell", "slice"))))
    in_asset = items.c.asset_revision_id.is_not(None)
    document = sa.and_(items.c.type.in_(("text", "file")), role.is_(None), in_asset)
    blank = [sa.literal("") for _ in range(5)]
    texts = sa.table("texts", *(sa.column(name) for name in COLUMNS))
    waiting = sa.select(sa.literal("unread"), items.c.hash, *blank).where(sa.or_(code, document)).distinct()
    op.execute(texts.insert().from_select(COLUMNS, waiting))
    raster = sa.func.lower(items.c.metadata["format"].as_string()).in_(RASTERS)
    shown = sa.or_(role.is_(None), role.not_in(("proof", "thumbnail", "watermark")))
    looks = sa.table("looks", sa.column("hash"))
    pictures = sa.select(items.c.hash).where(items.c.type == "image", raster, shown).distinct()
    op.execute(looks.insert().from_select(["hash"], pictures))


def downgrade() -> None:
    """There is no need: what is in these tables can be made again, and an older server does not look at them."""
    raise GoFigrError("There is no way back from r0003: restore the backup that was made before the upgrade")
