"""Which figure, which revision? What people type - a name, `name@3`, an id, a short id, a link - to the object.

In: a client and a text. Out: a figure, and the revision if one was named. Ends the command with 2, and says what there
is, where a text names nothing or several, or what is not for the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn
from urllib.parse import urlsplit

from gofigr_jupyter.cli.console import MISUSED, fail, out, plain, table
from gofigr_jupyter.client.figures import Analysis, Figure, Revision
from gofigr_jupyter.client.gofigr import GoFigr
from gofigr_jupyter.errors import Forbidden, NotFound, StatusError
from gofigr_jupyter.finding.index import catalogue
from gofigr_jupyter.opening import GoFigr as Starting
from gofigr_jupyter.settings import Settings, as_ref, looks_like_id

_SHORT_ID = re.compile(r"[0-9A-Za-z]{9,20}")
_NUMBERED = re.compile(r"(.+)@(\d{1,6})", re.DOTALL)
_PATH = re.compile(r"/(r|revision|figure)/([0-9A-Za-z-]{1,64})/?\Z")
_MOST_LISTED = 20
_MOST_NAMED = 5
_PAGES = "All figures are on the pages: gofigr-jupyter open"
_NONE_YET = "No figures are here yet. gofigr-jupyter demo shows how; gofigr-jupyter status tells what is on its way."


@dataclass(frozen=True, slots=True)
class Named:
    """What was meant; `revision` is None where only the figure was named."""

    figure: Figure
    revision: Revision | None = None


def client() -> GoFigr:
    """A client for the server of the settings; the embedded one is started if need be."""
    return Starting(settings=Settings.load(), patience=10)


def named(gf: GoFigr, text: str) -> Named:
    """The figure or revision that a text names."""
    try:
        return _named(gf, text.strip())
    except Forbidden:
        fail(f"{text!r} is not shared with you.", "Ask whoever made it to share it.")


def analysis_of(gf: GoFigr, text: str) -> Analysis:
    """The analysis that a name, an id or a link names."""
    place = text.rstrip("/").rpartition("/")[2] if "://" in text else text
    try:
        return gf.find_analysis(place)
    except NotFound:
        names = [one.name for one in gf.find_workspace().analyses]
        fail(f"There is no analysis {text!r}.", _advice(text, names), MISUSED)


def _named(gf: GoFigr, text: str) -> Named:
    if "://" in text:
        return _linked(gf, text)
    if looks_like_id(text):
        return _by_id(gf, text.lower())
    if _SHORT_ID.fullmatch(text) and (found := _revision(gf, text)) is not None:
        return found
    return _by_name(gf, text)


def revision_of(gf: GoFigr, meant: Named) -> Revision:
    """The revision that was named, else the figure's newest, in full."""
    if meant.revision is not None:
        return meant.revision
    newest = max(meant.figure.revisions, key=lambda one: one.revision_index, default=None)
    if newest is None:
        fail(f"{meant.figure.name!r} has no revisions.", code=MISUSED)
    return gf.revisions.get(newest)


def _nothing(text: str, names: Iterable[str] | None = None) -> NoReturn:
    fail(f"There is no figure {text!r}.", _PAGES if names is None else _advice(text, names), MISUSED)


def _advice(text: str, names: Iterable[str]) -> str:
    """What may have been meant by a name that there is not; else some of those that there are."""
    known = {name.casefold(): name for name in names}
    if not known:
        return _NONE_YET
    wanted = text.casefold()
    near = get_close_matches(wanted, known, _MOST_NAMED, 0.6)
    near += [name for name in known if wanted in name and name not in near] if len(wanted) > 2 else []
    listed = [repr(known[name]) for name in (near or known)][:_MOST_NAMED]
    if near:
        return f"Did you mean {' or '.join(listed)}?"
    rest = len(known) - len(listed)
    return f"There are: {', '.join(listed)}{f', and {rest} more' if rest else ''}. {_PAGES}"


# ---------------------------------------------------------------- links and ids


def _linked(gf: GoFigr, link: str) -> Named:
    parts, ours = urlsplit(link), urlsplit(gf.settings.page_url())
    if parts.netloc != ours.netloc:
        advice = f"Figures of this machine go to {ours.netloc}; another server is chosen with GF_URL and GF_API_KEY."
        fail(f"This link leads to another server, {parts.netloc}.", advice, MISUSED)
    match = _PATH.search(parts.path)
    if match is None:
        fail(f"{link!r} is no link of a figure or a revision.", code=MISUSED)
    if match[1] == "figure":
        return _by_id(gf, match[2])
    return _revision(gf, match[2]) or _nothing(link)


def _by_id(gf: GoFigr, api_id: str) -> Named:
    try:
        return Named(gf.figures.get(api_id))
    except NotFound:
        return _revision(gf, api_id) or _nothing(api_id)


def _revision(gf: GoFigr, name: str) -> Named | None:
    """A revision by its id or short id; what this machine knows helps where a server takes ids only."""
    known = None if looks_like_id(name) else catalogue(gf.settings.home).named(name)
    for known_as in dict.fromkeys([known.revision if known else name, name]):
        try:
            revision = gf.revisions.get(known_as)
            return Named(_figure_of(gf, revision), revision)
        except NotFound:
            continue
        except StatusError as error:
            if error.status != 400:  # what some servers say to an id that is none
                raise
    return None


def _figure_of(gf: GoFigr, revision: Revision) -> Figure:
    """The figure of a revision; where nothing but the revision is shared with the reader, one with that alone in it."""
    try:
        return gf.figures.get(revision.figure or "")
    except Forbidden:
        figure = Figure.model_validate({"api_id": revision.figure or "", "name": revision.title or "figure"})
        figure.revisions = [revision]
        return figure


# ---------------------------------------------------------------- names


def _by_name(gf: GoFigr, text: str) -> Named:
    figures = list(_figures(gf))
    figure = _one_of(figures, text)
    if figure is not None:
        return Named(gf.figures.get(figure))
    match = _NUMBERED.fullmatch(text)
    if match is not None:
        is_id = looks_like_id(match[1])
        figure = _by_id(gf, match[1].lower()).figure if is_id else _one_of(figures, match[1])
    if match is None or figure is None:
        _nothing(text, [f"{one.name}/{other.name}" if "/" in text else other.name for one, other in figures])
    full = gf.figures.get(figure)
    return Named(full, _numbered(gf, full, int(match[2])))


def _one_of(figures: list[tuple[Analysis, Figure]], text: str) -> Figure | None:
    """The figure of this name, or `analysis/name`; capitals only count where there is a choice."""
    for fold in (str, str.casefold):
        wanted = fold(text)
        found = [one for one in figures if wanted in {fold(one[1].name), fold(f"{one[0].name}/{one[1].name}")}]
        if len(found) > 1:
            _ambiguous(text, found)
        if found:
            return found[0][1]
    return None


def _figures(gf: GoFigr) -> Iterator[tuple[Analysis, Figure]]:
    """All figures of the workspace in force; of one analysis where the settings name one."""
    workspace, chosen = gf.find_workspace(), as_ref(gf.settings.analysis)
    for analysis in workspace.analyses:
        if chosen.api_id in {None, analysis.api_id} and chosen.name in {None, analysis.name}:
            yield from ((analysis, figure) for figure in analysis.figures)


def _numbered(gf: GoFigr, figure: Figure, number: int) -> Revision:
    light = next((one for one in figure.revisions if one.revision_index == number - 1), None)
    if light is None:
        numbers = ", ".join(str(one.revision_index + 1) for one in figure.revisions[-_MOST_LISTED:]) or "none"
        fail(f"{figure.name!r} has no revision {number}.", f"There are: {numbers}", MISUSED)
    return gf.revisions.get(light)


def _ambiguous(text: str, meant: list[tuple[Analysis, Figure]]) -> NoReturn:
    shown = table("figure", "analysis", "id")
    for analysis, figure in meant[:_MOST_LISTED]:
        shown.add_row(plain(figure.name), plain(analysis.name), plain(figure.api_id))
    out.print(shown)
    fail(f"{text!r} may be any of {len(meant)} figures.", "Say which by its id, or as analysis/name.", MISUSED)
