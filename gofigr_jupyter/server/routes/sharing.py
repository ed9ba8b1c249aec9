"""Family sharing: objects opened for reading, to single users and to whoever has the link; the same for five kinds.

A share is asked about at every request, so that what is closed is closed at once. Nothing of it is logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.sharing import LinkSharing, UserSharing
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import SHARE
from gofigr_jupyter.server.refusal import invalid
from gofigr_jupyter.server.store import find, people, shares
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.web import answer, body_of

family = Family("sharing")
LinkBody = Annotated[LinkSharing, Depends(body_of(LinkSharing))]
UserBody = Annotated[UserSharing, Depends(body_of(UserSharing))]


def _serve(word: str, find_one: Callable[[Transaction, str], Target]) -> None:
    link, user = f"/{word}/{{api_id}}/share/link", f"/{word}/{{api_id}}/share/user"

    @family.get(link, SHARE, answers=LinkSharing, name=f"read_{word}_link_sharing")
    def read_link(api_id: str, gate: GateOf, store: StoreOf) -> Response:
        """Whether everybody who has the link may read it."""
        with store.reading() as db:
            return answer(LinkSharing(enabled=gate.admit(db, find_one(db, api_id)).is_link_shared))

    @family.post(link, SHARE, answers=LinkSharing, takes=LinkSharing, name=f"set_{word}_link_sharing")
    def set_link(api_id: str, gate: GateOf, store: StoreOf, body: LinkBody) -> Response:
        """Open it to everybody who has the link, or close it."""
        with store.writing() as db:
            gate.admit(db, find_one(db, api_id)).is_link_shared = body.enabled
        return answer(LinkSharing(enabled=body.enabled))

    @family.get(user, SHARE, answers=list[UserSharing], name=f"read_{word}_user_sharing")
    def read_users(api_id: str, gate: GateOf, store: StoreOf) -> Response:
        """The users with whom it is shared."""
        with store.reading() as db:
            names = shares.users_of(db, gate.admit(db, find_one(db, api_id)))
        return answer([UserSharing(username=name, sharing_enabled=True) for name in names])

    @family.post(user, SHARE, answers=UserSharing, takes=UserSharing, name=f"set_{word}_user_sharing")
    def set_user(api_id: str, gate: GateOf, store: StoreOf, body: UserBody) -> Response:
        """Open it to one user, or close it; either may be so already."""
        with store.writing() as db:
            row = gate.admit(db, find_one(db, api_id))
            person = people.user_named(db, body.username)
            if person is None:
                raise invalid("username", "There is no such user.")
            shares.share(db, row, person.id, enabled=body.sharing_enabled)
        return answer(UserSharing(username=body.username, sharing_enabled=body.sharing_enabled))


for _word in ("analysis", "figure", "revision", "asset", "asset_revision"):
    _serve(_word, find.FINDERS[_word])
