"""Family storage: where the bytes of a workspace or an organization go. What is there already stays where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from gofigr_jupyter.schema.storage import StorageDraft, StorageSettings
from gofigr_jupyter.server.auth import StoreOf
from gofigr_jupyter.server.family import Family, GateOf
from gofigr_jupyter.server.policy import MANAGE
from gofigr_jupyter.server.refusal import invalid
from gofigr_jupyter.server.store import buckets, find, placing
from gofigr_jupyter.server.store.database import Transaction
from gofigr_jupyter.server.store.tables import Organization, Workspace
from gofigr_jupyter.server.web import answer, body_of

family = Family("storage")
Body = Annotated[StorageDraft, Depends(body_of(StorageDraft))]
Place = Workspace | Organization
HOME = StorageSettings(vendor="GoFigr.io", params=None)
AWS = "aws"


def _serve(word: str, find_place: Callable[[Transaction, str], Place]) -> None:
    @family.get(
        f"/{word}/{{api_id}}/storage",
        MANAGE,
        answers=StorageSettings,
        name=f"read_{word}_storage",
        description=f"Where new bytes of the {word} go; `GoFigr.io` where the choice is not its own.",
    )
    def read(api_id: str, gate: GateOf, store: StoreOf) -> Response:
        with store.reading() as db:
            bucket = placing.chosen(db, gate.admit(db, find_place(db, api_id)))
            return answer(HOME if bucket is None else StorageSettings(vendor=bucket.vendor, params=bucket.params))

    @family.post(
        f"/{word}/{{api_id}}/storage",
        MANAGE,
        answers=StorageSettings,
        takes=StorageDraft,
        name=f"set_{word}_storage",
        description="Send new bytes to a bucket, once it has proved to work, or to this server again.",
    )
    def change(api_id: str, gate: GateOf, store: StoreOf, body: Body) -> Response:
        with store.reading() as db:
            _require_choice(db, gate.admit(db, find_place(db, api_id)))
        params = _proved(body)  # speaks to the network, so not in a transaction
        with store.writing() as db:
            row = gate.admit(db, find_place(db, api_id))
            _require_choice(db, row)
            row.bucket_id = None if params is None else placing.bucket_for(db, AWS, params).id
        return answer(_shape(params))

    @family.post(
        f"/{word}/{{api_id}}/storage/test",
        MANAGE,
        answers=StorageSettings,
        takes=StorageDraft,
        name=f"test_{word}_storage",
        description="Try a bucket: write, read and delete a small object. Changes nothing; 400 says what is wrong.",
    )
    def test(api_id: str, gate: GateOf, store: StoreOf, body: Body) -> Response:
        with store.reading() as db:
            gate.admit(db, find_place(db, api_id))
        return answer(_shape(_proved(body)))


_serve("workspace", find.workspace)
_serve("organization", find.organization)


def _require_choice(db: Transaction, row: Place) -> None:
    if isinstance(row, Workspace) and not placing.may_choose(db, row):
        raise invalid("vendor", "The organization decides where the data of its workspaces goes.")


def _proved(body: StorageDraft) -> dict[str, Any] | None:
    """The params of a bucket that works, None for the server's own place; refuses (400) anything else."""
    match body.vendor.strip().lower():
        case "gofigr.io":
            return None
        case "aws":
            try:
                params = buckets.checked(body.params)
                buckets.probe(params)
            except buckets.UnusableBucket as error:
                raise invalid("params", str(error)) from error
            return params
    raise invalid("vendor", "This is `GoFigr.io` or `aws`.")


def _shape(params: dict[str, Any] | None) -> StorageSettings:
    return HOME if params is None else StorageSettings(vendor=AWS, params=params)
