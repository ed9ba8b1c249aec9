"""Whatever shows a picture and is of no library that is known: PIL images, SVG and Image objects, graphs, raw bundles.

In: a displayed bundle, or an object given to publish(). Out: the pictures as they are; they are all that is kept.
This file asks no object for anything that its class does not define.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePath
from typing import Any

from gofigr_jupyter.capture import html, mime
from gofigr_jupyter.capture.seen import Seen
from gofigr_jupyter.records import Displayed, Missing

KIND = "mime"

# Classes whose `filename` is the file that the picture came from.
_FROM_FILES = frozenset({("IPython.core.display", "DisplayObject"), ("PIL.Image", "Image")})
# In the order in which IPython asks, so that what publish() takes is what showing would give.
_METHODS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
}


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """The pictures of a displayed bundle, or the page that holds one; None when it shows no figure."""
    pictures = mime.displayed(data, metadata) or _in_widget(shown, data)
    if any(item.mime_type in mime.PICTURES for item in pictures):
        return Seen(KIND, title(shown), pictures, Missing("only the picture was shown"))
    return html.see(shown, data, metadata) if html.may_hold(data) else None


def asked(shown: Any) -> Seen | None:
    """What an object would show, for publish(); None when that is no picture. Raises what the object raises."""
    data, metadata = _called(shown, "_repr_mimebundle_")
    if not isinstance(data, Mapping):
        data, metadata = {}, {}
    for method, mime_type in _METHODS.items():
        if mime_type not in data:
            value, more = _called(shown, method)
            if value is not None:
                data, metadata = {**data, mime_type: value}, {**metadata, mime_type: more}
    return see(shown, data, metadata)


def title(shown: Any) -> str | None:
    """The name of the file that a picture was read from."""
    if not _is_one_of(shown, _FROM_FILES):
        return None
    try:
        name = shown.filename
        return mime.one_line(PurePath(name).name) if isinstance(name, str | PurePath) else None
    except Exception:  # noqa: BLE001 -- no title is better than a failed cell
        return None


def _in_widget(shown: Any, data: Mapping[str, Any]) -> tuple[Displayed, ...]:
    """The picture of ipywidgets' `Image`, which its model holds; the bundle only names the model."""
    if mime.WIDGET_VIEW not in data or not _is_one_of(shown, {("ipywidgets.widgets.widget_media", "Image")}):
        return ()
    mime_type = f"image/{shown.format}".replace("jpg", "jpeg")
    return (Displayed(mime_type, bytes(shown.value)),) if mime_type in mime.PICTURES and shown.value else ()


def _is_one_of(shown: Any, classes: Collection[tuple[str, str]]) -> bool:
    return any((base.__module__, base.__name__) in classes for base in type(shown).__mro__)


def _called(shown: Any, name: str) -> tuple[Any, Mapping[str, Any]]:
    """What a method of the object's class returns, and its metadata."""
    if not callable(getattr(type(shown), name, None)):
        return None, {}
    value = getattr(shown, name)()
    if isinstance(value, tuple) and len(value) == 2:
        return value[0], value[1] if isinstance(value[1], Mapping) else {}
    return value, {}
