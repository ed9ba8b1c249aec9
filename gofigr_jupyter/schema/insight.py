"""Family insight: questions to a machine about figures, its answers, and what in the record they rest on."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gofigr_jupyter.schema.base import Draft, Flag, Id, JsonObject, Message, Prose, Timestamp, Wire

EvidenceKind = Literal["series", "table", "code", "metadata", "revision", "document"]
Unavailable = Literal["disabled", "forbidden", "rate_limited", "no_engine", "processing"]


# ---------------------------------------------------------------- questions


class Query(Draft, source="ours"):
    """Body of `POST deep_insight/query/`; with `conversation` it follows up an earlier one. Ours.

    Where the engine is not the server's own, nothing is sent there (428) unless `agreed` says that the person knows.
    """

    figure_revision: Id
    query: Message
    stream: Flag = False
    conversation: Id | None = None
    agreed: Flag | None = None


class TextQuery(Draft, source="ours"):
    """Body of `POST deep_insight/text_query/`: a question without a figure. Ours."""

    workspace: Id
    query: Message
    context: Prose | None = None
    stream: Flag = False
    conversation: Id | None = None
    agreed: Flag | None = None


class Compare(Draft, source="ours"):
    """Body of `POST deep_insight/compare/`: two revisions, perhaps with a question. Ours."""

    revisions: list[Id] = Field(min_length=2, max_length=2)
    query: Message | None = None
    stream: Flag = False
    conversation: Id | None = None
    agreed: Flag | None = None


class ExtractCode(Draft, source="ours"):
    """Body of `POST deep_insight/extract_code/`. Ours."""

    figure_revision: Id


class Asking(Draft, source="ours"):
    """Body of `POST deep_insight/preview/`. Ours."""

    figure_revision: Id
    query: Message


# ---------------------------------------------------------------- answers


class Engine(Wire, source="ours"):
    """Who answers; a local one sends nothing away. Ours."""

    name: str
    model: str | None = None
    is_local: bool = False


class Preview(Wire, source="ours"):
    """Answer of `deep_insight/preview/`: what would be sent for an answer, and to which host; None: to nobody. Ours.

    `picture` says that the figure's picture would go along.
    """

    engine: Engine
    to: str | None = None
    text: str = ""
    picture: bool = False


class Tokens(Wire, source="ours"):
    """What an answer cost. Ours."""

    input_tokens: int = 0
    output_tokens: int = 0


class EvidenceRef(Wire, source="ours"):
    """Where evidence stands: in a revision, a data object or a stored document; `lines` are first and last. Ours."""

    revision: str | None = None
    data: str | None = None
    cdn_key: str | None = None
    series: str | None = None
    lines: tuple[int, int] | None = None


class Evidence(Wire, source="ours"):
    """What in the record a sentence of an answer rests on. Ours."""

    kind: EvidenceKind | str
    label: str
    ref: EvidenceRef
    value: Any = None


class Answer(Wire, source="ours"):
    """An answer in Markdown, and sanitised in HTML; also the last event, `done`, of a stream. Ours."""

    api_id: str
    conversation: str
    answer: str = ""
    answer_html: str = ""
    evidence: list[Evidence] = Field(default_factory=list)
    engine: Engine
    usage: Tokens = Field(default_factory=Tokens)
    created_on: Timestamp


class PictureChange(Wire, source="ours"):
    """How many pixels differ, and in which box of left, top, right, bottom. Ours."""

    differing_pixels: int = 0
    bounding_box: tuple[int, int, int, int] | None = None


class Changes(Wire, source="ours"):
    """What differs between two revisions: computed, never guessed. Ours."""

    code: list[Any] = Field(default_factory=list)
    inputs: list[Any] = Field(default_factory=list)
    packages: list[Any] = Field(default_factory=list)
    data: list[Any] = Field(default_factory=list)
    picture: PictureChange | None = None


class Comparison(Answer, source="ours"):
    """Answer of `deep_insight/compare/`. Ours."""

    changes: Changes = Field(default_factory=Changes)


class AnswerStarted(Wire, source="ours"):
    """The event `start` of a stream. Ours."""

    api_id: str
    conversation: str
    engine: Engine


class AnswerDelta(Wire, source="ours"):
    """The event `delta` of a stream: the next piece of the answer. Ours."""

    text: str


class Statement(Wire, source="ours"):
    """A piece of extracted code: from which cell, and which of its lines (first and last). Ours."""

    cell: str | int | None = None
    lines: tuple[int, int] | None = None


class ExtractedCode(Wire, source="ours"):
    """The code that made a figure and nothing else, cut out by `slice` or written by a `model`. Ours."""

    language: str
    code: str
    statements: list[Statement] = Field(default_factory=list)
    inputs: list[Any] = Field(default_factory=list)
    method: Literal["slice", "model"] | str


class LineageItem(Wire, source="ours"):
    """A file that a figure was made from, or that was made with it. Ours."""

    asset_revision: str | None = None
    path: str | None = None
    hash: str | None = None
    size_bytes: int | None = None
    use_type: str | None = None


class Lineage(Wire, source="ours"):
    """Answer of `revision/{id}/data_lineage/`. Ours."""

    inputs: list[LineageItem] = Field(default_factory=list)
    outputs: list[LineageItem] = Field(default_factory=list)


# ---------------------------------------------------------------- what may be asked, and what was


class Availability(Wire, source="ours"):
    """Whether a question may be asked now; `reason` says why not, `resets_on` when again. Ours."""

    available: bool
    reason: Unavailable | str | None = None
    engine: Engine | None = None
    remaining: int | None = None
    resets_on: Timestamp | None = None


class Limited(Wire, source="ours"):
    """Answer 429 to a question too many. Ours."""

    detail: str
    code: str = "rate_limited"
    resets_on: Timestamp | None = None


class Period(Wire, source="ours"):
    """A span of time; `from` and `to` on the wire. Ours."""

    start: Timestamp = Field(alias="from")
    end: Timestamp = Field(alias="to")


class Usage(Wire, source="ours"):
    """Answer of `ai_usage/`: questions and tokens of a period, by user and by day. Ours."""

    period: Period
    queries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    quota: int | None = None
    remaining: int | None = None
    by_user: list[JsonObject] = Field(default_factory=list)
    by_day: list[JsonObject] = Field(default_factory=list)
