"""What is kept of a figure when reading it fails: the very bytes that were displayed, and why there is no more.

In: an outgoing message, or a figure, and the error. Out: Seen and Provenance that ask nothing of the object any more.
"""

from __future__ import annotations

import logging
from typing import Any

from gofigr_jupyter.capture import mime
from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.extension.hooks import tell
from gofigr_jupyter.provenance.secrets import mask
from gofigr_jupyter.records import Missing, Provenance

_log = logging.getLogger("gofigr_jupyter")


def seen_anyway(content: dict[str, Any], error: Exception) -> Seen | None:
    """The picture of a message whose object could not be read; None when it shows none."""
    displayed = mime.displayed(content.get("data", {}), content.get("metadata", {}))
    if not any(item.mime_type in mime.PICTURES for item in displayed):
        return None
    return Seen("mime", None, displayed, told(error))


def provenance_anyway(error: Exception) -> Provenance:
    """Nothing but the reason, in the place of every fact."""
    reason = told(error)
    return Provenance(reason, reason, reason, reason, reason)


def told(error: Exception) -> Missing:
    """The reason as a value; the user hears of it once, the log has the whole."""
    what = mask(f"{type(error).__name__}: {error}")[0][:200]
    _log.error("a figure is kept as a picture only", exc_info=error)
    tell(
        f"rescued:{type(error).__name__}",
        f"a figure is saved as the picture that you see, without what draws it or tells of it ({what}). "
        "Your own results are not affected; %gofigr doctor tells more.",
    )
    return Missing(f"it could not be read ({what})")
