"""What a URL asks of a picture: query parameters and an Accept header in, a Wish out, or a text of what is wrong.

Parameters that are none of ours are ignored. It knows nothing of the picture itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Literal, cast

Fit = Literal["contain", "cover"]
Format = Literal["avif", "webp", "jpeg", "png", "gif"]

MOST_SIDE = 10_000
MOST_DPR = 4
QUALITY = 80
NAMES = ("w", "h", "fit", "q", "f", "dpr")
FITS: tuple[Fit, ...] = ("contain", "cover")
FORMATS: dict[str, Format | None] = {
    "auto": None,
    "avif": "avif",
    "webp": "webp",
    "jpeg": "jpeg",
    "jpg": "jpeg",
    "png": "png",
}
NEGOTIATED: tuple[Format, ...] = ("avif", "webp")  # the best first
_NUMBER = re.compile(r"0{0,8}[1-9][0-9]{0,4}", re.ASCII)
_RATIO = re.compile(r"[1-9](\.[0-9]{1,3})?", re.ASCII)
_NOTHING = re.compile(r"0(\.0{0,3})?", re.ASCII)


@dataclass(frozen=True)
class Wish:
    """How a picture is wanted: `width` and `height` in CSS pixels, each `dpr` of the screen's; None: as it comes.

    `format` None leaves the choice to us, among what the picture is and what `accepted` says that the browser shows.
    """

    width: int | None = None
    height: int | None = None
    fit: Fit = "contain"
    quality: int = QUALITY
    format: Format | None = None
    dpr: float = 1.0
    accepted: tuple[Format, ...] = ()

    @property
    def varies(self) -> bool:
        """Whether the answer depends on the Accept header, so that it needs `Vary: Accept`."""
        return self.format is None

    @classmethod
    def of(cls, query: Mapping[str, str] | Iterable[tuple[str, str]], accept: str) -> Wish | None:
        """What is wanted, or None where nothing is. Raises ValueError with a text for people.

        Of Starlette's query parameters all are seen, also those that occur twice.
        """
        asked = _once(query)
        width, height = (_whole(name, asked.get(name), MOST_SIDE) for name in ("w", "h"))
        quality = _whole("q", asked.get("q"), 100)
        fit, dpr = _fit(asked.get("fit")), _dpr(asked.get("dpr"))
        named = asked.get("f")
        if named is not None and named not in FORMATS:
            raise ValueError(f"f must be one of {', '.join(FORMATS)}.")
        if not (width or height or quality or named):
            return None  # fit and dpr say how to do what was not asked for
        return cls(
            width,
            height,
            fit if width and height else "contain",
            quality or QUALITY,
            FORMATS[named] if named else None,
            dpr if width or height else 1.0,
            () if named and FORMATS[named] else _accepted(accept),
        )


def look_of(query: Mapping[str, str]) -> dict[str, str]:
    """The same as parameters of an address, in their order; none where nothing is wanted. Raises ValueError."""
    wanted = {} if Wish.of(query, "") is None else _once(query)
    return {name: wanted[name] for name in NAMES if name in wanted}


@cache
def can_write(format_: Format) -> bool:
    """Whether this Pillow writes a format; it is not loaded for that."""
    return format_ not in NEGOTIATED or find_spec(f"PIL._{format_}") is not None


def _once(query: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    if isinstance(query, Mapping):
        several = getattr(query, "multi_items", None)
        pairs = cast("Iterable[tuple[str, str]]", several() if several else query.items())
    else:
        pairs = query
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name} is given twice.")
        if name in NAMES:
            found[name] = value
    return found


def _whole(name: str, text: str | None, most: int) -> int | None:
    if text is None:
        return None
    if _NUMBER.fullmatch(text) is None or int(text) > most:
        raise ValueError(f"{name} must be a whole number from 1 to {most}.")
    return int(text)


def _fit(text: str | None) -> Fit:
    for one in FITS:
        if text in {None, one}:
            return one
    raise ValueError(f"fit must be one of {', '.join(FITS)}.")


def _dpr(text: str | None) -> float:
    if text is None:
        return 1.0
    if _RATIO.fullmatch(text) is None or float(text) > MOST_DPR:
        raise ValueError(f"dpr must be a number from 1 to {MOST_DPR}.")
    return float(text)


def _accepted(accept: str) -> tuple[Format, ...]:
    """Formats that are named in the header: who says that anything will do may not show the newest ones."""
    named = set()
    for part in accept.lower().split(","):
        kind, *parameters = (one.strip() for one in part.split(";"))
        weights = [one[2:].strip() for one in parameters if one.startswith("q=")]
        if not any(_NOTHING.fullmatch(one) for one in weights):
            named.add(kind)
    return tuple(one for one in NEGOTIATED if f"image/{one}" in named and can_write(one))
