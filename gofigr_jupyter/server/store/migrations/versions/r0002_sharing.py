"""What people share: organizations, assets, shares, comments, stories, tasks; and sizes kept where they are shown."""

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations

from gofigr_jupyter.errors import GoFigrError

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, add the columns, fill in the sizes."""
    _create_tables()
    _add_columns()
    _fill_sizes()


def _create_tables() -> None:  # noqa: PLR0915 - one statement a table
    op.create_table(
        "buckets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buckets")),
    )
    op.create_table(
        "metadata_proxies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expiry", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=True),
        sa.Column("metadata", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_metadata_proxies_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metadata_proxies")),
        sa.UniqueConstraint("digest", name=op.f("uq_metadata_proxies_digest")),
    )
    op.create_index(op.f("ix_metadata_proxies_expiry"), "metadata_proxies", ["expiry"], unique=False)
    op.create_index(op.f("ix_metadata_proxies_user_id"), "metadata_proxies", ["user_id"], unique=False)
    op.create_table(
        "organizations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("allow_per_workspace_storage_settings", sa.Boolean(), nullable=False),
        sa.Column("bucket_id", sa.String(length=36), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bucket_id"], ["buckets.id"], name=op.f("fk_organizations_bucket_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
    )
    op.create_index(op.f("ix_organizations_bucket_id"), "organizations", ["bucket_id"], unique=False)
    op.create_table(
        "ssh_keys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ssh_keys_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ssh_keys")),
    )
    op.create_index(op.f("ix_ssh_keys_user_id"), "ssh_keys", ["user_id"], unique=False)
    op.create_table(
        "organization_members",
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("membership_type", sa.Text(), nullable=False),
        sa.Column("added_on", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_organization_members_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_organization_members_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "user_id", name=op.f("pk_organization_members")),
    )
    op.create_index(op.f("ix_organization_members_user_id"), "organization_members", ["user_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("initiator", sa.Text(), nullable=False),
        sa.Column("membership_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expiry", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_invitations_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_invitations_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitations_digest")),
    )
    op.create_index(op.f("ix_invitations_organization_id"), "invitations", ["organization_id"], unique=False)
    op.create_index(op.f("ix_invitations_workspace_id"), "invitations", ["workspace_id"], unique=False)
    op.create_table(
        "stories",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("slides", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("updated_on", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_stories_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
    )
    op.create_index(op.f("ix_stories_workspace_id"), "stories", ["workspace_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=True),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_on", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tasks_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_tasks_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(op.f("ix_tasks_state"), "tasks", ["state"], unique=False)
    op.create_index(op.f("ix_tasks_user_id"), "tasks", ["user_id"], unique=False)
    op.create_index(op.f("ix_tasks_workspace_id"), "tasks", ["workspace_id"], unique=False)
    op.create_table(
        "assets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("analysis_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("next_index", sa.Integer(), nullable=False),
        sa.Column("child_updated_by", sa.Text(), nullable=True),
        sa.Column("child_updated_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("updated_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_link_shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_on_behalf", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_on_behalf_name", sa.Text(), nullable=True),
        sa.Column("created_on_behalf_email", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name=op.f("fk_assets_analysis_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_assets_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
    )
    op.create_index(op.f("ix_assets_analysis_id"), "assets", ["analysis_id"], unique=False)
    op.create_index(op.f("ix_assets_name"), "assets", ["name"], unique=False)
    op.create_index(op.f("ix_assets_workspace_id"), "assets", ["workspace_id"], unique=False)
    op.create_table(
        "asset_revisions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("asset_id", sa.String(length=36), nullable=False),
        sa.Column("revision_index", sa.Integer(), nullable=False),
        sa.Column("metadata", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("updated_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_link_shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_on_behalf", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_on_behalf_name", sa.Text(), nullable=True),
        sa.Column("created_on_behalf_email", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name=op.f("fk_asset_revisions_asset_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_revisions")),
    )
    op.create_index(
        op.f("ix_asset_revisions_asset_id_revision_index"),
        "asset_revisions",
        ["asset_id", "revision_index"],
        unique=True,
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("anchor", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_ai", sa.Boolean(), nullable=False),
        sa.Column("ai_status", sa.Text(), nullable=True),
        sa.Column("ai_error", sa.Text(), nullable=True),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("analysis_id", sa.String(length=36), nullable=True),
        sa.Column("figure_id", sa.String(length=36), nullable=True),
        sa.Column("revision_id", sa.String(length=36), nullable=True),
        sa.Column("asset_id", sa.String(length=36), nullable=True),
        sa.Column("asset_revision_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name=op.f("fk_comments_analysis_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_comments_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["asset_revision_id"],
            ["asset_revisions.id"],
            name=op.f("fk_comments_asset_revision_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["figure_id"], ["figures.id"], name=op.f("fk_comments_figure_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_comments_revision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index(op.f("ix_comments_analysis_id"), "comments", ["analysis_id"], unique=False)
    op.create_index(op.f("ix_comments_asset_id"), "comments", ["asset_id"], unique=False)
    op.create_index(op.f("ix_comments_asset_revision_id"), "comments", ["asset_revision_id"], unique=False)
    op.create_index(op.f("ix_comments_figure_id"), "comments", ["figure_id"], unique=False)
    op.create_index(op.f("ix_comments_parent_id"), "comments", ["parent_id"], unique=False)
    op.create_index(op.f("ix_comments_revision_id"), "comments", ["revision_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("analysis_id", sa.String(length=36), nullable=True),
        sa.Column("figure_id", sa.String(length=36), nullable=True),
        sa.Column("revision_id", sa.String(length=36), nullable=True),
        sa.Column("asset_id", sa.String(length=36), nullable=True),
        sa.Column("asset_revision_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name=op.f("fk_events_analysis_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_events_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["asset_revision_id"], ["asset_revisions.id"], name=op.f("fk_events_asset_revision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["figure_id"], ["figures.id"], name=op.f("fk_events_figure_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_events_revision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_analysis_id"), "events", ["analysis_id"], unique=False)
    op.create_index(op.f("ix_events_asset_id"), "events", ["asset_id"], unique=False)
    op.create_index(op.f("ix_events_asset_revision_id"), "events", ["asset_revision_id"], unique=False)
    op.create_index(op.f("ix_events_created_on"), "events", ["created_on"], unique=False)
    op.create_index(op.f("ix_events_figure_id"), "events", ["figure_id"], unique=False)
    op.create_index(op.f("ix_events_revision_id"), "events", ["revision_id"], unique=False)
    op.create_table(
        "insights",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("conversation", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("revision_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("engine", sa.JSON(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_insights_revision_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_insights_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_insights_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insights")),
    )
    op.create_index(op.f("ix_insights_conversation"), "insights", ["conversation"], unique=False)
    op.create_index(op.f("ix_insights_created_on"), "insights", ["created_on"], unique=False)
    op.create_index(op.f("ix_insights_revision_id"), "insights", ["revision_id"], unique=False)
    op.create_index(op.f("ix_insights_user_id"), "insights", ["user_id"], unique=False)
    op.create_index(op.f("ix_insights_workspace_id"), "insights", ["workspace_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("revision_id", sa.String(length=36), nullable=False),
        sa.Column("asset_revision_id", sa.String(length=36), nullable=False),
        sa.Column("use_type", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_revision_id"], ["asset_revisions.id"], name=op.f("fk_links_asset_revision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_links_revision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("revision_id", "asset_revision_id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_asset_revision_id"), "links", ["asset_revision_id"], unique=False)
    op.create_table(
        "user_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("shared_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("analysis_id", sa.String(length=36), nullable=True),
        sa.Column("figure_id", sa.String(length=36), nullable=True),
        sa.Column("revision_id", sa.String(length=36), nullable=True),
        sa.Column("asset_id", sa.String(length=36), nullable=True),
        sa.Column("asset_revision_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name=op.f("fk_user_shares_analysis_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_user_shares_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["asset_revision_id"],
            ["asset_revisions.id"],
            name=op.f("fk_user_shares_asset_revision_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["figure_id"], ["figures.id"], name=op.f("fk_user_shares_figure_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_user_shares_revision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_shares_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_shares")),
        sa.UniqueConstraint("user_id", "analysis_id", name=op.f("uq_user_shares_user_id_analysis_id")),
        sa.UniqueConstraint("user_id", "asset_id", name=op.f("uq_user_shares_user_id_asset_id")),
        sa.UniqueConstraint("user_id", "asset_revision_id", name=op.f("uq_user_shares_user_id_asset_revision_id")),
        sa.UniqueConstraint("user_id", "figure_id", name=op.f("uq_user_shares_user_id_figure_id")),
        sa.UniqueConstraint("user_id", "revision_id", name=op.f("uq_user_shares_user_id_revision_id")),
    )
    op.create_index(op.f("ix_user_shares_analysis_id"), "user_shares", ["analysis_id"], unique=False)
    op.create_index(op.f("ix_user_shares_asset_id"), "user_shares", ["asset_id"], unique=False)
    op.create_index(op.f("ix_user_shares_asset_revision_id"), "user_shares", ["asset_revision_id"], unique=False)
    op.create_index(op.f("ix_user_shares_figure_id"), "user_shares", ["figure_id"], unique=False)
    op.create_index(op.f("ix_user_shares_revision_id"), "user_shares", ["revision_id"], unique=False)
    op.create_index(op.f("ix_user_shares_user_id"), "user_shares", ["user_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_read", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_notifications_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notifications_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index(op.f("ix_notifications_comment_id"), "notifications", ["comment_id"], unique=False)
    op.create_index(op.f("ix_notifications_user_id"), "notifications", ["user_id"], unique=False)
    op.create_table(
        "reactions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("comment_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("emoji", sa.Text(), nullable=False),
        sa.Column("created_on", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_reactions_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reactions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reactions")),
        sa.UniqueConstraint("comment_id", "emoji", "user_id", name=op.f("uq_reactions_comment_id_emoji_user_id")),
    )
    op.create_index(op.f("ix_reactions_comment_id"), "reactions", ["comment_id"], unique=False)
    op.create_index(op.f("ix_reactions_user_id"), "reactions", ["user_id"], unique=False)


def _add_columns() -> None:
    for table in ("analyses", "figures"):
        op.add_column(table, _size())
    for table in ("analyses", "figures", "revisions"):
        op.add_column(table, _flag("is_link_shared"))
    for table in ("figures", "revisions"):
        op.add_column(table, _flag("created_on_behalf"))
        for name in ("created_on_behalf_name", "created_on_behalf_email", "ai_title", "ai_description"):
            op.add_column(table, sa.Column(name, sa.Text(), nullable=True))
    op.add_column("users", sa.Column("credentials_version", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("workspaces") as batch:
        batch.add_column(_size())
        _refer(batch, "workspaces", "organization_id", "organizations.id", "SET NULL")
        _refer(batch, "workspaces", "bucket_id", "buckets.id", "SET NULL")
    with op.batch_alter_table("activities") as batch:
        _refer(batch, "activities", "organization_id", "organizations.id", "CASCADE")
        batch.alter_column("workspace_id", existing_type=sa.String(36), nullable=True)
    with op.batch_alter_table("data_items") as batch:
        _refer(batch, "data_items", "asset_revision_id", "asset_revisions.id", "CASCADE")
        _refer(batch, "data_items", "bucket_id", "buckets.id", None)
        batch.alter_column("revision_id", existing_type=sa.String(36), nullable=True)


def _size() -> sa.Column[int]:
    return sa.Column("size_bytes", sa.BigInteger(), server_default="0", nullable=False)


def _refer(batch: BatchOperations, table: str, name: str, target: str, ondelete: str | None) -> None:
    key = sa.ForeignKey(target, name=op.f(f"fk_{table}_{name}"), ondelete=ondelete)
    batch.add_column(sa.Column(name, sa.String(36), key, nullable=True))
    batch.create_index(batch.f(f"ix_{table}_{name}"), [name])


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _fill_sizes() -> None:
    op.execute(
        "UPDATE figures SET size_bytes = "
        "(SELECT COALESCE(SUM(size_bytes), 0) FROM revisions WHERE figure_id = figures.id)"
    )
    op.execute(
        "UPDATE analyses SET size_bytes = "
        "(SELECT COALESCE(SUM(size_bytes), 0) FROM figures WHERE analysis_id = analyses.id)"
    )
    op.execute(
        "UPDATE workspaces SET size_bytes = "
        "(SELECT COALESCE(SUM(size_bytes), 0) FROM analyses WHERE workspace_id = workspaces.id)"
    )


def downgrade() -> None:
    """There is no way back: what was shared and said would be lost."""
    raise GoFigrError("There is no way back from r0002: restore the backup that was made before the upgrade")
