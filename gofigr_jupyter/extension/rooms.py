"""What a figure out of a clean room is published with: the room's data objects, without secrets.

In: the Run behind a figure. Out: Attachments; none where they cannot be made, for no figure must be lost with them.
"""

from __future__ import annotations

import logging

from gofigr_jupyter.cleanroom import manifest
from gofigr_jupyter.cleanroom.running import Run
from gofigr_jupyter.extension.hooks import tell
from gofigr_jupyter.provenance.secrets import mask
from gofigr_jupyter.records import Attachment

_log = logging.getLogger("gofigr_jupyter")


def attachments_of(run: Run | None) -> tuple[Attachment, ...]:
    """The data objects of the room that made a figure."""
    if run is None:
        return ()
    try:
        return manifest.attachments(run.room, lambda text: mask(text)[0])
    except Exception as error:  # noqa: BLE001 - the figure goes out all the same
        _log.exception("a clean room could not be written")
        tell("room", f"a figure of {run.room.name}() is published without its clean room ({error})")
        return ()
