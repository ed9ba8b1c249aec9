"""From rows to the wire's shapes: people, what lets them in, and the lines of a log. Objects of the tree: `shapes`."""

from __future__ import annotations

from gofigr_jupyter.schema.accounts import ApiKey as ApiKeyShape
from gofigr_jupyter.schema.accounts import User as UserShape
from gofigr_jupyter.schema.workspaces import LogEntry
from gofigr_jupyter.server.store.tables import Activity, ApiKey, User


def user(row: User) -> UserShape:
    """A user, as its owner sees it."""
    return UserShape(
        username=row.username,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        date_joined=row.date_joined,
        is_active=row.is_active,
        is_staff=row.is_staff,
        user_profile=row.user_profile,
        avatar=row.avatar,
    )


def api_key(row: ApiKey, token: str | None = None) -> ApiKeyShape:
    """An API key; `token` only in the answer that made it."""
    return ApiKeyShape(
        api_id=row.id,
        name=row.name,
        token=token,
        created=row.created,
        last_used=row.last_used,
        expiry=row.expiry,
        workspace=row.workspace_id,
    )


def log_entry(row: Activity) -> LogEntry:
    """A line of the log."""
    return LogEntry(
        api_id=row.id,
        username=row.username,
        timestamp=row.timestamp,
        action=row.action,
        target_id=row.target_id,
        target_type=row.target_type,
        target_name=row.target_name,
        deleted=row.deleted,
        deleted_sentinel=row.target_name if row.deleted else None,
        analysis_id=row.analysis_id,
        analysis_name=row.analysis_name,
    )
