"""Who can be named in a thread: those who can see its figure, as far as the reader may know them.

In: a client and a revision. Out: user names, with full names where they are known. One answer for a whole thread; what
the server does not let the reader see is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import StatusError

_MOST = 500


def people(gf: GoFigr, revision_id: str, speakers: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Members of the workspace and of its organization, those it is shared with, and those who have spoken."""
    named = dict.fromkeys(_names(gf, revision_id), "")
    named |= {user: who for user, who in speakers if user}
    return [{"user": user, "who": named[user]} for user in sorted(named, key=str.casefold)][:_MOST]


def _names(gf: GoFigr, revision_id: str) -> Iterator[str]:
    revision = gf.revisions.get(revision_id)
    yield from _allowed(lambda: gf.revisions.shared_with(revision_id))
    if revision.figure is None:
        return
    yield from _allowed(lambda: gf.figures.shared_with(str(revision.figure)))
    with suppress(StatusError):  # a figure shared by itself does not open what it lies in
        analysis = gf.figures.get(revision.figure).analysis
        place = gf.analyses.get(analysis).workspace if analysis else None
        if analysis:
            yield from _allowed(lambda: gf.analyses.shared_with(analysis))
        if place:
            yield from _allowed(lambda: [one.username for one in gf.workspaces.members(place)])
            organization = gf.workspaces.get(place).organization
            if organization:
                yield from _allowed(lambda: [one.username for one in gf.organizations.members(organization)])


def _allowed(ask: Callable[[], list[str]]) -> list[str]:
    """What the server answers; nothing where the reader may not know."""
    try:
        return ask()
    except StatusError:
        return []
