"""Family search: by words, and by a picture."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SerializeAsAny, ValidationInfo, field_validator

from gofigr_jupyter.schema.assets import Asset
from gofigr_jupyter.schema.base import Base64Bytes, Draft, Wire
from gofigr_jupyter.schema.comments import Comment
from gofigr_jupyter.schema.figures import Analysis, Figure
from gofigr_jupyter.schema.stories import Story

HitType = Literal["figure", "analysis", "asset", "story", "comment"]
SHAPES: dict[str, type[Wire]] = {
    "figure": Figure,
    "analysis": Analysis,
    "asset": Asset,
    "story": Story,
    "comment": Comment,
}


class HitPath(Wire, source="ours"):
    """The ids of what a hit lies in. Ours."""

    workspace: str | None = None
    analysis: str | None = None
    figure: str | None = None


class Hit(Wire, source="ours"):
    """Something found by words: the object in its light form, and the words in `<mark>`. Ours."""

    type: HitType | str
    object: SerializeAsAny[Wire]
    snippet: str = ""
    path: HitPath = Field(default_factory=HitPath)
    score: float = 0.0

    @field_validator("object", mode="before")
    @classmethod
    def _as_its_type(cls, value: Any, info: ValidationInfo) -> Any:
        shape = SHAPES.get(info.data.get("type", ""), Wire)
        return shape.model_validate(value)


class ImageQuery(Draft, source="ours"):
    """Body of `POST search/image/`: a picture in any common format, such as a screenshot. Ours."""

    data: Base64Bytes
    limit: int = Field(default=50, strict=True, ge=1, le=200)


class ImageHit(Wire, source="ours"):
    """A published picture that looks like it; the nearer, the smaller the `distance`. Ours."""

    revision: str
    figure: str
    distance: float
    thumbnail: Base64Bytes | None = None
