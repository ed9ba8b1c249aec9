"""All that the page of one revision shows, put together from its rows and the few bytes that a page needs.

In: a row, its items, and a way to read the beginning of their bytes. Out: a frozen view. Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from gofigr_jupyter.server.pages import code, packages, preview
from gofigr_jupyter.server.pages.facts import Facts
from gofigr_jupyter.server.pages.packages import Environment
from gofigr_jupyter.server.pages.pictures import format_of, role_of
from gofigr_jupyter.server.pages.preview import Table
from gofigr_jupyter.server.pages.words import file_name, format_label, plain
from gofigr_jupyter.server.store.gallery import Item
from gofigr_jupyter.server.tables.reading import is_plotted

# The first so many bytes of an item as text, and whether that is not all; None when they cannot be read.
Reading = Callable[[Item, int], tuple[str, bool] | None]

PREVIEW_BYTES = 100_000
MAX_TABLES = 12
MAX_LINKED = 300  # cells
# How the official client names what has no role.
CLIENT_ROLES = {
    "Jupyter Cell": "cell",
    "Jupyter History": "history",
    "pip freeze": "packages",
    "git diff": "git-diff",
}
# What is no attachment: it has a place of its own.
PLACED = {"packages", "environment", "git-diff", "source", "proof", "slice-map", "axes"}
EXTENSIONS = {"jpeg": "jpg", "jupyter-cell": "py", "jupyter-history": "py", "script": "py", "text": "txt"}


@dataclass(frozen=True, slots=True)
class Download:
    """A file that the reader can have; `note` says what is particular about it."""

    item: Item
    label: str
    file: str
    note: str = ""
    is_watermarked: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Code with its colours; `is_cut` when the page shows only its beginning."""

    title: str
    html: Markup
    lines: int
    is_cut: bool
    download: Download


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that the author sent along; a table where a preview can be had."""

    name: str
    download: Download
    table: Table | None


@dataclass(frozen=True, slots=True)
class Contents:
    """A revision's items, each where the page shows it."""

    made_by: Listing | None  # the slice: the statements that made the figure
    made_in: tuple[int, ...]  # the cells of the history from which they come
    cell: Listing | None
    others: tuple[Listing, ...]
    history: Listing | None
    environment: Environment | None
    packages: Download | None
    diff: Listing | None
    pictures: tuple[Download, ...]
    sources: tuple[Download, ...]
    attachments: tuple[Attachment, ...]


def contents_of(items: Sequence[Item], stem: str, facts: Facts, read: Reading) -> Contents:
    """Sort the items of a revision; `stem` is what downloads are called."""
    by_role: dict[str, list[Item]] = {}
    for item in items:
        by_role.setdefault(_role(item), []).append(item)

    def first(role: str) -> Item | None:
        return next(iter(by_role.get(role, ())), None)

    def listing(item: Item | None, title: str) -> Listing | None:
        return listing_of(item, title, stem, read) if item else None

    frozen, placed = first("packages"), (first("slice"), first("cell"), first("history"))
    history, made_in = _linked(listing(first("history"), "History"), first("slice"))
    others = [item for item in items if item.type == "code" and item not in placed]
    return Contents(
        made_by=listing(first("slice"), _slice_title(first("slice"))),
        made_in=made_in,
        cell=listing(first("cell"), f"Cell {facts.cell}".strip()),
        others=tuple(filter(None, (listing(item, plain(item.name, 80) or "Code") for item in others))),
        history=history,
        environment=_environment(first("environment"), frozen, read),
        packages=download_of(frozen, stem) if frozen else None,
        diff=listing(first("git-diff"), "Uncommitted changes"),
        pictures=_pictures(items, stem),
        sources=tuple(download_of(item, stem) for item in by_role.get("source", ())),
        attachments=_attachments(items, stem, read),
    )


def _slice_title(item: Item | None) -> str:
    told = [item.meta.get(key) if item else None for key in ("statements", "of")]
    if any(not isinstance(number, int) or isinstance(number, bool) for number in told):
        return "The statements that made this figure"
    return f"The {told[0]} of {told[1]} statements that made this figure"


def _linked(history: Listing | None, made_by: Item | None) -> tuple[Listing | None, tuple[int, ...]]:
    """The history with marks to which the slice's cells can be linked, and those cells."""
    cells = made_by.meta.get("cells") if made_by else None
    if history is None or not isinstance(cells, list):
        return history, ()
    numbers = [n for n in cells[:MAX_LINKED] if isinstance(n, int) and not isinstance(n, bool)]
    html, found = code.anchored(history.html, numbers)
    return replace(history, html=html), found


def _role(item: Item) -> str:
    known = role_of(item) or CLIENT_ROLES.get(item.name or "")
    return known or ("" if item.type == "code" else "attachment")


def _pictures(items: Sequence[Item], stem: str) -> tuple[Download, ...]:
    """As shown first, then by name, the copies with a link after those without; no thumbnails, no marked copies."""
    apart = {"thumbnail", "proof"}
    found = [download_of(item, stem) for item in items if item.type == "image" and role_of(item) not in apart]
    found.sort(key=lambda one: (one.is_watermarked, role_of(one.item) != "displayed", one.label))
    return tuple(found)


def download_of(item: Item, stem: str) -> Download:
    """The item as a file to be had, under a name that says what it is."""
    known, marked = format_of(item), item.type == "image" and item.meta.get("is_watermarked") is True
    role = _role(item)
    if item.type == "image":
        note = "as shown" if role == "displayed" else "vector" if known in {"svg", "pdf", "eps"} else ""
        label, suffix = format_label(known) or "Picture", "-with-link" if marked else ""
        return Download(item, label, file_name(f"{stem}{suffix}", EXTENSIONS.get(known, known)), note, marked)
    if role == "attachment" and item.name and "." in item.name[-9:]:
        name_stem, _, extension = item.name.rpartition(".")
        return Download(item, plain(item.name, 120), file_name(name_stem, extension))
    label = {"source": "Matplotlib figure (pickle)"}.get(role, plain(item.name, 120) or "File")
    note = "runs code when opened: only for people you trust" if known == "pickle" else ""
    extension = EXTENSIONS.get(known, known) or {"code": "py", "text": "txt"}.get(item.type, "")
    name = f"{stem}-{item.name or role or 'file'}".removesuffix(f".{extension}")
    return Download(item, label, file_name(name, extension), note)


def listing_of(item: Item, title: str, stem: str, read: Reading) -> Listing | None:
    """The item's text with its colours; None when it cannot be read."""
    found = read(item, code.MAX_SHOWN)
    if found is None:
        return None
    text, is_cut = found
    text, stated = text.strip("\n"), item.meta.get("language")
    language = stated.lower() if isinstance(stated, str) else "python"
    if _role(item) == "git-diff":
        language = "diff"
    html = code.coloured(text, code.language_of(text, language))
    return Listing(title, html, text.count("\n") + 1, is_cut, download_of(item, stem))


def _environment(record: Item | None, frozen: Item | None, read: Reading) -> Environment | None:
    found = read(record, code.MAX_SHOWN) if record else None
    environment = packages.from_json(found[0]) if found else None
    if environment is None and frozen is not None and (found := read(frozen, code.MAX_SHOWN)):
        environment = packages.from_freeze(found[0])
    return environment if environment and (environment.rows or environment.facts) else None


def _attachments(items: Sequence[Item], stem: str, read: Reading) -> tuple[Attachment, ...]:
    others = [item for item in items if item.type not in {"image", "code"} and not is_plotted(item)]
    sent = [item for item in others if _role(item) not in PLACED]
    tables = [_table(item, read) for item in sent[:MAX_TABLES]] + [None] * (len(sent) - MAX_TABLES)
    return tuple(
        Attachment(plain(item.name, 200) or "File", download_of(item, stem), table)
        for item, table in zip(sent, tables, strict=True)
    )


def _table(item: Item, read: Reading) -> Table | None:
    is_csv = format_of(item) == "csv" or (item.name or "").lower().endswith(".csv")
    found = read(item, PREVIEW_BYTES) if is_csv else None
    return preview.head(found[0], is_cut=found[1]) if found else None
