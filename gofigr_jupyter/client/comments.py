"""Family comments: what people say about figures and assets, how others react, who is told, and what happens now."""

from __future__ import annotations

import builtins
import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from gofigr_jupyter.client.assets import Asset, AssetRevision
from gofigr_jupyter.client.figures import Figure, Revision
from gofigr_jupyter.client.resource import API, Ident, drafted, id_of, items, maybe_id, read_as, step, to_wire
from gofigr_jupyter.client.transport import Done, Transport
from gofigr_jupyter.errors import Conflict, ConnectionFailed
from gofigr_jupyter.schema.comments import (
    Anchor,
    Comment,
    CommentChange,
    CommentDraft,
    Notification,
    Reaction,
    ReactionDraft,
    ReplyOrder,
    TargetType,
)

Target = Figure | Revision | Asset | AssetRevision | tuple[TargetType, str]
_TYPES: dict[type, TargetType] = {
    Figure: "figure",
    Revision: "figure_revision",
    Asset: "asset",
    AssetRevision: "asset_revision",
}


def named(target: Target) -> dict[str, str]:
    """What a comment or an event is about, as the contract names it."""
    kind, api_id = target if isinstance(target, tuple) else (_TYPES[type(target)], target.api_id)
    return {"target_type": kind, "target_id": api_id}


class Comments:
    """What people say about figures, assets and their revisions."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._path = f"{API}/comment/"

    def iter(self, target: Target, *, page: int | None = None) -> Iterator[Comment]:
        """The comments about something, oldest first, replies included, fetched `page` (1 to 200) at a time."""
        params: dict[str, str | None] = {**named(target), "limit": None if page is None else str(page)}
        return items(self._transport, self._path, Comment, params)

    def list(self, target: Target) -> builtins.list[Comment]:
        """All comments about something, oldest first, replies included."""
        return [*self.iter(target)]

    def earlier(self, revision: Revision | Ident, *, most: int = 200) -> builtins.list[Comment]:
        """The comments about points of the data on earlier revisions of the same figure, oldest first; at most so many.

        Servers other than ours know of none.
        """
        params: dict[str, str | None] = {**named(("figure_revision", id_of(revision))), "earlier": "true"}
        found = items(self._transport, self._path, Comment, params | {"limit": str(min(most, 200))})
        others = (one for one in found if one.target_id != id_of(revision))  # who does not know it tells this one's own
        return [*itertools.islice(others, most)]

    def get(self, api_id: Ident) -> Comment:
        """One comment."""
        return read_as(Comment, self._transport.request("GET", self._at(api_id)))

    def create(
        self,
        target: Target,
        content: str,
        *,
        parent: Ident | None = None,
        anchor: Anchor | dict[str, Any] | None = None,
        client_id: str | None = None,
    ) -> Comment:
        """Say something, in Markdown (1 to 20,000 characters), perhaps in reply to `parent`.

        `anchor` is the point that it is about: `{"axes": 0, "x": 1.5, "y": 2.0}` in data coordinates, or
        `{"u": 0.25, "v": 0.5}` in fractions of the picture. `client_id`, a UUID, makes a repeat harmless; one is drawn
        where none is given. Raises Conflict when it is taken.
        """
        drawn = client_id or str(uuid.uuid4())
        fields = {"content": content, "parent": maybe_id(parent), "anchor": anchor, "client_id": drawn}
        body = to_wire(drafted(CommentDraft, None, **named(target), **fields))
        answer = self._transport.request("POST", self._path, body=body, repeatable=True)
        return read_as(Comment, answer.content if isinstance(answer, Done) else answer)

    def say(
        self,
        target: Target,
        content: str,
        *,
        client_id: str,
        me: Callable[[], str],
        parent: Ident | None = None,
        anchor: Anchor | dict[str, Any] | None = None,
    ) -> Comment:
        """As `create`, once, however often it is called: what arrived before under this id is the answer.

        `me` tells who asks. Raises Conflict when the id is somebody else's.
        """
        try:
            return self.create(target, content, client_id=client_id, parent=parent, anchor=anchor)
        except Conflict:
            try:
                there = self.get(client_id)
            except ConnectionFailed as error:
                error.was_sent = True  # of what was said: the server has it
                raise
            if there.author.username != me():
                raise
            return there

    def reply(self, comment: Comment, content: str) -> Comment:
        """Answer a comment."""
        about = (comment.target_type, comment.target_id)
        return self.create(about, content, parent=comment)  # type: ignore[arg-type]  # what the server named, it knows

    def change(self, api_id: Ident, content: str) -> Comment:
        """Say it otherwise; only its author may."""
        body = to_wire(drafted(CommentChange, None, content=content))
        return read_as(Comment, self._transport.request("PATCH", self._at(api_id), body=body))

    def delete(self, api_id: Ident) -> None:
        """Take it back; only its author may. One with replies stays, without its content."""
        self._transport.request("DELETE", self._at(api_id))

    def ask_ai(self, api_id: Ident, *, agreed: bool = False) -> Comment:
        """Let a machine reply; the answer is empty at first, and filled in when `ai_status` is no longer pending.

        Where that is a machine of somebody else's, it fails unless it is `agreed` that all goes there.
        """
        body = to_wire(drafted(ReplyOrder, None, agreed=agreed or None))
        return read_as(Comment, self._transport.request("POST", f"{self._at(api_id)}ai_response/", body=body))

    def _at(self, api_id: Ident) -> str:
        return f"{self._path}{step(id_of(api_id))}/"


class Reactions:
    """Emojis under comments."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, comment: Ident, emoji: str) -> Reaction:
        """Put one emoji under a comment; the same again changes nothing."""
        body = to_wire(drafted(ReactionDraft, None, comment=id_of(comment), emoji=emoji))
        return read_as(Reaction, self._transport.request("POST", f"{API}/reaction/", body=body, repeatable=True))

    def delete(self, reaction: Ident) -> None:
        """Take one's own back."""
        self._transport.request("DELETE", f"{API}/reaction/{step(id_of(reaction))}/")


class Notifications:
    """Who has mentioned the caller, and where."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def iter(self, *, unread: bool = False) -> Iterator[Notification]:
        """All of them, or those that were not read; fetched as they are used."""
        params = {"unread": "true" if unread else None}
        return items(self._transport, f"{API}/notification/", Notification, params)

    def list(self, *, unread: bool = False) -> builtins.list[Notification]:
        """All of them, or those that were not read."""
        return [*self.iter(unread=unread)]

    def mark(self, notification: Ident, *, is_read: bool = True) -> Notification:
        """Note that one was read, or was not."""
        path = f"{API}/notification/{step(id_of(notification))}/"
        return read_as(Notification, self._transport.request("PATCH", path, body={"is_read": is_read}))
