"""Who belongs where: organizations, members, invitations, shares, and where a workspace's bytes go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gofigr_jupyter.server.store.tables.base import ID, Base, Targeted, may_name, owned_by


class Bucket(Base):
    """A place outside the server's own where bytes are kept; never deleted while a data object lies in it."""

    __tablename__ = "buckets"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    vendor: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSON)


class Organization(Base):
    """People who share workspaces."""

    __tablename__ = "organizations"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]
    description: Mapped[str | None]
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    allow_per_workspace_storage_settings: Mapped[bool] = mapped_column(default=False)
    bucket_id: Mapped[str | None] = may_name("buckets.id")
    created_by: Mapped[str]
    created_on: Mapped[datetime]


class OrganizationMember(Base):
    """A user's place in an organization: org_admin, workspace_admin, workspace_creator or workspace_viewer."""

    __tablename__ = "organization_members"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    membership_type: Mapped[str]
    added_on: Mapped[datetime]


class Member(Base):
    """A user's place in a workspace: owner, admin, creator or viewer."""

    __tablename__ = "members"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    membership_type: Mapped[str]
    added_on: Mapped[datetime]


class Invitation(Base):
    """A place in a workspace or an organization, for whoever brings the token first."""

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    workspace_id: Mapped[str | None] = owned_by("workspaces.id", nullable=True)
    organization_id: Mapped[str | None] = owned_by("organizations.id", nullable=True)
    email: Mapped[str]
    initiator: Mapped[str]
    membership_type: Mapped[str]
    status: Mapped[str]
    created: Mapped[datetime]
    expiry: Mapped[datetime | None]


class UserShare(Targeted, Base):
    """One object of the tree, opened to one user for reading."""

    __tablename__ = "user_shares"
    __table_args__ = tuple(
        UniqueConstraint("user_id", name)
        for name in ("analysis_id", "figure_id", "revision_id", "asset_id", "asset_revision_id")
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = owned_by("users.id")
    shared_on: Mapped[datetime]
