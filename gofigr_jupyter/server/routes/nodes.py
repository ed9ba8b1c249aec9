"""What the routes of analyses, figures, assets and the revisions of both have in common, written once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from gofigr_jupyter.schema.base import Wire
from gofigr_jupyter.schema.figures import DataDraft, Thumbnail
from gofigr_jupyter.server import marking, policy, thumbnails
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import READ, SIGNED_IN, WRITE, Gate
from gofigr_jupyter.server.refusal import invalid
from gofigr_jupyter.server.store import content, placing, shapes, tree
from gofigr_jupyter.server.store.content import Owner
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.find import Target
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.thumbnails import Size
from gofigr_jupyter.server.views import View, ViewOf
from gofigr_jupyter.server.web import answer, given, nothing

ATTRIBUTION = ("created_on_behalf", "created_on_behalf_name", "created_on_behalf_email")
Place = TypeVar("Place", bound=tree.Node | tuple[Any, ...])  # a tuple begins with the object


@dataclass(frozen=True)
class Kind:
    """One kind of object: its word in paths, its table, how one is found and many are listed, how they look."""

    word: str
    table: type[Target]
    find: Callable[[Transaction, str], Target]
    listing: Callable[[Transaction, shapes.Condition], Sequence[Wire]]
    shape: Any
    shapes: Any


def serve(family: Family, kind: Kind) -> None:
    """Register what is the same for all kinds: the list, reading and deleting one, its small picture."""
    word = kind.word
    noun = word.replace("_", " ")

    @family.get(
        f"/{word}",
        SIGNED_IN,
        answers=kind.shapes,
        name=f"list_{word}",
        description=f"Each {noun} in the caller's workspaces, without what is in it; oldest first.",
    )
    def list_all(gate: GateOf, store: StoreOf, view: ViewOf) -> Response:
        with store.reading() as db:
            ids = shapes.ids_within(db, kind.table, policy.visible_workspaces(db, gate.actor))

        def part(some: Sequence[str]) -> Sequence[Wire]:
            with store.reading() as db:
                return kind.listing(db, shapes.among(kind.table, some))

        return view.listing(ids, part)

    @family.get(
        f"/{word}/{{api_id}}", READ, answers=kind.shape, name=f"read_{word}", description=f"One {noun} in full."
    )
    def read(api_id: str, gate: GateOf, store: StoreOf, view: ViewOf) -> Response:
        with store.reading() as db:
            shape = view.of(db, gate.admit(db, kind.find(db, api_id)))
        return view.answer(shape)

    @family.delete(
        f"/{word}/{{api_id}}", WRITE, name=f"delete_{word}", description=f"Delete one {noun} and all that is in it."
    )
    def delete(api_id: str, gate: GateOf, store: StoreOf) -> Response:
        with store.writing() as db:
            tree.remove(db, gate.admit(db, kind.find(db, api_id)), gate.actor.username)
        return nothing()

    @family.get(
        f"/{word}/{{api_id}}/thumbnail/{{size}}",
        READ,
        answers=Thumbnail,
        name=f"{word}_thumbnail",
        description="A small PNG of the newest picture in it, or null.",
    )
    def thumbnail(request: Request, api_id: str, size: Size, gate: GateOf, store: StoreOf) -> Response:
        small = thumbnails.of(store, gate, kind.find, api_id, size, base=marking.base_of(request))
        return answer(Thumbnail(thumbnail=small))


def needed(value: str | None, field: str) -> str:
    """A field that a new object cannot do without; refuses (400) its absence."""
    if not value:
        raise invalid(field, "This field is required.")
    return value


def naming(body: BaseModel, *more: str) -> dict[str, Any]:
    """What a body says about name, description and `more`; refuses (400) a name that is nothing."""
    values = given(body, "name", "description", *more)
    if values.get("name") == "":
        raise invalid("name", "This field may not be blank.")
    return values


def move(db: Transaction, gate: Gate, row: tree.Movable, target: tree.Container | None) -> None:
    """Hang an object under another parent, if one is named and it is another; the caller must be let in there, too."""
    if target is not None and target is not tree.parent_of(row):
        tree.move(db, row, gate.admit(db, target), gate.actor.username)


def publish(
    store: Store,
    view: View,
    drafts: Sequence[DataDraft] | None,
    place: Callable[[Transaction], Place],
    make: Callable[[Transaction, Place], Owner],
    *,
    is_new: bool,
) -> Response:
    """Store data, then write the row that names it: `place` refuses whom it must, `make` gives the revision.

    `place` is asked twice: before any bytes are written, and in the transaction that names them. Without drafts the
    data of the revision stays as it is.
    """
    with store.reading() as db:
        placed = place(db)
        bucket_id = placing.in_force(db, placed[0] if isinstance(placed, tuple) else placed)
    with store.keeping(drafts or (), bucket_id) as incoming, store.writing() as db:
        row = make(db, place(db))
        if incoming:
            content.replace(db, row, incoming, is_new=is_new)
        shape = view.of(db, row)
    return view.answer(shape, 201 if is_new else 200)
