"""The tables, as SQLAlchemy classes; what they mean on the wire is `shapes`' business, how they change is `tree`'s."""

from gofigr_jupyter.server.store.tables.base import Base, Targeted
from gofigr_jupyter.server.store.tables.cdn import CdnFile, CdnFolder, Site, SiteKey
from gofigr_jupyter.server.store.tables.people import ApiKey, Fact, Pass, Prefix, SshKey, User
from gofigr_jupyter.server.store.tables.places import (
    Bucket,
    Invitation,
    Member,
    Organization,
    OrganizationMember,
    UserShare,
)
from gofigr_jupyter.server.store.tables.search import Indexed, Seen
from gofigr_jupyter.server.store.tables.talk import Comment, Event, Insight, Notification, Reaction, Story
from gofigr_jupyter.server.store.tables.tree import (
    Activity,
    Analysis,
    Asset,
    AssetRevision,
    Attributed,
    Authored,
    DataItem,
    Described,
    Figure,
    Link,
    Parent,
    Revision,
    Shareable,
    Workspace,
)
from gofigr_jupyter.server.store.tables.work import MetadataProxy, Task

__all__ = [
    "Activity",
    "Analysis",
    "ApiKey",
    "Asset",
    "AssetRevision",
    "Attributed",
    "Authored",
    "Base",
    "Bucket",
    "CdnFile",
    "CdnFolder",
    "Comment",
    "DataItem",
    "Described",
    "Event",
    "Fact",
    "Figure",
    "Indexed",
    "Insight",
    "Invitation",
    "Link",
    "Member",
    "MetadataProxy",
    "Notification",
    "Organization",
    "OrganizationMember",
    "Parent",
    "Pass",
    "Prefix",
    "Reaction",
    "Revision",
    "Seen",
    "Shareable",
    "Site",
    "SiteKey",
    "SshKey",
    "Story",
    "Targeted",
    "Task",
    "User",
    "UserShare",
    "Workspace",
]
