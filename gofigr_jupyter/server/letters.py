"""E-mails to people whom a comment mentions, where the operator has named a server that sends them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from gofigr_jupyter.server.auth import config_of
from gofigr_jupyter.server.mail import Post
from gofigr_jupyter.server.store import notifications
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.tables import AssetRevision, Comment, Figure, Revision

SUBJECT = "{author} mentioned you: {name}"
TEXT = """\
{author} mentioned you in a comment on {name}:

{excerpt}
{link}"""


@dataclass(frozen=True)
class Letter:
    """One e-mail, ready to be sent."""

    to: str
    subject: str
    text: str


class Letters:
    """Writes e-mails, and hands them on; without a server that sends them it does neither."""

    def __init__(self, post: Post | None, public_url: str) -> None:
        self._post = post
        self._public_url = public_url

    def about_mentions(self, db: Transaction, target: Target, comment: Comment, people: Iterable[int]) -> list[Letter]:
        """One for each of these users who has an address; to be sent when the transaction is committed."""
        if self._post is None:
            return []
        words = {"author": comment.author, "name": _name(target), "excerpt": notifications.excerpt(comment.content)}
        text = TEXT.format(**words, link=self._link(target))
        addresses = notifications.addresses(db, people)
        return [Letter(address, SUBJECT.format(**words), text) for address in addresses]

    def send(self, letters: Sequence[Letter]) -> None:
        """Hand them on; returns at once."""
        if self._post is not None:
            for one in letters:
                self._post.send(one.to, one.subject, one.text)

    def _link(self, target: Target) -> str:
        kinds = {Figure: "figure", Revision: "revision"}  # other objects have no page
        kind = kinds.get(type(target))
        return f"\n{self._public_url}/{kind}/{target.id}\n" if kind and self._public_url else ""


def letters_of(request: Request) -> Letters:
    """The server's."""
    return Letters(request.app.state.post, config_of(request).public_url)


LettersOf = Annotated[Letters, Depends(letters_of)]


def _name(target: Target) -> str:
    match target:
        case Revision():
            return f"{_line(target.figure.name)}, revision {target.revision_index + 1}"
        case AssetRevision():
            return f"{_line(target.asset.name)}, revision {target.revision_index + 1}"
    return _line(target.name)


def _line(text: str) -> str:
    return " ".join(text.split())
