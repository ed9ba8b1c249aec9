"""Which revisions somebody means: an id, a short id, a link, or all figures of an analysis.

In: what was typed, and a client. Out: revisions of the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from gofigr_jupyter.client.figures import Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import ConfigurationError, NotFound
from gofigr_jupyter.settings import looks_like_id

_SHORT = re.compile(r"[A-Za-z0-9_-]{4,64}")


def revision(gf: GoFigr, named: str) -> Revision:
    """The revision of an id, a short id or a link. Raises ConfigurationError for another server's link, NotFound."""
    named = named.strip()
    if "://" in named:
        named = _from_link(gf, named)
    if looks_like_id(named):
        named = named.lower()
    elif not _SHORT.fullmatch(named):
        raise ConfigurationError(f"{named!r} is no revision; give its id, its short id or its link")
    try:
        return gf.revisions.get(named)
    except NotFound as error:
        raise NotFound(404, f"There is no revision {named} on {gf.url}, or not yet") from error


def newest(gf: GoFigr, place: str) -> Iterator[Revision]:
    """The newest revision of each figure of an analysis, given by name, id or link."""
    if "://" in place:
        place = _from_link(gf, place)
    for figure in gf.find_analysis(place).figures:
        found = sorted(gf.figures.get(figure).revisions, key=lambda one: one.revision_index)
        if found:
            yield gf.revisions.get(found[-1])


def _from_link(gf: GoFigr, link: str) -> str:
    parts = urlsplit(link)
    here = {urlsplit(one).netloc for one in (gf.url, gf.settings.page_url())}
    if parts.netloc not in here:
        raise ConfigurationError(
            f"{link} leads to {parts.netloc}, and the settings in force to {', '.join(sorted(here))}; set GF_URL"
        )
    return unquote(parts.path.rstrip("/").rpartition("/")[2])
