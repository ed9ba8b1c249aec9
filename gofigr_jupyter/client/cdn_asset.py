"""A file on a CDN: its permanent address, the addresses of smaller forms, and how notebooks and documents show it.

In: what the server told, checked before, and how large it is wanted. Out: URLs, HTML and Markdown in which nothing of a
name or an address can become markup. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from gofigr_jupyter import showing

Fit = Literal["cover", "contain"]
Format = Literal["webp", "avif", "jpeg", "png"]
_FITS, _FORMATS = ("cover", "contain"), ("webp", "avif", "jpeg", "png")
_LONGEST_SIDE = 20_000  # pixels; more is a slip of the hand


@dataclass(frozen=True)
class CdnAsset:
    """A file that was uploaded. `str(asset)` is its address; in a notebook it shows itself.

    `key` is how the server knows it, `size_bytes` what was sent, `alt` says in words what is to be seen. `look` is how
    it shows itself, see `sized`.
    """

    address: str
    key: str
    name: str
    content_type: str
    size_bytes: int
    alt: str = ""
    look: Mapping[str, str | int] = field(default_factory=dict)

    def url(
        self,
        *,
        width: int | None = None,
        height: int | None = None,
        fit: Fit | None = None,
        quality: int | None = None,
        format: Format | None = None,  # noqa: A002 - as Fig1 calls it
    ) -> str:
        """Its permanent address; of a picture, also that of a form with other measures, made when it is asked for.

        `width` and `height` are in pixels; `fit` says whether the picture fills both (`cover`) or stays whole within
        them (`contain`); `quality` is 1 to 100, `format` one of webp, avif, jpeg, png. Raises ValueError for anything
        else, and where there is no picture.
        """
        return showing.address(self.address, {**self.look, **self._wishes(width, height, fit, quality, format)})

    def sized(
        self,
        *,
        width: int | None = None,
        height: int | None = None,
        fit: Fit | None = None,
        quality: int | None = None,
        format: Format | None = None,  # noqa: A002 - as Fig1 calls it
    ) -> CdnAsset:
        """The same file, shown in these measures from now on; as in `url`, and raises as that does."""
        return replace(self, look={**self.look, **self._wishes(width, height, fit, quality, format)})

    def html(self) -> str:
        """A piece of HTML that shows it: a picture, a player, or a link. No name in it is markup."""
        return showing.html(self.address, self.alt or self.name, self.content_type, self.look)

    def markdown(self) -> str:
        """The same for documents in Markdown: a picture, or a link."""
        return showing.markdown(self.address, self.alt or self.name, self.content_type, self.look)

    _repr_html_ = html
    _repr_markdown_ = markdown

    def __str__(self) -> str:
        """Its address."""
        return showing.address(self.address, self.look)

    def _wishes(
        self, width: int | None, height: int | None, fit: str | None, quality: int | None, form: str | None
    ) -> dict[str, str | int]:
        """As they stand in an address, always in the same order, so that equal wishes have one address."""
        sides = {"w": _within("width", width, _LONGEST_SIDE), "h": _within("height", height, _LONGEST_SIDE)}
        rest = {
            "fit": _one_of("fit", fit, _FITS),
            "q": _within("quality", quality, 100),
            "f": _one_of("format", form, _FORMATS),
        }
        wanted = {name: value for name, value in {**sides, **rest}.items() if value is not None}
        if wanted and not self.content_type.startswith("image/"):
            raise ValueError(f"{self.name} is no picture: it has one form only")
        return wanted


def _within(name: str, value: int | None, most: int) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most):
        raise ValueError(f"{name} is a whole number from 1 to {most}, not {value!r}")
    return value


def _one_of(name: str, value: str | None, known: tuple[str, ...]) -> str | None:
    if value is not None and value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
    return value
