"""PyVista plots: the picture that was shown, facts about camera and meshes, and the scene where the page has one.

Kernel side: reads, never draws, never imports PyVista; where a server shows the scene, the plotter kept a picture.
Worker side: the interactive scene is a page already, since PyVista writes it whole; the facts are JSON.
"""

from __future__ import annotations

import base64
import html
import importlib
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from gofigr_jupyter.capture import chrome
from gofigr_jupyter.capture.mime import PICTURES, WIDGET_VIEW, compact_json, displayed, one_line
from gofigr_jupyter.capture.seen import Seen, weakly
from gofigr_jupyter.records import Displayed, Missing, Rendition, Source

KIND = "pyvista"

_FRAME = re.compile(r"<iframe\s[^>]*?srcdoc=(\"[^\"]*\"|'[^']*')", re.IGNORECASE | re.DOTALL)
_MAX_ACTORS = 100
_PICTURE = "picture"

# ---------------------------------------------------------------- kernel side


def figure_of(shown: Any) -> Any:
    """A plotter stands for itself, and so does a widget that shows one."""
    return shown


def see(shown: Any, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Seen | None:
    """A picture or a widget of a plotter; the printed name of one that has drawn nothing yet is no figure."""
    pictures = displayed(data, metadata)
    if not any(picture.mime_type in PICTURES for picture in pictures) and WIDGET_VIEW not in data:
        return None
    scene = _scene(_widget_in(data)) or _scene(shown)
    source = Source("html", scene) if scene is not None else _facts(shown, keeps_picture=not pictures)
    return Seen(KIND, title(shown), pictures, source, weakly(shown))


def asked(shown: Any) -> Seen:
    """A plotter given to publish(): the picture that it showed last, else its scene as a screenshot."""
    picture = shown._repr_png_() or _screenshot(shown)
    return Seen(KIND, title(shown), (Displayed("image/png", picture),), _facts(shown), weakly(shown))


def _screenshot(plotter: Any) -> bytes:
    return _png(plotter.screenshot(return_img=True))


def _png(pixels: Any) -> bytes:
    stream = io.BytesIO()
    # quickly: it is the cell that waits
    importlib.import_module("PIL.Image").fromarray(pixels).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def title(plotter: Any) -> str | None:
    """The title of the plot (`add_title`), as far as it is text."""
    try:
        actors = plotter.renderer.actors
        return next((one_line(_text(actor)) for name, actor in actors.items() if name == "title"), None)
    except Exception:  # noqa: BLE001 -- a closed plotter has no renderer
        return None


def _text(actor: Any) -> object:
    """The words of a text actor; a title stands at the upper edge."""
    return actor.get_text(actor.UpperEdge) if hasattr(actor, "UpperEdge") else getattr(actor, "input", None)


def _widget_in(data: Mapping[str, Any]) -> Any:
    """The widget that a bundle shows: a plotter's show() displays one in its place."""
    view = data.get(WIDGET_VIEW)
    registry = getattr(sys.modules.get("ipywidgets.widgets.widget"), "_instances", None)
    return registry.get(view.get("model_id")) if isinstance(view, Mapping) and isinstance(registry, dict) else None


def _scene(shown: Any) -> bytes | None:
    """The page inside a widget of the `html` backend."""
    found = _FRAME.search(value) if isinstance(value := getattr(shown, "value", None), str) else None
    return html.unescape(found.group(1)[1:-1]).encode() if found is not None else None


def _facts(plotter: Any, *, keeps_picture: bool = False) -> Source | Missing:
    """Camera, window and meshes of a plotter; what is asked is kept in Python already and draws nothing."""
    try:
        facts: dict[str, Any] = {"library": "pyvista", "window": [int(side) for side in plotter.window_size]}
        facts["scenes"] = [_scene_facts(renderer) for renderer in plotter.renderers]
        if keeps_picture and getattr(plotter, "last_image", None) is not None:
            facts[_PICTURE] = base64.b64encode(_png(plotter.last_image)).decode()
        return Source(KIND, compact_json(facts))
    except Exception as error:  # noqa: BLE001 -- closed plotters, other versions
        return Missing(f"PyVista tells no facts about it ({type(error).__name__}: {error})"[:200])


def _scene_facts(renderer: Any) -> dict[str, Any]:
    camera = renderer.camera
    actors = list(renderer.actors.items())[:_MAX_ACTORS]
    return {
        "camera": {
            "position": _numbers(camera.position),
            "focal_point": _numbers(camera.focal_point),
            "up": _numbers(camera.up),
            "view_angle": float(camera.view_angle),
            "parallel": bool(camera.parallel_projection),
        },
        "meshes": [facts for name, actor in actors if (facts := _mesh_facts(str(name), actor)) is not None],
    }


def _mesh_facts(name: str, actor: Any) -> dict[str, Any] | None:
    mesh = getattr(getattr(actor, "mapper", None), "dataset", None)
    if mesh is None:
        return None
    facts: dict[str, Any] = {"name": name, "type": type(mesh).__name__}
    with suppress(Exception):  # some data sets have neither points nor cells
        facts |= {"points": int(mesh.n_points), "cells": int(mesh.n_cells), "bounds": _numbers(mesh.bounds)}
        facts["arrays"] = [str(key) for key in mesh.array_names]
    return facts


def _numbers(values: Iterable[Any]) -> list[float]:
    return [float(value) for value in values]


# ---------------------------------------------------------------- worker side


def render(source: Source, formats: Iterable[str]) -> Iterator[Rendition]:
    """The scene as a page, the facts as JSON; what there is none of is Missing."""
    for file_format in formats:
        yield Rendition(file_format, _written(file_format, source))


def _written(file_format: str, source: Source) -> bytes | Missing:
    match file_format, source.format:
        case "html", "html":
            return source.data
        case "png", "html":
            return chrome.picture(source.data, ready="document.querySelector('canvas')", place="canvas")
        case (("json" | "png"), "pyvista"):
            facts = json.loads(source.data)
            picture = facts.pop(_PICTURE, None)
            if file_format == "json":
                return compact_json(facts)
            return base64.b64decode(picture) if picture else Missing("PyVista has kept no picture of it")
        case _:
            return Missing(f"it was not shown in a form that {file_format} can be made of")
