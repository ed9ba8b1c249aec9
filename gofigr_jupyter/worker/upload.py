"""A parcel as the wire's revision: pure, from records to schema.

Each data object carries a `local_id` made of the parcel's id and what it is, so that a repeat can be told.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from blake3 import blake3

from gofigr_jupyter.capture.series import axes, bundle
from gofigr_jupyter.capture.series.bundle import Bundle
from gofigr_jupyter.errors import CaptureError
from gofigr_jupyter.records import (
    Attachment,
    Displayed,
    Environment,
    GitState,
    Missing,
    Package,
    Parcel,
    Rendition,
    Source,
)
from gofigr_jupyter.schema.base import Pieces
from gofigr_jupyter.schema.figures import DataDraft, DataType, RevisionDraft
from gofigr_jupyter.schema.sound import mended, mended_text
from gofigr_jupyter.worker.inputs_record import input_metadata
from gofigr_jupyter.worker.slices import map_of, slice_for

_FORMATS = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
}


def revision_draft(parcel: Parcel, figure_id: str, *, with_short_id: bool = True) -> RevisionDraft:
    """The body of `POST revision/`: the shown pictures and the whole record, without what is drawn later."""
    draft = RevisionDraft(
        figure=figure_id,
        metadata=mended(revision_metadata(parcel)),
        data=list(data_drafts(parcel)),
        assets=[],
        is_clean_room=True if any(one.is_clean_room for one in parcel.attachments) else None,
        client_id=parcel.client_id,
        short_id=parcel.short_id if with_short_id else None,
    )
    # GoFigr's own publishers send the id under both names.
    return draft.model_copy(update={"api_id": parcel.client_id})


def data_drafts(parcel: Parcel) -> Iterator[DataDraft]:
    """Everything that the parcel itself brings along."""
    yield from _pictures(parcel)
    yield from _slice(parcel)
    yield from _code(parcel)
    yield from _facts(parcel)
    source = parcel.capture.source
    if isinstance(source, Source) and source.format == "pickle":
        yield _item(parcel, "file", "figure.pickle", source.data, form="pickle", role="source", path="figure.pickle")
    for number, attachment in enumerate(parcel.attachments):
        yield _attached(parcel, attachment, number)


def rendition_drafts(parcel: Parcel, renditions: list[Rendition]) -> list[DataDraft]:
    """What the worker has drawn, and the tables of what was plotted with their axes; the Missing ones are left out."""
    bundles = [_bundle(rendition) for rendition in renditions]
    tables = [table for one in bundles for table in one.tables]
    told = [axes.as_json(one.axes) for one in bundles if one.axes]
    return [
        *(_table(parcel, table, number) for number, table in enumerate(tables)),
        *(_text(parcel, "text", axes.NAME, text, form="json", role=axes.ROLE) for text in told[:1]),
        *(
            _item(
                parcel,
                "image",
                "figure",
                rendition.data,
                form=rendition.format,
                role=rendition.role,
                is_watermarked=rendition.role == "watermark",
            )
            for rendition in renditions
            if not isinstance(rendition.data, Missing) and rendition.role != bundle.ROLE
        ),
    ]


def missing_forms(renditions: list[Rendition]) -> dict[str, str]:
    """What could not be drawn, and why, by the name that people chose it by; of tables, also what is not in them."""
    reasons = {
        rendition.format if rendition.role == "picture" else rendition.role: rendition.data.reason
        for rendition in renditions
        if isinstance(rendition.data, Missing)
    }
    in_part = {rendition.role: reason for rendition in renditions if (reason := _bundle(rendition).reason())}
    return reasons | in_part


def local_id(draft: DataDraft) -> str:
    """The mark by which a data object of ours is known again."""
    return str(draft.metadata["local_id"])


def digest(draft: DataDraft) -> str:
    """The hash that the server has to show for it."""
    hasher = blake3()
    for piece in draft.data if isinstance(draft.data, Pieces) else [draft.data or b""]:
        hasher.update(piece)
    return hasher.hexdigest()


def figure_name(parcel: Parcel) -> str:
    """The name under which the figure is published."""
    return mended_text(parcel.target.figure.name or parcel.capture.title or "Figure")


def revision_metadata(parcel: Parcel) -> dict[str, Any]:
    """The small facts that lists of revisions repeat; names as the official client has them."""
    facts = parcel.provenance
    metadata: dict[str, Any] = {
        "title": parcel.capture.title,
        "kind": parcel.capture.kind,
        "backend": parcel.capture.kind,
        "captured_on": parcel.created_at.isoformat(),
        "secrets_masked": facts.masked,
        "client": {"name": "gofigr-jupyter", "version": _own_version()},
        "missing": {name: fact.reason for name, fact in _missing(parcel)},
    }
    if facts.inputs:
        metadata |= {"inputs": input_metadata(parcel), "inputs_unlisted": facts.inputs_unlisted}
    if not isinstance(facts.cell, Missing):
        metadata |= {"cell_id": facts.cell.cell_id, "execution_count": facts.cell.execution_count}
    if not isinstance(facts.notebook, Missing):
        metadata |= {"notebook_name": facts.notebook.name, "notebook_path": facts.notebook.path}
    if not isinstance(facts.environment, Missing):
        metadata |= {
            "kernel": facts.environment.executable,
            "python_version": facts.environment.python,
            "platform": facts.environment.platform,
        }
    if not isinstance(facts.git, Missing):
        metadata["git"] = _git(facts.git)
    return metadata | dict(parcel.metadata)


def _pictures(parcel: Parcel) -> Iterator[DataDraft]:
    for shown in parcel.capture.displayed:
        yield _item(
            parcel,
            "image",
            "figure",
            shown.data,
            form=_format(shown),
            role="displayed",
            is_watermarked=False,
            mime_type=shown.mime_type,
            output_metadata=dict(shown.metadata),
        )


def _slice(parcel: Parcel) -> Iterator[DataDraft]:
    found = slice_for(parcel)
    if isinstance(found, Missing):
        return
    cells = list(dict.fromkeys(line.cell for line in found.statements))
    told = {"statements": len(found.statements), "of": found.total, "cells": cells}
    yield _text(parcel, "code", "Slice", found.script, form="py", role="slice", **told)
    yield _text(parcel, "text", "Slice map", map_of(found), form="json", role="slice-map")


def _code(parcel: Parcel) -> Iterator[DataDraft]:
    facts = parcel.provenance
    if not isinstance(facts.cell, Missing):
        yield _text(parcel, "code", "Jupyter Cell", facts.cell.source, form="jupyter-cell", role="cell")
    if not isinstance(facts.history, Missing):
        told = "\n\n".join(f"# In [{entry.count}]\n{entry.source}" for entry in facts.history)
        yield _text(parcel, "code", "Jupyter History", told, form="jupyter-history", role="history")
    if not isinstance(facts.script, Missing):
        yield _text(parcel, "code", "Script", facts.script, form="script", role="script")


def _facts(parcel: Parcel) -> Iterator[DataDraft]:
    facts = parcel.provenance
    if not isinstance(facts.environment, Missing):
        lines = "\n".join(map(_pinned, facts.environment.packages))
        yield _text(parcel, "text", "pip freeze", lines, form="txt", role="packages")
        told = _as_json(facts.environment)
        yield _text(parcel, "text", "environment", told, form="json", role="environment")
    if not isinstance(facts.git, Missing) and facts.git.diff:
        yield _text(parcel, "text", "git diff", facts.git.diff, form="diff", role="git-diff")


def _attached(parcel: Parcel, attachment: Attachment, number: int) -> DataDraft:
    kinds: dict[str, DataType] = {"dataframe": "dataframe", "text": "text", "code": "code"}
    extra: dict[str, Any] = {
        "role": "attachment",
        "encoding": "utf-8" if attachment.format in {"csv", "json", "txt"} else None,
        **({"path": attachment.path} if attachment.path is not None else {}),
        **attachment.metadata,
    }
    kind = kinds.get(attachment.type, "file")
    item = _item(parcel, kind, attachment.name, attachment.data, form=attachment.format, mark=str(number), **extra)
    return item.model_copy(update={"is_clean_room": True}) if attachment.is_clean_room else item


def _table(parcel: Parcel, table: bundle.Packed, number: int) -> DataDraft:
    """`name`, `label`, `unit` and `role` of each column go along, so that lists need not open the file."""
    facts = {"rows": table.rows, "columns": [dict(column) for column in table.columns]}
    return _item(
        parcel, "dataframe", table.name, table.data, form="parquet", role=bundle.ROLE, mark=str(number), **facts
    )


def _bundle(rendition: Rendition) -> Bundle:
    """The tables in a rendition; none in what is no bundle. A damaged one only tells so."""
    if rendition.role != bundle.ROLE or isinstance(rendition.data, Missing):
        return Bundle()
    try:
        return bundle.unpack(rendition.data)
    except CaptureError as error:
        return Bundle(left_out=(str(error),))


def _text(parcel: Parcel, kind: DataType, name: str, text: str, *, form: str, role: str, **extra: Any) -> DataDraft:
    extra = {"language": "Python", **extra} if kind == "code" else extra
    data = text.encode("utf-8", "replace")
    return _item(parcel, kind, name, data, form=form, role=role, encoding="utf-8", **extra)


def _item(
    parcel: Parcel,
    kind: DataType,
    name: str,
    data: bytes,
    *,
    form: str,
    role: str,
    mark: str = "",
    **extra: Any,
) -> DataDraft:
    name = mended_text(name)
    known_by = uuid.uuid5(uuid.UUID(parcel.client_id), "|".join(filter(None, [name, form, role, mark])))
    metadata = {"local_id": str(known_by), "format": form, "role": role, **extra}
    return DataDraft(name=name, type=kind, data=data, metadata=mended(metadata))


def _format(shown: Displayed) -> str:
    known = _FORMATS.get(shown.mime_type)
    if known is not None:
        return known
    is_json = shown.mime_type.endswith("json")
    return "json" if is_json else shown.mime_type.rpartition("/")[2].removeprefix("x-").partition("+")[0]


def _missing(parcel: Parcel) -> Iterator[tuple[str, Missing]]:
    facts, capture = parcel.provenance, parcel.capture
    for name in ("cell", "history", "environment", "git", "notebook"):
        fact = getattr(facts, name)
        if isinstance(fact, Missing):
            yield name, fact
    if isinstance(capture.source, Missing):
        yield "source", capture.source
    if isinstance(parcel.cdn, Missing):
        yield "cdn", parcel.cdn
    if not isinstance(facts.run, Missing) and isinstance(found := slice_for(parcel), Missing):
        yield "slice", found


def _git(state: GitState) -> dict[str, Any]:
    return {
        "branch": state.branch,
        "hash": state.commit,
        "remote_url": state.remote,
        "commit_link": state.link,
        "is_dirty": state.is_dirty,
    }


def _pinned(package: Package) -> str:
    if package.origin:
        return f"{'-e ' if package.is_editable else ''}{package.name} @ {package.origin}"
    return f"{package.name}=={package.version}"


def _as_json(environment: Environment) -> str:
    return json.dumps(asdict(environment), ensure_ascii=False)


def _own_version() -> str:
    try:
        return version("gofigr-jupyter")
    except PackageNotFoundError:  # run from a checkout
        return "unreleased"
