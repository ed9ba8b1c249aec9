"""Files on the web: sites, their keys, folders and files."""

import sqlalchemy as sa
from alembic import op

from gofigr_jupyter.errors import GoFigrError

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sites",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        _owned("sites", "workspace_id", "workspaces.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_sites_workspace_id_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_sites_slug")),
    )
    op.create_index(op.f("ix_sites_workspace_id"), "sites", ["workspace_id"], unique=False)
    op.create_table(
        "site_keys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
        _owned("site_keys", "site_id", "sites.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_site_keys_digest")),
    )
    op.create_index(op.f("ix_site_keys_site_id"), "site_keys", ["site_id"], unique=False)
    op.create_table(
        "cdn_folders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        _owned("cdn_folders", "site_id", "sites.id"),
        _owned("cdn_folders", "parent_id", "cdn_folders.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cdn_folders")),
        sa.UniqueConstraint("site_id", "path", name=op.f("uq_cdn_folders_site_id_path")),
    )
    op.create_index(op.f("ix_cdn_folders_parent_id"), "cdn_folders", ["parent_id"], unique=False)
    op.create_table(
        "cdn_files",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("data_id", sa.String(length=36), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_until", sa.DateTime(timezone=True), nullable=True),
        _owned("cdn_files", "site_id", "sites.id"),
        _owned("cdn_files", "data_id", "data_items.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cdn_files")),
        sa.UniqueConstraint("key", name=op.f("uq_cdn_files_key")),
    )
    op.create_index(op.f("ix_cdn_files_site_id"), "cdn_files", ["site_id"], unique=False)
    op.create_index(op.f("ix_cdn_files_data_id"), "cdn_files", ["data_id"], unique=False)


def _owned(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [target], name=name, ondelete=ondelete)


def downgrade() -> None:
    """There is no need: an older server does not look at these tables."""
    raise GoFigrError("There is no way back from r0004: restore the backup that was made before the upgrade")
