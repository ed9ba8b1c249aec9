"""Family comments: what people say about figures and assets, how others react, and who is told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from gofigr_jupyter.schema.base import Draft, Flag, Id, JsonObject, Message, Name, Timestamp, Truth, Wire

TargetType = Literal["asset", "asset_revision", "figure", "figure_revision"]
AiStatus = Literal["pending", "done", "failed"]
EventName = Literal[
    "comment.created",
    "comment.updated",
    "comment.deleted",
    "reaction.created",
    "reaction.deleted",
    "revision.updated",
]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1)]


class DataAnchor(Draft, source="ours"):
    """A point of a figure in the data coordinates of one of its axes (counted from 0), perhaps on a series. Ours."""

    model_config = ConfigDict(extra="forbid")

    axes: int = Field(default=0, strict=True, ge=0, le=10_000)
    x: Number
    y: Number
    series: Name | None = None


class PictureAnchor(Draft, source="ours"):
    """A point of a picture in fractions of its width and height, from the upper left. Ours."""

    model_config = ConfigDict(extra="forbid")

    u: Fraction
    v: Fraction


Anchor = DataAnchor | PictureAnchor


class ReplyOrder(Draft, source="ours"):
    """Body of `POST comment/{id}/ai_response/`; `agreed` as in the family insight. Ours."""

    agreed: Flag | None = None


class Author(Wire, source="ours"):
    """Who speaks: a user by name, without an address. Ours."""

    username: str
    first_name: str = ""
    last_name: str = ""


class ReactionCount(Wire, source="ours"):
    """One emoji under a comment and who chose it; `mine` when the reader did. Ours."""

    emoji: str
    count: int
    users: list[str] = Field(default_factory=list)
    mine: bool = False


class Comment(Wire, source="ours"):
    """A comment; `parent` says what it replies to, `content` is Markdown, `content_html` that, sanitised.

    A deleted one with replies stays as a tombstone without content. An answer of a machine (`is_ai`) is empty while
    `ai_status` is pending. Ours.
    """

    api_id: str
    target_type: TargetType | str
    target_id: str
    parent: str | None = None
    author: Author
    content: str = ""
    content_html: str = ""
    mentions: list[str] = Field(default_factory=list)
    anchor: DataAnchor | PictureAnchor | dict[str, Any] | None = None  # later servers may know other kinds
    is_ai: bool = False
    ai_status: AiStatus | str | None = None
    ai_error: str | None = None
    is_edited: bool = False
    is_deleted: bool = False
    created_on: Timestamp
    updated_on: Timestamp | None = None
    reactions: list[ReactionCount] = Field(default_factory=list)


class CommentDraft(Draft, source="ours"):
    """Body of `POST comment/`; `client_id` is a UUID that makes a repeat harmless (409 with what is there). Ours."""

    target_type: TargetType
    target_id: Id
    content: Message
    parent: Id | None = None
    client_id: Id | None = None
    anchor: Anchor | None = None


class CommentChange(Draft, source="ours"):
    """Body of `PATCH comment/{id}/`. Ours."""

    content: Message


class Reaction(Wire, source="ours"):
    """One emoji of one user under one comment. Ours."""

    api_id: str
    comment: str
    emoji: str
    user: str
    created_on: Timestamp


class ReactionDraft(Draft, source="ours"):
    """Body of `POST reaction/`: one emoji; the same again changes nothing. Ours."""

    comment: Id
    emoji: str = Field(min_length=1, max_length=64)


class Notification(Wire, source="ours"):
    """Somebody mentioned the reader: where, who, and how the comment begins. Ours."""

    api_id: str
    kind: Literal["mention"] | str = "mention"
    comment: str
    target_type: TargetType | str
    target_id: str
    author: Author
    excerpt: str = ""
    is_read: bool = False
    created_on: Timestamp


class NotificationChange(Draft, source="ours"):
    """Body of `PATCH notification/{id}/`. Ours."""

    is_read: Truth


class Event(Wire, source="ours"):
    """One event of the stream `events/`: `id` is where a reader resumes, `data` the object as it now is. Ours."""

    id: str
    event: EventName | str
    data: JsonObject = Field(default_factory=dict)
