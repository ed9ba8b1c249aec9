"""A file on a CDN: its permanent address, the addresses of smaller forms, and how notebooks and documents show it.

In: what the server told, checked before, and how large it is wanted. Out: URLs, HTML and Markdown in which nothing of a
name or an address can become markup. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Literal
from urllib.parse import urlencode

from gofigr_jupyter.markdown import as_text

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
        return self._at({**self.look, **self._wishes(width, height, fit, quality, format)})

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
        address, alt = escape(self._at(self.look)), escape(self.alt or self.name)
        kind = self.content_type.partition("/")[0]
        if kind == "image":
            sides = "".join(f' {name}="{self.look[key]}"' for name, key in _SIDES if key in self.look)
            return f'<img src="{address}" alt="{alt}"{sides} style="max-width:100%">'
        if kind in {"video", "audio"}:
            return f'<{kind} src="{address}" controls preload="metadata" title="{alt}" style="max-width:100%"></{kind}>'
        return f'<a href="{address}" target="_blank" rel="noopener noreferrer">{alt}</a>'

    def markdown(self) -> str:
        """The same for documents in Markdown: a picture, or a link."""
        mark = "!" if self.content_type.startswith("image/") else ""
        words = as_text(self.alt or self.name)
        return f"{mark}[{words}]({self._at(self.look).replace('(', '%28').replace(')', '%29')})"

    _repr_html_ = html
    _repr_markdown_ = markdown

    def __str__(self) -> str:
        """Its address."""
        return self._at(self.look)

    def _at(self, wishes: Mapping[str, str | int]) -> str:
        if not wishes:
            return self.address
        return f"{self.address}{'&' if '?' in self.address else '?'}{urlencode(wishes)}"

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


_SIDES = (("width", "w"), ("height", "h"))


def _within(name: str, value: int | None, most: int) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most):
        raise ValueError(f"{name} is a whole number from 1 to {most}, not {value!r}")
    return value


def _one_of(name: str, value: str | None, known: tuple[str, ...]) -> str | None:
    if value is not None and value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
    return value
