"""A server's data folder as it is after years: analyses, figures and revisions by the thousand, written in bulk."""

from __future__ import annotations

import base64
import io
import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image
from sqlalchemy import insert

from gofigr_jupyter.server.accounts import LOCAL_USER
from gofigr_jupyter.server.app import create_app
from gofigr_jupyter.server.config import ServerConfig
from gofigr_jupyter.server.store import people
from gofigr_jupyter.server.store.blobs import Stored
from gofigr_jupyter.server.store.store import Store
from gofigr_jupyter.server.store.tables import Activity, Analysis, DataItem, Figure, Member, Revision, Workspace

LARGE_ANALYSIS = 200  # figures in the one analysis that is asked for
BATCH = 10_000


@dataclass(frozen=True)
class Crowd:
    """What to ask for: ids of revisions all over, of the large analysis, of a figure to add to."""

    revisions: list[str]
    analysis: str
    figures: list[str]
    workspace: str


def picture(seed: int = 0, kilobytes: int = 30) -> bytes:
    """A PNG of about this size that nobody has stored before."""
    side = int((kilobytes * 1000 / 3) ** 0.5)
    image = Image.frombytes("RGB", (side, side), Random(seed).randbytes(side * side * 3))  # noqa: S311 - a picture, no secret
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def populate(home: Path, *, analyses: int, figures: int, revisions: int) -> Crowd:
    """Fill the data folder of an embedded server; `figures` and `revisions` are totals."""
    folder = home / "server"
    folder.mkdir(parents=True, mode=0o700)
    config = ServerConfig(data_dir=folder, port=1, embedded=True, local_token="ab" * 33)
    store: Store = create_app(config).state.store
    stored = store.blobs.put([picture()])[0]
    with store.writing() as db:
        user = people.user(db, int(people.fact(db, LOCAL_USER) or 0))
        assert user is not None
        workspace = str(uuid.uuid4())
        written = _Rows(user.username, workspace, stored)
        names = list(written.analyses(analyses))
        owners = list(itertools.islice(itertools.cycle(names), figures - LARGE_ANALYSIS)) + [names[0]] * LARGE_ANALYSIS
        ids = [str(uuid.uuid4()) for _ in owners]
        each = revisions // figures
        db.execute(insert(Workspace), [written.workspace(revisions)])
        member = {"workspace_id": workspace, "user_id": user.id, "membership_type": "owner", "added_on": written.at()}
        db.execute(insert(Member), [member])
        db.execute(insert(Analysis), [written.analysis(one, owners.count(one) * each) for one in names])
        db.execute(insert(Figure), [written.figure(one, owner, each) for one, owner in zip(ids, owners, strict=True)])
        made = written.revisions(ids, each)
        for part in iter(lambda: list(itertools.islice(made, BATCH)), []):
            db.execute(insert(Revision), [one for one, _, _ in part])
            db.execute(insert(DataItem), [item for _, items, _ in part for item in items])
            db.execute(insert(Activity), [line for _, _, line in part])
    store.close()
    return Crowd(written.some, names[0], ids[:200], workspace)


class _Rows:
    """Rows as plain mappings; `some` collects every hundredth revision's id."""

    def __init__(self, username: str, workspace: str, stored: Stored) -> None:
        self._username, self._workspace, self._stored = username, workspace, stored
        self._clock = datetime(2024, 1, 1, tzinfo=UTC)
        self.some: list[str] = []

    def at(self) -> datetime:
        """The next moment."""
        self._clock += timedelta(seconds=7)
        return self._clock

    def _made(self, **values: Any) -> dict[str, Any]:
        return {"created_by": self._username, "created_on": self.at()} | values

    def workspace(self, revisions: int) -> dict[str, Any]:
        """The one workspace."""
        size = revisions * self._stored.size * 2
        return self._made(id=self._workspace, name="years", workspace_type="secondary", size_bytes=size)

    def analyses(self, number: int) -> Iterator[str]:
        """Their ids."""
        return (str(uuid.uuid4()) for _ in range(number))

    def analysis(self, api_id: str, revisions: int) -> dict[str, Any]:
        """One analysis."""
        size = revisions * self._stored.size * 2
        return self._made(id=api_id, name=f"analysis {api_id[:8]}", workspace_id=self._workspace, size_bytes=size)

    def figure(self, api_id: str, analysis: str, revisions: int) -> dict[str, Any]:
        """One figure."""
        size = revisions * self._stored.size * 2
        name = f"figure {api_id[:8]}"
        return self._made(id=api_id, name=name, analysis_id=analysis, next_index=revisions, size_bytes=size)

    def revisions(
        self, figures: list[str], each: int
    ) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]]:
        """Revisions of all figures in turn, each with its data and its line in the log."""
        for index, figure in itertools.product(range(each), figures):
            api_id = str(uuid.uuid4())
            if len(self.some) * 100 <= index * len(figures):
                self.some.append(api_id)
            meta = {"title": f"figure {figure[:8]}", "kind": "matplotlib", "execution_count": index}
            size = self._stored.size * 2
            row = self._made(id=api_id, figure_id=figure, revision_index=index, meta=meta, size_bytes=size)
            items = [self._item(api_id, position) for position in range(2)]
            line = {
                "id": str(uuid.uuid4()), "workspace_id": self._workspace, "username": self._username,
                "timestamp": row["created_on"], "action": "create", "target_type": "figure_revision",
                "target_id": api_id, "target_name": None, "deleted": False,
            }  # fmt: skip
            yield row, items, line

    def _item(self, revision: str, position: int) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid4()), "revision_id": revision, "position": position, "name": "figure", "type": "image",
            "hash": self._stored.hash, "size_bytes": self._stored.size, "is_clean_room": False,
            "meta": {"format": "png", "is_watermarked": bool(position)}, "chunks": self._stored.chunks,
        }  # fmt: skip


def revision_body(figure: str, seed: int) -> dict[str, Any]:
    """A revision with a picture of 30 KB, as a client sends it."""
    data = base64.b64encode(picture(seed)).decode()
    item = {"type": "image", "name": "figure", "metadata": {"format": "png"}, "data": data}
    return {"figure": figure, "metadata": {"title": "t"}, "data": [item], "client_id": str(uuid.uuid4())}
