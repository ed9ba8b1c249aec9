"""The nouns that travel down the river: frozen, plain, and free of I/O.

A Moment (the cell as it ran) becomes Provenance, a live figure becomes a Capture; together they are a Parcel.
The worker turns a Parcel into Renditions and uploads; what came of it is a Receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that could not be had, and why; absent is normal and stops nothing else."""

    reason: str


# ---------------------------------------------------------------- the cell as it ran


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One executed cell of the session: its execution count and its source."""

    count: int
    source: str


@dataclass(frozen=True, slots=True)
class RunNotes:
    """What the kernel saw of the history's cells besides their text; each map's keys are execution counts as text.

    `python` is what IPython made of a cell with magics, masked. `failed_at` is the line of the statement that raised,
    0 where nothing of the cell ran. `kinds` tells what the names that a cell bound stood for, in the words of
    `provenance.slicing.kinds`.
    """

    cell_ids: Mapping[str, str] = field(default_factory=dict)
    python: Mapping[str, str] = field(default_factory=dict)
    failed_at: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """The cell as it ran, read from the shell once; everything later is handed this, never the shell.

    `hints` holds raw strings that may tell which notebook this is, by their usual names (`__vsc_ipynb_file__`,
    `JPY_SESSION_NAME`, `vscode-notebook-cell`, `kernel_id`, ...).
    """

    source: str
    session_id: str
    working_dir: str
    started_at: datetime
    cell_id: str | None = None
    execution_count: int | None = None
    history: tuple[HistoryEntry, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)
    script: str | None = None  # path of the running script, outside notebooks
    run: RunNotes | Missing = Missing("nobody noted how its cells ran")


# ---------------------------------------------------------------- the figure


@dataclass(frozen=True, slots=True)
class Displayed:
    """One representation that the front end was given: the exact bytes, their MIME type, the output's metadata."""

    mime_type: str
    data: bytes
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """What the figure can be drawn from again.

    `format` is `pickle` (a cloudpickle of `{"figure": Figure, "rc": {non-default rcParams}}`; plotnine and seaborn have
    `"plot"`), `plotly`, `vega-lite` or `vega` (JSON), or that of a picture in a page (`png`, `svg`, ...).
    `python` is the interpreter, and `path` its `sys.path`, that can load a pickle.
    """

    format: str
    data: bytes
    python: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """A figure as shown: `kind` is that of a library (`capture/libraries.py`) or `mime`, a picture and nothing more.

    `displayed` is empty where only text was shown, or a page whose script the worker brings along.
    """

    kind: str
    title: str | None
    displayed: tuple[Displayed, ...]
    source: Source | Missing


@dataclass(frozen=True, slots=True)
class Attachment:
    """A data frame or file that the author sends along; `type` is the wire's (`dataframe`, `file`, `text`, `code`)."""

    name: str
    type: str
    format: str
    data: bytes
    path: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)  # said of it on the wire
    is_clean_room: bool = False  # part of what a reproducible function runs again from


# ---------------------------------------------------------------- where it came from


@dataclass(frozen=True, slots=True)
class CellFacts:
    """The cell that showed the figure; `source` is masked."""

    source: str
    cell_id: str | None
    execution_count: int | None


@dataclass(frozen=True, slots=True)
class Package:
    """An installed distribution; `origin` is the VCS or local URL (without credentials) it was installed from."""

    name: str
    version: str
    is_editable: bool = False
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """The Python that ran the cell, and everything installed in it."""

    python: str
    implementation: str
    executable: str
    platform: str
    packages: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class GitState:
    """The repository around the working directory.

    `remote` and `link` carry no credentials, `diff` is masked and cut.
    """

    branch: str | None
    commit: str
    is_dirty: bool
    diff: str | None
    remote: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class Notebook:
    """Which document ran: its name without folder, its path if known, and which link of the chain told."""

    name: str
    path: str | None
    told_by: str


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that the session read, as it was when it was opened; an address on the net has neither size nor digest.

    `cell` is the execution count of the cell that read it, `digest` the BLAKE3 in hex where the kernel knew it in time.
    `keep` says whether the content may go to the server; where it may not, `why_not` says why.
    """

    path: str
    read_by: str
    cell: int | None
    size: int | None = None
    modified_ns: int | None = None
    digest: str | None = None
    keep: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """One field per fact: a value, or Missing with the reason. `masked` counts the secrets taken out of them all.

    `inputs_unlisted` counts the files that were read beyond those that a record lists.
    """

    cell: CellFacts | Missing
    history: tuple[HistoryEntry, ...] | Missing
    environment: Environment | Missing
    git: GitState | Missing
    notebook: Notebook | Missing
    script: str | Missing = Missing("not a script")
    masked: int = 0
    inputs: tuple[InputFile, ...] = ()
    inputs_unlisted: int = 0
    run: RunNotes | Missing = Missing("nobody noted how its cells ran")


# ---------------------------------------------------------------- on its way


@dataclass(frozen=True, slots=True)
class Ref:
    """A workspace, analysis or figure, by id or by name; with neither, the server's default."""

    api_id: str | None = None
    name: str | None = None
    description: str | None = None
    create: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """Where a figure goes. `url` None is the embedded server; `account` names stored credentials, never holds them."""

    url: str | None
    account: str | None
    workspace: Ref
    analysis: Ref
    figure: Ref


@dataclass(frozen=True, slots=True)
class Showing:
    """Which figure of its cell it is: the n-th of so many, and the names that stood for its object (where several)."""

    position: int = 0
    of: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CdnWish:
    """That a revision's picture shall be on a CDN as well: called after `title`, in a folder of the site.

    `account` names a stored address and key, never holds them; None is the embedded server's.
    """

    account: str | None = None
    folder: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that is needed to publish one revision; complete on disk before the cell has returned."""

    client_id: str
    created_at: datetime
    target: Target
    capture: Capture
    provenance: Provenance
    short_id: str | None = None
    link: str = ""
    formats: tuple[str, ...] = ("svg", "pdf", "html", "json", "watermark", "thumbnail")
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    working_dir: str = ""
    showing: Showing = field(default_factory=Showing)
    cdn: CdnWish | Missing | None = None  # None: nobody asked for it


@dataclass(frozen=True, slots=True)
class Rendition:
    """One further form of the figure, drawn by the worker: bytes, or Missing with the reason."""

    format: str  # png, svg, pdf, html, json
    data: bytes | Missing
    role: str = "picture"  # picture | watermark | thumbnail


class State(StrEnum):
    """How far a parcel has come; each says only what is already true."""

    SAVED = "saved"  # on this machine's disk
    UPLOADING = "uploading"
    PUBLISHED = "published"  # the picture and the record are on the server, further formats follow
    COMPLETE = "complete"  # everything is there, read back and compared
    WAITING = "waiting"  # the server cannot be reached or refuses for now; retried for ever
    FAILED = "failed"  # needs a person; the parcel is kept


@dataclass(frozen=True, slots=True)
class Download:
    """One form that can be fetched from the server: a label for people and the data object's id."""

    format: str
    api_id: str
    size_bytes: int
    is_watermarked: bool = False


@dataclass(frozen=True, slots=True)
class OnCdn:
    """Where a revision's picture is on a CDN: the fields of a `CdnAsset`, and the `wish` that it answers."""

    wish: str
    address: str
    key: str
    name: str
    content_type: str
    size_bytes: int
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a parcel, as a file that card and command line read."""

    client_id: str
    state: State
    updated_at: datetime
    figure_name: str = ""
    link: str = ""
    short_id: str | None = None
    figure_id: str | None = None
    revision_number: int | None = None  # as people count: the first is 1
    size_bytes: int | None = None
    downloads: tuple[Download, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)  # format -> reason
    problem: str | None = None  # what failed, in one line
    advice: str | None = None  # what to do about it
    attempts: int = 0
    cdn: OnCdn | None = None
    cdn_waits: str | None = None  # why its picture is not on the CDN yet
